"""The server on a board (S1-5, S1-6): real clients, more of them than slots, lost packets, slow
readers, clients that vanish, a pulled cable."""
import os
import re
import select
import socket
import struct
import subprocess
import time

import pytest

from machine import (DEADLINE_S, IP4, IP6, LOSE_SOME, SLOTS, WAITING, checksum, download, run)

REQUESTS = int(os.environ.get("LINNET_MCU_REQUESTS", "2000"))
BOTH = pytest.mark.parametrize("ip", [IP4, f"[{IP6}]"], ids=["ipv4", "ipv6"])
PAGE = b"<h1>Linnet on a board</h1>"


def curl(url, *arguments, limit_s=60):
    return run("curl", "-sS", "-g", "--max-time", str(limit_s), *arguments, url)


def connect(ip=IP4):
    return socket.create_connection((ip, 80), DEADLINE_S)


def ask(client, path, *fields):
    lines = "".join(f"{field}\r\n" for field in fields)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: board\r\n{lines}\r\n".encode())


def read_answer(client):
    """Head and content; the content has a length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        assert more, data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
    while len(body) < length:
        more = client.recv(65536)
        assert more, (length, len(body))
        body += more
    return head, body


def load(*arguments):
    """What ab counted; none may have failed."""
    said = run("ab", "-q", "-s", "60", *arguments).decode()
    counts = dict(re.findall(r"^([A-Za-z0-9 -]+): +(\d+)", said, re.M))
    assert counts["Failed requests"] == "0" and "Non-2xx responses" not in counts, said
    return counts


# ---- S1-6: the console ---------------------------------------------------------------------------


def test_s1_6_console_names_addresses_port_and_each_client(machine):
    said = machine.said()
    assert re.search(r"^address 10\.7\.0\.2$", said, re.M)
    assert re.search(r"^address FE80::FF:FE00:2$", said, re.M)
    assert re.search(r"^address FD07::2$", said, re.M)
    before = len(said)
    curl(f"http://{IP4}/page.html")
    machine.wait_for("client 10.7.0.1\n", before)
    curl(f"http://[{IP6}]/page.html")
    machine.wait_for("client FD07::1\n", before)


# ---- clients -------------------------------------------------------------------------------------


@BOTH
def test_s1_5_curl_and_wget_see_the_pages(machine, ip):
    assert PAGE in curl(f"http://{ip}/page.html")
    assert b"It Works!" in run("wget", "-q", "-O", "-", f"http://{ip}/index.html")
    headers = curl(f"http://{ip}/headers/x?y", "-A", "<me>")
    assert b"User-Agent: &lt;me&gt;" in headers and b"URL: /headers/x?y" in headers
    assert b"403" in curl(f"http://{ip}/status/403", "-w", "%{http_code}")[-3:]


def test_page_from_flash_has_an_entity_tag(machine):
    answer = curl(f"http://{IP4}/page.html", "-i")
    tag = re.search(rb"ETag: (\S+)", answer).group(1).decode()
    again = curl(f"http://{IP4}/page.html", "-i", "-H", f"If-None-Match: {tag}")
    assert again.startswith(b"HTTP/1.1 304") and PAGE not in again
    part = curl(f"http://{IP4}/page.html", "-i", "-r", "0-14")
    assert part.startswith(b"HTTP/1.1 206") and part.endswith(b"<!DOCTYPE html>")


def test_head_too_large_is_refused(machine):
    assert curl(f"http://{IP4}/", "-H", "X: " + 600 * "x", "-o", os.devnull,
                "-w", "%{http_code}") == b"431"


def test_chromium_sees_the_page(machine):
    profile = f"/tmp/linnet-board-{os.getpid()}"
    said = run("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
               f"--user-data-dir={profile}", "--dump-dom", f"http://{IP4}/page.html",
               stdin=subprocess.DEVNULL)
    run("rm", "-rf", profile)
    assert PAGE in said


# ---- many ----------------------------------------------------------------------------------------


@BOTH
def test_connections_in_a_row(machine, ip):
    counts = load("-n", str(REQUESTS // 2), "-c", "1", f"http://{ip}/page.html")
    assert int(counts["Complete requests"]) == REQUESTS // 2


def test_eight_at_once(machine):
    load("-n", str(REQUESTS), "-c", "8", f"http://{IP4}/page.html")
    load("-k", "-n", str(REQUESTS), "-c", "8", f"http://{IP4}/page.html")


def test_sixteen_at_once_with_eight_slots(machine):
    load("-n", "500", "-c", "16", f"http://{IP4}/page.html")
    assert PAGE in curl(f"http://{IP4}/page.html")


def test_idle_connections_make_room_the_longest_idle_first(machine):
    idle = [connect() for _ in range(SLOTS)]
    for client in idle:
        ask(client, "/page.html")
        read_answer(client)
    late = connect()
    ask(late, "/page.html")
    assert PAGE in read_answer(late)[1]
    assert select.select([idle[0]], [], [], DEADLINE_S)[0]
    assert idle[0].recv(1) == b""
    ask(idle[-1], "/page.html")
    assert PAGE in read_answer(idle[-1])[1]
    for client in [*idle, late]:
        client.close()


def test_who_waits_for_a_slot_is_served_when_one_is_free(machine):
    busy = [connect() for _ in range(SLOTS)]
    for client in busy:
        client.sendall(b"GET /page.html HTTP/1.1\r\n")  # no answer yet: nobody may end it
    waiting = [connect() for _ in range(WAITING)]
    for client in waiting:
        ask(client, "/page.html")
    assert select.select(waiting, [], [], 0.5)[0] == []
    for client in busy:
        client.close()
    for client in waiting:
        assert PAGE in read_answer(client)[1]
        client.close()


# ---- bodies and slow readers ---------------------------------------------------------------------


@BOTH
def test_download_is_exact(machine, ip):
    assert curl(f"http://{ip}/download") == download()


@BOTH
def test_upload_is_exact(machine, ip):
    data = os.urandom(300000)
    sum_ = f"{len(data)} {checksum(data)}\n".encode()
    url = f"http://{ip}/upload"
    assert put(url, data) == sum_
    assert put(url, data, "-H", "Transfer-Encoding: chunked") == sum_


def put(url, data, *arguments):
    return run("curl", "-sS", "-g", "--max-time", "60", "-H", "Expect:", *arguments,
               "--data-binary", "@-", url, input=data)


def test_slow_reader_gets_every_byte_and_keeps_nobody_out(machine):
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    slow.settimeout(DEADLINE_S)
    slow.connect((IP4, 80))
    ask(slow, "/download", "Connection: close")
    assert PAGE in curl(f"http://{IP4}/page.html")
    answer = b""
    while data := slow.recv(1500):
        answer += data
    slow.close()
    assert answer.partition(b"\r\n\r\n")[2] == download()


def test_stopped_readers_are_ended_and_others_served(machine):
    stopped = []
    for _ in range(SLOTS):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(DEADLINE_S)
        client.connect((IP4, 80))
        ask(client, "/download")
        stopped.append(client)
    # They hold all buffers: who comes is told 503 or waits, until they have stalled for too long.
    answers = []
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end and not (answers and PAGE in answers[-1]):
        answers.append(curl(f"http://{IP4}/page.html"))
    assert PAGE in answers[-1] and all(b"503" in answer for answer in answers[:-1]), answers
    for client in stopped:
        client.close()


# ---- lost packets, lost clients, a lost cable ----------------------------------------------------


def test_five_percent_loss_changes_no_byte(machine):
    run("nft", "-f", "-", input=(LOSE_SOME % (5, 5)).encode())
    data = os.urandom(30000)
    assert curl(f"http://{IP4}/download") == download()
    assert put(f"http://{IP4}/upload", data) == f"{len(data)} {checksum(data)}\n".encode()


def test_resets_free_their_slots(machine):
    for _ in range(5 * SLOTS):
        client = connect()
        ask(client, "/download")
        client.recv(1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    load("-n", "100", "-c", "8", f"http://{IP4}/page.html")


def test_half_closed_client_is_answered(machine):
    with connect() as client:
        ask(client, "/page.html")
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while data := client.recv(4096):
            answer += data
    assert PAGE in answer


def test_pulled_cable_in_a_download(machine):
    with connect() as client:
        ask(client, "/download", "Connection: close")
        answer = client.recv(1000)
        machine.set_link(False)
        end = time.monotonic() + 2
        while (left_s := end - time.monotonic()) > 0:  # what was under way, then nothing
            if select.select([client], [], [], left_s)[0]:
                answer += client.recv(65536)
        machine.set_link(True)
        while data := client.recv(65536):
            answer += data
    assert answer.partition(b"\r\n\r\n")[2] == download()
    assert PAGE in curl(f"http://{IP4}/page.html")
