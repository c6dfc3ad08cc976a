"""Clients that people use: curl, wget, ab, Python's own; and what strace sees."""
import http.client
import os
import re
import shutil
import subprocess

import pytest

from content import ALPHABET, FILES, HELLO, big_content, write_file
from program import SANITIZED

DEADLINE_S = 60


def needs(name):
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed")


def run(*command, **more):
    """The standard output of a client that must succeed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=DEADLINE_S, check=False, **more)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def url(program, target="/"):
    return f"http://127.0.0.1:{program.port}{target}"


def curl(*arguments):
    return run("curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "20", *arguments)


# ---- curl ----------------------------------------------------------------------------------------


@needs("curl")
def test_curl_gets_files(server):
    """Small, big and empty ones, byte-exact."""
    assert curl(url(server, "/hello.txt")) == HELLO
    assert curl(url(server, "/big.bin")) == big_content()
    assert curl(url(server, "/empty.txt")) == b""
    assert curl(url(server, "/with%20space.txt")) == FILES["with space.txt"]


@needs("curl")
def test_curl_asks_for_a_head(server):
    """RFC 9110 9.3.2: -I: fields and no body."""
    output = curl("-I", url(server, "/big.bin"))
    assert output.startswith(b"HTTP/1.1 200 ") and output.endswith(b"\r\n\r\n")
    assert b"Content-Length: 5242880\r\n" in output


@needs("curl")
def test_curl_asks_for_a_range(server):
    """RFC 9110 14.2: -r, and an unsatisfiable one."""
    assert curl("-r", "3-6", url(server, "/alphabet.txt")) == ALPHABET[3:7]
    assert curl("-r", "-3", url(server, "/alphabet.txt")) == ALPHABET[-3:]
    code = curl("-o", os.devnull, "-w", "%{http_code}", "-r", "99-", url(server, "/alphabet.txt"))
    assert code == b"416"


@needs("curl")
def test_curl_speaks_1_0(server):
    """RFC 9112 9.3: -0: the answer, then the end."""
    assert curl("--http1.0", url(server, "/hello.txt")) == HELLO


@needs("curl")
def test_curl_uses_one_connection_for_two_files(server):
    """RFC 9112 9.3: the second file comes on the first connection."""
    output = curl("-o", os.devnull, "-o", os.devnull, "-w", "%{num_connects} ",
                  url(server, "/hello.txt"), url(server, "/big.bin"))
    assert output == b"1 0 "


@needs("curl")
def test_curl_waits_for_continue(server, tmp_path):
    """RFC 9110 10.1.1: a body with Expect; 100 comes before it is sent."""
    body = tmp_path / "body"
    body.write_bytes(b"x" * 100000)
    output = curl("-X", "GET", "--data-binary", f"@{body}", "-H", "Expect: 100-continue",
                  "--expect100-timeout", "15", "-w", "%{time_total}", "-i",
                  url(server, "/hello.txt"))
    assert output.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert float(output.rpartition(HELLO)[2]) < 10


@needs("curl")
def test_curl_is_redirected(server):
    """RFC 9110 15.4.2: -L follows to the folder with its slash."""
    assert curl("-L", url(server, "/sub?query")) == FILES["sub/index.html"]


@needs("curl")
def test_curl_posts_and_is_refused(server, tmp_path):
    """RFC 9110 15.5.6: 405, with a small and with a large body."""
    for length in (10, 900000):
        body = tmp_path / "body"
        body.write_bytes(b"x" * length)
        code = curl("-o", os.devnull, "-w", "%{http_code}", "--data-binary", f"@{body}",
                    url(server, "/hello.txt"))
        assert code == b"405"


# ---- wget and ab ---------------------------------------------------------------------------------


@needs("wget")
def test_wget_mirrors_a_site(start, folder, tmp_path):
    """wget -r over links of three levels; diff -r finds no difference."""
    pages = {"index.html": ["hello.txt", "sub/", "big.bin", "with%20space.txt"],
             "sub/index.html": ["page.html", "../picture.png", "deep/"],
             "sub/deep/index.html": ["../../empty.txt", "file.txt"], "sub/page.html": ["../"]}
    for name, links in pages.items():
        text = "".join(f'<a href="{link}">{link}</a>\n' for link in links)
        write_file(folder, name, f"<!doctype html><title>{name}</title>{text}".encode("ascii"))
    write_file(folder, "big.bin", big_content())
    for name, data in (("with space.txt", b"space\n"), ("picture.png", bytes(range(256)) * 10),
                       ("empty.txt", b""), ("sub/deep/file.txt", b"deep\n")):
        write_file(folder, name, data)
    program = start(folder=folder)
    run("wget", "--quiet", "--recursive", "--no-host-directories", "--no-proxy", "--tries=1",
        "-e", "robots=off", "-P", str(tmp_path), url(program))
    assert run("diff", "-r", folder, str(tmp_path)) == b""


def assert_all_complete(output, count):
    text = output.decode("latin-1")
    assert re.search(rf"^Complete requests:\s+{count}$", text, re.M), text
    assert re.search(r"^Failed requests:\s+0$", text, re.M), text
    assert "Non-2xx" not in text, text


@needs("ab")
def test_ab_without_keep_alive(start):
    """RFC 9112 9.3: 2,000 connections of HTTP/1.0, twenty at one time; none fails."""
    program = start()
    assert_all_complete(run("ab", "-q", "-n", "2000", "-c", "20", url(program, "/hello.txt")), 2000)
    assert_all_complete(run("ab", "-q", "-n", "200", "-c", "20", url(program, "/big.bin")), 200)


@needs("ab")
def test_ab_with_keep_alive(start):
    """RFC 9112 9.3: the same with keep-alive: all but the first of each connection are kept."""
    program = start()
    output = run("ab", "-q", "-k", "-n", "2000", "-c", "20", url(program, "/hello.txt"))
    assert_all_complete(output, 2000)
    assert re.search(rb"^Keep-Alive requests:\s+2000$", output, re.M), output


# ---- Python --------------------------------------------------------------------------------------


def test_python_http_client(server):
    """RFC 9110 9: one connection of http.client through all methods and a body."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        for method, body, status in (("GET", None, 200), ("HEAD", None, 200),
                                     ("OPTIONS", None, 204), ("GET", b"x" * 1000, 200),
                                     ("DELETE", None, 405), ("GET", iter([b"a", b"bc"]), 200)):
            chunked = body is not None and not isinstance(body, bytes)
            client.request(method, "/hello.txt", body=body, encode_chunked=chunked,
                           headers={"Transfer-Encoding": "chunked"} if chunked else {})
            answer = client.getresponse()
            assert answer.status == status
            content = answer.read()
            assert content == HELLO or method != "GET"
            assert not answer.will_close
    finally:
        client.close()


# ---- strace --------------------------------------------------------------------------------------


@needs("strace")
@pytest.mark.skipif(SANITIZED, reason="the leak sanitizer does not work under ptrace")
def test_files_are_opened_beneath_the_root(start, tmp_path):
    """Paths are resolved by openat2 with RESOLVE_BENEATH: the kernel keeps them inside."""
    trace = tmp_path / "trace"
    program = start(wrapper=("strace", "-f", "-qq", "-o", str(trace), "-e",
                             "trace=open,openat,openat2"))
    before = len(trace.read_text("latin-1").splitlines())
    client = program.connect()
    for target, status in (("/hello.txt", 200), ("/sub/deep/er/file.txt", 200), ("/nothing", 404)):
        assert client.get(target).status == status
    program.stop()
    lines = trace.read_text("latin-1").splitlines()[before:]
    for name in ("hello.txt", "file.txt", "nothing"):
        opened = [line for line in lines if name in line]
        assert opened and all("RESOLVE_BENEATH" in line for line in opened), lines
    others = [line for line in lines if re.search(r"\bopen(at)?\(", line)]
    assert not others, f"files opened without openat2 behind boot: {others}"
