"""The examples as their readers would run them, with real clients."""
import os
import re
import socket
import subprocess
import time

import pytest

from conftest import BUILD
from running import DEADLINE_S, ROOT, Running


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "--max-time", str(DEADLINE_S), *arguments],
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def await_socket(path):
    """Until somebody listens there."""
    deadline = time.monotonic() + DEADLINE_S
    with socket.socket(socket.AF_UNIX) as client:
        while client.connect_ex(path) != 0:
            assert time.monotonic() < deadline, f"nobody listens at {path}"
            time.sleep(0.01)


def code_lines(name):
    """Lines of an example without comments and empty ones."""
    with open(os.path.join(ROOT, "examples", name), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    return [line for line in text.splitlines() if line.strip()]


def test_hello_answers(examples, socket_folder):
    path = os.path.join(socket_folder, "hello.sock")
    with Running(os.path.join(examples, "hello"), "unix:" + path):
        await_socket(path)
        assert curl("--unix-socket", path, "http://hello/") == b"Hello, world\n"
        head = curl("--unix-socket", path, "-I", "http://hello/any/path")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n" in head


def test_hello_is_fifteen_lines():
    assert len(code_lines("hello.c")) <= 15


def test_hello_ends_where_it_cannot_listen(examples):
    done = subprocess.run([os.path.join(examples, "hello"), "unix:/no/such/folder/it.sock"],
                          capture_output=True, check=False, timeout=DEADLINE_S)
    assert done.returncode != 0
    assert done.stdout == done.stderr == b""  # the library prints nothing


def test_own_loop_serves_and_ticks(examples):
    with Running(os.path.join(examples, "own_loop"), "127.0.0.1:0") as it:
        url = it.line("http://")
        deadline = time.monotonic() + DEADLINE_S
        ticks = 0
        while ticks < 2:  # the timer and Linnet are in one loop: both go on
            answer = re.fullmatch(rb"(\d+) ticks\n", curl("http://" + url))
            assert answer and int(answer.group(1)) >= ticks
            ticks = int(answer.group(1))
            assert time.monotonic() < deadline
        code, out, errors = it.end()
        assert (code, errors) == (0, "")
        assert int(re.fullmatch(r"(\d+) ticks\n", out).group(1)) >= ticks


def test_own_loop_drains(examples):
    """What was begun is finished although the loop was told to end."""
    with Running(os.path.join(examples, "own_loop"), "127.0.0.1:0") as it:
        host, _, port = it.line("http://").rstrip("/").rpartition(":")
        with socket.create_connection((host, int(port)), DEADLINE_S) as client:
            client.sendall(b"GET / HTTP/1.1\r\n")
            it.process.terminate()
            client.sendall(b"Host: a\r\n\r\n")
            answer = b""
            while data := client.recv(65536):
                answer += data
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b" ticks\n")
        assert it.process.wait(DEADLINE_S) == 0


def test_nothing_is_allocated_while_it_serves(examples):
    """The trap ends a program that allocates behind its first wait; printing has its memory by
    then."""
    trap = os.path.join(BUILD, "malloc_trap_preload.so")
    if not os.path.exists(trap):
        pytest.skip("a build without tests has no trap")
    with Running(os.path.join(examples, "zephyr_sample"), "127.0.0.1:0", LD_PRELOAD=trap) as it:
        url = "http://" + it.line("listening on ")
        for path in ("/headers", "/index.html", "/status/400", "/nothing"):
            curl(url + path)
        assert curl(url + "/headers", "-d", "x=" + "y" * 5000).endswith(b"</html>\n")
        code, _, errors = it.end()
        assert (code, errors) == (0, "")


ONE = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
ANSWER = (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
          b"Content-Length: 13\r\n\r\nHello, bytes\n")


def bytes_through(examples, data, *arguments):
    done = subprocess.run([os.path.join(examples, "bytes_in_bytes_out"), *arguments], input=data,
                          capture_output=True, check=False, timeout=DEADLINE_S)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def test_bytes_go_in_and_come_out(examples):
    assert bytes_through(examples, ONE) == ANSWER


def test_many_requests_in_a_file(examples, tmp_path):
    """More bytes than any buffer holds, with the last request closing."""
    file = tmp_path / "requests"
    last = ONE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    file.write_bytes(ONE * 2000 + last)
    closing = ANSWER.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")
    assert bytes_through(examples, b"", str(file)) == ANSWER * 2000 + closing


def test_bytes_that_are_no_requests(examples):
    assert bytes_through(examples, b"") == b""
    assert bytes_through(examples, b"no HTTP\r\n\r\n").startswith(b"HTTP/1.1 400 Bad Request\r\n")
    broken_off = bytes_through(examples, ONE + ONE[:-2])
    assert broken_off.startswith(ANSWER + b"HTTP/1.1 400 Bad Request\r\n")


def test_bytes_need_no_socket(examples, tmp_path):
    trace = tmp_path / "trace"
    data = subprocess.run(["strace", "-f", "-o", str(trace), "-e", "trace=network,epoll_wait,poll",
                           os.path.join(examples, "bytes_in_bytes_out")], input=ONE,
                          capture_output=True, check=True, timeout=DEADLINE_S).stdout
    assert data == ANSWER
    assert "socket" not in trace.read_text() and "epoll" not in trace.read_text()
