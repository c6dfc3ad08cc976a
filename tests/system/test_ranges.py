"""Ranges: one is served exactly, several or unknown ones are ignored, none outside is false."""
import time

import pytest

from content import ALPHABET, MODIFIED, big_content, write_file

LAST = len(ALPHABET) - 1


def ask(server, *fields, target="/alphabet.txt", method="GET"):
    """The answer; the connection goes on behind it."""
    client = server.connect()
    answer = client.get(target, *fields, method=method)
    assert client.get("/empty.txt").status == 200
    return answer


def assert_part(answer, first, last, data=ALPHABET):
    """A 206 that holds exactly these bytes and says so."""
    assert answer.status == 206, answer
    assert answer.field("Content-Range") == f"bytes {first}-{last}/{len(data)}"
    assert answer.body == data[first:last + 1]
    assert answer.field("ETag") is not None


@pytest.mark.parametrize("content, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=0-4", 0, 4), ("bytes=5-9", 5, 9), ("bytes=25-25", 25, 25),
    ("bytes=5-", 5, LAST), ("bytes=0-", 0, LAST), ("bytes=25-", 25, 25), ("bytes=-1", LAST, LAST),
    ("bytes=-5", LAST - 4, LAST), ("bytes=-26", 0, LAST), ("bytes=-27", 0, LAST),
    ("bytes=0-25", 0, LAST), ("bytes=0-26", 0, LAST), ("bytes=20-999999", 20, LAST),
    ("bytes=-999999", 0, LAST), ("bytes=0-99999999999999999999999", 0, LAST),
    ("bytes=-99999999999999999999999", 0, LAST), ("bytes=00005-0009", 5, 9), ("BYTES=0-4", 0, 4),
    ("Bytes=0-4", 0, 4), ("bytes=0-18446744073709551615", 0, LAST),
    ("bytes=0-18446744073709551616", 0, LAST),
])
def test_rfc9110_14_1_2_one_range_is_206(server, content, first, last):
    """RFC 9110 14.1.2: first and last position, both inclusive, cut at the end; or a suffix."""
    assert_part(ask(server, f"Range: {content}"), first, last)


@pytest.mark.parametrize("content", ["bytes=26-", "bytes=26-26", "bytes=26-99", "bytes=999999-",
                                     "bytes=-0", "bytes=18446744073709551616-",
                                     "bytes=18446744073709551615-18446744073709551616",
                                     "bytes=99999999999999999999999-"])
def test_rfc9110_15_5_17_unsatisfiable_range_is_416(server, content):
    """RFC 9110 15.5.17: a range behind the end; Content-Range says how long the whole is."""
    answer = ask(server, f"Range: {content}")
    assert answer.status == 416
    assert answer.field("Content-Range") == f"bytes */{len(ALPHABET)}"


@pytest.mark.parametrize("content", [
    "bytes=0-1,3-4", "bytes=0-1, 3-4", "bytes=0-,-1", "bytes=0-1,26-", "bytes=0-0,1-1,2-2",
    "bytes=0-1,0-1,0-1,0-1", "bytes=" + ",".join(["0-"] * 200),
])
def test_rfc9110_14_2_several_ranges_are_answered_whole(server, content):
    """RFC 9110 14.2: a server may ignore Range; several ranges are not multiplied."""
    answer = ask(server, f"Range: {content}")
    assert answer.status == 200 and answer.body == ALPHABET
    assert answer.field("Content-Range") is None


@pytest.mark.parametrize("content", [
    "bytes=5-2", "bytes=-", "bytes=", "bytes", "bytes 0-4", "bytes=a-b", "bytes=0-4x",
    "bytes=0x0-4", "bytes=--4", "bytes=0--4", "bytes=+0-4", "bytes=0 - 4", "bytes=0-4-8",
    "lines=0-4", "=0-4", "",
    "0-4", "bytes=*", "bytes:0-4", "bytes=0.0-4",
])
def test_rfc9110_14_2_unknown_or_malformed_range_is_ignored(server, content):
    """RFC 9110 14.2: another unit, or a set that is none: as if Range were absent."""
    answer = ask(server, f"Range: {content}")
    assert answer.status == 200 and answer.body == ALPHABET


def test_rfc9110_14_2_range_is_for_get_alone(server):
    """RFC 9110 14.2: Range is ignored in other methods."""
    whole = ask(server, method="HEAD")
    answer = ask(server, "Range: bytes=0-4", method="HEAD")
    assert answer.status == 200 and answer.without("Date") == whole.without("Date")
    assert ask(server, "Range: bytes=99-", method="HEAD").status == 200
    assert ask(server, "Range: bytes=0-4", method="DELETE").status == 405


def test_rfc9110_14_1_2_range_of_nothing(server):
    """RFC 9110 14.1.2: a file of 0 bytes has no first byte."""
    for content in ("bytes=0-", "bytes=0-0", "bytes=1-", "bytes=-0"):
        answer = ask(server, f"Range: {content}", target="/empty.txt")
        assert answer.status == 416 and answer.field("Content-Range") == "bytes */0"


def test_rfc9110_14_2_range_of_what_is_not_there(server):
    """RFC 9110 14.2: Range counts only where the answer would be 200."""
    assert ask(server, "Range: bytes=0-4", target="/nothing").status == 404
    assert ask(server, "Range: bytes=99-", target="/sub").status == 301


def test_rfc9110_15_3_7_parts_of_a_big_file(server):
    """RFC 9110 15.3.7: parts of all sizes, pasted together, are the whole."""
    big = big_content()
    client = server.connect()
    pasted, size = b"", 1
    while len(pasted) < len(big):
        last = min(len(pasted) + size, len(big)) - 1
        answer = client.get("/big.bin", f"Range: bytes={len(pasted)}-{last}")
        assert_part(answer, len(pasted), last, big)
        pasted, size = pasted + answer.body, size * 3 + 1
    assert pasted == big


# ---- If-Range ------------------------------------------------------------------------------------


def test_rfc9110_13_1_5_if_range_with_the_current_tag_is_206(server):
    """RFC 9110 13.1.5: the strong tag of the current file: the part."""
    tag = ask(server).field("ETag")
    assert_part(ask(server, "Range: bytes=0-4", f"If-Range: {tag}"), 0, 4)
    assert ask(server, "Range: bytes=99-", f"If-Range: {tag}").status == 416


@pytest.mark.parametrize("content", ['"another-tag"', "W/{tag}", "x", "{inside}", "*",
                                     "{tag}, {tag}"])
def test_rfc9110_13_1_5_if_range_with_another_tag_is_200(server, content):
    """RFC 9110 13.1.5: another tag, or a weak one: the whole, also where the range is outside."""
    tag = ask(server).field("ETag")
    field = "If-Range: " + content.format(tag=tag, inside=tag.strip('"'))
    for content_range in ("bytes=0-4", "bytes=99-"):
        answer = ask(server, f"Range: {content_range}", field)
        assert answer.status == 200 and answer.body == ALPHABET


@pytest.mark.parametrize("date, status", [
    (MODIFIED, 206), ("Thu, 29 Feb 2024 12:34:55 GMT", 200),
    ("Thu, 29 Feb 2024 12:34:57 GMT", 200), ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
])
def test_rfc9110_13_1_5_if_range_with_a_date(server, date, status):
    """RFC 9110 13.1.5: exactly the file's date, which is long past and so a strong validator."""
    assert ask(server, "Range: bytes=0-4", f"If-Range: {date}").status == status


def test_rfc9110_8_8_2_2_fresh_date_is_no_strong_validator(start, folder):
    """RFC 9110 8.8.2.2: a file of this very second may change again within it."""
    write_file(folder, "alphabet.txt", ALPHABET, time.time())
    write_file(folder, "empty.txt", b"")
    program = start(folder=folder)
    modified = ask(program).field("Last-Modified")
    answer = ask(program, "Range: bytes=0-4", f"If-Range: {modified}")
    assert answer.status == 200 and answer.body == ALPHABET


def test_rfc9110_13_1_5_if_range_without_range_is_ignored(server):
    """RFC 9110 13.1.5: there is nothing that it could guard."""
    for content in ('"another-tag"', MODIFIED):
        answer = ask(server, f"If-Range: {content}")
        assert answer.status == 200 and answer.body == ALPHABET


def test_rfc9110_13_1_5_if_range_twice_does_not_match(server):
    """RFC 9110 13.1.5: of two one cannot tell which is meant: the whole is the answer."""
    tag = server.connect().get("/alphabet.txt").field("ETag")
    fields = ("Range: bytes=0-4", f"If-Range: {tag}", 'If-Range: "other"')
    assert ask(server, *fields).status == 200
