"""SIGTERM: what was begun is finished, nobody new is let in, and then it ends with 0."""
import signal
import socket

import pytest

import visits
from client import request, wait_until
from program import measure_cpu


def refuses(case):
    """Is a new connection turned away?"""
    try:
        with socket.create_connection(case.program.address, timeout=2):
            return False
    except (ConnectionRefusedError, ConnectionResetError):
        return True


def drain(case):
    case.program.send_signal(signal.SIGTERM)
    wait_until(lambda: refuses(case), "refusal of new connections")


def test_answer_under_way_is_finished(start):
    """A slow reader of a large answer, from its begin to its end."""
    case = start(socket_send_len=4096)
    client = case.connect(receive_len=4096)
    client.send(request("/big.bin"))
    client.fill()
    drain(case)
    answer = client.answer()
    assert answer.body == visits.BIG
    client.end()
    client.close()
    assert case.program.await_end() == 0


@pytest.mark.many
def test_waiting_for_the_last_costs_no_cpu_time(start):
    """The listeners are shut: they are events no more, and who is waited for is quiet."""
    case = start()
    client = case.connect()
    client.send_apart(visits.get(0)[0][:10])
    drain(case)
    assert measure_cpu(case.program, client, 0.3) < 0.2
    client.send(visits.get(0)[0][10:])
    assert client.answer().body == visits.SMALL["small0.txt"]
    client.close()
    assert case.program.await_end() == 0


@pytest.mark.parametrize("at", [1, 20, len(visits.get(0)[0]) - 1])
def test_request_under_way_is_answered(start, at):
    """One that has begun to arrive, and its answer says that it is the last."""
    case = start()
    data = visits.get(0)[0]
    client = case.connect()
    client.send_apart(data[:at])
    drain(case)
    client.send(data[at:])
    answer = client.answer()
    assert answer.body == visits.SMALL["small0.txt"] and answer.closes
    client.end()
    client.close()
    assert case.program.await_end() == 0


def test_idle_connections_are_closed(start):
    """With an end that a client can understand."""
    case = start()
    client = case.connect()
    assert client.get("/small0.txt").body == visits.SMALL["small0.txt"]
    case.program.send_signal(signal.SIGTERM)
    client.end()
    client.close()
    assert case.program.await_end() == 0


def test_second_signal_ends_it_at_once(start):
    """An answer nobody reads does not hold it."""
    case = start(socket_send_len=4096)
    client = case.connect(receive_len=4096)
    client.send(request("/big.bin"))
    client.fill()
    drain(case)
    case.program.send_signal(signal.SIGTERM)
    assert case.program.await_end() == 0
    case.program.await_log(b'"reason":"stopped"')


def test_drain_ms_ends_it(start):
    """Neither does it wait for ever."""
    case = start(socket_send_len=4096, drain_ms=100)
    client = case.connect(receive_len=4096)
    client.send(request("/big.bin"))
    client.fill()
    case.program.send_signal(signal.SIGTERM)
    assert case.program.await_end() == 0
