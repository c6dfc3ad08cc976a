"""HTTPS in fixed memory: failures leave nothing, full has rules, nothing is allocated."""
import os
import signal
import socket
import ssl
import struct
import threading

import pytest

from client import DEADLINE_S, request, wait_until
from content import HELLO
from program import SANITIZED
from secure import ask, client_context, hello, needs_tls, read_all

TRAP = os.path.relpath(
    os.path.join(os.environ.get("LINNET_BUILD_DIR", "build/debug"), "malloc_trap_preload.so"))
# How often each way to fail is tried; the long form is LINNET_TLS_FAILURES=100000.
FAILURES = int(os.environ.get("LINNET_TLS_FAILURES", "1000"))

pytestmark = needs_tls


def fail_in_every_way(program, count):
    """Handshakes that fail, are broken off, and are half: a few at a time."""
    first = hello()
    for i in range(count):
        client = socket.create_connection(program.tls_urls[0], timeout=DEADLINE_S)
        way = i % 6
        if way == 0:
            client.sendall(first[:len(first) // 2])
        elif way == 1:
            client.sendall(b"\x16\x03\x01\x00\x05hello")
            client.recv(64)
        elif way == 2:
            client.sendall(first)
            client.recv(5)
        elif way == 3:
            client.sendall(first)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif way == 4:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            client.recv(64)
        else:
            client.sendall(first)
            client.recv(5)
            client.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        client.close()


@pytest.mark.whole_io
def test_s0_9_failed_handshakes_leave_nothing(secure):
    """S: no slot, descriptor or block of the arena stays behind."""
    program = secure("--limit", "linger_ms=50")
    fail_in_every_way(program, 60)
    with program.secure() as client:
        assert HELLO in ask(client)
    before = program.idle()
    descriptors = wait_until(program.descriptor_count, "descriptors")
    fail_in_every_way(program, FAILURES)
    with program.secure() as client:
        assert HELLO in ask(client)
    after = program.idle()
    assert after["tls_blocks_now"] == before["tls_blocks_now"]
    assert after["tls_memory_now"] == before["tls_memory_now"]
    assert after["inputs_now"] == after["outputs_now"] == 0
    wait_until(lambda: program.descriptor_count() == descriptors, "the same descriptors")


@pytest.mark.parametrize("limit", ["tls_connections", "tls_handshakes"])
def test_s0_9_without_room_the_longest_idle_goes(secure, limit):
    """One session at a time: the next client takes the place of the idle one."""
    program = secure("--limit", f"{limit}=1")
    first = program.secure()
    assert HELLO in ask(first, close=False)
    second = program.secure()
    assert HELLO in ask(second, close=False)
    if limit == "tls_connections":
        assert read_all(first) == b""  # with close_notify
        program.await_counters(tls_evictions=1, tls_sessions_now=1, tls_sessions_most=1)
    else:
        assert HELLO in ask(first)
        assert program.counters()["tls_evictions"] == 0


def test_who_takes_nothing_does_not_keep_the_last_buffer(secure, folder):
    """Two that read slowly have both buffers of records; when they go, who waited is served."""
    with open(os.path.join(folder, "large"), "wb") as file:
        file.truncate(50000000)
    program = secure("--limit", "tls_outputs=2", folder=folder)
    slow = [program.secure() for _ in range(2)]
    for client in slow:
        client.sendall(request("/large"))
    program.await_counters(tls_outputs_now=2)
    late = [socket.create_connection(program.tls_urls[0], timeout=DEADLINE_S) for _ in range(3)]
    for client in late:
        client.sendall(hello())
    wait_until(lambda: program.counters()["tls_output_waits"] >= 3, "three that wait")
    for client in slow:
        client.close()
    for client in late:
        assert client.recv(5)[0] == 22
        client.close()
    program.idle()


def test_who_becomes_idle_goes_when_one_waits(secure, folder):
    """The only session is busy when the next client comes: it ends behind its answer."""
    with open(os.path.join(folder, "large"), "wb") as file:
        file.truncate(5000000)
    program = secure("--limit", "tls_connections=1", folder=folder)
    busy = program.secure()
    busy.sendall(request("/large"))
    assert busy.recv(10).startswith(b"HTTP/1.1")
    late = socket.create_connection(program.tls_urls[0], timeout=DEADLINE_S)
    late.sendall(hello())
    program.await_counters(tls_waits=1)
    answer = b""
    while piece := busy.recv(1000000):
        answer += piece
    assert len(answer) > 5000000
    assert late.recv(5)[0] == 22
    program.await_counters(tls_evictions=1)
    late.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_arena_holds_as_many_sessions_as_it_says(secure, version):
    """One less, as many, one more: only then the longest idle goes, and nobody has waited."""
    most = 60
    program = secure("--limit", f"tls_connections={most}", "--limit", "connections=200",
                     "--limit", f"tls_handshakes={most}")
    clients = []
    for _ in range(most - 1):
        clients.append(program.secure(context=client_context(version, version)))
        assert HELLO in ask(clients[-1], close=False)
    assert program.counters()["tls_sessions_now"] == most - 1
    clients.append(program.secure(context=client_context(version, version)))
    assert HELLO in ask(clients[-1], close=False)
    found = program.counters()
    assert (found["tls_sessions_now"], found["tls_evictions"], found["tls_waits"]) == (most, 0, 0)
    clients.append(program.secure(context=client_context(version, version)))
    assert HELLO in ask(clients[-1], close=False)
    found = program.await_counters(tls_evictions=1, tls_sessions_now=most)
    assert found["tls_sessions_most"] == most
    for client in clients[1:]:
        assert HELLO in ask(client, close=False)
        client.close()


def test_handshakes_that_stay_in_the_middle_fit_into_the_arena(secure):
    """As many as may be, each with all the memory of its messages; the others are still served."""
    program = secure("--limit", "tls_handshakes=20", "--limit", "tls_connections=40",
                     "--limit", "connections=100")
    stuck = []
    for _ in range(20):
        stuck.append(socket.create_connection(program.tls_urls[0], timeout=DEADLINE_S))
        stuck[-1].sendall(hello())
        assert stuck[-1].recv(5)[0] == 22
    assert program.counters()["tls_waits"] == 0
    with program.secure() as client:
        assert HELLO in ask(client)
    assert program.counters()["tls_waits"] == 1
    for client in stuck:
        client.close()
    program.idle()


def test_one_who_stops_in_the_middle_keeps_nobody_out(secure):
    """With one handshake at a time: the next waits for a second, and no longer."""
    program = secure("--limit", "tls_handshakes=1")
    stuck = socket.create_connection(program.tls_urls[0], timeout=DEADLINE_S)
    stuck.sendall(hello())
    assert stuck.recv(5)[0] == 22
    with program.secure() as client:
        assert HELLO in ask(client)
    assert program.counters()["tls_waits"] >= 1
    stuck.close()


@pytest.mark.parametrize("handshakes, outputs", [(2, 2), (40, 1), (1, 40)])
def test_more_at_once_than_there_is_room_for(secure, handshakes, outputs):
    """Forty clients through a few handshakes and buffers of records: all are served."""
    program = secure("--limit", f"tls_handshakes={handshakes}", "--limit", f"tls_outputs={outputs}")
    wrong = []

    def visit():
        try:
            with program.secure() as client:
                assert HELLO in ask(client)
        except (OSError, AssertionError) as error:
            wrong.append(error)

    visitors = [threading.Thread(target=visit) for _ in range(40)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(3 * DEADLINE_S)
    assert not wrong
    program.idle()


@pytest.mark.whole_io
@pytest.mark.skipif(SANITIZED, reason="the sanitizer has an allocator of its own")
def test_no_allocation_after_boot(secure):
    """S0-1 with TLS: handshakes of both versions, resumed ones, failures, ends, SIGHUP."""
    program = secure("--limit", "tls_handshake_ms=300", environment={"LD_PRELOAD": TRAP})
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = client_context(version, version)
        with program.secure(context=context) as client:
            assert HELLO in ask(client, close=False)
            session = client.session
            client.unwrap()
        with program.secure(context=context, session=session) as client:
            assert HELLO in ask(client)
            assert client.session_reused
    fail_in_every_way(program, 12)
    program.send_signal(signal.SIGHUP)
    program.await_error(b"certificates were read again")
    with program.secure() as client:
        assert HELLO in ask(client)
    program.idle()


def test_a_slow_reader_is_ended_by_the_rules_of_http(secure, folder):
    """The connection hears of what has really left: write_stall_ms works, and the rest goes on."""
    with open(os.path.join(folder, "large"), "wb") as file:
        file.truncate(50000000)
    program = secure("--limit", "write_stall_ms=300", folder=folder)
    client = program.secure()
    client.sendall(request("/large"))
    program.await_counters(slots_now=0, **{"closed_for_timeout-write": 1})
    client.close()
