"""The asynchronous file server of the examples (S4): by sendfile, and by reads that go on alone."""
import concurrent.futures
import os
import random
import re
import socket
import subprocess

import pytest

from conftest import BUILD
from running import DEADLINE_S, Running

LEN = 2 << 20
DOWNLOADS = 50
TOGETHER = 50


@pytest.fixture(scope="module")
def content():
    return random.Random(2).randbytes(LEN)


@pytest.fixture
def site(tmp_path, content):
    for folder in ("static", "dynamic"):
        (tmp_path / folder).mkdir()
        for number in range(DOWNLOADS // 2):
            (tmp_path / folder / f"{number}.dat").write_bytes(content[number:])
    (tmp_path / "static" / "empty.dat").write_bytes(b"")
    (tmp_path / "dynamic" / "link.dat").symlink_to("../static/7.dat")
    (tmp_path / "other.dat").write_bytes(b"not in a folder of ours")
    return str(tmp_path)


def get(port, target):
    """(head, body) of the answer, which ends with its connection."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE_S * 4) as client:
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        data = b"".join(iter(lambda: client.recv(1 << 18), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"\r\nConnection: close\r\n" in head + b"\r\n", head
    assert f"\r\nContent-Length: {len(body)}\r\n".encode() in head + b"\r\n", head
    return head, body


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut-short"])
def test_s4_fifty_downloads_at_one_time(examples, site, content, cut, monkeypatch):
    """S4-2, S4-3: also with every send halved and every receive cut to 20 bytes."""
    if cut:
        monkeypatch.setenv("LD_PRELOAD", os.path.join(BUILD, "partial_io_preload.so"))
    with Running(os.path.join(examples, "aws"), "127.0.0.1:0", site) as it:
        monkeypatch.delenv("LD_PRELOAD", raising=False)
        port = int(it.line("listening on 127.0.0.1:"))
        targets = [(f"/{folder}/{number}.dat", number)
                   for number in range(DOWNLOADS // 2) for folder in ("static", "dynamic")]
        with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
            answers = list(pool.map(lambda target: get(port, target[0]), targets))
        for (target, number), (head, body) in zip(targets, answers):
            assert head.startswith(b"HTTP/1.1 200 OK\r\n") and body == content[number:], target
        assert get(port, "/dynamic/link.dat")[1] == content[7:]
        assert get(port, "/static/empty.dat")[1] == b""
        for target in ("/", "/other.dat", "/static", "/static/none.dat", "/dynamic/../other.dat",
                       "/staticx/1.dat"):
            assert get(port, target)[0].startswith(b"HTTP/1.1 404 Not Found\r\n"), target
        it.await_descriptors(8)
        assert it.end() == (0, "", "")


def test_dynamic_files_are_submitted_and_static_ones_sent(examples, site, tmp_path):
    """Seen from outside: sendfile for the one, io_submit for the other."""
    for folder, wanted, other in (("static", "sendfile", "io_submit"),
                                  ("dynamic", "io_submit", "sendfile")):
        trace = str(tmp_path / "trace")
        with Running("strace", "-D", "-f", "-o", trace, "-e", "trace=sendfile,io_submit",
                     os.path.join(examples, "aws"), "127.0.0.1:0", site) as it:
            port = int(it.line("listening on 127.0.0.1:"))
            assert len(get(port, f"/{folder}/3.dat")[1]) == LEN - 3
            assert it.end()[0] == 0
        with open(trace, encoding="utf-8") as file:
            text = file.read()
        assert f"{wanted}(" in text and f"{other}(" not in text


def test_the_calls_are_there_by_name(examples):
    symbols = subprocess.run(["nm", "-u", os.path.join(examples, "aws")], check=True,
                             capture_output=True, text=True).stdout
    for name in ("epoll_wait", "epoll_ctl", "sendfile", "io_submit"):
        assert re.search(rf"\b{name}\b", symbols), name
