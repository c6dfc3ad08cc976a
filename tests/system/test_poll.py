"""S0-6: drivers that wait for readiness, with as few descriptors as there may be.

The descriptors of a program that serves with `connections` clients: standard streams, root folder,
one for each listener, what its driver needs of its own, and one for each client. poll is what small
systems have, and needs one of its own; epoll needs two."""
# ctest: alone - it measures CPU time
import os
import re
import resource
import shutil
import signal

import pytest

from client import assert_answered, request, wait_until
from content import ALPHABET, HELLO, big_content
from program import SANITIZED, limits, measure_cpu, printed, refused

QUIET_S = 0.5
CPU_MAX = 0.1  # of one CPU: a server that spins uses all of one

STANDARD, ROOT, LISTENER = 3, 1, 1
OWN = {"poll": 1, "epoll": 2}
DRIVERS = sorted(OWN)
POLL = ("--driver", "poll")
UNFINISHED = b"GET /hello.txt HTTP/1.1\r\n"

needs_strace = pytest.mark.skipif(
    SANITIZED or shutil.which("strace") is None, reason="strace, and no leak sanitizer under it")


def descriptor_count(program):
    """How many its worker has."""
    return len(os.listdir(f"/proc/{program.worker_pids()[0]}/fd"))


def allow_descriptors(program, count):
    """From now on its worker may have so many."""
    worker = program.worker_pids()[0]
    most = resource.prlimit(worker, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (count, most))


def start_tight(start, driver, clients, slots=50):
    """A program with slots to spare, and descriptors for so many clients and not one more."""
    program = start("--driver", driver, "--quiet", *limits(connections=slots, cache_ms=60000))
    program.idle_descriptor_count("/hello.txt", "/alphabet.txt")
    fixed = descriptor_count(program)
    assert fixed == STANDARD + ROOT + LISTENER + OWN[driver]
    allow_descriptors(program, fixed + clients)
    return program


def fill(program, count):
    """So many clients whose requests are under way: none of them may be closed for a new one."""
    clients = [program.connect() for _ in range(count)]
    for client in clients:
        client.send_apart(UNFINISHED)
    return clients


def finish(client):
    client.send(b"Host: linnet.test\r\n\r\n")
    assert client.answer().body == HELLO


# ---- exactly as many descriptors as are needed ---------------------------------------------------


@pytest.mark.parametrize("clients", [5, 3])
def test_s0_6_poll_waits_for_the_limit_of_descriptors(start, clients):
    """S0-6: the set holds 7 and 5 descriptors: the clients, one listener, one event; all are served
    at once, and for one more the client that was idle the longest goes."""
    program = start_tight(start, "poll", clients)
    served = [program.connect() for _ in range(clients)]
    for client in served:
        assert client.get("/hello.txt").body == HELLO
    for client in served:
        assert client.get("/alphabet.txt").body == ALPHABET
    assert descriptor_count(program) == STANDARD + ROOT + LISTENER + OWN["poll"] + clients
    assert served[0].get("/hello.txt").body == HELLO  # now the second is idle the longest
    one_more = program.connect()
    assert one_more.get("/hello.txt").body == HELLO
    served[1].end()
    for client in (served[0], *served[2:], one_more):
        assert client.get("/alphabet.txt").body == ALPHABET
    program.await_counters(connections_evicted=1, descriptor_pauses=0)


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("clients", [5, 3])
def test_s0_6_sum_of_descriptors_is_exact(start, site, driver, clients):
    """S0-6: what is promised at start holds at the limit; with one descriptor less, no start."""
    options = ("--driver", driver, "--quiet", *limits(connections=clients, open_files=1))
    rows = dict(re.findall(r"^(\w+) +.*?(\d+)$", printed(*options, "--budget"), re.M))
    total = STANDARD + ROOT + 1 + OWN[driver] + LISTENER + clients + 1  # one file is looked at
    assert int(rows["driver"]) == OWN[driver] and int(rows["sum"]) == total
    refused(1, "--listen", "127.0.0.1:0", *options, site,
            wrapper=("prlimit", f"--nofile={total - 1}:{total - 1}"))
    program = start(*options, wrapper=("prlimit", f"--nofile={total}:{total}"))
    busy = fill(program, clients)
    for client in busy:
        finish(client)
    for client in busy:
        assert client.get("/big.bin").body == big_content()


# ---- none is left --------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("clients", [5, 3])
def test_s0_6_no_descriptor_and_nobody_idle(start, driver, clients):
    """S0-6: all are busy: the listener is waited for no more, nothing spins; one leaves: it is."""
    program = start_tight(start, driver, clients)
    for number in range(3):
        busy = fill(program, clients)
        waiting = program.connect()
        waiting.send(request("/hello.txt"))
        assert measure_cpu(program, waiting, QUIET_S) < CPU_MAX
        assert program.counters()["descriptor_pauses"] > number
        busy[0].reset()
        assert waiting.answer().body == HELLO
        for client in busy[1:]:
            finish(client)
        program.close_clients()
    assert_answered(program, request("/hello.txt"), 200)


@pytest.mark.parametrize("driver", DRIVERS)
def test_s0_6_the_first_to_become_idle_makes_room(start, driver):
    """S0-6: paused for want of a descriptor, and nobody leaves: an answer makes a client idle."""
    program = start_tight(start, driver, 5)
    busy = fill(program, 5)
    waiting = program.connect()
    waiting.send(request("/alphabet.txt"))
    assert waiting.is_quiet(0.1)
    finish(busy[3])
    assert waiting.answer().body == ALPHABET
    busy[3].end()


@pytest.mark.parametrize("driver", DRIVERS)
def test_s0_6_descriptors_that_come_back_from_elsewhere(start, driver):
    """S0-6: no connection closes and none is idle, but the system has descriptors again."""
    program = start_tight(start, driver, 3)
    busy = fill(program, 3)
    waiting = program.connect()
    waiting.send(request("/hello.txt"))
    assert waiting.is_quiet(0.1)
    allow_descriptors(program, 64)
    assert waiting.answer().body == HELLO
    for client in busy:
        finish(client)


@pytest.mark.parametrize("driver", DRIVERS)
def test_s0_6_many_clients_in_turn(start, driver):
    """S0-6: fifty clients in turn, room for five: each is answered, and the last five stay."""
    program = start_tight(start, driver, 5)
    clients = [program.connect() for _ in range(50)]
    for client in clients:
        assert client.get("/hello.txt").body == HELLO
    for client in clients[:-5]:
        client.end()
    for client in clients[-5:]:
        assert client.get("/alphabet.txt").body == ALPHABET


def test_limit_that_is_lowered_below_what_is_open(start):
    """poll refuses a set that is longer than the limit: idle clients go until it is not."""
    program = start(*POLL)
    clients = [program.connect() for _ in range(20)]
    for client in clients:
        assert client.get("/hello.txt").body == HELLO
    allow_descriptors(program, 12)
    assert clients[-1].get("/hello.txt").body == HELLO  # the wait that was under way has its set
    for client in clients[:10]:
        client.end()
    for client in clients[10:]:
        assert client.get("/hello.txt").body == HELLO
    assert measure_cpu(program, clients[10], QUIET_S) < CPU_MAX


# ---- much at once --------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", DRIVERS)
def test_many_events_of_one_wait(start, driver):
    """Clients that ask, leave, reset and come while the program stands still: one wait tells it of
    all; whoever asked is answered, unless it was closed to make room, and nobody else is lost."""
    program = start("--driver", driver, *limits(connections=60))
    for _ in range(5):
        clients = [program.connect() for _ in range(60)]
        for client in clients:
            assert client.get("/hello.txt").body == HELLO
        asking, leaving, resetting, kept = (clients[begin::4] for begin in range(4))
        os.kill(program.worker_pids()[0], signal.SIGSTOP)
        for client in asking:
            client.send(request("/alphabet.txt", fields=("Connection: close",)))
        for client in leaving:
            client.send(request("/alphabet.txt"))
            client.finish()
        for client in resetting:
            client.reset()
        fresh = [program.connect() for _ in range(10)]
        for client in fresh:
            client.send(request("/hello.txt"))
        os.kill(program.worker_pids()[0], signal.SIGCONT)
        for client in fresh:
            assert client.answer().body == HELLO
        ends = [client.rest_or_reset() for client in asking + leaving]
        assert all(end == b"" or end.endswith(ALPHABET) for end in ends), ends
        still = [client for client in kept if client.is_quiet(0)]
        for client in still:
            assert client.get("/hello.txt").body == HELLO
        lost = ends.count(b"") + len(kept) - len(still)
        assert lost <= len(fresh), "more were closed than new ones came"
        program.close_clients()


@pytest.mark.parametrize("driver", DRIVERS)
def test_slow_readers_are_waited_for(start, driver):
    """Answers that no send takes whole, to many at once: all of every one arrives."""
    program = start("--driver", driver, *limits(socket_send_len=4096))
    clients = [program.connect(receive_len=4096) for _ in range(8)]
    for client in clients:
        client.send_apart(request("/big.bin"))
    silent = program.connect()
    assert measure_cpu(program, silent, QUIET_S) < CPU_MAX
    for client in clients:
        assert client.answer().body == big_content()


# ---- what strace sees ----------------------------------------------------------------------------


def start_traced(start, tmp_path, *options, inject=()):
    """A program under strace, and a function that gives its calls so far; the last may still be
    waiting."""
    trace = tmp_path / "trace"
    program = start(*options, "--quiet",
                    wrapper=("strace", "-f", "-o", str(trace), "-e", "signal=none", *inject))

    def calls():
        lines = trace.read_text("latin-1").splitlines()
        return [line.split(None, 1)[1] for line in lines if "(" in line and "resumed" not in line]

    return program, calls


@needs_strace
@pytest.mark.whole_io
@pytest.mark.parametrize("driver, wait", [("poll", "poll"), ("epoll", "epoll_wait")])
def test_one_wait_one_read_one_send(start, tmp_path, driver, wait):
    """A request on a kept connection: no other call, and none to say what is waited for."""
    program, calls = start_traced(start, tmp_path, "--driver", driver, *limits(cache_ms=60000))
    client = program.connect()
    begin = 0

    def names():
        return [call.partition("(")[0] for call in calls()][begin:]

    def has_sent(count):
        found = names()
        return sum(name.startswith("send") for name in found) == count and found[-1] == wait

    assert client.get("/hello.txt").body == HELLO
    wait_until(lambda: has_sent(1), "the wait behind the first request")
    begin = len(names())
    for _ in range(20):
        assert client.get("/hello.txt").body == HELLO
    wait_until(lambda: has_sent(20), "the wait behind the last request")
    assert set(names()) <= {wait, "recvfrom", "sendmsg", "sendto"}, names()
    assert names().count("recvfrom") == 20


@needs_strace
def test_s0_6_the_listener_leaves_the_set(start, tmp_path):
    """S0-6: while nobody can be accepted, poll passes over the listener; afterwards it is back."""
    program, calls = start_traced(start, tmp_path, *POLL, *limits(connections=2))
    busy = fill(program, 2)
    waiting = program.connect()
    waiting.send(request("/hello.txt"))

    def waited_for():
        """The descriptors of the last poll: the event, the listener, the clients."""
        return re.findall(r"\{fd=(-?\d+)", [call for call in calls() if call[:5] == "poll("][-1])

    wait_until(lambda: len(waited_for()) == 4 and waited_for()[1] == "-1", "a set without listener")
    finish(busy[0])
    assert waiting.answer().body == HELLO
    wait_until(lambda: len(waited_for()) == 4 and waited_for()[1] != "-1", "the listener again")


@needs_strace
def test_no_memory_to_wait_is_waited_over(start, tmp_path):
    """poll needs memory of the kernel: where there is none the program neither ends nor spins."""
    program, calls = start_traced(start, tmp_path, *POLL, inject=(
        "-e", "inject=poll:error=ENOMEM:when=3+3"))
    client = program.connect()
    for _ in range(10):
        assert client.get("/hello.txt").body == HELLO
    assert any("ENOMEM" in call for call in calls())
