"""A client that vanishes, at whatever byte, costs nobody anything."""
import pytest

import visits
from client import request

REQUEST = request("/small2.txt", fields=("X: y",))


def test_reset_at_every_byte_of_a_request(start):
    """Of a first one, and of one behind an answer."""
    case = start()
    for at in range(len(REQUEST)):
        first = case.connect()
        first.send(REQUEST[:at])
        first.reset()
        later = case.connect()
        assert later.get("/small0.txt").body == visits.SMALL["small0.txt"]
        later.send(REQUEST[:at])
        later.reset()


def test_reset_at_any_byte_of_a_small_answer(start):
    """It may be gone from the server already, or not even begun."""
    case = start()
    whole = case.connect()
    whole.send(request("/small0.txt", fields=visits.CLOSE))
    count = len(whole.rest())
    whole.close()
    for at in range(0, count, 5):
        client = case.connect()
        client.send(request("/small0.txt", fields=visits.CLOSE))
        client.take(at)
        client.reset()


@pytest.mark.parametrize("times", [1, 8])
def test_reset_at_any_byte_of_a_large_answer(start, times):
    """The buffers are full, and the server waits to send more."""
    case = start(socket_send_len=4096)
    for at in (0, 1, 200, 4096, 65537, 1 << 20, visits.BIG_LEN - 1):
        clients = []
        for _ in range(times if case.driver.many else 1):
            clients.append(case.connect(receive_len=4096))
            clients[-1].send(request("/big.bin"))
        for client in clients:
            client.take(at)
            client.reset()


def test_reset_with_answers_and_requests_under_way(start):
    """Pipelined: some are answered, some are not read yet."""
    case = start(socket_send_len=4096)
    for at in (0, 1000, 100000):
        client = case.connect(receive_len=4096)
        client.send(b"".join(visits.get(i)[0] for i in range(150)) + request("/big.bin") * 2)
        client.take(at)
        client.reset()


def test_close_without_reading(start):
    """A plain close with an answer unread is a reset too, at a time of the kernel's choice."""
    case = start()
    for target in ("/big.bin", "/small0.txt", "/nothing"):
        for _ in range(10):
            client = case.connect()
            client.send(request(target))
            client.close()
