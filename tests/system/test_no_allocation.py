"""S0-1: no allocator call after boot, on any path, through libc neither.

The program runs with a preload that ends it at the first allocation behind its first wait."""
import os
import subprocess

import pytest

from client import chunked, request, sized
from program import SANITIZED

# Relative, for LD_PRELOAD splits at blanks, which the way to the build folder may hold.
TRAP = os.path.relpath(
    os.path.join(os.environ.get("LINNET_BUILD_DIR", "build/debug"), "malloc_trap_preload.so"))

pytestmark = pytest.mark.skipif(SANITIZED, reason="the sanitizer has an allocator of its own")


@pytest.mark.parametrize("wait", ["epoll", "poll"])
def test_the_trap_can_fail(wait):
    """A program that allocates behind its wait is ended with 99."""
    code = f"import select; select.{wait}().poll(0); bytearray(1 << 20)"
    done = subprocess.run(["/usr/bin/python3", "-c", code], env={**os.environ, "LD_PRELOAD": TRAP},
                          capture_output=True, timeout=20, check=False)
    assert done.returncode == 99, done.stderr
    assert b"allocated after boot" in done.stderr


@pytest.mark.whole_io
def test_s0_1_no_allocation_on_any_path(start):
    """S0-1: answers of every kind, refusals, uploads, timeouts, draining."""
    program = start("--limit", "head_ms=100", environment={"LD_PRELOAD": TRAP})
    client = program.connect()
    answer = client.ask(request("/hello.txt"))
    assert answer.status == 200
    tag = answer.field("ETag")
    for data, status, method in (
        (request("/hello.txt", method="HEAD"), 200, "HEAD"),
        (request("/hello.txt", fields=(f"If-None-Match: {tag}",)), 304, "GET"),
        (request("/hello.txt", fields=("Range: bytes=0-1",)), 206, "GET"),
        (request("/hello.txt", fields=("Range: bytes=999999-",)), 416, "GET"),
        (request("/hello.txt", fields=('If-Match: "other"',)), 412, "GET"),
        (request("/nowhere"), 404, "GET"),
        (request("/%68ello.txt"), 200, "GET"),
        (request("/", method="OPTIONS"), 204, "OPTIONS"),
        (request("/hello.txt", method="BREW"), 501, "BREW"),
        (sized(b"x" * 1000, target="/hello.txt"), None, "POST"),
        (chunked(b"5\r\nhello\r\n0\r\n\r\n", target="/hello.txt"), None, "POST"),
    ):
        answer = client.ask(data, method=method)
        assert status is None or answer.status == status
    refused = program.connect()
    refused.send(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
    assert refused.answer().status == 400
    late = program.connect()
    late.send(b"GET / HT")
    assert late.answer().status == 408
    program.stop()
