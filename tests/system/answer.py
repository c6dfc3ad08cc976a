"""An answer of the program, read strictly: what RFC 9112 forbids a server to send fails here.

A stream (client.Client) gives line(), take(len), rest(), and asked_s, a time before which what
comes cannot have been made; read_answer takes exactly one answer off it. The grammar:

    status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF
    field-line  = field-name ":" OWS field-value OWS CRLF
    body        = by Content-Length, chunked, or up to the close
"""
import calendar
import re
import time

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ([\t \x21-\x7e\x80-\xff]*)")
FIELD_LINE = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e\x80-\xff]"
    rb"(?:[\t \x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*"
)
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})")
ENTITY_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
IMF_FIXDATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-3][0-9]) "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4}) "
    r"([0-2][0-9]):([0-5][0-9]):([0-6][0-9]) GMT"
)
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

FIELD_COUNT_MAX = 64
CLOCK_SLACK_S = 5

# Fields whose content is no list: two lines of one are an error of the server.
SINGLE_FIELDS = {
    "content-length", "content-range", "content-type", "date", "etag", "last-modified",
    "location", "retry-after", "server",
}


def parse_date(text):
    """Seconds since 1970 of an IMF-fixdate; asserts that it is one, with its true day's name."""
    match = IMF_FIXDATE.fullmatch(text)
    assert match, f"no IMF-fixdate: {text!r}"
    day_name, day, month, year, hour, minute, second = match.groups()
    parts = (int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
    unix_s = calendar.timegm(parts + (0, 0, 0))
    assert write_date(unix_s) == text, f"no real date, or not its day's name: {text!r}"
    assert day_name in DAYS
    return unix_s


def write_date(unix_s):
    """The IMF-fixdate of that second."""
    at = time.gmtime(unix_s)
    return (f"{DAYS[at.tm_wday]}, {at.tm_mday:02} {MONTHS[at.tm_mon - 1]} {at.tm_year:04} "
            f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} GMT")


class Answer:
    """One answer: status, reason, fields in their order, body, and how the body was framed."""

    def __init__(self, status, reason, fields):
        self.status = status
        self.reason = reason
        self.fields = fields
        self.body = b""
        self.framing = "none"

    def field(self, name):
        """The content of the one field line of that name, or None."""
        found = [content for each, content in self.fields if each.lower() == name.lower()]
        assert len(found) <= 1, f"{name} comes {len(found)} times: {self.fields}"
        return found[0] if found else None

    def options(self, name):
        """The elements of a list field, in lower case."""
        lines = [content for each, content in self.fields if each.lower() == name.lower()]
        return [part.strip().lower() for line in lines for part in line.split(",") if part.strip()]

    @property
    def closes(self):
        """Did the server say that the connection ends behind this answer?"""
        return "close" in self.options("Connection")

    def without(self, *names):
        """The fields as a sorted list, without those that may differ between two answers."""
        dropped = {name.lower() for name in names}
        return sorted((n.lower(), c) for n, c in self.fields if n.lower() not in dropped)

    def __repr__(self):
        head = ", ".join(f"{name}: {content}" for name, content in self.fields)
        return f"<{self.status} {self.reason} [{head}] {len(self.body)} bytes {self.body[:80]!r}>"


def read_fields(stream):
    fields = []
    while True:
        line = stream.line()
        if not line:
            return fields
        match = FIELD_LINE.fullmatch(line)
        assert match, f"a malformed field line: {line!r}"
        fields.append((match.group(1).decode("ascii"), match.group(2).decode("latin-1")))
        assert len(fields) <= FIELD_COUNT_MAX, "an endless head"


def read_chunked(stream):
    """RFC 9112 7.1: the chunked coding, without what Linnet never sends: extensions, trailers."""
    body = bytearray()
    while True:
        line = stream.line()
        match = CHUNK_SIZE.fullmatch(line)
        assert match, f"a malformed chunk size: {line!r}"
        size = int(match.group(1), 16)
        if size == 0:
            assert stream.line() == b"", "a trailer section"
            return bytes(body)
        body += stream.take(size)
        assert stream.line() == b"", "a chunk longer than its size"


def read_body(stream, answer, method, version):
    length = answer.field("Content-Length")
    coding = answer.options("Transfer-Encoding")
    assert not (length is not None and coding), f"two framings: {answer}"
    if length is not None:
        assert re.fullmatch("0|[1-9][0-9]*", length), f"a malformed Content-Length: {answer}"
    if answer.status < 200 or answer.status == 204:
        # RFC 9110 8.6: no Content-Length in 1xx and 204. RFC 9112 6.1: no Transfer-Encoding.
        assert length is None and not coding, f"framing where no body can be: {answer}"
        return
    if coding:
        assert coding == ["chunked"], f"an unknown coding: {answer}"
        assert version == "1.1", f"chunked for an HTTP/{version} client: {answer}"
    if method == "HEAD" or answer.status == 304:
        return
    if coding:
        answer.framing, answer.body = "chunked", read_chunked(stream)
    elif length is not None:
        answer.framing, answer.body = "length", stream.take(int(length))
    else:
        answer.framing, answer.body = "close", stream.rest()


def check_fields(answer, asked_s):
    """What holds for every answer of Linnet, whatever was asked, and whenever: at asked_s."""
    names = [name.lower() for name, _ in answer.fields]
    for name in SINGLE_FIELDS:
        assert names.count(name) <= 1, f"{name} comes twice: {answer}"
    date = answer.field("Date")
    if 200 <= answer.status < 500:
        # RFC 9110 6.6.1: an origin server with a clock dates every 2xx, 3xx and 4xx.
        assert date is not None, f"no Date: {answer}"
    if date is not None:
        # It may have waited to be read, but not to be made.
        assert asked_s - CLOCK_SLACK_S <= parse_date(date) <= time.time() + CLOCK_SLACK_S, \
            f"Date is not of the answer's time: {answer}"
    tag = answer.field("ETag")
    if tag is not None:
        assert ENTITY_TAG.fullmatch(tag), f"a malformed ETag: {answer}"
    if answer.field("Last-Modified") is not None:
        # RFC 9110 8.8.2.1: never later than the answer's own Date.
        modified = parse_date(answer.field("Last-Modified"))
        assert date is None or modified <= parse_date(date), f"modified in the future: {answer}"
    if answer.status == 405:
        # RFC 9110 15.5.6: a 405 says what is allowed.
        assert answer.options("Allow"), f"no Allow: {answer}"


def read_answer(stream, method="GET", version="1.1"):
    """Takes one answer, interim ones too, off the stream; asserts that it is well-formed."""
    line = stream.line()
    match = STATUS_LINE.fullmatch(line)
    assert match, f"a malformed status line: {line!r}"
    answer = Answer(int(match.group(1)), match.group(2).decode("latin-1"), read_fields(stream))
    assert answer.reason, "no reason phrase; old clients want one"
    check_fields(answer, stream.asked_s)
    read_body(stream, answer, method, version)
    return answer
