"""Field lines and Host: their grammar, what is refused, and how many there may be."""
import pytest

from client import assert_answered, assert_refused, request
from content import HELLO
from program import limits

CONTROLS = [byte for byte in range(0x20) if byte not in (0x09, 0x0A, 0x0D)] + [0x7F]


def with_line(field_line):
    """A request whose field section holds these bytes between two good lines."""
    data = field_line if isinstance(field_line, bytes) else field_line.encode("latin-1")
    return (b"GET /hello.txt HTTP/1.1\r\nHost: linnet.test\r\n" + data
            + b"\r\nAccept: */*\r\n\r\n")


# ---- grammar -------------------------------------------------------------------------------------


@pytest.mark.parametrize("field_line", ["X : y", "X\t: y", "Content-Length : 0", "Host : other",
                                        "Transfer-Encoding : chunked", "X  : y"])
def test_rfc9112_5_1_space_before_colon_is_400(server, field_line):
    """RFC 9112 5.1: white space between a field name and the colon is refused."""
    assert_refused(server, with_line(field_line), 400)


@pytest.mark.parametrize("field_line", [
    "X: a\r\n b", "X: a\r\n\tb", "X: a\r\n  b\r\n c", "X:\r\n y", "X: a\r\n ", "X: a\r\n :b",
    "Transfer-Encoding:\r\n chunked",
])
def test_rfc9112_5_2_folded_line_is_400(server, field_line):
    """RFC 9112 5.2: obs-fold is refused in requests."""
    assert_refused(server, with_line(field_line), 400)


@pytest.mark.parametrize("field_line", [
    "no colon", "X", ": y", ":", "X Y: z", "X(Y): z", "X@Y: z", "\"X\": y", "X,Y: z", "X/Y: z",
    "X=Y: z", "[X]: y", "{X}: y", "X\\Y: z", "X;Y: z", "X\xe9: y", "\xff: y", "X\x00Y: z",
    "\x01X: y", "GET / HTTP/1.1",
])
def test_rfc9112_5_malformed_field_line_is_400(server, field_line):
    """RFC 9112 5: a field line is a token, a colon and the content."""
    assert_refused(server, with_line(field_line), 400)


@pytest.mark.parametrize("byte", CONTROLS)
def test_rfc9110_5_5_control_byte_in_a_field_is_400(server, byte):
    """RFC 9110 5.5: NUL and the other controls are refused, in the middle and at both ends."""
    control = bytes([byte])
    for content in (b"a" + control + b"b", control + b"b", b"a" + control, control):
        assert_refused(server, with_line(b"X: " + content), 400)


@pytest.mark.parametrize("field_line", [
    b"X: a\rb", b"X: a\r", b"X: \r", b"X:\r", b"X\r: y", b"\rX: y", b"X: a\r\r\nY: z",
])
def test_rfc9112_2_2_bare_cr_in_a_field_is_400(server, field_line):
    """RFC 9112 2.2: a CR within a field is refused, and never read as a space or a line's end."""
    assert_refused(server, with_line(field_line), 400)


@pytest.mark.parametrize("field_line", [b"X: a\nY: b", b"X: a\n", b"X\n: y", b"X:\n y", b"\nX: y"])
def test_rfc9112_2_2_bare_lf_in_a_field_is_400(server, field_line):
    """RFC 9112 2.2: a LF that no CR precedes ends no line."""
    assert_refused(server, with_line(field_line), 400)


@pytest.mark.parametrize("field_line", [
    "X:", "X: ", "X:y", "X:  y", "X:\ty", "X: y ", "X: y \t ", "X: a b\tc", "X: a:b", "X: \xe9\xff",
    "X: \"quoted \\\" string\"", "!#$%&'*+-.^_`|~09AZaz: y", "X: \t ", "X: " + "y" * 4000,
])
def test_rfc9112_5_1_well_formed_field_line_is_taken(server, field_line):
    """RFC 9112 5.1: optional white space around the content, tabs and bytes above 127 inside it."""
    assert assert_answered(server, with_line(field_line), 200).body == HELLO


@pytest.mark.parametrize("name", ["host", "HOST", "hOsT"])
def test_rfc9110_5_1_field_names_have_no_case(server, name):
    """RFC 9110 5.1: field names are case-insensitive."""
    data = f"GET /hello.txt HTTP/1.1\r\n{name}: linnet.test\r\ncOnNeCtIoN: cLoSe\r\n\r\n"
    client = server.connect()
    answer = client.ask(data.encode("ascii"))
    assert answer.status == 200 and answer.closes
    client.end()


# ---- Host ----------------------------------------------------------------------------------------


def test_rfc9112_3_2_missing_host_is_400(server):
    """RFC 9112 3.2: an HTTP/1.1 request without Host is refused."""
    assert_refused(server, b"GET /hello.txt HTTP/1.1\r\n\r\n", 400)
    assert_refused(server, b"GET /hello.txt HTTP/1.1\r\nAccept: */*\r\n\r\n", 400)


def test_rfc9112_3_2_missing_host_by_leniency(start):
    """RFC 9112 3.2: with --lenient missing-host it may lack; two are still refused."""
    program = start("--lenient", "missing-host")
    assert_answered(program, b"GET /hello.txt HTTP/1.1\r\n\r\n", 200)
    assert_refused(program, request("/hello.txt", fields=("Host: linnet.test",)), 400)


def test_rfc9112_3_2_host_may_lack_in_1_0(server):
    """RFC 9112 3.2: Host came with HTTP/1.1."""
    client = server.connect()
    assert client.ask(b"GET /hello.txt HTTP/1.0\r\n\r\n", version="1.0").body == HELLO
    client.end()


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
@pytest.mark.parametrize("second", ["linnet.test", "other.test", ""])
def test_rfc9112_3_2_second_host_is_400(server, version, second):
    """RFC 9112 3.2: more than one Host line is refused, equal ones too."""
    data = request("/hello.txt", version=version, fields=(f"host: {second}",))
    assert_refused(server, data, 400)


@pytest.mark.parametrize("host", [
    "a b", "a/b", "user@linnet.test", "linnet.test:port", "linnet.test:65536", "linnet.test:-1",
    "linnet.test:80:80", "[::1", "::1", "[::g]", "[::1]80", "[1:2:3:4:5:6:7:8:9]", "[]", "a\"b",
    "a<b", "a\\b", "a%zz", "a%4", "a#b", "a?b", "http://linnet.test", "[::1%25eth0]", "a\xe9",
    "linnet.test, other.test", "[127.0.0.1]", "a[b]", "[v.x]", "[v1.]",
])
def test_rfc9112_3_2_invalid_host_is_400(server, host):
    """RFC 9112 3.2: a Host that is no uri-host with an optional port is refused."""
    assert_refused(server, request("/hello.txt", host=host), 400)


@pytest.mark.parametrize("host", [
    "", "linnet.test", "LINNET.test.", "linnet.test:80", "linnet.test:", "127.0.0.1", "[::1]",
    "127.0.0.1:8080", "[::1]:8080", "[2001:db8::7]:65535", "[::ffff:192.0.2.1]", "xn--bcher.test",
    "a_b.test", "a%2Db", "a,b", "a!$&'()*+,;=b", "[v1.x:y]", "linnet.test:0", "-", "1",
])
def test_rfc9110_7_2_valid_host_is_taken(server, host):
    """RFC 9110 7.2: Host is uri-host with an optional port, and may be empty."""
    assert assert_answered(server, request("/hello.txt", host=host), 200).body == HELLO


# ---- limits --------------------------------------------------------------------------------------


def head_of(length):
    """A request whose whole head, with its last CRLF, has that length."""
    bare = request("/hello.txt", fields=("X: ",))
    return request("/hello.txt", fields=("X: " + "y" * (length - len(bare)),))


@pytest.mark.parametrize("length, status", [(12287, 200), (12288, 200), (12289, 431)])
def test_rfc6585_5_head_at_its_limit(server, length, status):
    """RFC 6585 5: a head over head_len_max is 431."""
    data = head_of(length)
    assert len(data) == length
    (assert_answered if status == 200 else assert_refused)(server, data, status)


@pytest.mark.parametrize("length, status", [(511, 200), (512, 200), (513, 431), (600, 431)])
def test_rfc6585_5_own_limit_of_the_head(start, length, status):
    """RFC 6585 5: head_len_max counts the whole head, with its last CRLF."""
    program = start(*limits(head_len_max=512, request_line_len_max=256, path_len_max=128))
    (assert_answered if status == 200 else assert_refused)(program, head_of(length), status)


def test_rfc6585_5_endless_head_is_431_at_once(server):
    """RFC 6585 5: a head over its limit is refused before its end has come."""
    assert_refused(server, request("/hello.txt")[:-2] + b"X: " + b"y" * 12300, 431)
    assert_refused(server, request("/hello.txt")[:-2] + b"X: y\r\n" * 2100, 431)


def fields_of(count):
    """A request with that many field lines, Host among them."""
    return request("/hello.txt", fields=[f"X-{index}: y" for index in range(count - 1)])


@pytest.mark.parametrize("count, status", [(99, 200), (100, 200), (101, 431)])
def test_rfc6585_5_field_lines_at_their_limit(server, count, status):
    """RFC 6585 5: more than field_count_max lines are 431."""
    (assert_answered if status == 200 else assert_refused)(server, fields_of(count), status)


@pytest.mark.parametrize("count, status", [(8, 200), (9, 431)])
def test_rfc6585_5_own_limit_of_field_lines(start, count, status):
    """RFC 6585 5: field_count_max holds exactly; the next head is counted from nought."""
    program = start(*limits(field_count_max=8))
    client = program.connect()
    for _ in range(3):
        assert client.ask(fields_of(8)).status == 200
    (assert_answered if status == 200 else assert_refused)(program, fields_of(count), status)


def test_rfc9112_2_2_empty_lines_count_as_part_of_the_head(start):
    """RFC 9112 2.2: empty lines before the request line use up head_len_max as well."""
    program = start(*limits(head_len_max=512, request_line_len_max=256, path_len_max=128,
                            empty_lines_max=4))
    assert_answered(program, b"\r\n" * 2 + head_of(508), 200)
    assert_refused(program, b"\r\n" * 3 + head_of(508), 431)
