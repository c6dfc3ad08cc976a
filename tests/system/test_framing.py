"""How long a body is: Content-Length, the chunked coding, and every attempt to say it twice."""
import pytest

from client import assert_answered, assert_refused, chunked, request, sized, wait_until
from content import ALPHABET, HELLO
from program import limits

SMUGGLED = request("/alphabet.txt", host="smuggled.test")


def with_fields(*fields, version="HTTP/1.1", body=b""):
    return request("/hello.txt", version=version, fields=fields, body=body)


# ---- Content-Length ------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [
    "+5", "-5", "-0", "5 5", "5,5", "5, 5", "5,", ",5", "0x5", "5.0", "5e0", "", "\"5\"", "5;",
    "five", "5\t5", "\xb2", "1_0", "00x", "0b1", "5 bytes",
])
def test_rfc9112_6_3_malformed_content_length_is_400(server, content):
    """RFC 9112 6.3: Content-Length is digits only; a list is refused, though it may be equal."""
    assert_refused(server, with_fields(f"Content-Length: {content}", body=b"hello"), 400)


@pytest.mark.parametrize("first, second", [("5", "6"), ("6", "5"), ("5", "5"), ("0", "0"),
                                           ("0", "5"), ("5", "05"), ("", "5"), ("5", "")])
def test_rfc9112_6_3_second_content_length_is_400(server, first, second):
    """RFC 9112 6.3: two Content-Length lines are refused, differing or equal."""
    data = with_fields(f"Content-Length: {first}", f"content-length: {second}", body=b"hello")
    assert_refused(server, data, 400)


@pytest.mark.parametrize("content", ["18446744073709551615", "18446744073709551616",
                                     "18446744073709551621", "9223372036854775808",
                                     "4294967301", "99999999999999999999999999999999"])
def test_rfc9112_6_3_huge_content_length_never_wraps(server, content):
    """RFC 9112 6.3: a number beyond any integer is a large number, and no small one."""
    data = with_fields(f"Content-Length: {content}", body=b"hello" + SMUGGLED)
    assert_refused(server, data, 400, 413)


@pytest.mark.parametrize("content", ["0", "00", "000000000000000000000000000000"])
def test_rfc9110_8_6_content_length_of_nought(server, content):
    """RFC 9110 8.6: nought is a length like any other, with leading zeros as well."""
    assert assert_answered(server, with_fields(f"Content-Length: {content}"), 200).body == HELLO


@pytest.mark.parametrize("content", ["5", "05", " 5 ", "\t5\t", "0000000000000000000005"])
def test_rfc9110_8_6_body_of_get_is_read_and_dropped(server, content):
    """RFC 9110 8.6: leading zeros are digits. RFC 9110 9.3.1: a GET's content has no meaning."""
    data = with_fields(f"Content-Length:{content}", body=b"hello")
    assert assert_answered(server, data, 200).body == HELLO


@pytest.mark.parametrize("length", [1, 100, 20000, 100000])
def test_rfc9112_9_3_body_that_looks_like_a_request_is_none(server, length):
    """RFC 9112 9.3: the next request begins behind the body, whatever the body holds."""
    body = (SMUGGLED * (length // len(SMUGGLED) + 1))[:length]
    client = server.connect()
    client.send(sized(body, target="/hello.txt") + request("/empty.txt"))
    assert client.answer().body == HELLO
    assert client.answer().body == b""
    client.send(request("/hello.txt", fields=("Connection: close",)))
    assert client.answer().body == HELLO
    client.end()


# ---- both, and Transfer-Encoding -----------------------------------------------------------------


@pytest.mark.parametrize("fields", [
    ("Content-Length: 5", "Transfer-Encoding: chunked"),
    ("Transfer-Encoding: chunked", "Content-Length: 5"),
    ("Content-Length: 0", "Transfer-Encoding: chunked"),
    ("transfer-encoding: CHUNKED", "content-length: 10"),
    ("Content-Length: 5", "Transfer-Encoding: identity"),
])
def test_rfc9112_6_1_length_beside_coding_is_400(server, fields):
    """RFC 9112 6.1: Content-Length beside Transfer-Encoding is refused, and all behind it."""
    assert_refused(server, with_fields(*fields, body=b"0\r\n\r\n" + SMUGGLED), 400)


def test_rfc9112_6_1_transfer_encoding_in_1_0_is_400(server):
    """RFC 9112 6.1: an HTTP/1.0 message with Transfer-Encoding has faulty framing."""
    for more in ((), ("Connection: keep-alive",)):
        data = with_fields("Transfer-Encoding: chunked", *more, version="HTTP/1.0",
                           body=b"0\r\n\r\n")
        assert_refused(server, data, 400)


@pytest.mark.parametrize("fields", [
    ("Transfer-Encoding: chunked, chunked",),
    ("Transfer-Encoding: chunked,chunked",),
    ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    ("Transfer-Encoding: chunked, gzip",),
    ("Transfer-Encoding: chunked, identity",),
    ("Transfer-Encoding: chunked", "Transfer-Encoding: gzip"),
])
def test_rfc9112_6_1_chunked_twice_or_not_last_is_400(server, fields):
    """RFC 9112 6.1: chunked is applied once, and last."""
    assert_refused(server, with_fields(*fields, body=b"0\r\n\r\n" + SMUGGLED), 400)


@pytest.mark.parametrize("fields", [
    ("Transfer-Encoding: gzip, chunked",),
    ("Transfer-Encoding: gzip", "Transfer-Encoding: chunked"),
    ("Transfer-Encoding: deflate, gzip, chunked",),
    ("Transfer-Encoding: xchunked, chunked",),
])
def test_rfc9112_6_1_unknown_coding_is_501(server, fields):
    """RFC 9112 6.1: a transfer coding that is not understood is 501."""
    assert_refused(server, with_fields(*fields, body=b"0\r\n\r\n" + SMUGGLED), 501)


@pytest.mark.parametrize("content", ["gzip", "identity", "xchunked", "chunkedx", "chunk", "x",
                                     "\"chunked\"", "chunked;q=1", "chunked;a=b", "chunked x", "",
                                     ","])
def test_rfc9112_6_3_coding_that_does_not_end_in_chunked_is_refused(server, content):
    """RFC 9112 6.3: without chunked as the last coding a request's length is unknown."""
    data = with_fields(f"Transfer-Encoding: {content}", body=b"0\r\n\r\n" + SMUGGLED)
    assert_refused(server, data, 400)


@pytest.mark.parametrize("content", ["chunked", "Chunked", "CHUNKED", " chunked ", "\tchunked\t"])
def test_rfc9112_7_coding_names_have_no_case(server, content):
    """RFC 9112 7: transfer coding names are case-insensitive."""
    data = with_fields(f"Transfer-Encoding:{content}", body=b"5\r\nhello\r\n0\r\n\r\n")
    assert assert_answered(server, data, 200).body == HELLO


# ---- the chunked coding --------------------------------------------------------------------------

GOOD_CHUNKS = [
    b"0\r\n\r\n",
    b"000\r\n\r\n",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"0000000005\r\nhello\r\n0\r\n\r\n",
    b"A\r\n0123456789\r\n0\r\n\r\n",
    b"a\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n",
    b"5;a\r\nhello\r\n0\r\n\r\n",
    b"5;a=b;c=\"d e\"\r\nhello\r\n0;last\r\n\r\n",
    b"5 ; a = \"q\\\"q;\"\r\nhello\r\n0\r\n\r\n",
    b"4\r\n\r\n\r\n\r\n0\r\n\r\n",
    b"5\r\nhello\r\n0\r\nTrailer: yes\r\n\r\n",
    b"5\r\nhello\r\n0\r\nA: b\r\nC:\r\nD: \t e\t\r\n\r\n",
    b"5\r\nhello\r\n0\r\nContent-Length: 100\r\nTransfer-Encoding: gzip\r\nHost: a b\r\n\r\n",
    b"5\r\nhello\r\n0\r\nConnection: close\r\n\r\n",
]


@pytest.mark.parametrize("body", GOOD_CHUNKS)
def test_rfc9112_7_1_chunked_body_is_read_and_dropped(server, body):
    """RFC 9112 7.1: sizes, extensions and trailers are read; trailers say nothing about framing."""
    client = server.connect()
    client.send(chunked(body, target="/hello.txt") + request("/alphabet.txt"))
    assert client.answer().body == HELLO
    assert client.answer().body == ALPHABET


def test_rfc9112_7_1_chunked_body_in_segments_of_one_byte(server):
    """RFC 9112 7.1: the coding is decoded as it arrives: S0-4."""
    client = server.connect()
    body = b"5;a=\"b\"\r\nhello\r\n0A\r\n0123456789\r\n0\r\nTrailer: yes\r\n\r\n"
    client.send_apart(chunked(b"", target="/hello.txt"))
    for index in range(len(body)):
        client.send_apart(body[index:index + 1])
    assert client.answer().body == HELLO
    assert client.get("/alphabet.txt").body == ALPHABET


BAD_CHUNKS = [
    b"g\r\n", b"\r\n", b"-1\r\n", b"+5\r\nhello\r\n", b"0x5\r\nhello\r\n", b" 5\r\nhello\r\n",
    b"5 \r\nhello\r\n", b"5\thello\r\n", b"5h\r\nhello\r\n", b"5.\r\nhello\r\n",
    b"5,5\r\nhello\r\n", b"5\nhello\r\n0\r\n\r\n", b"5\rhello\r\n",
    b"5\r\nhello\n0\r\n\r\n", b"5\r\nhelloX\r\n0\r\n\r\n",
    b"5\r\nhell\r\n0\r\n\r\n", b"5\r\nhello0\r\n\r\n", b"5\r\nhello\r0\r\n\r\n",
    b"5;\r\nhello\r\n", b"5;=b\r\nhello\r\n", b"5;a=\r\nhello\r\n", b"5;a=\"b\r\nhello\r\n",
    b"5;a b\r\nhello\r\n", b"5;a\nhello\r\n", b"5;a\rb\r\nhello\r\n", b"5;a=\x00\r\nhello\r\n",
    b"5;a=\"\x01\"\r\nhello\r\n", b"5;\x7f\r\nhello\r\n",
    b"0\r\nTrailer : yes\r\n\r\n", b"0\r\nno colon\r\n\r\n", b"0\r\nA: b\r\n folded\r\n\r\n",
    b"0\r\nA: \x00\r\n\r\n", b"0\r\n: b\r\n\r\n", b"0\r\nA: b\n\r\n", b"0\r\n\n", b"0\n\r\n",
    b"0\r\n\rX", b"5\r\nhello\r\n0\r\n A: b\r\n\r\n",
]


@pytest.mark.parametrize("body", BAD_CHUNKS)
def test_rfc9112_7_1_malformed_chunk_is_400(server, body):
    """RFC 9112 7.1: what the grammar does not know is refused, and nothing behind it is read."""
    assert_refused(server, chunked(body + SMUGGLED, target="/hello.txt"), 400)


@pytest.mark.parametrize("size", [b"10000000000000000", b"10000000000000005", b"FFFFFFFFFFFFFFFF",
                                  b"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", b"8000000000000000",
                                  b"100000005"])
def test_rfc9112_7_1_huge_chunk_size_never_wraps(start, size):
    """RFC 9112 7.1: a chunk size beyond any integer is no small number: nothing ends behind it."""
    program = start(*limits(body_len_max=100))
    body = size + b"\r\nhello\r\n0\r\n\r\n" + SMUGGLED * 3
    assert_refused(program, chunked(body, target="/hello.txt"), 400, 413)


# ---- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("length, status", [(0, 200), (99, 200), (100, 200), (101, 413)])
def test_rfc9110_15_5_14_content_length_at_its_limit(start, length, status):
    """RFC 9110 15.5.14: content over body_len_max is refused before any of it has come."""
    program = start(*limits(body_len_max=100))
    if status == 200:
        assert_answered(program, sized(b"x" * length, target="/hello.txt"), 200)
    else:
        assert_refused(program, with_fields(f"Content-Length: {length}"), 413)


@pytest.mark.parametrize("sizes, status", [((100,), 200), ((50, 50), 200), ((1,) * 100, 200),
                                           ((101,), 413), ((50, 51), 413), ((100, 1), 413)])
def test_rfc9110_15_5_14_chunked_content_at_its_limit(start, sizes, status):
    """RFC 9110 15.5.14: the sum of the chunks counts; it is refused though the end never comes."""
    program = start(*limits(body_len_max=100))
    body = b"".join(b"%x\r\n%s\r\n" % (size, b"x" * size) for size in sizes)
    if status == 200:
        assert_answered(program, chunked(body + b"0\r\n\r\n", target="/hello.txt"), 200)
    else:
        assert_refused(program, chunked(body, target="/hello.txt"), 413)


def test_rfc9110_15_5_14_no_content_at_all(start):
    """RFC 9110 15.5.14: body_len_max=0 takes requests without content only."""
    program = start(*limits(body_len_max=0))
    assert_answered(program, sized(b"", target="/hello.txt"), 200)
    assert_answered(program, chunked(b"0\r\n\r\n", target="/hello.txt"), 200)
    assert_refused(program, sized(b"x", target="/hello.txt"), 413)
    assert_refused(program, chunked(b"1\r\nx\r\n0\r\n\r\n", target="/hello.txt"), 413)


def test_rfc9110_15_5_14_body_of_its_full_length(server):
    """RFC 9110 15.5.14: a body of body_len_max, 1 MiB, is taken to its last byte."""
    assert_answered(server, sized(b"x" * 1048576, target="/hello.txt"), 200)
    assert_refused(server, with_fields("Content-Length: 1048577"), 413)


@pytest.mark.parametrize("length, status", [(63, 200), (64, 200), (200, 413)])
def test_rfc9112_7_1_1_chunk_extensions_over_their_limit_are_413(start, length, status):
    """RFC 9112 7.1.1: the extensions of a body are bounded together."""
    program = start(*limits(chunk_extension_len_max=64))
    half = (length - length // 2, length // 2)
    body = b"".join(b"1;%s\r\nx\r\n" % (b"e" * (each - 1)) for each in half) + b"0\r\n\r\n"
    data = chunked(body, target="/hello.txt")
    (assert_answered if status == 200 else assert_refused)(program, data, status)


def test_rfc9112_7_1_1_endless_chunk_extension_is_413_at_once(server):
    """RFC 9112 7.1.1: an extension over its limit is refused before its end has come."""
    assert_refused(server, chunked(b"5;" + b"e" * 2000, target="/hello.txt"), 413)


@pytest.mark.parametrize("length, status", [(60, 200), (64, 200), (200, 413)])
def test_rfc9112_7_1_2_trailer_section_over_its_limit_is_413(start, length, status):
    """RFC 9112 7.1.2: trailers are dropped, but not without end."""
    program = start(*limits(trailer_len_max=64))
    line = b"A: " + b"b" * (length - 7) + b"\r\n\r\n"
    data = chunked(b"0\r\n" + line, target="/hello.txt")
    (assert_answered if status == 200 else assert_refused)(program, data, status)


def test_rfc9112_7_1_2_endless_trailer_section_is_413_at_once(server):
    """RFC 9112 7.1.2: trailers over their limit are refused before their end has come."""
    assert_refused(server, chunked(b"0\r\n" + b"A: b\r\n" * 800, target="/hello.txt"), 413)


# ---- refused content -----------------------------------------------------------------------------


@pytest.mark.parametrize("data", [sized(b"x" * 10, method="POST", target="/hello.txt"),
                                  chunked(b"5\r\nhello\r\n0\r\n\r\n", method="PUT",
                                          target="/hello.txt")])
def test_rfc9112_9_3_body_of_a_405_is_never_a_request(server, data):
    """RFC 9112 9.3: behind an answer that came before the body, read the body whole or close."""
    client = server.connect()
    client.send(data + request("/alphabet.txt"))
    answer = client.answer()
    assert answer.status == 405
    if answer.closes:
        client.end()
    else:
        assert client.answer().body == ALPHABET


def test_rfc9112_9_6_refused_client_that_sends_on_reads_its_answer(server):
    """RFC 9112 9.6: the server reads on a while behind its answer, so that no RST destroys it."""
    client = server.connect()
    client.send(request("/hello.txt", fields=("Content-Length: 10000000",)))
    for _ in range(20):
        client.send(b"x" * 10000)
    wait_until(lambda: client.unread_len() == 0, "the server reads and drops what comes")
    answer = client.answer()
    assert answer.status == 413 and answer.closes
    client.end()


def test_rfc9112_9_6_refused_head_that_goes_on_is_answered(server):
    """RFC 9112 9.6: the same for a head: 100,000 bytes come behind the one that is refused."""
    client = server.connect()
    client.send(b"GET / HTTP/1.1\r\nX : y\r\n" + b"Y: z\r\n" * 16000)
    answer = client.answer()
    assert answer.status == 400 and answer.closes
    client.end()
