"""The example events.c: a wall that many read, by real clients."""
import os
import signal
import socket
import subprocess
import time

import pytest

from asking import curl
from conftest import BUILD
from running import DEADLINE_S, ROOT, Running

READERS = 200
RING_LEN = 16 * 1024
WORDS_LEN_MAX = 500


@pytest.fixture
def server(examples):
    with Running(os.path.join(examples, "events"), "127.0.0.1:0") as it:
        it.url = "http://" + it.line("http://")
        it.port = int(it.url.rstrip("/").rpartition(":")[2])
        yield it
        assert it.end() == (0, "", "")


class Reader:
    """One who reads; what came and was not asked for yet is kept."""

    def __init__(self, server, last=None, receive_len=None):
        self.socket = socket.socket()
        if receive_len:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_len)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(("127.0.0.1", server.port))
        field = f"Last-Event-ID: {last}\r\n" if last else ""
        self.socket.sendall(f"GET /events HTTP/1.0\r\nHost: a\r\n{field}\r\n".encode())
        self.data = b""
        self.ended = False

    def __enter__(self):
        self.until(b"\r\n\r\n")
        return self

    def __exit__(self, *_):
        self.socket.close()

    def until(self, end):
        """What comes up to the first `end`."""
        while end not in self.data and not self.ended:
            piece = self.socket.recv(65536)
            self.ended = not piece
            self.data += piece
        assert end in self.data, f"the end, and no {end}"
        found, _, self.data = self.data.partition(end)
        return found

    def event(self):
        """(number, data) of the next one."""
        while True:
            rows = self.until(b"\n\n").decode().splitlines()
            number = [row[4:] for row in rows if row.startswith("id: ")]
            if number:
                data = [row[6:] for row in rows if row.startswith("data: ")]
                return int(number[0]), "\n".join(data)


def say(server, words):
    assert curl(server.url + "say", "--data-binary", "@-", input=words.encode()) == (204, b"")


def test_what_one_says_all_read(server):
    with Reader(server) as one, Reader(server) as other:
        for number, words in enumerate(("Hello!", "two\nlines", "ä < & \"", "data: x"), 1):
            say(server, words)
            assert one.event() == other.event() == (number, words)


def test_who_comes_later_reads_what_was_said(server):
    for words in ("one", "two", "three"):
        say(server, words)
    with Reader(server) as reader:
        assert [reader.event() for _ in range(3)] == [(1, "one"), (2, "two"), (3, "three")]
        say(server, "four")
        assert reader.event() == (4, "four")


def test_who_comes_back_reads_what_he_missed(server):
    for words in ("one", "two", "three"):
        say(server, words)
    with Reader(server, last=2) as reader:
        assert reader.event() == (3, "three")


def test_a_real_client_reads_a_stream(server):
    say(server, "Hello!")
    head = subprocess.run(["curl", "-sN", "-i", "--max-time", "1", server.url + "events"],
                          capture_output=True, check=False).stdout
    assert b"\r\nContent-Type: text/event-stream" in head and b"data: Hello!\n" in head


@pytest.mark.parametrize("words, status", [("", 400), ("x" * (WORDS_LEN_MAX - 1), 204),
                                           ("x" * WORDS_LEN_MAX, 204),
                                           ("x" * (WORDS_LEN_MAX + 1), 413)])
def test_the_longest_words(server, words, status):
    assert curl(server.url + "say", "--data-binary", "@-", input=words.encode())[0] == status


def test_one_more_than_there_are_places_for_is_told_to_come_again(server):
    readers = []
    try:
        for _ in range(READERS):
            readers.append(Reader(server).__enter__())
        status, answer = curl(server.url + "events", "-i")
        assert status == 503 and b"\r\nRetry-After: " in answer
        say(server, "to all")
        assert all(reader.event() == (1, "to all") for reader in readers)
        readers.pop().socket.close()
        deadline = time.monotonic() + DEADLINE_S
        while True:  # until it is seen that one has left
            with Reader(server) as another:
                if b"data: to all" in another.data or another.data == b"" and not another.ended:
                    assert another.event() == (1, "to all")
                    break
            assert time.monotonic() < deadline
    finally:
        for reader in readers:
            reader.socket.close()


def test_who_reads_too_slowly_is_dropped_and_comes_back(server):
    """His connection ends; everybody else reads all of it."""
    with Reader(server, receive_len=4096) as slow, Reader(server) as quick:
        sent = 0
        words = "x" * WORDS_LEN_MAX
        # More than the kernel's buffers of both ends and the ring hold together.
        with socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as writer:
            request = ("POST /say HTTP/1.1\r\nHost: a\r\n"
                       f"Content-Length: {len(words)}\r\n\r\n{words}")
            while sent < 6000:
                for _ in range(8):
                    writer.sendall(request.encode())
                answered = 0
                while answered < 8:
                    answered += writer.recv(65536).count(b"HTTP/1.1 204 ")
                for _ in range(8):
                    sent += 1
                    assert quick.event() == (sent, words)
        last = 0
        with pytest.raises((AssertionError, ConnectionError)):
            while True:
                number, _ = slow.event()
                assert number == last + 1, "nothing is missing in between"
                last = number
        assert slow.ended and 0 < last < sent
    with Reader(server, last=last) as again:
        first, _ = again.event()
        assert first > last + 1  # what the ring has still
        while again.event()[0] < sent:
            pass


def test_it_ends_when_it_is_told_to_although_they_read(server):
    with Reader(server) as reader:
        say(server, "last words")
        server.process.send_signal(signal.SIGTERM)
        assert reader.event() == (1, "last words")
        assert reader.socket.recv(1) == b""


def test_s0_1_nothing_is_allocated(examples):
    trap = os.path.join(BUILD, "malloc_trap_preload.so")
    if not os.path.exists(trap):
        pytest.skip("a build without tests has no trap")
    with Running(os.path.join(examples, "events"), "127.0.0.1:0", LD_PRELOAD=trap) as it:
        it.url = "http://" + it.line("http://")
        it.port = int(it.url.rstrip("/").rpartition(":")[2])
        with Reader(it) as reader:
            say(it, "x")
            assert reader.event() == (1, "x")
        assert it.end() == (0, "", "")


def test_the_page_in_a_browser(server):
    script = os.path.join(ROOT, "tests", "browser", "events_page.mjs")
    done = subprocess.run(["node", "--test", script], env={**os.environ, "PAGE_URL": server.url},
                          capture_output=True, text=True, check=False, timeout=8 * DEADLINE_S)
    assert done.returncode == 0, done.stdout + done.stderr
    with Reader(server) as reader:
        assert reader.event() == (1, "<b>Hello</b>")
