"""Visits: what one client sends on one connection, and what is right to come back.

A visit's last request asks to close, so that whatever happens ends: by the last answer, by an end
that came too early, or by a reset. `read` tells how much of it came; what came must be right."""
import itertools
import socket

from answer import read_answer
from client import request, sized
from content import big_content, write_file

BIG_LEN = 10 * 1024 * 1024
BIG = big_content(BIG_LEN)
LARGE_COUNT = 4
LARGE_LEN = 20000
SMALL = {f"small{i}.txt": big_content(40 + 90 * i) for i in range(60)}
MIDDLE_LEN = 400_000
BLOCK_LEN = 16_000  # sent from memory, and not copied
LARGE = {BIG_LEN: "/big.bin", MIDDLE_LEN: "/middle.bin"}
# What the program may answer in place of the truth when a call of the system fails.
TROUBLED = {403, 404, 500, 503}


def build_site(folder):
    for name, data in SMALL.items():
        write_file(folder, name, data)
    write_file(folder, "block.bin", BIG[:BLOCK_LEN])
    for length, path in LARGE.items():
        write_file(folder, path[1:], BIG[:length])
    for i in range(LARGE_COUNT):
        write_file(folder, f"large{i}.bin", BIG[:LARGE_LEN])


def small(number):
    """The path and the content of a small file."""
    name = f"small{number % len(SMALL)}.txt"
    return "/" + name, SMALL[name]


class Cut(Exception):
    """The bytes end inside an answer."""


class Stream:
    """Bytes that have come, as answer.read_answer takes them."""

    def __init__(self, data, asked_s):
        self.data = data
        self.at = 0
        self.asked_s = asked_s

    def line(self):
        end = self.data.find(b"\r\n", self.at)
        if end < 0:
            raise Cut
        line, self.at = self.data[self.at:end], end + 2
        assert b"\r" not in line and b"\n" not in line, f"a bare CR or LF: {line!r}"
        return line

    def take(self, length):
        if len(self.data) - self.at < length:
            raise Cut
        self.at += length
        return self.data[self.at - length:self.at]

    def rest(self):
        return self.take(len(self.data) - self.at)


class Visit:
    """Rows of (request bytes, method, status, body or None: any)."""

    def __init__(self, *rows, half_close=False):
        self.rows = rows
        self.half_close = half_close

    def begin(self, program):
        """Connects and sends all of it. Who is turned away while sending has begun all the same."""
        client = program.connect()
        try:
            client.send(b"".join(row[0] for row in self.rows))
            if self.half_close:
                client.finish()
        except OSError:
            pass
        return client

    def read(self, client):
        """Reads to the end; the number of answers that came whole. Each is right or a TROUBLED
        one; nothing comes behind the last."""
        data = bytearray(client.received)
        try:
            while not client.ended:
                piece = client.socket.recv(1 << 20)
                client.ended = not piece
                data += piece
        except ConnectionError:
            client.ended = True
        except socket.timeout:
            raise AssertionError(f"no end came behind {len(data)} bytes") from None
        client.close()
        stream = Stream(bytes(data), client.asked_s)
        self.troubled = []
        whole = 0
        for _, method, status, body in self.rows:
            try:
                answer = read_answer(stream, method)
            except Cut:
                return whole
            if answer.status in TROUBLED and answer.status != status:
                self.troubled.append(answer.status)
            else:
                assert answer.status == status, answer
                assert body is None or answer.body == body, "other content than that of the file"
            whole += 1
        assert stream.at == len(data), "bytes behind the last answer"
        return whole


CLOSE = ("Connection: close",)
_turns = itertools.count()


def get(number, *fields):
    path, body = small(number)
    return request(path, fields=fields), "GET", 200, body


def bunch(length=BIG_LEN):
    """A mixed bunch of clients. `length`: that of the large file they ask for, one of LARGE."""
    large, whole = LARGE[length], BIG[:length]
    at = next(_turns) * 7  # other small files each time: more than a cache holds
    first, last = length // 3, length // 3 + 9999
    return [
        Visit((request(large, fields=CLOSE), "GET", 200, whole)),
        Visit(get(at), get(at + 1, *CLOSE)),
        Visit((request("/block.bin"), "GET", 200, BIG[:BLOCK_LEN]), get(at + 6, *CLOSE)),
        Visit((request(large, method="HEAD"), "HEAD", 200, b""), get(at + 2, *CLOSE)),
        Visit((request(large, fields=(f"Range: bytes={first}-{last}",)), "GET", 206,
               whole[first:last + 1]), get(at + 3, *CLOSE)),
        Visit((request("/nothing", fields=CLOSE), "GET", 404, None)),
        Visit(*[get(at + i) for i in range(5)], get(at + 5, *CLOSE)),
        Visit((sized(b"x" * 1000, *CLOSE, method="POST", target="/small0.txt"), "POST", 405,
               None)),
        Visit((request("/small4.txt", version="HTTP/1.0"), "GET", 200, SMALL["small4.txt"])),
        Visit(get(at + 1), (request("/", method="BREW", fields=CLOSE), "GET", 501, None)),
        Visit(get(at + 4), half_close=True),
    ]


def run(program, driver, strict, wanted):
    """All of them, at the same time if the driver can. strict: every answer comes and is right."""
    troubled = []

    def finish(visit, client):
        whole = visit.read(client)
        if strict:
            assert whole == len(visit.rows), \
                f"{whole} of {len(visit.rows)} answers to {visit.rows[0][0][:80]!r}"
            assert not visit.troubled, f"{visit.troubled} for {visit.rows[0][0][:80]!r}"
        troubled.extend(visit.troubled)

    if driver.many:
        begun = [(visit, visit.begin(program)) for visit in wanted]
        for visit, client in begun:
            finish(visit, client)
    else:
        for visit in wanted:
            finish(visit, visit.begin(program))
    return troubled
