"""Connections: persistence, pipelining, splits, half-close, resets, and many at one time."""
import random
import selectors
import time

import pytest

from client import Client, chunked, request, sized, wait_until
from content import ALPHABET, BIG_LEN, HELLO, big_content, write_file

REQUEST = request("/hello.txt", fields=("Accept: */*",))


# ---- persistence ---------------------------------------------------------------------------------


def test_rfc9112_9_3_1_1_persists_by_default(server):
    """RFC 9112 9.3: an HTTP/1.1 connection goes on unless one side says close."""
    client = server.connect()
    for _ in range(10):
        answer = client.get("/hello.txt")
        assert answer.body == HELLO and not answer.closes
    assert client.get("/alphabet.txt").body == ALPHABET


@pytest.mark.whole_io
@pytest.mark.parametrize("line", ["Connection: close", "connection: CLOSE",
                                  "Connection: keep-alive, close", "Connection: x,close ,y",
                                  "Connection:\t close"])
def test_rfc9112_9_6_close_is_honoured_and_echoed(server, line):
    """RFC 9112 9.6: behind a request with close comes its answer, with close, and the end."""
    client = server.connect()
    client.send(request("/hello.txt", fields=(line,)) + request("/alphabet.txt"))
    answer = client.answer()
    assert answer.body == HELLO and answer.closes
    client.end()


def test_rfc9112_9_6_close_in_a_second_connection_line(server):
    """RFC 9112 9.6: Connection is a list; its lines count together."""
    client = server.connect()
    answer = client.get("/hello.txt", "Connection: x", "Connection: close")
    assert answer.body == HELLO and answer.closes
    client.end()


@pytest.mark.parametrize("line", ["Connection: keep-alive", "Connection: x-other", "Connection:",
                                  "Connection: closed", "Connection: \"close\"", "X: close"])
def test_rfc9112_9_3_other_options_do_not_close(server, line):
    """RFC 9112 9.3: only the option close ends an HTTP/1.1 connection."""
    client = server.connect()
    assert not client.get("/hello.txt", line).closes
    assert client.get("/alphabet.txt").body == ALPHABET


def test_rfc9112_9_3_1_0_closes_by_default(server):
    """RFC 9112 9.3: an HTTP/1.0 connection ends behind its answer, at once (a fault of S1)."""
    client = server.connect()
    client.send(b"GET /hello.txt HTTP/1.0\r\n\r\n")
    assert client.answer(version="1.0").body == HELLO
    client.end()


def test_rfc9112_9_3_1_0_persists_by_keep_alive(server):
    """RFC 9112 9.3: HTTP/1.0 with keep-alive goes on, and is told so."""
    client = server.connect()
    for _ in range(3):
        data = request("/hello.txt", version="HTTP/1.0", fields=("Connection: Keep-Alive",))
        answer = client.ask(data, version="1.0")
        assert answer.body == HELLO
        assert answer.options("Connection") == ["keep-alive"]
    answer = client.ask(request("/hello.txt", version="HTTP/1.0"), version="1.0")
    assert answer.body == HELLO and "keep-alive" not in answer.options("Connection")
    client.end()


def test_rfc9112_9_3_close_goes_before_keep_alive_in_1_0(server):
    """RFC 9112 9.3: where both are said, close counts."""
    client = server.connect()
    fields = ("Connection: keep-alive, close",)
    answer = client.ask(request("/hello.txt", version="HTTP/1.0", fields=fields), version="1.0")
    assert answer.body == HELLO and "keep-alive" not in answer.options("Connection")
    client.end()


@pytest.mark.parametrize("data, method, status", [
    (request("/nothing"), "GET", 404), (request("/sub"), "GET", 301),
    (request("/hello.txt", method="POST"), "POST", 405),
    (request("/hello.txt", method="DELETE"), "DELETE", 405),
    (request("/hello.txt", method="OPTIONS"), "OPTIONS", 204),
    (request("/hello.txt", method="HEAD"), "HEAD", 200),
    (request("/hello.txt", fields=("Range: bytes=99-",)), "GET", 416),
    (request("/hello.txt", fields=("If-None-Match: *",)), "GET", 304),
    (request("/hello.txt", fields=('If-Match: "x"',)), "GET", 412),
])
def test_rfc9112_9_3_ordinary_answers_keep_the_connection(server, data, method, status):
    """RFC 9112 9.3: an answer without a refusal of framing is no reason to close."""
    client = server.connect()
    answer = client.ask(data, method)
    assert answer.status == status and not answer.closes
    assert client.get("/alphabet.txt").body == ALPHABET


# ---- pipelining ----------------------------------------------------------------------------------


def test_rfc9112_9_3_2_fifty_requests_in_one_segment(server):
    """RFC 9112 9.3.2: pipelined requests are answered in their order, the last one included."""
    targets = ["/hello.txt", "/alphabet.txt", "/nothing", "/empty.txt", "/sub"] * 10
    client = server.connect()
    client.send(b"".join(map(request, targets)))
    for target in targets:
        answer = client.answer()
        if target == "/hello.txt":
            assert answer.body == HELLO
        elif target == "/alphabet.txt":
            assert answer.body == ALPHABET
        else:
            assert answer.status == {"/nothing": 404, "/empty.txt": 200, "/sub": 301}[target]
    assert client.get("/alphabet.txt").body == ALPHABET


def test_rfc9112_9_3_2_pipelined_big_and_small_answers(server):
    """RFC 9112 9.3.2: a big file between small ones, then a refusal, then nothing more."""
    big = big_content()
    client = server.connect()
    client.send(request("/hello.txt") + request("/big.bin") + request("/alphabet.txt")
                + sized(b"x" * 500, target="/big.bin") + chunked(b"0\r\n\r\n", target="/hello.txt")
                + b"GET / HTTP/1.1\r\nX : y\r\n\r\n" + request("/hello.txt"))
    assert client.answer().body == HELLO
    assert client.answer().body == big
    assert client.answer().body == ALPHABET
    assert client.answer().body == big
    assert client.answer().body == HELLO
    refusal = client.answer()
    assert refusal.status == 400 and refusal.closes
    client.end()


@pytest.mark.whole_io
def test_rfc9112_9_3_2_small_answers_leave_together(server):
    """RFC 9112 9.3.2: fifty 304s come in far fewer segments than answers."""
    client = server.connect()
    client.send(request("/hello.txt", fields=("If-None-Match: *",)) * 50)
    for _ in range(50):
        assert client.answer().status == 304
    assert client.segments_received() <= 25


def test_rfc9112_9_3_2_last_answer_is_not_withheld(server):
    """RFC 9112 9.3.2: no answer waits for the next one, or for the kernel to give up on a cork."""
    spans_s = []
    for _ in range(5):
        client = server.connect()
        begin = time.monotonic()
        client.send(request("/nothing") * 50)
        for _ in range(50):
            assert client.answer().status == 404
        spans_s.append(time.monotonic() - begin)
    # A corked segment leaves after 200 ms at the latest.
    assert min(spans_s) < 0.15


def test_rfc9112_9_3_2_thousand_requests_while_nobody_reads(server):
    """RFC 9112 9.3.2: back pressure holds requests up; none is lost or answered twice."""
    client = server.connect()
    count = 1000
    requests = [request(f"/alphabet.txt?{n}", fields=(f"Range: bytes={n % 26}-",))
                for n in range(count)]
    sent = Sender(client, b"".join(requests))
    for number in range(count):
        sent.push()
        assert client.answer().body == ALPHABET[number % 26:]
    sent.push()
    assert sent.is_done()


class Sender:
    """Sends as much as the connection takes without waiting."""

    def __init__(self, client, data):
        self.client = client
        self.data = memoryview(data)

    def push(self):
        self.client.socket.settimeout(0)
        try:
            while self.data:
                self.data = self.data[self.client.socket.send(self.data):]
        except BlockingIOError:
            pass
        finally:
            self.client.socket.settimeout(10)

    def is_done(self):
        return not self.data


# ---- splits --------------------------------------------------------------------------------------


def test_rfc9112_2_2_request_in_segments_of_one_byte(server):
    """RFC 9112 2.2: a message is a stream of bytes; how it is cut means nothing: S0-4."""
    client = server.connect()
    for index in range(len(REQUEST)):
        client.send_apart(REQUEST[index:index + 1])
    assert client.answer().body == HELLO
    assert client.get("/alphabet.txt").body == ALPHABET


def test_rfc9112_2_2_request_cut_in_two_at_every_byte(server):
    """RFC 9112 2.2: two segments, cut anywhere, a field in the middle as well (a fault of S0)."""
    client = server.connect()
    for cut in range(1, len(REQUEST)):
        client.send_apart(REQUEST[:cut])
        assert client.ask(REQUEST[cut:]).body == HELLO


def test_rfc9112_9_3_2_two_requests_cut_at_every_byte(server):
    """RFC 9112 9.3.2: one segment holds a request and a part of the next (a fault of S0)."""
    both = REQUEST + request("/alphabet.txt")
    client = server.connect()
    for cut in range(1, len(both)):
        client.send_apart(both[:cut])
        client.send(both[cut:])
        assert client.answer().body == HELLO
        assert client.answer().body == ALPHABET


# ---- half-close ----------------------------------------------------------------------------------


@pytest.mark.parametrize("target, length", [("/hello.txt", len(HELLO)), ("/big.bin", BIG_LEN)])
def test_rfc9293_3_6_half_closed_client_gets_its_whole_answer(server, target, length):
    """RFC 9293 3.6: who closes says that it sends no more; it still receives."""
    client = server.connect()
    client.send(request(target))
    client.finish()
    assert len(client.answer().body) == length
    client.end()


def test_rfc9293_3_6_half_closed_client_gets_all_pipelined_answers(server):
    """RFC 9293 3.6: also those of requests that wait in the server's buffers."""
    client = server.connect()
    client.send(request("/hello.txt") * 40 + request("/big.bin") + request("/alphabet.txt"))
    client.finish()
    for _ in range(40):
        assert client.answer().body == HELLO
    assert len(client.answer().body) == BIG_LEN
    assert client.answer().body == ALPHABET
    client.end()


@pytest.mark.parametrize("data", [b"", b"GET /hello.txt HT", REQUEST[:-2], b"\r\n",
                                  request("/hello.txt", fields=("Content-Length: 5",)) + b"he"])
def test_rfc9112_8_half_close_inside_a_request(server, data):
    """RFC 9112 8: an incomplete request is closed, with 400 at most, and never answered 200."""
    client = server.connect()
    client.send(data)
    client.finish()
    client.socket.settimeout(3)
    rest = client.rest()
    assert rest == b"" or rest.startswith(b"HTTP/1.1 400 "), rest


# ---- slow, gone and many -------------------------------------------------------------------------


def test_slow_reader_stops_nobody(server):
    """A fault of S0: one client that does not read its answer blocked all others."""
    slow = [server.connect(receive_len=4096) for _ in range(5)]
    for client in slow:
        client.send(request("/big.bin"))
    other = server.connect()
    for _ in range(100):
        assert other.get("/hello.txt").body == HELLO
    big = big_content()
    for client in slow:
        assert client.answer().body == big


def test_client_that_leaves_in_the_middle_of_its_answer(server):
    """Both sides' closes are handled at once (S3-3), also where an answer is under way."""
    before = server.idle_descriptor_count("/big.bin")
    for leave in (Client.reset, Client.close) * 20:
        client = server.connect(receive_len=4096)
        client.send(request("/big.bin") * 3)
        client.take(1000)
        leave(client)
    assert server.connect().get("/hello.txt").body == HELLO
    server.close_clients()
    wait_until(lambda: server.descriptor_count() <= before, "all descriptors are given back")


def test_five_hundred_resets_at_random_points(start):
    """No reset at any point harms the server or costs a descriptor."""
    program = start()
    before = program.idle_descriptor_count("/big.bin", "/hello.txt", "/nothing")
    dice = random.Random(3)
    data = (request("/big.bin") + request("/hello.txt") * 3 + sized(b"x" * 500, target="/nothing")
            + chunked(b"5\r\nhello\r\n0\r\n\r\n", target="/hello.txt") + request("/big.bin"))
    for _ in range(500):
        client = Client(program.address)
        client.send(data[:dice.randrange(len(data))])
        if dice.random() < 0.5:
            client.socket.settimeout(0)
            try:
                client.socket.recv(dice.randrange(1, 100000))
            except BlockingIOError:
                pass
        client.reset()
    assert program.connect().get("/hello.txt").body == HELLO
    program.close_clients()
    wait_until(lambda: program.descriptor_count() <= before, "all descriptors are given back")


def test_s4_3_fifty_parallel_downloads(start, folder):
    """S4-3: fifty downloads of 2 MiB at one time, byte-exact, with an exact Content-Length."""
    data = big_content(2 * 1024 * 1024)
    write_file(folder, "two.bin", data)
    program = start(folder=folder)
    waiting = selectors.DefaultSelector()
    for _ in range(50):
        client = program.connect(receive_len=16384)
        client.send(request("/two.bin", fields=("Connection: close",)))
        waiting.register(client.socket, selectors.EVENT_READ, client)
    while waiting.get_map():
        events = waiting.select(10)
        assert events, f"{len(waiting.get_map())} downloads stand still"
        for key, _ in events:
            client = key.data
            client.fill()
            if client.ended:
                waiting.unregister(client.socket)
    for client in program.clients:
        answer = client.answer()
        assert answer.field("Content-Length") == str(len(data)) and answer.body == data
        assert not client.received
