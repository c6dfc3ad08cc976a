"""The io_uring driver, and how a driver is chosen. Where io_uring is refused, only the choice.

What every driver does alike is in the other files, which ctest runs with this driver as well."""
import os
import re
import shutil
import sys

import pytest

from client import request, wait_until
from content import ALPHABET, BIG_LEN, HELLO, big_content
from program import SANITIZED, has_uring, limits, measure_cpu, refused

LISTEN = ("--listen", "127.0.0.1:0")
IO_URING_SETUP = "425"
REFUSE = (sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                       "refuse_call.py"), IO_URING_SETUP)
WORDS = {"EPERM": "permission denied", "ENOSYS": "the system does not offer it",
         "EINVAL": "the system does not offer it"}
CPU_MAX = 0.2
QUIET_S = 0.5
# A large file that is lent from memory, and one that is sent as a file.
BIG_WAYS = [limits(cache_block_len=8388608, cache_blocks=2), limits(cache_blocks=0)]

needs_uring = pytest.mark.skipif(not has_uring(), reason="io_uring is refused here")


def start_uring(start, *options, **more):
    return start("--driver", "uring", *options, **more)


def banner(program):
    return next(line for line in program.lines if b"driver " in line).decode()


# ---- choosing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", WORDS)
def test_refused_uring_is_told(site, error):
    """The message says what the system said, what is needed, and what to do."""
    line = refused(1, "--driver", "uring", *LISTEN, site, wrapper=(*REFUSE, error))
    assert f"uring cannot start: {WORDS[error]}." in line
    assert "io_uring" in line and "auto" in line


@pytest.mark.parametrize("error", WORDS)
def test_auto_takes_another_where_uring_is_refused(start, error):
    """--driver auto: epoll then, and the banner says why."""
    program = start("--driver", "auto", wrapper=(*REFUSE, error))
    assert f"driver epoll (auto: uring is refused here: {WORDS[error]}), " in banner(program)
    assert program.connect().get("/hello.txt").body == HELLO


@needs_uring
def test_auto_takes_uring_where_it_works(start):
    program = start("--driver", "auto")
    assert "driver uring (auto), " in banner(program)
    assert program.connect().get("/hello.txt").body == HELLO


# ---- the calls of the system ---------------------------------------------------------------------


@needs_uring
@pytest.mark.whole_io
@pytest.mark.skipif(shutil.which("strace") is None or SANITIZED,
                    reason="strace, and no leak sanitizer under it")
def test_a_kept_connection_needs_one_kind_of_call(start, tmp_path):
    """Receiving, sending and waiting is io_uring_enter, at most three times for a request."""
    trace = tmp_path / "trace"
    program = start_uring(start, "--quiet", "--limit", "cache_ms=60000",
                          wrapper=("strace", "-f", "-o", str(trace), "-e", "signal=none"))
    client = program.connect()
    assert client.get("/hello.txt").body == HELLO
    before = len(trace.read_bytes().splitlines())
    for _ in range(10):
        assert client.get("/hello.txt").body == HELLO
    made = re.findall(rb"(\w+)\(", b"\n".join(trace.read_bytes().splitlines()[before:]))
    assert set(made) == {b"io_uring_enter"} and len(made) <= 30, made


# ---- buffers that the kernel receives into -------------------------------------------------------


@needs_uring
@pytest.mark.parametrize("waiting", [2, 3, 4])
def test_uring_buffers_are_a_limit(start, waiting):
    """Three buffers, all parked by clients in line: the fourth waits in the kernel, and the one
    that all wait for is read all the same."""
    program = start_uring(start, *limits(uring_buffers=3, inputs=1, loan_grace_ms=9000,
                                         wait_ms=9000))
    holder = program.connect()
    holder.send_apart(b"GET /hello.txt HTTP/1.1\r\n")
    others = [program.connect() for _ in range(waiting)]
    for client in others[:3]:
        client.send_apart(request("/alphabet.txt"))
    for client in others[3:]:
        client.send(request("/alphabet.txt"))
    assert measure_cpu(program, others[-1], QUIET_S) < CPU_MAX
    assert sum(client.unread_len() > 0 for client in others) == max(0, waiting - 3)
    holder.send(b"Host: a\r\n\r\n")
    assert holder.answer().body == HELLO
    for client in others:
        assert client.answer().body == ALPHABET
    for client in [holder] + others:
        assert client.get("/hello.txt").body == HELLO


@needs_uring
@pytest.mark.parametrize("values", [dict(uring_entries=8), dict(uring_entries=9),
                                    dict(uring_buffers=1), dict(uring_buffer_len=64),
                                    dict(uring_entries=8, uring_buffers=1, uring_buffer_len=64)])
def test_least_rings_serve_many(start, values):
    """Rings that are far too small for all who come: everyone is served."""
    program = start_uring(start, *limits(**values))
    clients = [program.connect() for _ in range(60)]
    for _ in range(3):
        for client in clients:
            client.send(request("/alphabet.txt") * 5)
        for client in clients:
            for _ in range(5):
                assert client.answer().body == ALPHABET
    assert clients[0].get("/big.bin").body == big_content()


def unsent_len(client):
    """Bytes that the client's kernel holds, for the server's has no room or has not said so."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        for row in table:
            parts = row.split()
            ends = (parts[1][-5:], parts[2][-5:])
            if ends == (f":{client.port:04X}", f":{client.server_port:04X}"):
                return int(parts[4].split(":")[0], 16)
    return 0


@needs_uring
@pytest.mark.parametrize("buffers", [40, 400])
def test_a_flood_of_requests_parks_little(start, buffers):
    """One sends requests without end and reads nothing; soon it is received from no more, and the
    others are."""
    program = start_uring(start, *limits(uring_buffers=buffers, socket_send_len=4096))
    flood = program.connect(receive_len=4096)
    flood.socket.setblocking(False)
    data = request("/hello.txt") * 2000
    sent = 0

    def is_full():
        nonlocal sent
        try:
            sent += flood.socket.send(data)
        except BlockingIOError:
            return flood.unread_len() > 0
        return False

    wait_until(is_full, "the server stops reading")
    for _ in range(3):
        clients = [program.connect() for _ in range(50)]
        for client in clients:
            assert client.get("/alphabet.txt").body == ALPHABET
    assert measure_cpu(program, clients[0], QUIET_S) < CPU_MAX
    # What one call of the system brought before the end was asked for: not all of 400 buffers.
    assert sent - flood.unread_len() - unsent_len(flood) < 500000


# ---- peers that have finished sending ------------------------------------------------------------


@needs_uring
@pytest.mark.parametrize("way", BIG_WAYS)
def test_half_closed_slow_reader_costs_nothing(start, way):
    """A poll of io_uring would fire for ever: it always looks for the end of the peer's sending."""
    program = start_uring(start, *limits(socket_send_len=4096), *way)
    client = program.connect(receive_len=4096)
    client.send(request("/big.bin"))
    client.finish()
    silent = program.connect()
    wait_until(lambda: len(client.socket.recv(4096, 2)) > 1000, "the answer begins")
    assert measure_cpu(program, silent, QUIET_S) < CPU_MAX
    client.socket.setsockopt(1, 8, 1 << 20)  # SOL_SOCKET, SO_RCVBUF: from now on it reads fast
    assert client.answer().body == big_content(BIG_LEN)
    client.end()


@needs_uring
@pytest.mark.parametrize("way", BIG_WAYS)
def test_half_closed_reader_that_is_lost(start, way):
    """Its reset ends it, though nothing is read from it any more."""
    program = start_uring(start, *limits(socket_send_len=4096), *way)
    before = program.idle_descriptor_count("/hello.txt", "/big.bin")
    client = program.connect(receive_len=4096)
    client.send(request("/big.bin"))
    client.finish()
    wait_until(lambda: len(client.socket.recv(4096, 2)) > 1000, "the answer begins")
    client.reset()
    wait_until(lambda: program.descriptor_count() <= before, "its descriptor is closed")


# ---- many ----------------------------------------------------------------------------------------


@needs_uring
def test_many_connections_leave_nothing(start):
    """1,200 at one time, each answered twice; then no descriptor is left, however they end."""
    program = start_uring(start)
    before = program.idle_descriptor_count()
    clients = [program.connect() for _ in range(1200)]
    for _ in range(2):
        for client in clients:
            client.send(request("/hello.txt"))
        for client in clients:
            assert client.answer().body == HELLO
    for client in clients[::3]:
        client.reset()
    for client in clients[1::3]:
        client.send(request("/hello.txt", fields=("Connection: close",)))
        assert client.answer().body == HELLO
        client.end()
    program.close_clients()
    wait_until(lambda: program.descriptor_count() <= before, "all descriptors are closed")


@needs_uring
def test_an_upload_passes_through_few_buffers(start):
    """Content that is longer than all buffers together, on a connection that is kept."""
    program = start_uring(start, *limits(uring_buffers=2, uring_buffer_len=512))
    client = program.connect()
    fields = ("Content-Length: 200000",)
    for _ in range(3):
        client.send(request("/hello.txt", fields=fields, body=b"x" * 200000))
        assert client.answer().body == HELLO
    assert client.get("/alphabet.txt").body == ALPHABET
