"""The request line: method, target, version, and what is no request line at all."""
import random
import ssl

import pytest

from client import assert_answered, assert_refused, request
from content import HELLO, PAGE
from program import limits

HOST = b"Host: linnet.test\r\n\r\n"


def line(text):
    """A request with that request line, given without its CRLF."""
    return (text if isinstance(text, bytes) else text.encode("latin-1")) + b"\r\n" + HOST


# ---- the line ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [
    "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
    "GET\t/\tHTTP/1.1", "GET / HTTP/1.1 extra", "GET /a b HTTP/1.1", "GET", "GET ", "/ HTTP/1.1",
    "GET HTTP/1.1", "HTTP/1.1 200 OK", "GET\x0b/ HTTP/1.1", "GET\xa0/ HTTP/1.1",
])
def test_rfc9112_3_malformed_request_line_is_400(server, text):
    """RFC 9112 3: method, one space, target, one space, version, and nothing else."""
    assert_refused(server, line(text), 400)


@pytest.mark.parametrize("method", ["G@T", "G(T", "GET:", "G\x00T", "G\xc9T", "\"GET\"", "G,T", ""])
def test_rfc9112_3_1_method_that_is_no_token_is_400(server, method):
    """RFC 9112 3.1: the method is a token."""
    assert_refused(server, line(f"{method} / HTTP/1.1"), 400)


@pytest.mark.parametrize("method", ["get", "Get", "BREW", "PROPFIND", "GETT", "GE", "M-SEARCH"])
def test_rfc9110_9_1_unknown_method_is_501(server, method):
    """RFC 9110 9.1: methods are case-sensitive. RFC 9110 15.6.2: an unknown one is 501."""
    answer = assert_answered(server, line(f"{method} / HTTP/1.1"), 501)
    assert answer.body and answer.field("Content-Type") == "text/html; charset=utf-8"


@pytest.mark.parametrize("version", [
    "HTTP/1.1x", "HTTP/1.", "HTTP/1", "HTTP/.1", "HTTP/", "HTTP", "http/1.1", "Http/1.1",
    "HTTP/01.1", "HTTP/1.10", "HTTP/11", "HTTPS/1.1", "HTTP/1,1", "HTTP/a.1", "HTTP/-1.1",
    "HTTP /1.1", "HTTP/1 .1", "ICY/1.1", "XHTTP/1.1",
])
def test_rfc9112_2_3_malformed_version_is_400(server, version):
    """RFC 9112 2.3: HTTP-version is "HTTP/", a digit, a dot, a digit, in this case."""
    assert_refused(server, line(f"GET / {version}"), 400)


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/3.0", "HTTP/9.9"])
def test_rfc9110_15_6_6_other_major_version_is_505(server, version):
    """RFC 9110 15.6.6: a major version that is not spoken."""
    assert_refused(server, line(f"GET / {version}"), 505)


def test_rfc9112_2_3_preface_of_http2_is_refused(server):
    """RFC 9112 2.3: PRI with HTTP/2.0 is no request of HTTP/1.1; its body is no second one."""
    assert_refused(server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 501, 505)


def test_rfc9110_2_5_higher_minor_version_is_served_as_1_1(server):
    """RFC 9110 2.5: a minor version above ours is read as the highest that we know."""
    answer = assert_answered(server, line("GET /hello.txt HTTP/1.2"), 200)
    assert answer.body == HELLO


@pytest.mark.parametrize("text", ["GET /\r\n", "GET /hello.txt\r\n", "GET /\r\n\r\n"])
def test_rfc9112_2_3_line_of_http_0_9_is_400(server, text):
    """RFC 9112 2.3: a line without a version is refused at its end, without waiting for more."""
    assert_refused(server, text.encode("ascii"), 400)


# ---- line ends and empty lines -------------------------------------------------------------------


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\nHost: linnet.test\n\n",
    b"GET / HTTP/1.1\nHost: linnet.test\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: linnet.test\n\r\n",
    b"GET / HTTP/1.1\r\nHost: linnet.test\r\n\n",
    b"\nGET / HTTP/1.1\r\nHost: linnet.test\r\n\r\n",
])
def test_rfc9112_2_2_bare_lf_is_400(server, data):
    """RFC 9112 2.2: lines end in CRLF; a LF alone is let through by name only."""
    assert_refused(server, data, 400)


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\rHost: linnet.test\r\r",
    b"GET /\r HTTP/1.1\r\n" + HOST,
    b"GET / HTTP/1.1\r\r\n" + HOST,
    b"\rGET / HTTP/1.1\r\n" + HOST,
    b"GET / HTTP/1.1\r\nHost: linnet.test\r\n\rX",
])
def test_rfc9112_2_2_bare_cr_is_400(server, data):
    """RFC 9112 2.2: a CR that no LF follows is refused."""
    assert_refused(server, data, 400)


def test_rfc9112_2_2_bare_lf_by_leniency(start):
    """RFC 9112 2.2: with --lenient bare-lf a line may end in LF alone, and nothing else changes."""
    program = start("--lenient", "bare-lf")
    client = program.connect()
    assert client.ask(b"GET /hello.txt HTTP/1.1\nHost: linnet.test\n\n").body == HELLO
    assert client.get("/hello.txt").body == HELLO
    assert_refused(program, b"GET / HTTP/1.1\rHost: linnet.test\r\r", 400)


def test_rfc9112_2_2_one_empty_line_before_the_request_is_ignored(server):
    """RFC 9112 2.2: at least one empty line before the request line is passed over."""
    client = server.connect()
    for _ in range(3):
        assert client.ask(b"\r\n" + request("/hello.txt")).body == HELLO


def test_rfc9112_2_2_too_many_empty_lines_are_400(server):
    """RFC 9112 2.2: empty_lines_max is 1: the second one is refused."""
    assert_refused(server, b"\r\n\r\n" + request("/hello.txt"), 400)
    assert_refused(server, b"\r\n\r\n", 400)


def test_rfc9112_2_2_empty_lines_at_their_limit(start):
    """RFC 9112 2.2: empty_lines_max holds exactly."""
    program = start(*limits(empty_lines_max=4))
    assert_answered(program, b"\r\n" * 3 + request("/hello.txt"), 200)
    assert_answered(program, b"\r\n" * 4 + request("/hello.txt"), 200)
    assert_refused(program, b"\r\n" * 5 + request("/hello.txt"), 400)


@pytest.mark.parametrize("blank", [" ", "\t", " \t ", " X: y"])
def test_rfc9112_2_2_white_space_behind_the_request_line_is_400(server, blank):
    """RFC 9112 2.2: white space between the request line and the first field is refused."""
    data = f"GET / HTTP/1.1\r\n{blank}\r\nHost: linnet.test\r\n\r\n"
    assert_refused(server, data.encode("ascii"), 400)


def client_hello():
    """What a TLS client says first."""
    outgoing = ssl.MemoryBIO()
    context = ssl.create_default_context()
    tls = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="linnet.test")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def test_rfc9112_2_2_tls_client_hello_is_400(server):
    """RFC 9112 2.2: what is no HTTP is refused; a TLS client is told so at its first bytes."""
    hello = client_hello()
    assert hello[0] == 0x16
    assert_refused(server, hello, 400)


def test_rfc9112_2_2_bytes_of_chance_are_400(server):
    """RFC 9112 2.2: no bytes bring the program down; what begins with no token is 400."""
    dice = random.Random(2)
    for _ in range(50):
        first = bytes([dice.choice(b"\x00\x01\x7f\x80\xff(@/[]{}")])
        assert_refused(server, first + dice.randbytes(dice.randrange(1, 300)) + b"\r\n\r\n", 400)


# ---- length --------------------------------------------------------------------------------------


def line_of(length):
    """A request line of that length, padded in its query."""
    bare = "GET /hello.txt? HTTP/1.1"
    return f"GET /hello.txt?{'q' * (length - len(bare))} HTTP/1.1"


@pytest.mark.parametrize("length, status", [(8191, 200), (8192, 200), (8193, 414)])
def test_rfc9112_3_request_line_at_its_limit(server, length, status):
    """RFC 9112 3: lines of 8000 bytes are to be taken; one over request_line_len_max is 414."""
    data = line(line_of(length))
    if status == 200:
        assert_answered(server, data, 200)
    else:
        assert_refused(server, data, 414)


@pytest.mark.parametrize("length, status", [(255, 200), (256, 200), (257, 414)])
def test_rfc9110_15_5_15_own_limit_of_the_request_line(start, length, status):
    """RFC 9110 15.5.15: request_line_len_max counts the line without its CRLF."""
    program = start(*limits(request_line_len_max=256, path_len_max=128))
    (assert_answered if status == 200 else assert_refused)(program, line(line_of(length)), status)


def test_rfc9110_15_5_15_endless_request_line_is_414_at_once(server):
    """RFC 9110 15.5.15: a line over its limit is refused before its end has come."""
    assert_refused(server, b"GET /" + b"a" * 8200, 414)


@pytest.mark.parametrize("length, status", [(127, 404), (128, 404), (129, 414)])
@pytest.mark.parametrize("form", ["{}", "{}?query", "http://linnet.test{}", "/%61{}"])
def test_rfc9110_15_5_15_path_at_its_limit(start, form, length, status):
    """RFC 9110 15.5.15: path_len_max counts the path after decoding, without the query."""
    program = start(*limits(path_len_max=128))
    decoded = length - 2 if "%" in form else length
    target = form.format("/" + "a" * (decoded - 1))
    (assert_answered if status == 404 else assert_refused)(program, request(target), status)


# ---- the target ----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [
    "hello.txt", "?query", "#", "/#", "/hello.txt#fragment", "/hello.txt?a#b", "\\", "/\\",
    "/%", "/%4", "/%zz", "/%4g", "/hello%", "/%%41", "/%00", "/hello.txt%00", "/%u0041",
    "/\x7f", "/\x01", "/a\x00b", "/gr\xfc\xdfe.txt", "/<", "/>", "/\"", "/[", "/]", "/^", "/`",
    "/{", "/|", "/}", "http:/hello.txt", "://linnet.test/", "linnet.test/hello.txt",
    "/?a=\x7f", "/?a=\xff", "/?<", "/?\"",
])
def test_rfc9112_3_2_invalid_target_is_400(server, target):
    """RFC 9112 3.2: a target that is none of the four forms; RFC 9110 4.1: or has no such path."""
    assert_refused(server, request(target), 400)


@pytest.mark.parametrize("target", [
    "/..", "/../", "/../outside.txt", "/sub/../../outside.txt", "/%2e%2e/outside.txt",
    "/%2E%2E/outside.txt", "/.%2e/outside.txt", "/..%2foutside.txt", "/%2e%2e%2foutside.txt",
    "/sub/..%2f..%2foutside.txt", "/./../outside.txt", "/sub/../..", "/../../../../etc/passwd",
    "http://linnet.test/../outside.txt",
])
def test_rfc3986_5_2_4_climbing_above_the_root_is_400(server, target):
    """RFC 3986 5.2.4: dot segments are resolved behind the decoding; over the root is refused."""
    assert_refused(server, request(target), 400)


@pytest.mark.parametrize("target", [
    "/%252e%252e/outside.txt", "/.../outside.txt", "/...%2foutside.txt", "/%252e%252e%252fx",
    "/%5c..%5coutside.txt", "/..%5coutside.txt", "/..;/outside.txt", "/hello.txt%2500",
    "/%c0%ae%c0%ae/outside.txt", "/sub/%c0%ae%c0%ae%c0%af/hello.txt",
])
def test_rfc3986_2_4_nothing_is_decoded_twice(server, target):
    """RFC 3986 2.4: decoded once, and only "." and ".." are dot segments: these are mere names."""
    assert_answered(server, request(target), 404)


@pytest.mark.parametrize("target", [
    "/./hello.txt", "/sub/../hello.txt", "/%2e/hello.txt", "/sub/%2e%2e/hello.txt",
    "/hello%2etxt", "/%68%65%6C%6c%6f.txt", "/sub/deep/../../hello.txt", "/nothing/../hello.txt",
    "/sub%2f..%2fhello.txt", "/hello.txt?", "/hello.txt?/../../x", "/hello.txt?a=b&c=%2e%2e",
])
def test_rfc3986_5_2_4_dot_segments_below_the_root(server, target):
    """RFC 3986 5.2.4: dot segments that stay below the root; RFC 3986 2.3: bytes as themselves."""
    assert assert_answered(server, request(target), 200).body == HELLO


@pytest.mark.parametrize("target", ["/.", "/sub/..", "/sub/../", "/%2e", "/?", "/?query"])
def test_rfc3986_5_2_4_dot_segments_that_end_at_the_root(server, target):
    """RFC 3986 5.2.4: a last dot segment leaves the slash before it."""
    assert assert_answered(server, request(target), 200).body == PAGE


@pytest.mark.parametrize("raw", list("\"<>[]\\^`{|}"))
def test_rfc3986_2_raw_target_by_leniency(start, raw):
    """RFC 3986 2: with --lenient raw-target these bytes may stand for themselves; "#" may not."""
    program = start("--lenient", "raw-target")
    assert_answered(program, request("/hello.txt?" + raw), 200)
    assert_answered(program, request("/" + raw), 404)
    assert_refused(program, request("/hello.txt#" + raw), 400)


# ---- its forms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [
    "http://linnet.test/hello.txt", "HTTP://linnet.test/hello.txt", "http://other.test/hello.txt",
    "http://linnet.test:80/hello.txt", "http://127.0.0.1:8080/hello.txt?query",
    "http://[::1]/hello.txt", "http://linnet.test:/hello.txt", "http://linnet.test/sub/../hello.txt",
])
def test_rfc9112_3_2_2_absolute_form_is_served(server, target):
    """RFC 9112 3.2.2: every server takes the absolute-form; its host goes before Host."""
    assert assert_answered(server, request(target), 200).body == HELLO


@pytest.mark.parametrize("target", ["http://linnet.test", "http://linnet.test?query"])
def test_rfc9112_3_2_2_absolute_form_without_a_path(server, target):
    """RFC 9112 3.2.2: an empty path is the root."""
    assert assert_answered(server, request(target), 200).body == PAGE


@pytest.mark.parametrize("target", ["https://linnet.test/", "https://linnet.test", "HTTPS://linnet.test/hello.txt",
                                    "ftp://linnet.test/hello.txt", "coap://linnet.test/"])
def test_rfc9110_15_5_20_other_scheme_is_421(server, target):
    """RFC 9110 15.5.20: a plain listener answers for http alone. RFC 9110 7.4: no other scheme."""
    answer = assert_answered(server, request(target), 421)
    assert answer.body and answer.field("Content-Type") == "text/html; charset=utf-8"


@pytest.mark.parametrize("target", [
    "http:///hello.txt", "http://", "http://:80/", "http://user@linnet.test/",
    "http://user:word@linnet.test/", "http://linnet test/", "http://linnet.test:99999/",
    "http://linnet.test:port/", "http://[::1/", "http://linnet.test:80:80/", "http://a%zz/",
])
def test_rfc9110_4_2_1_absolute_form_with_an_invalid_authority_is_400(server, target):
    """RFC 9110 4.2.1: an empty host is invalid. RFC 9110 4.2.4: so is userinfo."""
    assert_refused(server, request(target), 400)


def test_rfc9112_3_2_absolute_form_needs_host_too(server):
    """RFC 9112 3.2: Host is sent in every HTTP/1.1 request, whatever its target."""
    assert_refused(server, request("http://linnet.test/hello.txt", host=None), 400)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_rfc9112_3_2_3_authority_form_without_connect_is_400(server, method):
    """RFC 9112 3.2.3: the authority-form is for CONNECT alone."""
    assert_refused(server, request("linnet.test:80", method=method), 400, method=method)


def test_rfc9110_9_3_6_connect_is_501_and_closes(server):
    """RFC 9110 9.3.6: no tunnel is made: what follows is no request."""
    tunnelled = b"GET /hello.txt HTTP/1.1\r\nHost: linnet.test\r\n\r\n"
    assert_refused(server, request("linnet.test:80", method="CONNECT") + tunnelled, 501)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_rfc9112_3_2_4_asterisk_form_without_options_is_400(server, method):
    """RFC 9112 3.2.4: the asterisk-form is for OPTIONS alone."""
    assert_refused(server, request("*", method=method), 400, method=method)


@pytest.mark.parametrize("target", ["*", "http://linnet.test"])
def test_rfc9112_3_2_4_options_of_the_server_is_204(server, target):
    """RFC 9112 3.2.4: the asterisk, also as an absolute-form without path and query."""
    answer = assert_answered(server, request(target, method="OPTIONS"), 204, method="OPTIONS")
    assert answer.body == b""
