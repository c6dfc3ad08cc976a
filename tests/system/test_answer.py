"""Can the strict reader of answers fail? What a server must not send, one fault at a time."""
import time

import pytest

from answer import Answer, parse_date, read_answer, write_date
from client import Client

NOW_S = time.time()
NOW = write_date(NOW_S)
HEAD = f"HTTP/1.1 200 OK\r\nDate: {NOW}\r\n"


class Stream(Client):
    """Bytes in memory in place of a socket."""

    def __init__(self, data):  # pylint: disable=super-init-not-called
        self.received = bytearray(data)
        self.ended = True
        self.asked_s, self.has_asked = NOW_S, True


def read(text, **more):
    return read_answer(Stream(text.encode("latin-1")), **more)


@pytest.mark.parametrize("text, body", [
    (HEAD + "Content-Length: 3\r\n\r\nabc", b"abc"),
    (HEAD + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", b"abc"),
    (HEAD + "Connection: close\r\n\r\nabc", b"abc"),
    (HEAD + "X-Empty:\r\nContent-Length:0\r\n\r\n", b""),
    (f"HTTP/1.1 204 No Content\r\nDate: {NOW}\r\n\r\n", b""),
    (f"HTTP/1.1 304 Not Modified\r\nDate: {NOW}\r\nContent-Length: 5\r\n\r\n", b""),
    ("HTTP/1.1 100 Continue\r\n\r\n", b""),
])
def test_reader_takes_well_formed_answers(text, body):
    assert read(text).body == body


@pytest.mark.parametrize("text", [
    HEAD.replace("HTTP/1.1", "HTTP/1.0") + "Content-Length: 0\r\n\r\n",
    HEAD.replace("1.1 200", "1.1  200") + "Content-Length: 0\r\n\r\n",
    HEAD.replace(" OK", "") + "Content-Length: 0\r\n\r\n",
    HEAD.replace("\r\n", "\n", 1) + "Content-Length: 0\r\n\r\n",
    HEAD + "Content-Length : 0\r\n\r\n",
    HEAD + "Content-Length: 0\r\n folded\r\n\r\n",
    HEAD + "Content-Length: 00\r\n\r\n",
    HEAD + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    HEAD + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
    HEAD + "Content-Length: 4\r\n\r\nabc",
    HEAD + "X: a\0b\r\nContent-Length: 0\r\n\r\n",
    HEAD + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
    HEAD + "Transfer-Encoding: chunked\r\n\r\n2 \r\nab\r\n0\r\n\r\n",
    HEAD + "ETag: abc\r\nContent-Length: 0\r\n\r\n",
    HEAD + "Last-Modified: Fri, 01 Jan 2100 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    f"HTTP/1.1 204 No Content\r\nDate: {NOW}\r\nContent-Length: 0\r\n\r\n",
    f"HTTP/1.1 405 Method Not Allowed\r\nDate: {NOW}\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
])
def test_reader_refuses_malformed_answers(text):
    with pytest.raises(AssertionError):
        read(text)


def test_reader_leaves_no_body_to_head():
    stream = Stream((HEAD + "Content-Length: 3\r\n\r\n").encode("ascii"))
    assert read_answer(stream, "HEAD").body == b""
    assert not stream.received


def test_reader_refuses_chunked_for_1_0():
    with pytest.raises(AssertionError):
        read(HEAD + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", version="1.0")


def test_fields_are_found_in_any_case():
    answer = Answer(200, "OK", [("connection", "Keep-Alive, Close"), ("ETAG", '"a"')])
    assert answer.closes and answer.field("etag") == '"a"'


@pytest.mark.parametrize("text", [
    "Thu, 29 Feb 2024 12:34:56 UTC", "Fri, 29 Feb 2024 12:34:56 GMT",
    "Thu, 30 Feb 2024 12:34:56 GMT", "Thu, 29 Feb 24 12:34:56 GMT",
    "Thursday, 29-Feb-24 12:34:56 GMT", "Thu Feb 29 12:34:56 2024",
])
def test_rfc9110_5_6_7_dates_are_read_strictly(text):
    """RFC 9110 5.6.7: only IMF-fixdate may be sent, with the right day."""
    with pytest.raises(AssertionError):
        parse_date(text)
    assert parse_date("Thu, 29 Feb 2024 12:34:56 GMT") == 1709210096
