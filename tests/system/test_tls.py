"""HTTPS: every driver, real clients, versions, suites, resumption, ends, input in every shape."""
import os
import re
import socket
import ssl
import subprocess

import pytest

from client import DEADLINE_S, request
from content import HELLO
from secure import ask, client_context, hello, needs_tls, read_all, run

pytestmark = needs_tls


# ---- every driver -------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", ["epoll", "poll", "uring", "blocking", "fork", "threads"])
def test_every_driver_serves_https(secure, site, driver):
    """Small and large answers, an upload, two requests in one connection, both versions."""
    large = max((os.path.join(site, name) for name in os.listdir(site)
                 if os.path.isfile(os.path.join(site, name))), key=os.path.getsize)
    program = secure("--driver", driver)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with program.secure(context=client_context(version, version)) as client:
            assert HELLO in ask(client, close=False)
            client.sendall(request("/hello.txt", method="POST",
                                   fields=("Content-Length: 40000",), body=b"x" * 40000))
            assert client.recv(65536).startswith(b"HTTP/1.1 405 ")
        with program.secure(context=client_context(version, version)) as client:
            content = ask(client, "/" + os.path.basename(large)).partition(b"\r\n\r\n")[2]
        with open(large, "rb") as file:
            assert content == file.read()


def test_s0_9_s1_5_both_kinds_of_listeners_in_both_families(secure):
    program = secure(listen=("127.0.0.1:0", "[::1]:0"), listen_tls=("127.0.0.1:0", "[::1]:0"))
    for address in program.tls_urls:
        with program.secure(address=address) as client:
            assert HELLO in ask(client)
    for address in program.urls:
        with socket.create_connection(address, timeout=DEADLINE_S) as client:
            assert HELLO in ask(client)


# ---- real clients -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["--tlsv1.2", "--tlsv1.3"])
def test_curl(secure, version):
    program = secure()
    url = f"https://localhost:{program.tls_port}/hello.txt"
    most = ["--tls-max", "1.2"] if version == "--tlsv1.2" else []
    done = run("curl", "-sSk", version, *most, "--resolve",
               f"localhost:{program.tls_port}:127.0.0.1", url, url, "-w",
               "%{http_version} %{num_connects}\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout == HELLO + b"1.1 1\n" + HELLO + b"1.1 0\n"


def test_wget(secure):
    done = run("wget", "-qO-", "--no-check-certificate",
               f"https://127.0.0.1:{secure().tls_port}/hello.txt")
    assert (done.returncode, done.stdout) == (0, HELLO), done.stderr


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_s_client_resumes(secure, tmp_path, version):
    """A ticket of one connection is good for the next, also with another worker."""
    program = secure("--workers", "2")
    session = str(tmp_path / "session")
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{program.tls_port}", version,
               "-alpn", "h2,http/1.1", "-ign_eof"]
    asked = request("/hello.txt", fields=("Connection: close",))
    first = subprocess.run([*command, "-sess_out", session], input=asked, capture_output=True,
                           timeout=DEADLINE_S, check=False)
    assert b"\nNew, TLSv1." in first.stdout and HELLO in first.stdout, first
    assert b"ALPN protocol: http/1.1" in first.stdout
    for _ in range(4):
        again = subprocess.run([*command, "-sess_in", session], input=asked, capture_output=True,
                               timeout=DEADLINE_S, check=False)
        assert b"\nReused, TLSv1." in again.stdout and HELLO in again.stdout, again
    program.await_counters(tls_resumptions=4)


def test_gnutls_cli(secure):
    program = secure()
    done = subprocess.run(
        ["gnutls-cli", "--insecure", "--alpn=http/1.1", "-p", str(program.tls_port), "127.0.0.1"],
        input=request("/hello.txt", fields=("Connection: close",)), capture_output=True,
        timeout=DEADLINE_S, check=False)
    assert HELLO in done.stdout, (done.stdout, done.stderr)
    assert b"ALPN" in done.stdout or b"http/1.1" in done.stdout


def test_node(secure):
    """Node resumes, and finds the end of the connection in order."""
    program = secure()
    script = """
        const https = require("https");
        const agent = new https.Agent({keepAlive: false, maxCachedSessions: 10});
        const seen = [];
        function ask(left) {
            const options = {host: "127.0.0.1", port: %d, path: "/hello.txt", agent,
                             rejectUnauthorized: false, ALPNProtocols: ["http/1.1"]};
            https.get(options, (answer) => {
                seen.push([answer.socket.isSessionReused(), answer.socket.getProtocol()]);
                answer.resume().on("end", () => {
                    if (left > 0) { setImmediate(ask, left - 1); }
                    else { console.log(JSON.stringify(seen)); }
                });
            });
        }
        ask(2);
    """ % program.tls_port
    done = run("node", "-e", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b'[[false,"TLSv1.3"],[true,"TLSv1.3"],[true,"TLSv1.3"]]\n'


def test_sslscan_finds_nothing_old(secure):
    """RFC 9325 4.2: TLS 1.2 and 1.3, forward secrecy, authenticated encryption."""
    program = secure()
    done = subprocess.run(["sslscan", "--no-colour", "--no-check-certificate",
                           f"127.0.0.1:{program.tls_port}"], capture_output=True, timeout=120,
                          check=False)
    text = done.stdout.decode("latin-1")
    for version in ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"):
        assert re.search(rf"^{re.escape(version)}\s+disabled", text, re.M), text
    for version in ("TLSv1.2", "TLSv1.3"):
        assert re.search(rf"^{re.escape(version)}\s+enabled", text, re.M), text
    suites = re.findall(r"^(?:Preferred|Accepted)\s+TLSv1\.\d\s+\d+ bits\s+(\S+)", text, re.M)
    assert len(suites) >= 6
    for suite in suites:
        assert re.match(r"TLS_(AES_\d+_GCM|CHACHA20_POLY1305)|ECDHE-\w+-(AES\d+-GCM|CHACHA20)",
                        suite), suite
    groups = set(re.findall(r"^TLSv1\.3\s+\d+ bits\s+(\S+)", text, re.M))
    assert groups == {"secp256r1", "secp384r1", "x25519"} or groups == {
        "secp256r1 (NIST P-256)", "secp384r1 (NIST P-384)", "x25519"}, groups
    assert "Session renegotiation not supported" in text, text


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_get_an_alert(secure, version):
    program = secure()
    done = run("openssl", "s_client", "-connect", f"127.0.0.1:{program.tls_port}", version,
               "-cipher", "ALL:@SECLEVEL=0")
    assert b"Cipher is (NONE)" in done.stdout
    assert b"alert" in done.stderr, done.stderr
    program.await_counters(tls_failures=1, **{"closed_for_tls-failed": 1})


def test_who_offers_another_protocol_alone_gets_an_alert(secure):
    """RFC 7301 3.2."""
    program = secure()
    context = client_context()
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match="no application protocol|NO_APPLICATION_PROTOCOL"):
        program.secure(context=context)


# ---- ends ---------------------------------------------------------------------------------------


def test_close_notify_goes_both_ways(secure):
    """Python finds a stream that ended without the closing alert (suppress_ragged_eofs)."""
    program = secure("--limit", "idle_ms=200")
    with program.secure() as client:
        assert HELLO in ask(client)
    with program.secure() as client:
        assert HELLO in ask(client, close=False)
        assert read_all(client) == b""  # timeout-idle
    with program.secure() as client:
        assert HELLO in ask(client, close=False)
        client.unwrap()
    program.await_counters(slots_now=0, **{
        "closed_for_peer-closed": 1, "closed_for_timeout-idle": 1, "closed_for_tls-truncated": 0})


@pytest.mark.parametrize("half", [False, True])
def test_a_stream_cut_short_is_told(secure, half):
    """RFC 8446 6.1: FIN without close_notify; also in the middle of a request."""
    program = secure()
    client = program.secure()
    assert HELLO in ask(client, close=False)  # and it has read its tickets: else it would reset
    if half:
        client.sendall(request("/hello.txt")[:-2])
    socket.socket(fileno=client.detach()).close()
    program.await_counters(slots_now=0, **{"closed_for_tls-truncated": 1})


def test_plain_http_gets_a_plain_answer(secure):
    program = secure()
    with socket.create_connection(program.tls_urls[0], timeout=DEADLINE_S) as client:
        client.sendall(request("/hello.txt"))
        answer = read_all(client)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Content-Length: %d\r\n" % len(body) in head + b"\r\n"
    assert b"https://" in body
    program.await_counters(tls_plain=1, slots_now=0, **{"closed_for_tls-plain": 1})


def test_a_late_handshake_ends(secure):
    """Who says nothing, who says half of it, and who stops in the middle."""
    program = secure("--limit", "tls_handshake_ms=300", "--limit", "linger_ms=50")
    silent = socket.create_connection(program.tls_urls[0], timeout=DEADLINE_S)
    begun = socket.create_connection(program.tls_urls[0], timeout=DEADLINE_S)
    begun.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    middle = socket.create_connection(program.tls_urls[0], timeout=DEADLINE_S)
    middle.sendall(hello())
    assert middle.recv(5)[0] == 22
    for client in (silent, begun, middle):
        while client.recv(65536):
            pass
        client.close()
    program.idle()
    assert program.counters()["closed_for_tls-timeout"] == 3


# ---- input that comes in every shape ------------------------------------------------------------


def test_requests_in_one_record_and_over_many(secure):
    """Pipelined ones with content in one record, then one whose records are a byte each."""
    program = secure()
    upload = request("/hello.txt", method="POST", fields=("Content-Length: 5",), body=b"12345")
    with program.secure() as client:
        client.sendall(request("/hello.txt") + upload + upload + request("/hello.txt") + upload +
                       request("/hello.txt", fields=("Connection: close",)))
        answer = read_all(client)
    assert answer.count(b"HTTP/1.1 200 ") == 3 and answer.count(b"HTTP/1.1 405 ") == 3
    with program.secure() as client:
        for byte in request("/hello.txt", fields=("Connection: close",)):
            client.send(bytes([byte]))
        assert HELLO in read_all(client)


def test_full_records_behind_a_head_that_is_held(secure):
    """A head as long as it may be, then content in records of 16 KiB, many in one send."""
    program = secure()
    body = os.urandom(200000)
    padding = ["X-%d: %s" % (i, "x" * 990) for i in range(10)]
    with program.secure() as client:
        client.sendall(request("/hello.txt", method="POST", body=body, fields=(
            *padding, "Content-Length: %d" % len(body), "Connection: close")))
        assert read_all(client).startswith(b"HTTP/1.1 405 ")
    with program.secure() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n" + b"x" * 50000)  # dropped, unread
        assert read_all(client).startswith(b"HTTP/1.1 400 ")


def test_a_record_that_lies_is_fatal(secure):
    program = secure()
    for record in (b"\x17\x03\x03\xff\xff", b"\x17\x03\x03\x00\x20" + b"x" * 32,
                   b"\x99\x03\x03\x00\x01x", b"\x14\x03\x03\x00\x01\x01" * 40):
        client = program.secure()
        assert HELLO in ask(client, close=False)
        raw = socket.socket(fileno=client.detach())
        raw.settimeout(DEADLINE_S)
        raw.sendall(record)
        while raw.recv(65536):
            pass
        raw.close()
    program.await_counters(slots_now=0, **{"closed_for_tls-failed": 4})


# ---- http and https side by side ----------------------------------------------------------------


@pytest.mark.parametrize("host, target, location", [
    ("linnet.test", "/hello.txt", "https://linnet.test:%d/hello.txt"),
    ("linnet.test:8080", "/a%20b?c=d", "https://linnet.test:%d/a%%20b?c=d"),
    ("[::1]:8080", "/", "https://[::1]:%d/"),
    ("[::1]", "//evil.test/..", "https://[::1]:%d//evil.test/.."),
])
def test_redirect_https(secure, host, target, location):
    """RFC 9110 15.4.9, RFC 9110 7.4: the same by https; what comes by it is served."""
    program = secure("--redirect-https", listen=("127.0.0.1:0",))
    answer = program.connect().ask(request(target, host=host))
    assert answer.status == 308
    assert answer.field("Location") == location % program.tls_port
    with program.secure() as client:
        assert HELLO in ask(client)
    assert program.connect().ask(request("/" + "x" * 1600)).status == 414
    bare = program.connect()
    bare.send(b"GET /hello.txt HTTP/1.0\r\n\r\n")
    assert bare.answer().status == 400


def test_hsts(secure):
    """RFC 6797 7.2: over https alone, also with an error."""
    program = secure("--hsts", "31536000", listen=("127.0.0.1:0",))
    for target in ("/hello.txt", "/nowhere"):
        with program.secure() as client:
            assert b"\r\nStrict-Transport-Security: max-age=31536000\r\n" in ask(client, target)
        assert program.connect().ask(request(target)).field("Strict-Transport-Security") is None
