"""A client that sends exactly the bytes it is given, and reads strictly.

Every wait has a deadline."""
import os
import select
import socket
import ssl
import struct
import time

from answer import read_answer

DEADLINE_S = 10
# A FIN follows a refusal at once. It must come before the server's linger_ms (5 s) is over, else
# it is the timeout that ended the connection and not the answer.
FIN_DEADLINE_S = 3
LINE_LEN_MAX = 70000
# The same tests over TLS: every client speaks it, and every program listens for it.
OVER_TLS = bool(os.environ.get("LINNET_OVER_TLS"))
POLL_S = 0.001


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Waits for a state that has no event of its own, such as a number in /proc."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {deadline_s} s in vain: {what}"
        time.sleep(POLL_S)


def request(target="/", method="GET", version="HTTP/1.1", fields=(), body=b"", host="linnet.test"):
    """The bytes of a request. `fields` are whole lines without their CRLF."""
    lines = [f"{method} {target} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += [line.decode("latin-1") if isinstance(line, bytes) else line for line in fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def sized(content, *fields, **more):
    """A request with content and its Content-Length."""
    return request(fields=(f"Content-Length: {len(content)}",) + fields, body=content, **more)


def chunked(body, *fields, **more):
    """A request with Transfer-Encoding: chunked; `body` is already coded."""
    return request(fields=("Transfer-Encoding: chunked",) + fields, body=body, **more)


def _tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Client:
    """One connection. `receive_len` makes the kernel's receive buffer small: a slow reader."""

    def __init__(self, address, receive_len=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_len is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_len)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server_port = address[1]
        self.port = self.socket.getsockname()[1]
        if OVER_TLS:
            self.socket = _tls_context().wrap_socket(self.socket, suppress_ragged_eofs=False)
        self.received = bytearray()
        self.ended = False
        # When the first request was sent behind the last answer that was read; at first: now.
        self.asked_s, self.has_asked = time.time(), True

    # ---- sending --------------------------------------------------------------------------------

    def send(self, data):
        if not self.has_asked:
            self.has_asked, self.asked_s = True, time.time()
        self.socket.sendall(data)

    def send_apart(self, data):
        """Sends, and waits until the server has read it: what follows is a read of its own."""
        self.send(data)
        wait_until(lambda: self.unread_len() == 0, "the server reads what it was sent")

    def unread_len(self):
        """Bytes that lie in the server's kernel buffer; 0 when the connection is gone."""
        local, remote = f":{self.server_port:04X}", f":{self.port:04X}"
        with open("/proc/net/tcp", encoding="ascii") as table:
            for row in table:
                parts = row.split()
                if parts[1].endswith(local) and parts[2].endswith(remote):
                    return int(parts[4].split(":")[1], 16)
        return 0

    def finish(self):
        """Shuts the sending direction only."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # ---- receiving ------------------------------------------------------------------------------

    def fill(self):
        """Waits for more bytes or the end."""
        assert not self.ended, f"the connection ended; what is left: {bytes(self.received[:200])!r}"
        try:
            data = self.socket.recv(262144)
        except socket.timeout:
            seen = bytes(self.received[:200])
            raise AssertionError(f"nothing came for {DEADLINE_S} s behind {seen!r}") from None
        self.ended = not data
        self.received += data

    def line(self):
        """The next line without its CRLF."""
        while b"\r\n" not in self.received:
            assert len(self.received) <= LINE_LEN_MAX, "an endless line"
            assert not self.ended, f"ended inside a line: {bytes(self.received[:200])!r}"
            self.fill()
        line, _, rest = bytes(self.received).partition(b"\r\n")
        self.received = bytearray(rest)
        assert b"\r" not in line and b"\n" not in line, f"a bare CR or LF: {line!r}"
        return line

    def take(self, length):
        """Exactly that many bytes."""
        while len(self.received) < length:
            assert not self.ended, f"ended after {len(self.received)} of {length} bytes"
            self.fill()
        data = bytes(self.received[:length])
        del self.received[:length]
        return data

    def rest(self):
        """All bytes up to the end."""
        while not self.ended:
            self.fill()
        data, self.received = bytes(self.received), bytearray()
        return data

    def rest_or_reset(self):
        """As rest, where a reset is as good an end: returns the bytes that came before it."""
        try:
            return self.rest()
        except ConnectionResetError:
            self.ended = True
            data, self.received = bytes(self.received), bytearray()
            return data

    def answer(self, method="GET", version="1.1"):
        answer = read_answer(self, method, version)
        self.has_asked = False
        return answer

    def ask(self, data, method="GET", version="1.1"):
        """Sends one request and reads its answer."""
        self.send(data)
        return self.answer(method, version)

    def get(self, target, *fields, **more):
        """The answer to a request for that target; its method is taken from `method`."""
        return self.ask(request(target, fields=fields, **more), more.get("method", "GET"))

    def end(self):
        """The server closes now, properly and without another byte."""
        self.socket.settimeout(FIN_DEADLINE_S)
        assert self.rest() == b"", "bytes behind the last answer"

    def is_quiet(self, seconds):
        """Does nothing come for so long, no byte and no end?"""
        return not self.received and not select.select([self.socket], [], [], seconds)[0]

    def segments_received(self):
        """Segments with data that the kernel got: tcpi_data_segs_in of struct tcp_info."""
        info = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        return struct.unpack_from("I", info, 152)[0]


def assert_refused(program, data, *statuses, method="GET"):
    """A new connection sends these bytes: it gets one such answer, and then the end."""
    client = program.connect()
    client.send(data)
    answer = client.answer(method)
    assert answer.status in statuses, f"{data[:200]!r} got {answer}"
    assert answer.closes, f"refused without Connection: close: {answer}"
    if method != "HEAD":
        assert answer.body, f"a refusal that tells a person nothing: {answer}"
        assert answer.field("Content-Type") == "text/html; charset=utf-8"
    client.end()
    return answer


def assert_answered(program, data, *statuses, method="GET"):
    """A new connection sends these bytes: it gets one such answer, and then another request's."""
    client = program.connect()
    answer = client.ask(data, method)
    assert answer.status in statuses, f"{data[:200]!r} got {answer}"
    assert not answer.closes, f"the connection was to go on: {answer}"
    assert client.get("/hello.txt").status == 200
    return answer
