"""Deadlines: heads, bodies, answers and idle connections that take too long. Limits are lowered."""
import select
import time

import pytest

from client import request, wait_until
from content import BIG_LEN, HELLO
from program import limits

SHORT_MS = 200
# A deadline sits in a wheel and may come late, but never early beyond the clock's grain.
EARLY_S = 0.02


def drip(client, data, pause_s):
    """Sends a byte for each pause in which nothing is answered; how many it could send."""
    for index in range(len(data)):
        try:
            client.send(data[index:index + 1])
        except (BrokenPipeError, ConnectionResetError):
            return index
        if not client.is_quiet(pause_s):
            return index
    return len(data)


@pytest.mark.parametrize("data", [b"G", b"GET /hello.txt", b"GET /hello.txt HTTP/1.1\r\n",
                                  request("/hello.txt")[:-2], request("/hello.txt")[:-1]])
def test_rfc9110_15_5_9_unfinished_head_is_408(start, data):
    """RFC 9110 15.5.9: a head that is not complete within head_ms."""
    client = start(*limits(head_ms=SHORT_MS)).connect()
    begin = time.monotonic()
    client.send(data)
    answer = client.answer()
    assert answer.status == 408 and answer.closes
    assert time.monotonic() - begin >= SHORT_MS / 1000 - EARLY_S
    client.end()


def test_rfc9112_9_5_silent_connection_is_just_closed(start):
    """RFC 9112 9.5: a client that has sent nothing asked nothing: no answer, only the end."""
    client = start(*limits(head_ms=SHORT_MS)).connect()
    begin = time.monotonic()
    client.end()
    assert time.monotonic() - begin >= SHORT_MS / 1000 - EARLY_S


def test_rfc9110_15_5_9_dripping_head_has_one_deadline(start):
    """RFC 9110 15.5.9: head_ms is for the whole head; a byte now and then does not prolong it."""
    client = start(*limits(head_ms=SHORT_MS)).connect()
    begin = time.monotonic()
    data = b"GET /hello.txt HTTP/1.1\r\nX: " + b"y" * 200
    assert drip(client, data, 0.05) < len(data)
    assert client.answer().status == 408
    assert time.monotonic() - begin < 5
    client.end()


def test_rfc9110_15_5_9_second_head_has_its_own_deadline(start):
    """RFC 9110 15.5.9: the time of a head begins with its first byte, not with the connection."""
    client = start(*limits(head_ms=SHORT_MS, idle_ms=5000)).connect()
    assert client.get("/hello.txt").body == HELLO
    assert client.is_quiet(2 * SHORT_MS / 1000)
    assert client.get("/hello.txt").body == HELLO
    client.send(b"GET /")
    assert client.answer().status == 408
    client.end()


def test_rfc9112_9_5_idle_connection_is_closed_in_time(start):
    """RFC 9112 9.5: between requests, idle_ms; without a 408: S0-10."""
    client = start(*limits(idle_ms=SHORT_MS)).connect()
    assert client.get("/hello.txt").body == HELLO
    begin = time.monotonic()
    client.end()
    assert time.monotonic() - begin >= SHORT_MS / 1000 - EARLY_S


@pytest.mark.parametrize("fields, begun", [
    (("Content-Length: 10",), b"abc"), (("Content-Length: 10",), b""),
    (("Transfer-Encoding: chunked",), b"5\r\nab"), (("Transfer-Encoding: chunked",), b"0\r\n"),
])
def test_rfc9110_15_5_9_stalled_body_is_ended(start, fields, begun):
    """RFC 9110 15.5.9: a body of which no byte comes for read_stall_ms: 408 or the end."""
    client = start(*limits(read_stall_ms=SHORT_MS)).connect()
    client.send(request("/hello.txt", fields=fields, body=begun))
    client.socket.settimeout(3)
    rest = client.rest_or_reset()
    assert rest == b"" or rest.startswith(b"HTTP/1.1 408 "), rest


def test_rfc9110_15_5_9_body_below_the_least_rate_is_ended(start):
    """RFC 9110 15.5.9: bytes that come, but slower than body_rate_min behind rate_grace_ms."""
    client = start(*limits(rate_grace_ms=SHORT_MS, body_rate_min=1000)).connect()
    client.send(request("/hello.txt", fields=("Content-Length: 500",)))
    assert drip(client, b"x" * 200, 0.05) < 200
    rest = client.rest_or_reset()
    assert rest == b"" or rest.startswith(b"HTTP/1.1 408 "), rest


def test_rfc9112_9_5_reader_that_takes_nothing_is_ended(start):
    """RFC 9112 9.5: an answer of which the peer takes no byte for write_stall_ms is given up."""
    program = start(*limits(write_stall_ms=SHORT_MS, socket_send_len=4096))
    before = program.idle_descriptor_count("/big.bin")
    client = program.connect(receive_len=4096)
    client.send(request("/big.bin"))
    wait_until(lambda: program.descriptor_count() > before, "the connection is open", 2)
    wait_until(lambda: program.descriptor_count() <= before, "the connection is given up", 5)
    assert len(client.rest_or_reset()) < BIG_LEN


def test_rfc9112_9_5_answer_below_the_least_rate_is_ended(start):
    """RFC 9112 9.5: a peer that takes bytes, but slower than answer_rate_min, is given up."""
    program = start(*limits(rate_grace_ms=SHORT_MS, answer_rate_min=1000000,
                            socket_send_len=4096))
    client = program.connect(receive_len=4096)
    client.send(request("/big.bin"))
    begin = time.monotonic()
    while read_slowly(client):
        assert time.monotonic() - begin < 5, "the server is patient without end"
    assert time.monotonic() - begin >= SHORT_MS / 1000 - EARLY_S


def read_slowly(client):
    """Some 50,000 bytes a second: this client is slow on purpose. False at the end."""
    select.select([], [], [], 0.02)
    try:
        return client.socket.recv(1000)
    except ConnectionResetError:
        return b""


@pytest.mark.whole_io
def test_lifetime_ends_a_busy_connection(start):
    """lifetime_ms: no connection lives for ever; it ends between two answers."""
    client = start(*limits(lifetime_ms=SHORT_MS)).connect()
    begin = time.monotonic()
    ended = False
    while not ended and time.monotonic() - begin < 5:
        try:
            client.send(request("/hello.txt"))
            client.fill()
        except (BrokenPipeError, ConnectionResetError):
            client.ended = True
        ended = client.ended
        if not ended:
            answer = client.answer()
            assert answer.body == HELLO
            ended = answer.closes
    assert ended and time.monotonic() - begin >= SHORT_MS / 1000 - EARLY_S


def test_rfc9112_9_6_lingering_ends(start):
    """RFC 9112 9.6: a refused client that does not close itself is let go after linger_ms."""
    program = start(*limits(linger_ms=SHORT_MS))
    before = program.idle_descriptor_count()
    client = program.connect()
    assert client.ask(b"GET / HTTP/1.1\r\n\r\n").status == 400
    client.end()
    wait_until(lambda: program.descriptor_count() <= before, "the connection is let go", 5)


def test_rfc9112_9_6_discarding_ends(start):
    """RFC 9112 9.6: a refused client that sends for ever is cut off behind discard_len_max."""
    program = start(*limits(discard_len_max=10000, linger_ms=5000))
    client = program.connect()
    client.send(b"GET / HTTP/1.1\r\n\r\n")
    sent = 0
    try:
        while sent < 64 * 1024 * 1024:
            client.send(b"x" * 4096)
            sent += 4096
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert sent < 64 * 1024 * 1024
