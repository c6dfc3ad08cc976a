"""Session tickets: the keys that seal them, their rotation, and those that machines share."""
import os
import signal

import pytest

from client import wait_until
from content import HELLO
from program import DRIVER, PROGRAM
from secure import ask, client_context, needs_tls, run

pytestmark = needs_tls


def session_of(program, context):
    with program.secure(context=context) as client:
        assert HELLO in ask(client, close=False)
        return client.session


def is_resumed(program, context, session):
    with program.secure(context=context, session=session) as client:
        assert HELLO in ask(client)
        return client.session_reused


def key_file(folder, *keys):
    path = folder / "tickets"
    path.write_bytes(b"".join(keys))
    path.chmod(0o600)
    return str(path)


def test_a_key_is_known_for_a_while_and_then_forgotten(secure):
    """RFC 5077 4: sealed by the first of three keys; the others still open."""
    program = secure("--limit", "tls_ticket_s=1", "--workers", "2")
    context = client_context()
    session = session_of(program, context)
    assert is_resumed(program, context, session)
    wait_until(lambda: not is_resumed(program, context, session), "the key that is forgotten")
    assert is_resumed(program, context, session_of(program, context))


def test_machines_share_keys_by_a_file(secure, tmp_path):
    """A session of one is one of the other; SIGHUP reads the file again, old keys open still."""
    first, second = os.urandom(80), os.urandom(80)
    path = key_file(tmp_path, first)
    one, other = secure("--tls-tickets", path), secure("--tls-tickets", path)
    context = client_context()
    session = session_of(one, context)
    assert is_resumed(other, context, session)
    for keys, known in (((second, first), True), ((second,), False)):
        key_file(tmp_path, *keys)
        other.forgive()
        other.send_signal(signal.SIGHUP)
        other.await_error(b"certificates were read again")
        assert is_resumed(other, context, session) == known
        assert is_resumed(one, context, session)


@pytest.mark.parametrize("count, mode, said", [
    (79, 0o600, b"has 79 bytes. It must have"), (0, 0o600, b"has 0 bytes"),
    (320, 0o600, b"has 320 bytes"), (80, 0o604, b"may be read by everyone"),
])
def test_wrong_files_are_told(site, tmp_path, count, mode, said):
    path = key_file(tmp_path, b"x" * count)
    os.chmod(path, mode)
    done = run(PROGRAM, *DRIVER, "--tls-self-signed", "--listen-tls", "127.0.0.1:0",
               "--tls-tickets", path, str(site))
    assert done.returncode == 1 and said in done.stderr and path.encode() in done.stderr
