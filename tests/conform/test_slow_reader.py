"""Who reads slowly gets every byte, once, in its order; and holds nobody up."""
import pytest

import visits
from client import request

WINDOW = dict(receive_len=4096)


@pytest.mark.parametrize("limits", [
    dict(socket_send_len=4096), dict(socket_send_len=4096, file_bytes_per_turn=1000),
    dict(cache_block_len=16 << 20, socket_send_len=4096), dict(output_len=8192)],
    ids=["file", "small-turns", "memory", "plain"])
def test_large_answer_through_small_windows(start, limits):
    """From a file, from memory, or through the output buffer: as the driver does it."""
    client = start(**limits).connect(**WINDOW)
    client.send(request("/big.bin") + visits.get(1)[0])
    client.fill()
    assert client.answer().body == visits.BIG
    assert client.answer().body == visits.SMALL["small1.txt"]


@pytest.mark.many
def test_several_slow_readers_and_a_quick_one(start):
    """All at the same time, a piece for each in turn."""
    case = start(socket_send_len=4096)
    slow = [case.connect(**WINDOW) for _ in range(4)]
    for client in slow:
        client.send(request("/big.bin", fields=("Range: bytes=0-999999",)))
    wanted = visits.BIG[:1000000]
    quick = case.connect()
    for _ in range(20):
        for client in slow:
            client.fill()
        assert quick.get("/small0.txt").body == visits.SMALL["small0.txt"]
    for client in slow:
        assert client.answer().body == wanted


def test_stalled_reader_is_closed_in_time(start):
    """write_stall_ms ends it, and the next client is served."""
    case = start(socket_send_len=4096, write_stall_ms=200)
    stalled = case.connect(**WINDOW)
    stalled.send(request("/big.bin"))
    stalled.fill()
    other = case.connect()
    case.program.await_log(b'"reason":"timeout-write"')
    assert other.get("/small0.txt").body == visits.SMALL["small0.txt"]
