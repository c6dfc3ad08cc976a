"""The example device_gateway.c: S0 by real clients, and by as few descriptors as there may be."""
# ctest: alone - it measures CPU time
import hashlib
import json
import os
import random
import re
import select
import socket
import subprocess
import time

import pytest

from asking import curl
from conftest import BUILD
from running import DEADLINE_S, ROOT, Running

CLIENTS = 5
OWN = 2  # descriptors: a listener, and one to be woken by
STANDARD = 3
QUIET_S = 0.5
CPU_MAX_S = 0.1  # a server that spins uses all of QUIET_S
LARGE = 4 << 20
GET = b"GET /api/temperature HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def start(examples, tmp_path):
    """Starts it; `start(limit)`: with so many descriptors."""
    folder = tmp_path / "device"
    folder.mkdir()
    running = []

    def begin(limit=None, **environment):
        wrapper = ("prlimit", f"--nofile={limit}:{limit}") if limit else ()
        it = Running(*wrapper, os.path.join(examples, "device_gateway"), str(folder),
                     "127.0.0.1:0", **environment)
        running.append(it)
        it.folder = folder
        it.url = "http://" + it.line("http://")
        it.port = int(it.url.rstrip("/").rpartition(":")[2])
        return it

    yield begin
    for it in running:
        with it:
            assert it.end() == (0, "", "")


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.bin"
    path.write_bytes(random.Random(7).randbytes(LARGE))
    return path


class Client:
    """One connection, kept alive."""

    def __init__(self, it):
        self.socket = socket.create_connection(("127.0.0.1", it.port), DEADLINE_S)

    def send(self, data):
        self.socket.sendall(data)
        return self

    def answer(self):
        """(head, body) of the next answer; (b"", b"") at the end of the connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.socket.recv(65536)
            if not piece:
                return b"", b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: (\d+)", head)
        while length and len(body) < int(length.group(1)):
            body += self.socket.recv(65536)
        return head, body

    def says_nothing_for(self, seconds):
        return not select.select([self.socket], [], [], seconds)[0]

    def close(self):
        self.socket.close()


def assert_temperature(answer):
    assert answer[0].startswith(b"HTTP/1.1 200 OK\r\n"), answer
    assert 20 <= json.loads(answer[1])["celsius"] < 30


def descriptor_count(it):
    return len(os.listdir(f"/proc/{it.process.pid}/fd"))


def cpu_s(it):
    with open(f"/proc/{it.process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def metrics(it):
    status, text = curl(it.url + "metrics")
    assert status == 200
    return {name: int(value) for name, value in
            re.findall(r"^(linnet_\w+) (\d+)$", text.decode(), re.M)}


# ---- the routes ----------------------------------------------------------------------------------


def test_s0_2_a_synchronous_route_is_called_once_with_the_whole_body(start):
    it = start()
    assert curl(it.url + "api/led/3") == (200, b"off\n")
    assert curl(it.url + "api/led/3", "-d", "on") == (204, b"")
    assert curl(it.url + "api/led/3", "-d", "off", "-H", "Transfer-Encoding: chunked")[0] == 204
    assert curl(it.url + "api/led/3", "-d", "on") == (204, b"")
    assert curl(it.url + "api/led/3") == (200, b"on\n")
    assert curl(it.url + "api/led/2") == (200, b"off\n")
    assert curl(it.url + "api/led/3", "-d", "maybe")[0] == 400
    client = Client(it)
    for byte in b"POST /api/led/4 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\non":
        client.send(bytes([byte]))
    assert client.answer()[0].startswith(b"HTTP/1.1 204 ")
    client.close()
    assert curl(it.url + "api/led/4") == (200, b"on\n")


@pytest.mark.parametrize("chunked", [(), ("-H", "Transfer-Encoding: chunked")])
def test_s0_3_an_asynchronous_route_takes_a_body_of_any_size(start, large, chunked):
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    assert curl(start().url + "hash", "-T", str(large), *chunked) == (200, f"{digest}\n".encode())


@pytest.mark.parametrize("chunked", [(), ("-H", "Transfer-Encoding: chunked")])
def test_s0_5_more_than_a_synchronous_route_takes_is_413(start, chunked):
    it = start()
    assert curl(it.url + "api/led/1", "-d", "o" * 16, *chunked)[0] == 400
    assert curl(it.url + "api/led/1", "-d", "o" * 17, *chunked)[0] == 413
    assert curl(it.url + "api/led/1", "-d", "on", *chunked)[0] == 204


def test_s0_7_an_answer_of_unknown_length_is_pulled_to_its_end(start):
    it = start()
    raw = curl(it.url + "metrics", "-i", "--raw")[1]
    assert b"\r\nTransfer-Encoding: chunked\r\n" in raw and raw.endswith(b"\r\n0\r\n\r\n")
    head, _, old = curl(it.url + "metrics", "-i", "--http1.0")[1].partition(b"\r\n\r\n")
    assert b"\r\nConnection: close\r\n" in head and b"Transfer-Encoding" not in head
    assert len(metrics(it)) > 50
    for text in (old, curl(it.url + "metrics")[1]):
        rows = text.decode().splitlines()
        assert len(rows) % 3 == 0
        for help_row, type_row, row in zip(rows[::3], rows[1::3], rows[2::3]):
            name = re.fullmatch(r"(linnet_[a-zA-Z0-9_]+) \d+", row).group(1)
            kind = "gauge" if name.endswith(("_now", "_most")) else "counter"
            assert help_row.startswith(f"# HELP {name} ") and type_row == f"# TYPE {name} {kind}"
            assert name.endswith("_total") == (kind == "counter")


@pytest.mark.parametrize("path, status", [("7", 200), ("8", 404), ("-1", 404), ("x", 404),
                                          ("07", 200), ("18446744073709551616", 404)])
def test_s0_8_parameters_are_typed(start, path, status):
    assert curl(start().url + "api/led/" + path)[0] == status


def test_s0_8_other_methods_are_405(start):
    it = start()
    status, answer = curl(it.url + "api/led/1", "-i", "-X", "DELETE")
    assert status == 405 and b"\r\nAllow: GET, HEAD, POST, OPTIONS\r\n" in answer


def test_s0_10_counters_are_read_while_it_runs(start):
    it = start()
    before = metrics(it)
    for _ in range(3):
        assert curl(it.url + "nothing")[0] == 404
    after = metrics(it)
    assert after["linnet_requests_total"] == before["linnet_requests_total"] + 4
    assert after["linnet_answers_4xx_total"] == before["linnet_answers_4xx_total"] + 3


# ---- the firmware --------------------------------------------------------------------------------


def test_a_firmware_is_installed_when_it_is_complete(start, large):
    it = start()
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    assert curl(it.url + "firmware", "-F", f"firmware=@{large};filename=../x") == (
        200, f"{digest}\n".encode())
    assert os.listdir(it.folder) == ["firmware.bin"]
    assert (it.folder / "firmware.bin").read_bytes() == large.read_bytes()
    assert curl(it.url + "firmware", "-F", "firmware=@/etc/hostname")[0] == 200  # the next one
    with open("/etc/hostname", "rb") as file:
        assert (it.folder / "firmware.bin").read_bytes() == file.read()


def test_half_a_firmware_is_none(start):
    it = start()
    (it.folder / "firmware.bin").write_text("old")
    head = (b"POST /firmware HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            b'--b\r\nContent-Disposition: form-data; name="firmware"; filename="f"\r\n\r\nbegin')
    client = Client(it).send(head)
    deadline = time.monotonic() + DEADLINE_S
    while len(os.listdir(it.folder)) < 2:
        assert time.monotonic() < deadline
    # Meanwhile another one is told to come again, with content or without.
    status, answer = curl(it.url + "firmware", "-i", "-F", "firmware=@/etc/hostname")
    assert status == 503 and b"\r\nRetry-After: 1\r\n" in answer
    assert curl(it.url + "firmware", "-X", "POST")[0] == 503
    client.close()
    while len(os.listdir(it.folder)) > 1:
        assert time.monotonic() < deadline
    assert (it.folder / "firmware.bin").read_text() == "old"
    assert curl(it.url + "firmware", "-F", "other=@/etc/hostname")[0] == 422
    assert curl(it.url + "firmware", "-F", "firmware=no file")[0] == 422
    assert curl(it.url + "firmware", "-d", "a=b")[0] == 415
    assert curl(it.url + "firmware", "-X", "POST")[0] == 415
    assert os.listdir(it.folder) == ["firmware.bin"]


# ---- few descriptors -----------------------------------------------------------------------------


def test_s0_6_five_clients_by_seven_descriptors(start, large):
    """Beside the standard streams: five clients at one time, and a sixth for the longest idle."""
    it = start(STANDARD + OWN + CLIENTS)
    assert descriptor_count(it) == STANDARD + OWN
    clients = [Client(it) for _ in range(CLIENTS)]
    for _ in range(3):
        for client in clients:
            client.send(GET)
        for client in clients:
            assert_temperature(client.answer())
    assert descriptor_count(it) == STANDARD + OWN + CLIENTS
    for client in (*clients, clients[0]):  # in their order: the second has been idle the longest
        assert_temperature(client.send(GET).answer())
    sixth = Client(it).send(GET)
    assert_temperature(sixth.answer())
    assert clients[1].answer() == (b"", b"")
    for client in (clients[0], *clients[2:], sixth):
        assert_temperature(client.send(GET).answer())
    # No descriptor for the file of a firmware: it is told to come again; with one, it comes.
    part = (b'--b\r\nContent-Disposition: form-data; name="firmware"; filename="f"\r\n\r\n'
            b"new\r\n--b--\r\n")
    form = (b"POST /firmware HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n" % len(part)) + part
    assert sixth.send(form).answer()[0].startswith(b"HTTP/1.1 503 ")
    clients[2].close()
    deadline = time.monotonic() + DEADLINE_S
    while descriptor_count(it) == STANDARD + OWN + CLIENTS:
        assert time.monotonic() < deadline
    assert sixth.send(form).answer()[0].startswith(b"HTTP/1.1 200 ")
    assert (it.folder / "firmware.bin").read_text() == "new"


def test_s0_6_fault_seven_descriptors_in_all_and_accept_fails_for_ever(start):
    """ulimit -n 7 is two clients at one time. Five who are busy: three of them wait, nothing spins;
    as the others end they are served. Five who are idle: each is served in its turn."""
    it = start(7)
    room = 7 - STANDARD - OWN
    busy = [Client(it).send(GET[:20]) for _ in range(room)]
    deadline = time.monotonic() + DEADLINE_S
    while descriptor_count(it) < 7:
        assert time.monotonic() < deadline
    waiting = [Client(it).send(GET) for _ in range(CLIENTS - room)]
    before_s = cpu_s(it)
    assert waiting[0].says_nothing_for(QUIET_S)
    assert cpu_s(it) - before_s < CPU_MAX_S
    for client in busy:
        assert_temperature(client.send(GET[20:]).answer())  # from now on it is idle
    for client in waiting:
        assert_temperature(client.answer())
    clients = [Client(it) for _ in range(CLIENTS)]
    for _ in range(4):
        for i, client in enumerate(clients):
            try:
                answer = client.send(GET).answer()
            except ConnectionError:
                answer = (b"", b"")
            if answer == (b"", b""):  # it was closed for another
                clients[i] = Client(it).send(GET)
                answer = clients[i].answer()
            assert_temperature(answer)
    counted = metrics(it)
    assert counted["linnet_descriptor_pauses_total"] >= 1
    assert counted["linnet_connections_evicted_total"] >= CLIENTS


def test_s0_6_listeners_leave_room_for_others(start):
    """Three listen; a fourth is told to come again; the other two descriptors go on serving."""
    it = start(STANDARD + OWN + CLIENTS)
    listening = [Client(it).send(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(3)]
    for client in listening:
        assert b"\r\nContent-Type: text/event-stream" in client.answer()[0]
    assert curl(it.url + "events")[0] == 503
    assert_temperature(Client(it).send(GET).answer())
    for client in listening:
        data = b""
        while not re.search(rb"\r?\nevent: temperature\ndata: 2\d\.\d\n\n", data):
            piece = client.socket.recv(65536)
            assert piece
            data += piece


# ---- all of it -----------------------------------------------------------------------------------


def test_s0_1_nothing_is_allocated(start, large):
    trap = os.path.join(BUILD, "malloc_trap_preload.so")
    if not os.path.exists(trap):
        pytest.skip("a build without tests has no trap")
    it = start(LD_PRELOAD=trap)
    assert curl(it.url + "hash", "-T", str(large))[0] == 200
    assert curl(it.url + "firmware", "-F", f"firmware=@{large}")[0] == 200
    assert curl(it.url + "api/led/1", "-d", "on")[0] == 204
    assert len(metrics(it)) > 50
    client = Client(it).send(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
    data = b""
    while data.count(b"event: temperature") < 2:
        data += client.socket.recv(65536)
    client.close()


def test_it_ends_although_somebody_listens(start):
    it = start()
    client = Client(it).send(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
    client.answer()
    begun = time.monotonic()
    it.process.terminate()
    while client.socket.recv(65536):
        pass
    client.close()
    assert it.process.wait(DEADLINE_S) == 0
    assert time.monotonic() - begun < 5  # sooner than drain_ms


def test_the_page_in_a_browser(start):
    it = start()
    script = os.path.join(ROOT, "tests", "browser", "device_gateway_page.mjs")
    done = subprocess.run(["node", "--test", script], env={**os.environ, "PAGE_URL": it.url},
                          capture_output=True, text=True, check=False, timeout=8 * DEADLINE_S)
    assert done.returncode == 0, done.stdout + done.stderr
    assert curl(it.url + "api/led/0") == (200, b"on\n")
    assert (it.folder / "firmware.bin").read_text() == "from a browser"
