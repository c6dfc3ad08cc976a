"""Expect: 100-continue: when the interim answer comes, and when it must not."""
import pytest

from client import assert_answered, assert_refused, chunked, request, sized
from content import ALPHABET, HELLO
from program import limits

EXPECT = "Expect: 100-continue"


def test_rfc9110_10_1_1_continue_comes_before_the_body(server):
    """RFC 9110 10.1.1: an accepted request gets 100 while its content is awaited."""
    client = server.connect()
    for _ in range(3):
        interim = client.ask(request("/hello.txt", fields=(EXPECT, "Content-Length: 5")))
        assert interim.status == 100 and not interim.fields
        client.send(b"hello")
        assert client.answer().body == HELLO


def test_rfc9110_10_1_1_continue_before_a_chunked_body(server):
    """RFC 9110 10.1.1: the same for content of unknown length."""
    client = server.connect()
    assert client.ask(chunked(b"", EXPECT, target="/hello.txt")).status == 100
    client.send(b"5\r\nhello\r\n0\r\n\r\n")
    assert client.answer().body == HELLO
    assert client.get("/alphabet.txt").body == ALPHABET


@pytest.mark.parametrize("expectation", ["100-Continue", "100-CONTINUE", " 100-continue "])
def test_rfc9110_10_1_1_expectations_have_no_case(server, expectation):
    """RFC 9110 10.1.1: the expectation is compared in any case."""
    client = server.connect()
    fields = (f"Expect:{expectation}", "Content-Length: 5")
    assert client.ask(request("/hello.txt", fields=fields)).status == 100
    client.send(b"hello")
    assert client.answer().body == HELLO


def test_rfc9110_10_1_1_no_continue_when_the_body_has_come(server):
    """RFC 9110 10.1.1: 100 may be left out when the content is there already; Linnet leaves it."""
    data = sized(b"hello", EXPECT, target="/hello.txt")
    assert assert_answered(server, data, 200).body == HELLO
    data = chunked(b"5\r\nhello\r\n0\r\n\r\n", EXPECT, target="/hello.txt")
    assert assert_answered(server, data, 200).body == HELLO


def test_rfc9110_10_1_1_no_continue_without_content(server):
    """RFC 9110 10.1.1: without content there is nothing to continue."""
    assert assert_answered(server, request("/hello.txt", fields=(EXPECT,)), 200).body == HELLO
    data = request("/hello.txt", fields=(EXPECT, "Content-Length: 0"))
    assert assert_answered(server, data, 200).body == HELLO


def test_rfc9110_10_1_1_expect_is_ignored_in_1_0(server):
    """RFC 9110 10.1.1: an HTTP/1.0 client never gets 100."""
    client = server.connect()
    client.send_apart(request("/hello.txt", version="HTTP/1.0",
                              fields=(EXPECT, "Content-Length: 5")))
    client.send(b"hello")
    assert client.answer(version="1.0").body == HELLO
    client.end()


def test_rfc9110_10_1_1_unknown_expectation_is_ignored_in_1_0(server):
    """RFC 9110 10.1.1: Expect means nothing in HTTP/1.0."""
    client = server.connect()
    data = request("/hello.txt", version="HTTP/1.0", fields=("Expect: something",))
    assert client.ask(data, version="1.0").body == HELLO
    client.end()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_rfc9110_10_1_1_refused_method_gets_its_answer_at_once(server, method):
    """RFC 9110 10.1.1: a request that is refused by its head gets the final status and no 100."""
    client = server.connect()
    fields = (EXPECT, "Content-Length: 1000")
    answer = client.ask(request("/hello.txt", method=method, fields=fields))
    assert answer.status == 405
    if not answer.closes:
        client.send(b"x" * 1000)
        assert client.get("/alphabet.txt").body == ALPHABET


@pytest.mark.parametrize("fields, status", [
    ((EXPECT, "Content-Length: 101"), 413),
    ((EXPECT, "Content-Length: 5", "Content-Length: 6"), 400),
    ((EXPECT, "Transfer-Encoding: gzip, chunked"), 501),
    ((EXPECT, "Content-Length: 5", "X : y"), 400),
])
def test_rfc9110_10_1_1_no_continue_before_a_refusal(start, fields, status):
    """RFC 9110 10.1.1: who is refused is not asked for the content first."""
    program = start(*limits(body_len_max=100))
    assert_refused(program, request("/hello.txt", fields=fields), status)


@pytest.mark.parametrize("expectation", ["200-ok", "100-continue, something", "something=else",
                                         "100-continue=1", "100", "continue", "100-continuee"])
@pytest.mark.parametrize("more", [(), ("Content-Length: 5",)])
def test_rfc9110_15_5_18_other_expectation_is_417(server, expectation, more):
    """RFC 9110 15.5.18: an expectation that cannot be met."""
    assert_refused(server, request("/hello.txt", fields=(f"Expect: {expectation}",) + more), 417)
