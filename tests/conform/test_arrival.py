"""However the bytes of requests arrive, the same answers come, in the same order."""
import visits
from client import request

REQUEST = request("/small2.txt", fields=("X: y",))
CHUNKED = request("/small1.txt", fields=("Transfer-Encoding: chunked",),
                  body=b"5;x=y\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nTrailer: z\r\n\r\n")


def test_split_at_every_byte(start):
    """Two reads for each request, divided at each of its bytes in turn."""
    client = start().connect()
    for at in range(1, len(REQUEST)):
        client.send_apart(REQUEST[:at])
        client.send(REQUEST[at:])
        assert client.answer().body == visits.SMALL["small2.txt"], at


def test_content_split_at_every_byte(start):
    """The same of a request with content in chunks."""
    client = start().connect()
    for at in range(1, len(CHUNKED)):
        client.send_apart(CHUNKED[:at])
        client.send(CHUNKED[at:])
        assert client.answer().body == visits.SMALL["small1.txt"], at


def test_two_requests_split_at_every_byte(start):
    """A read that ends one request and begins the next, at each byte."""
    client = start().connect()
    both = REQUEST + CHUNKED
    for at in range(1, len(both), 3):
        client.send_apart(both[:at])
        client.send(both[at:])
        assert client.answer().body == visits.SMALL["small2.txt"], at
        assert client.answer().body == visits.SMALL["small1.txt"], at


def test_byte_by_byte(start):
    """Every byte is a read of its own."""
    client = start(head_ms=600000, rate_grace_ms=600000).connect()
    for byte in CHUNKED:
        client.send_apart(bytes([byte]))
    assert client.answer().body == visits.SMALL["small1.txt"]


def test_pipelined_answers_come_in_order(start):
    """More requests than an input buffer holds, in one send: as many answers, in their order; the
    last is not withheld until more is sent, and the connection goes on."""
    client = start(input_len=12800).connect()
    for count in (2, 17, 400):
        client.send(b"".join(visits.get(i)[0] for i in range(count)))
        for i in range(count):
            assert client.answer().body == visits.small(i)[1], i
    assert client.is_quiet(0.05)
    assert client.get("/small0.txt").body == visits.SMALL["small0.txt"]


def test_pipelined_answers_of_every_kind(start):
    """Files, ranges, refusals, empty ones and large ones mixed; one request in each turn."""
    client = start(requests_per_turn=1).connect()
    rows = [visits.get(0), (request("/big.bin"), "GET", 200, visits.BIG),
            (request("/big.bin", method="HEAD"), "HEAD", 200, b""),
            (request("/nothing"), "GET", 404, None),
            (request("/big.bin", fields=("Range: bytes=-7",)), "GET", 206, visits.BIG[-7:]),
            (request("/", method="OPTIONS"), "OPTIONS", 204, b""), visits.get(5)]
    for _ in range(2):
        client.send(b"".join(row[0] for row in rows))
        for _, method, status, body in rows:
            answer = client.answer(method)
            assert answer.status == status
            assert body is None or answer.body == body


def test_half_close_behind_the_request(start):
    """Who has finished sending still gets all that was asked for, and then the end."""
    case = start()
    for rows in ([visits.get(3)], [(request("/big.bin"), "GET", 200, visits.BIG)],
                 [visits.get(i) for i in range(30)] + [
                     (request("/big.bin"), "GET", 200, visits.BIG), visits.get(1)]):
        case.run(wanted=[visits.Visit(*rows, half_close=True)])


def test_half_close_inside_a_request(start):
    """A request that ends too early is refused; those before it are answered."""
    case = start()
    for at in range(1, len(REQUEST)):
        client = case.connect()
        client.send(REQUEST + REQUEST[:at])
        client.finish()
        assert client.answer().body == visits.SMALL["small2.txt"], at
        assert client.answer().status == 400, at
        client.end()
        client.close()
