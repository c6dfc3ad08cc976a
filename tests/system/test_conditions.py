"""Conditional requests: the five fields, each alone and in the order of RFC 9110 13.2.2."""
import pytest

from content import HELLO, MODIFIED

EARLIER = "Thu, 29 Feb 2024 12:34:55 GMT"
LATER = "Thu, 29 Feb 2024 12:34:57 GMT"
OTHER = '"another-tag"'


@pytest.fixture
def tag(server):
    """The entity tag of /hello.txt."""
    found = server.connect().get("/hello.txt").field("ETag")
    assert found and not found.startswith("W/")
    return found


def assert_condition(server, status, *fields, method="GET", target="/hello.txt"):
    """The answer to a request with these fields; the connection goes on behind it."""
    client = server.connect()
    answer = client.get(target, *fields, method=method)
    assert answer.status == status, f"{fields} got {answer}"
    if status == 200 and method == "GET":
        assert answer.body == HELLO
    assert client.get("/hello.txt").status == 200
    return answer


# ---- If-None-Match -------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [
    "{tag}", "W/{tag}", "*", '"x", {tag}', '{tag}, "x"', '"x",{tag} ,"y"', 'W/"x", W/{tag}',
    '"a,b", {tag}', ', {tag},', '"", {tag}',
])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_rfc9110_13_1_2_if_none_match_that_matches_is_304(server, tag, content, method):
    """RFC 9110 13.1.2: weak comparison, lists, and the star."""
    field = "If-None-Match: " + content.format(tag=tag)
    answer = assert_condition(server, 304, field, method=method)
    # RFC 9110 15.4.5: 304 carries what 200 would have for caches, and no content.
    assert answer.field("ETag") == tag and answer.body == b""


@pytest.mark.parametrize("content", [OTHER, "W/" + OTHER, '"x", "y"', '"{inside}x"', '""', '"*"'])
def test_rfc9110_13_1_2_if_none_match_that_does_not_match_is_200(server, tag, content):
    """RFC 9110 13.1.2: no entity tag of the list is the current one."""
    inside = tag.strip('"')
    assert_condition(server, 200, "If-None-Match: " + content.format(inside=inside))


def test_rfc9110_13_1_2_several_lines_are_one_list(server, tag):
    """RFC 9110 13.1.2: a list, so that by RFC 9110 5.3 its lines count together."""
    assert_condition(server, 304, f"If-None-Match: {OTHER}", f"If-None-Match: {tag}")
    assert_condition(server, 304, f"If-None-Match: {tag}", f"If-None-Match: {OTHER}")


def test_rfc9110_15_4_5_not_modified_has_the_fields_of_caches(server, tag):
    """RFC 9110 15.4.5: fields that 200 would have: ETag, Cache-Control, Expires, Vary, ..."""
    full = assert_condition(server, 200)
    empty = assert_condition(server, 304, f"If-None-Match: {tag}")
    for name in ("ETag", "Cache-Control", "Content-Location", "Expires", "Vary"):
        assert empty.field(name) == full.field(name), name
    # RFC 9110 8.6: if there is a Content-Length, it is that of the 200.
    assert empty.field("Content-Length") in (None, full.field("Content-Length"))


# ---- If-Match ------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["{tag}", "*", '"x", {tag}', '{tag},"x"'])
def test_rfc9110_13_1_1_if_match_that_matches(server, tag, content):
    """RFC 9110 13.1.1: the current entity tag, in a list or alone, or the star."""
    assert_condition(server, 200, "If-Match: " + content.format(tag=tag))


@pytest.mark.parametrize("content", [OTHER, "W/{tag}", 'W/{tag}, "x"', '"x", "y"', '"*"'])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_rfc9110_13_1_1_if_match_that_fails_is_412(server, tag, content, method):
    """RFC 9110 13.1.1: strong comparison: a weak tag never matches."""
    assert_condition(server, 412, "If-Match: " + content.format(tag=tag), method=method)


def test_rfc9110_13_1_1_several_lines_are_one_list(server, tag):
    """RFC 9110 13.1.1: the lines of a list field count together."""
    assert_condition(server, 200, f"If-Match: {OTHER}", f"If-Match: {tag}")
    assert_condition(server, 412, f"If-Match: {OTHER}", 'If-Match: "x"')


# ---- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("date, status", [
    (MODIFIED, 304), (LATER, 304), (EARLIER, 200), ("Thursday, 29-Feb-24 12:34:56 GMT", 304),
    ("Thu Feb 29 12:34:56 2024", 304), ("Thu Feb  1 12:34:56 2024", 200),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
])
def test_rfc9110_13_1_3_if_modified_since(server, date, status):
    """RFC 9110 13.1.3: not later than the date: 304; in each of the three forms of 5.6.7."""
    assert_condition(server, status, f"If-Modified-Since: {date}")
    assert_condition(server, status, f"If-Modified-Since: {date}", method="HEAD")


NO_DATES = ["", "yesterday", "1709210096", MODIFIED + ", " + MODIFIED, MODIFIED[:-4],
            "Thu, 31 Feb 2024 12:34:56 GMT", "Thu, 29 Feb 2024 24:00:00 GMT",
            "thu, 29 feb 2024 12:34:56 gmt", "Thu, 29 Feb 2024 12:34:56 +0000", MODIFIED + "x"]


@pytest.mark.parametrize("date", NO_DATES)
def test_rfc9110_13_1_3_invalid_date_is_ignored(server, date):
    """RFC 9110 13.1.3: what is no HTTP-date is no condition."""
    assert_condition(server, 200, f"If-Modified-Since: {date}")


@pytest.mark.parametrize("date, status", [
    (MODIFIED, 200), (LATER, 200), (EARLIER, 412), ("Thursday, 29-Feb-24 12:34:56 GMT", 200),
    ("Thu Feb 29 12:34:55 2024", 412), ("Thu, 01 Jan 1970 00:00:00 GMT", 412),
])
def test_rfc9110_13_1_4_if_unmodified_since(server, date, status):
    """RFC 9110 13.1.4: modified behind the date: 412."""
    assert_condition(server, status, f"If-Unmodified-Since: {date}")
    assert_condition(server, status, f"If-Unmodified-Since: {date}", method="HEAD")


@pytest.mark.parametrize("date", NO_DATES)
def test_rfc9110_13_1_4_invalid_date_is_ignored(server, date):
    """RFC 9110 13.1.4: what is no HTTP-date is no condition."""
    assert_condition(server, 200, f"If-Unmodified-Since: {date}")


# ---- together ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields, status", [
    # Step 1 goes before step 2: If-Match replaces If-Unmodified-Since.
    (("If-Match: {tag}", f"If-Unmodified-Since: {EARLIER}"), 200),
    (("If-Match: *", f"If-Unmodified-Since: {EARLIER}"), 200),
    ((f"If-Match: {OTHER}", f"If-Unmodified-Since: {LATER}"), 412),
    # Steps 1 and 2 go before steps 3 and 4.
    (("If-Match: {tag}", "If-None-Match: {tag}"), 304),
    (("If-None-Match: {tag}", f"If-Match: {OTHER}"), 412),
    (("If-None-Match: {tag}", f"If-Unmodified-Since: {EARLIER}"), 412),
    ((f"If-Unmodified-Since: {LATER}", f"If-Modified-Since: {LATER}"), 304),
    ((f"If-Modified-Since: {LATER}", f"If-Unmodified-Since: {EARLIER}"), 412),
    (("If-Match: {tag}", f"If-Modified-Since: {LATER}"), 304),
    # Step 3 goes before step 4: If-None-Match replaces If-Modified-Since.
    ((f"If-None-Match: {OTHER}", f"If-Modified-Since: {LATER}"), 200),
    (("If-None-Match: {tag}", f"If-Modified-Since: {EARLIER}"), 304),
    # Steps 1 to 4 go before step 5.
    (("If-None-Match: {tag}", "Range: bytes=0-1"), 304),
    ((f"If-Match: {OTHER}", "Range: bytes=0-1"), 412),
    ((f"If-Match: {OTHER}", "Range: bytes=99-"), 412),
    (("If-None-Match: {tag}", "Range: bytes=99-"), 304),
    ((f"If-Modified-Since: {LATER}", "Range: bytes=0-1", "If-Range: {tag}"), 304),
])
def test_rfc9110_13_2_2_order_of_preconditions(server, tag, fields, status):
    """RFC 9110 13.2.2: each step in its place, whatever the order of the lines."""
    lines = [field.format(tag=tag) for field in fields]
    assert_condition(server, status, *lines)
    assert_condition(server, status, *reversed(lines))


@pytest.mark.parametrize("fields", [("If-Match: *",), (f"If-Match: {OTHER}",),
                                    ("If-None-Match: *",), (f"If-Unmodified-Since: {EARLIER}",),
                                    (f"If-Modified-Since: {LATER}",)])
@pytest.mark.parametrize("target, status", [("/nothing", 404), ("/sub", 301), ("/.secret", 404)])
def test_rfc9110_13_2_1_no_condition_on_what_is_not_there(server, fields, target, status):
    """RFC 9110 13.2.1: preconditions are ignored where the answer without them is no 2xx or 412."""
    assert_condition(server, status, *fields, target=target)


@pytest.mark.parametrize("fields", [("If-Match: *",), ("If-None-Match: *",),
                                    (f"If-Modified-Since: {LATER}",), (f"If-Match: {OTHER}",)])
def test_rfc9110_13_2_1_no_condition_on_a_refused_method(server, fields):
    """RFC 9110 13.2.1: a method that is not allowed is 405, whatever the conditions."""
    assert_condition(server, 405, *fields, method="DELETE")
