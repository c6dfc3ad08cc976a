"""The HTTP server sample of Zephyr 1.7, line by line (S1), and its faults, with wget and curl."""
import os
import re
import socket
import subprocess

import pytest

from running import DEADLINE_S, Running

TITLE = "<title>Zephyr HTTP Server</title>"
WORKS = "<h1><center>It Works!</center></h1>"
NOT_FOUND = "<h1><center>404 Not Found</center></h1>"


@pytest.fixture(scope="module")
def sample(examples):
    """Running, with the addresses that it has printed."""
    with Running(os.path.join(examples, "zephyr_sample"), "127.0.0.1:0", "[::1]:0") as it:
        it.ip4 = it.line("listening on ")
        it.ip6 = it.line("listening on ")
        yield it
        assert it.process.poll() is None, it.report()


def curl(url, *arguments):
    """Status and body."""
    done = subprocess.run(["curl", "-sS", "-g", "--path-as-is", "--max-time", str(DEADLINE_S),
                           "-w", "%{http_code}", *arguments, url],
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    return int(text[-3:]), text[:-3]


def wget(url, *arguments):
    """Status and body; wget ends with 8 for an answer that is an error."""
    done = subprocess.run(["wget", "-q", "-S", "-O", "-", "--tries=1", f"--timeout={DEADLINE_S}",
                           "--content-on-error", *arguments, url],
                          capture_output=True, check=False)
    status = re.search(rb"HTTP/1\.1 (\d{3})", done.stderr)
    assert status, done.stderr
    return int(status.group(1)), done.stdout.decode()


BOTH = pytest.mark.parametrize("ask", [curl, wget], ids=["curl", "wget"])


def connect(address):
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), DEADLINE_S)


def receive_all(client):
    answer = b""
    while data := client.recv(65536):
        answer += data
    return answer


# ---- S1-1: url_add(prefix, handler), and a default handler ---------------------------------------


@BOTH
@pytest.mark.parametrize("path", ["/headers", "/headers/", "/headers/xxx", "/headers/x/y?z=1"])
def test_s1_1_headers_answers_below_its_prefix(sample, ask, path):
    status, body = ask(f"http://{sample.ip4}{path}")
    assert status == 200
    assert "<h2>HTTP Header Fields</h2>" in body and f"<h2>URL: {path}</h2>" in body


@BOTH
@pytest.mark.parametrize("path", ["/headersX", "/header", "/", "/index.htm", "/index.html/",
                                  "/x/headers", "/HEADERS"])
def test_s1_1_default_handler_answers_every_other_url(sample, ask, path):
    status, body = ask(f"http://{sample.ip4}{path}")
    assert status == 200 and NOT_FOUND in body


# ---- S1-2: the writers ---------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("path, status, text", [
    ("/index.html", 200, WORKS),
    ("/status/400", 400, "<h1><center>400 Bad Request</center></h1>"),
    ("/status/403", 403, "<h1><center>403 Forbidden</center></h1>"),
    ("/status/404", 404, NOT_FOUND),
    ("/nothing/here", 200, NOT_FOUND),  # the soft 404
])
def test_s1_2_writers(sample, ask, path, status, text):
    assert ask(f"http://{sample.ip4}{path}") == (
        status, f"<html><head>{TITLE}</head><body>{text}</body></html>\n")


# ---- S1-3: the pages -----------------------------------------------------------------------------


@BOTH
def test_s1_3_index_page(sample, ask):
    status, body = ask(f"http://{sample.ip4}/index.html")
    assert status == 200 and TITLE in body and WORKS in body


def test_s1_3_headers_page_to_the_letter(sample):
    status, body = curl(f"http://{sample.ip4}/headers", "-H", "Host: device", "-H", "User-Agent: me",
                        "-H", "Accept:", "-H", "X-One: 1")
    assert status == 200
    machine = re.search(r"<h2>Server: (\w+)</h2>", body).group(1)
    assert body == (
        f"<html><head>{TITLE}</head><body><h1>Zephyr HTTP server</h1>"
        "<h2>HTTP Header Fields</h2>"
        "<ul><li>Host: device</li><li>User-Agent: me</li><li>X-One: 1</li></ul>"
        "<h2>HTTP Method: GET</h2><h2>URL: /headers</h2>"
        f"<h2>Server: {machine}</h2></body></html>\n")
    assert machine in {"x86_64": "x86", "i686": "x86", "aarch64": "arm"}.get(
        os.uname().machine, "arm unknown")


@BOTH
def test_s1_3_headers_page_lists_what_the_client_sent(sample, ask):
    _, body = ask(f"http://{sample.ip4}/headers")
    assert f"<li>Host: {sample.ip4}</li>" in body
    assert re.search(r"<li>User-Agent: (curl|Wget)/[\d.]+</li>", body)


def test_s1_3_method_is_shown(sample):
    _, body = curl(f"http://{sample.ip4}/headers", "-d", "a=b")
    assert "<h2>HTTP Method: POST</h2>" in body


def test_s1_3_hostile_fields_are_escaped(sample):
    _, body = curl(f"http://{sample.ip4}/headers?a=%3Cb%3E&c='", "-H",
                   'X-A: </li><script>alert("1")&')
    assert "<li>X-A: &lt;/li&gt;&lt;script&gt;alert(&quot;1&quot;)&amp;</li>" in body
    assert re.search(r"<h2>URL: /headers\?a=%3Cb%3E&amp;c=&#(39|x27);</h2>", body)
    assert "<script>" not in body


def test_s1_3_the_largest_page_fits(sample):
    """As many bytes as a head may have, each of them the longest when it is escaped."""
    with connect(sample.ip4) as client:
        begin = b"GET /headers HTTP/1.0\r\nHost: a\r\nX: "
        client.sendall(begin + b'"' * (1024 - len(begin) - 4) + b"\r\n\r\n")
        answer = receive_all(client)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.count(b"&quot;") == 1024 - len(begin) - 4


# ---- S1-4: chunks, and Content-Length (fault: it could only chunk) -------------------------------


@BOTH
@pytest.mark.parametrize("path", ["/chunked", "/chunked/", "/chunked/x?y=1"])
def test_s1_4_the_same_page_in_chunks(sample, ask, path):
    status, body = ask(f"http://{sample.ip4}{path}")
    assert status == 200 and body.endswith("</body></html>\n")
    assert "<h2>HTTP Header Fields</h2>" in body and f"<h2>URL: {path}</h2>" in body


def test_s1_4_chunks_on_the_wire(sample):
    with connect(sample.ip4) as client:
        client.sendall(b"GET /chunked HTTP/1.1\r\nHost: a\r\nX-A: " + b"x" * 600 +
                       b"\r\nConnection: close\r\n\r\n")
        head, _, rest = receive_all(client).partition(b"\r\n\r\n")
    assert b"\r\nTransfer-Encoding: chunked" in head and b"Content-Length" not in head
    sizes, body = [], b""
    while not sizes or sizes[-1] > 0:
        line, _, rest = rest.partition(b"\r\n")
        sizes.append(int(line, 16))
        assert rest[sizes[-1]:sizes[-1] + 2] == b"\r\n"
        body += rest[:sizes[-1]]
        rest = rest[sizes[-1] + 2:]
    assert rest == b"" and len(sizes) > 3 and max(sizes) == 256
    assert body.startswith(b"<html>") and b"<li>X-A: " + b"x" * 600 in body


def test_s1_4_a_client_of_http_1_0_gets_it_without_chunks(sample):
    with connect(sample.ip4) as client:
        client.sendall(b"GET /chunked HTTP/1.0\r\n\r\n")
        head, _, body = receive_all(client).partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head and b"Connection: close" in head
    assert body.startswith(b"<html>") and body.endswith(b"</html>\n")


def test_s1_4_pages_being_sent_are_bounded_and_come_back(sample):
    for _ in range(20):
        with connect(sample.ip4) as client:
            client.sendall(b"GET /chunked HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.recv(15) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize("path", ["/headers", "/index.html", "/status/404", "/other"])
def test_s1_4_answers_say_their_length(sample, path):
    with connect(sample.ip4) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        head, _, body = receive_all(client).partition(b"\r\n\r\n")
    assert int(re.search(rb"\r\nContent-Length: (\d+)", head).group(1)) == len(body) > 0
    assert b"Transfer-Encoding" not in head


# ---- S1-5, S1-6: both families, and the console log ----------------------------------------------


@BOTH
def test_s1_5_ip4_and_ip6(sample, ask):
    assert sample.ip6.startswith("[::1]:")
    for address in (sample.ip4, sample.ip6):
        assert WORKS in ask(f"http://{address}/index.html")[1]


@pytest.mark.parametrize("family", ["ip4", "ip6"])
def test_s1_6_console_names_each_client(sample, family):
    with connect(getattr(sample, family)) as client:
        client.sendall(b"GET ")  # who says nothing is not accepted at once
        name = client.getsockname()
        host = f"[{name[0]}]" if family == "ip6" else name[0]
        assert sample.line(f"client {host}:{name[1]}") == ""


def test_s1_6_console_names_address_and_port(sample):
    assert re.fullmatch(r"127\.0\.0\.1:[1-9]\d*", sample.ip4)
    assert re.fullmatch(r"\[::1\]:[1-9]\d*", sample.ip6)


# ---- the faults of the original, which are not here ----------------------------------------------


def test_s1_fault_clients_had_to_close_before_the_next_was_accepted(sample):
    with connect(sample.ip4) as first, connect(sample.ip4) as silent:
        first.sendall(b"GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n")
        assert first.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
        assert curl(f"http://{sample.ip4}/index.html")[0] == 200  # both others are still here
        first.sendall(b"GET /index.html HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert WORKS.encode() in receive_all(first)
        silent.sendall(b"GET /index.html HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert WORKS.encode() in receive_all(silent)


@pytest.mark.parametrize("fields", [b"", b"Host: a\r\n"])
def test_s1_fault_http_1_0_client_hung(sample, fields):
    with connect(sample.ip4) as client:
        client.sendall(b"GET /headers HTTP/1.0\r\n" + fields + b"\r\n")
        answer = receive_all(client)  # the server closes
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"</html>\n")
    assert curl(f"http://{sample.ip4}/index.html", "--http1.0")[0] == 200


def test_s1_fault_answer_went_out_before_the_empty_line(sample):
    with connect(sample.ip4) as client:
        client.sendall(b"GET /index.html HTTP/1.1\r\nHost: a\r\nConnection: close\r\n")
        # Another's request, whole and later, is answered meanwhile; this one's has no end yet.
        assert curl(f"http://{sample.ip4}/index.html")[0] == 200
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        client.settimeout(DEADLINE_S)
        client.sendall(b"\r\n")
        assert WORKS.encode() in receive_all(client)


def test_it_ends_when_it_is_told_to(examples):
    with Running(os.path.join(examples, "zephyr_sample"), "127.0.0.1:0") as it:
        assert WORKS in curl(f"http://{it.line('listening on ')}/index.html")[1]
        code, _, errors = it.end()
        assert (code, errors) == (0, "")


def test_it_says_why_it_cannot_listen(examples):
    with Running(os.path.join(examples, "zephyr_sample"), "127.0.0.1:70000") as it:
        _, errors = it.process.communicate(timeout=DEADLINE_S)
        assert it.process.returncode == 1
        assert errors == (b"cannot listen on 127.0.0.1:70000: the port must be a number from 0 to "
                          b"65535.\n")
