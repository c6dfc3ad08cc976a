"""The example upload.c: content of any size in fixed memory, and files whose names are safe."""
import hashlib
import os
import random
import socket
import subprocess
import time

import pytest

from asking import curl
from conftest import BUILD
from running import DEADLINE_S, ROOT, Running

LARGE = 8 << 20
NAME_LEN_MAX = 100


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


@pytest.fixture
def server(examples, folder):
    with Running(os.path.join(examples, "upload"), str(folder), "127.0.0.1:0") as it:
        it.url = "http://" + it.line("http://")
        yield it
        assert it.end() == (0, "", "")


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.bin"
    path.write_bytes(random.Random(5).randbytes(LARGE))
    return path


def connect(server):
    host, _, port = server.url[len("http://"):].rstrip("/").rpartition(":")
    return socket.create_connection((host, int(port)), DEADLINE_S)


def await_names(folder, wanted):
    """Until the folder holds these names."""
    deadline = time.monotonic() + DEADLINE_S
    while sorted(os.listdir(folder)) != wanted:
        assert time.monotonic() < deadline, os.listdir(folder)
        time.sleep(0.01)


def resident_kib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


# ---- /hash ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("-H", "Transfer-Encoding: chunked"),
                                       ("-X", "POST")], ids=["sized", "chunked", "post"])
def test_s0_3_a_body_of_any_size_is_hashed(server, large, arguments):
    status, body = curl(server.url + "hash", "-T", str(large), *arguments)
    assert (status, body.decode()) == (
        200, f"{hashlib.sha256(large.read_bytes()).hexdigest()}  {LARGE} bytes\n")


def test_s0_3_nothing_at_all_is_hashed_too(server):
    empty = hashlib.sha256(b"").hexdigest().encode() + b"  0 bytes\n"
    assert curl(server.url + "hash", "-X", "PUT") == (200, empty)
    with connect(server) as client:
        client.sendall(b"PUT /hash HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                       b"0\r\n\r\nGET / HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and empty in answer


def test_s0_3_memory_does_not_grow_with_the_body(server, large):
    curl(server.url + "hash", "-T", str(large))
    before = resident_kib(server)
    for _ in range(3):
        assert curl(server.url + "hash", "-T", str(large), "-H", "Transfer-Encoding: chunked"
                    )[0] == 200
    assert resident_kib(server) <= before + 64


def test_s0_1_nothing_is_allocated_for_an_upload(examples, folder, large):
    trap = os.path.join(BUILD, "malloc_trap_preload.so")
    if not os.path.exists(trap):
        pytest.skip("a build without tests has no trap")
    with Running(os.path.join(examples, "upload"), str(folder), "127.0.0.1:0",
                 LD_PRELOAD=trap) as it:
        url = "http://" + it.line("http://")
        assert curl(url + "hash", "-T", str(large))[0] == 200
        assert curl(url + "files", "-F", f"file=@{large}")[0] == 201
        assert it.end() == (0, "", "")


def test_s0_3_parallel_uploads_stay_at_the_budget(examples):
    """The short form of `make uploads`."""
    done = subprocess.run([os.path.join(ROOT, "tests", "soak", "uploads.py"),
                           os.path.join(examples, "upload"), "--uploads", "20", "--mib", "2"],
                          capture_output=True, text=True, check=False, timeout=4 * DEADLINE_S)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("20 uploads of 2 MiB in ")


# ---- /files --------------------------------------------------------------------------------------


def test_a_form_becomes_files(server, folder, large, tmp_path):
    (tmp_path / "small.txt").write_text("small\n")
    status, body = curl(server.url + "files", "-F", f"a=@{large}", "-F", "words=no file",
                        "-F", f"b=@{tmp_path / 'small.txt'}")
    assert (status, body.decode()) == (
        201, f"saved large.bin: {LARGE} bytes\nsaved small.txt: 6 bytes\n")
    assert (folder / "large.bin").read_bytes() == large.read_bytes()
    assert (folder / "small.txt").read_text() == "small\n"
    assert sorted(os.listdir(folder)) == ["large.bin", "small.txt"]


@pytest.mark.parametrize("name, kept", [
    ("../../etc/passwd", "passwd"),
    ("/etc/passwd", "passwd"),
    ("C:\\\\Windows\\\\win.ini", "win.ini"),
    (".bashrc", "_bashrc"),
    (".arriving-0", "_arriving-0"),
    ("a b;c|d.txt", "a_b_c_d.txt"),
    ("käse.txt", "k__se.txt"),
    ("-rf", "-rf"),
    ("...", "_.."),
    ("n" * (NAME_LEN_MAX - 1), "n" * (NAME_LEN_MAX - 1)),
    ("n" * NAME_LEN_MAX, "n" * NAME_LEN_MAX),
    ("n" * (NAME_LEN_MAX + 1), "n" * NAME_LEN_MAX),
])
def test_names_are_made_safe(server, folder, tmp_path, name, kept):
    body = (f'--b\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'
            "content\r\n--b--\r\n").encode()
    status, report = curl(server.url + "files", "--data-binary", "@-", "-H",
                          "Content-Type: multipart/form-data; boundary=b", input=body)
    assert (status, report.decode()) == (201, f"saved {kept}: 7 bytes\n")
    assert os.listdir(folder) == [kept]
    assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize("name", ["", ".", "..", "x/", "x/.."])
def test_names_that_are_none_save_nothing(server, folder, name):
    body = (f'--b\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'
            "content\r\n--b--\r\n").encode()
    assert curl(server.url + "files", "-H", "Content-Type: multipart/form-data; boundary=b",
                "--data-binary", "@-", input=body) == (201, b"")
    assert os.listdir(folder) == []


def test_no_file_is_replaced(server, folder, tmp_path):
    (tmp_path / "it").write_text("new")
    (folder / "it").write_text("old")
    (folder / "elsewhere").symlink_to(tmp_path / "made")
    assert curl(server.url + "files", "-F", f"f=@{tmp_path / 'it'}")[0] == 409
    assert curl(server.url + "files", "-F", f"f=@{tmp_path / 'it'};filename=elsewhere")[0] == 409
    assert (folder / "it").read_text() == "old" and not (tmp_path / "made").exists()
    assert sorted(os.listdir(folder)) == ["elsewhere", "it"]


def test_a_client_that_leaves_leaves_nothing(server, folder):
    head = (b"POST /files HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="half"\r\n\r\nbegin')
    for _ in range(130):  # more than there are places
        with connect(server) as client:
            client.sendall(head)
            await_names(folder, [".arriving-0"])
        await_names(folder, [])
    assert curl(server.url + "files", "-F", "f=@/etc/hostname;filename=whole")[0] == 201
    assert os.listdir(folder) == ["whole"]


def test_what_is_no_form_is_refused(server, folder):
    assert curl(server.url + "files", "-d", "a=b")[0] == 415
    assert curl(server.url + "files", "-X", "POST")[0] == 415
    assert curl(server.url + "files", "-H", "Content-Type: multipart/form-data; boundary=b",
                "-d", "no parts")[0] == 400
    assert curl(server.url + "files", *(f for _ in range(9) for f in ("-F", "a=b")))[0] == 413
    assert os.listdir(folder) == []


def test_a_full_disk_is_507(examples, folder, large):
    """A limit on the size of files is a disk that is full for one."""
    limit = f"ulimit -f {LARGE // 2048}; trap '' XFSZ; exec \"$@\""  # blocks of 1 KiB
    with Running("bash", "-c", limit, "-", os.path.join(examples, "upload"), str(folder),
                 "127.0.0.1:0") as it:
        url = "http://" + it.line("http://")
        assert curl(url + "files", "-F", f"f=@{large}", "-H", "Expect:")[0] == 507
        assert os.listdir(folder) == []
        assert curl(url + "files", "-F", "f=@/etc/hostname")[0] == 201
        assert it.end() == (0, "", "")


def test_the_page_has_a_form_that_works(server, folder):
    status, page = curl(server.url)
    assert status == 200 and b"action=/files method=post enctype=multipart/form-data" in page


def test_it_says_how_it_is_used(examples):
    with Running(os.path.join(examples, "upload")) as it:
        assert it.process.wait(DEADLINE_S) == 2
        assert it.process.stderr.read() == b"usage: upload FOLDER [ADDRESS]\n"
