"""The limit defer_accept_s: who has sent nothing waits in the kernel, and costs no slot."""
import time

import pytest

from program import limits

def slots(program):
    return program.counters()["slots_now"]


@pytest.fixture(name="deferring")
def _deferring(start):
    return start(*limits(defer_accept_s=1, connections=2, head_ms=300))


def test_a_silent_client_has_no_slot(deferring):
    """As many silent ones as there are slots, and more, keep nobody out."""
    silent = [deferring.connect() for _ in range(8)]
    client = deferring.connect()
    assert client.get("/").status == 200
    assert slots(deferring) <= 1
    for one in silent:
        one.close()


def test_its_first_bytes_bring_it_in(deferring):
    silent = deferring.connect()
    assert deferring.connect().get("/").status == 200
    assert silent.get("/").status == 200


def test_behind_its_time_it_is_a_client_like_others(deferring):
    """It is accepted without a byte then, and head_ms ends it."""
    silent = deferring.connect()
    begin = time.monotonic()
    assert silent.rest() == b""
    assert time.monotonic() - begin >= 0.9
    assert deferring.counters()["connections_opened"] == 1
