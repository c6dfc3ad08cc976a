"""The faults that the server of S0 had, none of which a server of the library has.

Each is tried twice: as the network delivers, and with every receive cut to 20 bytes and every send
halved, so that whatever can be split is."""
import os
import re
import socket
import time

import pytest

from asking import curl
from conftest import BUILD
from running import DEADLINE_S, Running

WORKS = b"<h1><center>It Works!</center></h1>"
HEAD_MAX = 1024  # zephyr_sample's: of which half is the request line, and a quarter the path
LINE_MAX = HEAD_MAX // 2
PATH_MAX = HEAD_MAX // 4


@pytest.fixture(params=[False, True], ids=["as-it-comes", "cut-short"])
def server(request, examples, monkeypatch):
    if request.param:
        monkeypatch.setenv("LD_PRELOAD", os.path.join(BUILD, "partial_io_preload.so"))
    with Running(os.path.join(examples, "zephyr_sample"), "127.0.0.1:0") as it:
        monkeypatch.delenv("LD_PRELOAD", raising=False)
        it.port = int(it.line("listening on 127.0.0.1:"))
        it.url = f"http://127.0.0.1:{it.port}"
        yield it
        assert it.end()[0] == 0


def connect(server):
    client = socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def receive_all(client):
    return b"".join(iter(lambda: client.recv(65536), b""))


def receive_answer(client):
    """One answer, by its length; the connection goes on."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"\r\nContent-Length: (\d+)", head).group(1))
    while len(body) < length:
        body += client.recv(65536)
    assert len(body) == length
    return head, body


def read_so_far(server):
    """Bytes that the program has taken out of its sockets: they left the kernel's queues."""
    queued = 0
    with open("/proc/net/tcp", encoding="utf-8") as file:
        for row in file.readlines()[1:]:
            local, queues = row.split()[1], row.split()[4]
            if int(local.rpartition(":")[2], 16) == server.port and row.split()[3] == "01":
                queued += int(queues.partition(":")[2], 16)
    return queued == 0


def await_read(server):
    deadline = time.monotonic() + DEADLINE_S
    while not read_so_far(server):
        assert time.monotonic() < deadline, "it does not read"


GET = b"GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET /headers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def test_s0_fault_two_requests_in_one_segment(server):
    with connect(server) as client:
        post = b"POST /headers HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        client.sendall(GET + post + LAST)
        answers = receive_all(client)
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert answers.index(WORKS) < answers.index(b"Method: POST") < answers.index(b"Method: GET")


def test_s0_fault_a_field_split_across_segments(server):
    """Wherever it is split, and each part is read before the next one is sent."""
    request = b"GET /headers HTTP/1.1\r\nHost: a\r\nX-Split: left right\r\n\r\n"
    with connect(server) as client:
        for at in range(request.index(b"X-Split") - 3, len(request)):
            client.sendall(request[:at])
            await_read(server)
            client.sendall(request[at:])
            assert b"<li>Host: a</li><li>X-Split: left right</li></ul>" in receive_answer(client)[1]


def test_s0_fault_http_1_1_persists_by_default(server):
    with connect(server) as client:
        for _ in range(5):
            client.sendall(GET)
            head, body = receive_answer(client)
            assert WORKS in body and b"Connection: close" not in head
        client.sendall(GET.replace(b"1.1", b"1.0"))
        assert b"\r\nConnection: close\r\n" in receive_all(client)  # and here it does not


def test_s0_fault_one_slow_client_blocks_nobody(server):
    """One that stops in the middle of its request, one in its content, one that reads nothing."""
    with connect(server) as head, connect(server) as body, connect(server) as reader:
        head.sendall(b"GET /index.html HTTP/1.1\r\nHos")
        body.sendall(b"POST /headers HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.sendall(GET * 20)
        for _ in range(5):
            assert curl(server.url + "/index.html")[0] == 200
        head.sendall(b"t: a\r\n\r\n")
        assert WORKS in receive_answer(head)[1]
        body.sendall(b"defghij")
        assert b"Method: POST" in receive_answer(body)[1]


@pytest.mark.parametrize("more, status", [(-1, 200), (0, 200), (1, 414)])
@pytest.mark.parametrize("kind", ["path", "query", "path-split"])
def test_s0_fault_bounds_of_a_long_url(server, more, status, kind):
    """One byte less than fits, just what fits, one byte more."""
    if kind == "query":
        target = "/headers?"
        target += "x" * (LINE_MAX - len(f"GET {target} HTTP/1.1") + more)
    else:
        target = "/headers/" + "x" * (PATH_MAX - len("/headers/") + more)
    request = f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    with connect(server) as client:
        if kind == "path-split":
            client.sendall(request[:PATH_MAX])
            await_read(server)
            request = request[PATH_MAX:]
        client.sendall(request)
        answer = receive_all(client)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert status != 200 or f"<h2>URL: {target}</h2>".encode() in answer
    assert curl(server.url + "/index.html")[0] == 200
