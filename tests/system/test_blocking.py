"""S2-1: the plain sequence of calls, by the blocking driver.

socket, bind, listen, accept, read, open, read, write, close: for an HTTP/1.0 GET of a file, closed
at the end."""
import re
import shutil

import pytest

from client import request, wait_until
from content import HELLO
from program import SANITIZED, Program, limits

BLOCKING = ("--driver", "blocking")


@pytest.mark.skipif(SANITIZED or shutil.which("strace") is None,
                    reason="strace, and no leak sanitizer under it")
def test_s2_1_the_plain_sequence_of_calls(start, tmp_path, folder):
    """S2-1: besides them only setsockopt, which bounds the waits, and fstat for the length."""
    trace = tmp_path / "trace"
    program = start(*BLOCKING, *limits(cache_ms=0), "--quiet", folder=folder,
                    wrapper=("strace", "-f", "-o", str(trace), "-e", "signal=none"))
    client = program.connect()
    client.send(request("/hello.txt", version="HTTP/1.0"))
    assert client.rest().endswith(b"\r\n\r\n" + HELLO)
    program.stop()
    calls = re.findall(r"^(\d+) +(\w+)\(", trace.read_text("latin-1"), re.M)
    setup = [name for _, name in calls if name in ("socket", "bind", "listen")]
    assert setup == ["socket", "bind", "listen"]
    worker = next(process for process, name in calls if name == "accept")
    names = [name for process, name in calls if process == worker]
    served = names[names.index("accept"):]
    served = served[:served.index("close", served.index("write")) + 1]
    served = [name for name in served if name not in ("setsockopt", "newfstatat", "fstat")]
    assert served == ["accept", "read", "openat2", "pread64", "close", "write", "close"]


def test_s2_1_one_after_the_other(start):
    """Who comes meanwhile waits in the kernel and is served next."""
    program = start(*BLOCKING)
    first = program.connect()
    assert first.get("/hello.txt").body == HELLO
    second = program.connect()
    second.send(request("/hello.txt"))
    assert second.is_quiet(0.2)
    first.close()
    assert second.answer().body == HELLO


def test_s0_10_a_silent_client_ends_on_time(start):
    """Its wait is bounded, though the call waits: the next client is served."""
    program = start(*BLOCKING, *limits(head_ms=200))
    silent = program.connect()
    second = program.connect()
    second.send(request("/hello.txt"))
    assert second.answer().body == HELLO
    silent.end()


def test_large_content_without_sendfile(start):
    """A driver that declines file ranges gets the bytes; S4-1: any size, any window."""
    program = start(*BLOCKING, *limits(socket_send_len=4096))
    client = program.connect(receive_len=4096)
    before = client.get("/hello.txt")
    assert before.body == HELLO
    assert len(client.get("/big.bin").body) == 5 * 1024 * 1024


def test_a_signal_ends_it_in_any_wait(site):
    """SIGTERM in accept, and in a read."""
    program = Program(site, *BLOCKING)
    program.stop()
    program = Program(site, *BLOCKING)
    client = program.connect()
    assert client.get("/hello.txt").body == HELLO
    wait_until(lambda: client.is_quiet(0), "the driver's next read")
    program.stop()
