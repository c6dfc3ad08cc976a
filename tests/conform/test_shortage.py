"""Slots, descriptors and buffers run out: who was admitted is served, and all comes back."""
import resource

import pytest

import visits
from client import request, wait_until

HELD = request("/small1.txt")
SMALLEST = dict(inputs=1, input_len=320, outputs=1, output_len=640, files=1, open_files=1,
                cache_blocks=0, request_line_len_max=64, path_len_max=48, head_len_max=256,
                field_count_max=8, reply_head_len_max=384, copy_len_max=192, note_len=64,
                requests_per_turn=1, bytes_per_turn=1, accepts_per_turn=1)


@pytest.mark.evict
@pytest.mark.parametrize("count", [1, 2, 16])
def test_more_clients_than_slots(start, count):
    """Clients that stay: the one idle the longest leaves for a new one."""
    case = start(connections=count)
    clients = []
    for i in range(3 * count + 2):
        client = case.connect()
        path, body = visits.small(i)
        if not case.driver.many and clients:
            clients[-1].close()
        assert client.get(path).body == body
        clients.append(client)


@pytest.mark.many
def test_slots_held_by_unfinished_requests(start):
    """Nobody is idle: the new one waits, without CPU time, until one leaves."""
    case = start(connections=4)
    clients = [case.connect() for _ in range(4)]
    for client in clients:
        client.send_apart(HELD[:10])
    fifth = case.connect()
    fifth.send(HELD)
    assert fifth.is_quiet(0.1)
    clients[1].reset()
    assert fifth.answer().body == visits.SMALL["small1.txt"]
    for client in clients[:1] + clients[2:]:
        client.send(HELD[10:])
        assert client.answer().body == visits.SMALL["small1.txt"]


@pytest.mark.parametrize("name", ["inputs", "outputs", "files", "open_files", "cache_blocks",
                                  "requests_per_turn", "accepts_per_turn", "cache_ms"])
def test_each_at_its_least(start, name):
    """One of a kind: clients stand in line for it, or are told 503; one by one all are served."""
    case = start(**{name: 0 if name.startswith("cache") else 1})
    troubled = case.run(strict=False)
    assert set(troubled) <= {503}
    assert not troubled or troubled_by_files(name)
    for visit in visits.bunch():
        # An answer that is being sent holds its file: the next of the same client may find none.
        case.run(strict=len(visit.rows) == 1 or not troubled_by_files(name), wanted=[visit])


def troubled_by_files(name):
    """Fewer files than clients: with small windows more of them are being sent at one time."""
    return name in ("files", "open_files", "cache_blocks", "cache_ms")


def test_all_at_their_least(start):
    """The smallest server there can be; files of any length."""
    case = start(**SMALLEST)
    assert set(case.run(strict=False)) <= {503}
    for visit in visits.bunch():
        if "big.bin" not in str(visit.rows[0][0]):
            case.run(wanted=[visit])


@pytest.mark.many
def test_input_buffers_held_by_who_says_no_more(start):
    """All are held by unfinished heads: they give them up in time, others are served."""
    case = start(inputs=2, loan_grace_ms=50)
    holders = [case.connect() for _ in range(2)]
    for client in holders:
        client.send_apart(HELD[:10])
    others = [case.connect() for _ in range(3)]
    for client in others:
        client.send(HELD)
    for client in others:
        assert client.answer().body == visits.SMALL["small1.txt"]


@pytest.mark.many
@pytest.mark.pools
def test_output_buffers_held_by_who_does_not_read(start):
    """All are held by answers from memory: 503 in time, and recovery."""
    case = start(outputs=1, wait_ms=100, socket_send_len=4096, cache_block_len=16 << 20)
    stuck = case.connect(receive_len=4096)
    stuck.send(request("/big.bin"))
    stuck.fill()
    other = case.connect()
    assert other.get("/small0.txt").status == 503
    other.end()
    stuck.reset()


@pytest.mark.late
def test_the_system_has_no_descriptor(start):
    """The limit of descriptors falls under what is in use, and rises again: who waits meanwhile is
    served then, and it costs no CPU time."""
    case = start()
    pid = case.program.worker_pids()[0]
    kept = case.connect()
    assert kept.get("/small0.txt").body == visits.SMALL["small0.txt"]
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    waiting = [case.connect() for _ in range(3)]
    for client in waiting:
        client.send(visits.get(0, *visits.CLOSE)[0])
    used = cpu_over(case, waiting[-1], 0.3)
    assert used < 0.1, used
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    kept.close()
    for client in waiting:
        assert client.answer().body == visits.SMALL["small0.txt"]


def cpu_over(case, client, seconds):
    """The part of the time that the program computes while that client gets nothing."""
    before = case.program.cpu_s()
    assert client.is_quiet(seconds)
    return (case.program.cpu_s() - before) / seconds


def test_many_short_visits(start):
    """Each a connection of its own: nothing wears out."""
    case = start(connections=2, inputs=1, outputs=1)
    for i in range(200):
        client = case.connect()
        client.send(visits.get(i, *visits.CLOSE)[0])
        assert client.answer().body == visits.small(i)[1]
        client.close()
    wait_until(case.program.is_running, "it to run")
