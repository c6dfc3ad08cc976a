"""Certificates of clients: off, optional, required; whose they are stands in the log."""
import re
import ssl
import subprocess

import pytest

from client import request
from content import HELLO
from program import DRIVER, PROGRAM
from secure import ask, client_context, make_pair, needs_tls, read_all, run

pytestmark = needs_tls
SUBJECT = "/O=Linnet test/CN=alice of x\"y"


@pytest.fixture(name="authority")
def fixture_authority(tmp_path):
    """(the authority's certificate, a client's pair that it certifies)."""
    authority = make_pair(tmp_path, "authority").split(",")
    key, asked, certificate = (tmp_path / f"client.{end}" for end in ("key", "csr", "pem"))
    subprocess.run(["openssl", "req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-keyout", key, "-out", asked, "-subj",
                    SUBJECT], check=True, capture_output=True, timeout=60)
    subprocess.run(["openssl", "x509", "-req", "-in", asked, "-CA", authority[0], "-CAkey",
                    authority[1], "-out", certificate, "-days", "5"], check=True,
                   capture_output=True, timeout=60)
    return authority[0], (str(certificate), str(key))


def answer_to(program, version, pair=None):
    context = client_context(version, version)
    if pair:
        context.load_cert_chain(*pair)
    with program.secure(context=context) as client:
        return ask(client)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("way", ["optional", "required"])
def test_s0_9_who_shows_a_certificate_is_known(secure, tmp_path, authority, version, way):
    """RFC 4514 2; also of a session that is resumed."""
    program = secure("--tls-clients", f"{way}:{authority[0]}", "--log", "combined")
    assert HELLO in answer_to(program, version, authority[1])
    # openssl names the last part first; a blank would end the word.
    line = program.await_log(b'"GET /hello.txt ')
    assert re.match(rb'127\.0\.0\.1 - CN=alice\\x20of\\x20x\S*y,O=Linnet\\x20test \[', line), line
    wrong = make_pair(tmp_path, "stranger").split(",")
    with pytest.raises(OSError):
        answer_to(program, version, wrong)
    if way == "optional":
        assert HELLO in answer_to(program, version)
        program.await_log(b'127.0.0.1 - - [')
    else:
        with pytest.raises(OSError):
            answer_to(program, version)
    context = client_context(version, version)
    context.load_cert_chain(*authority[1])
    with program.secure(context=context) as client:
        client.sendall(request("/hello.txt"))
        assert HELLO in client.recv(65536)
        session = client.session
    with program.secure(context=context, session=session) as client:
        client.sendall(request("/nowhere", fields=("Connection: close",)))
        assert b" 404 " in read_all(client)
        assert client.session_reused
    assert b"CN=alice" in program.await_log(b'"GET /nowhere ')


@pytest.mark.parametrize("text, said", [
    ("always", b"write off, optional:FILE or required:FILE"),
    ("required", b"write off, optional:FILE or required:FILE"),
    ("off:x", b"write off, optional:FILE or required:FILE"),
    ("required:/nowhere", b"there is no such file"),
    ("required:" + __file__, b"has no certificate of an authority"),
])
def test_what_is_wrong_is_said(site, text, said):
    done = run(PROGRAM, *DRIVER, "--tls-self-signed", "--listen-tls", "127.0.0.1:0",
               "--tls-clients", text, str(site))
    assert done.returncode in (1, 2) and said in done.stderr, done.stderr
