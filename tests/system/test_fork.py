"""S2-2: a process for each connection, reaped, bounded and counted; the fork driver."""
# ctest: alone - it makes ten thousand processes
import os
import re
import signal
import subprocess
import time

import pytest

from client import request, wait_until
from content import HELLO, big_content
from program import SANITIZED, limits, measure_cpu, printed, refused
from test_budget import terms

FORK = ("--driver", "fork")
LISTEN = ("--listen", "127.0.0.1:0")
CLOSE = ("Connection: close",)
BURST = 1000 if SANITIZED else 10000
REFUSED = os.path.relpath(
    os.path.join(os.environ.get("LINNET_BUILD_DIR", "build/debug"), "fork_refused_preload.so"))
# The slice is the block; a process has its stack, the data of libc and the program besides.
BESIDES_KIB = 256
APART_S = 0.1  # between two who are idle, to tell who has been for longer


def sockets_of(pid):
    """The names of its sockets."""
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{name}")
        if target.startswith("socket:"):
            found.append(target)
    return sorted(found)


def states_of_children(pid):
    """The letters of /proc/PID/stat of its children, zombies too."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit():
                with open(f"/proc/{name}/stat", encoding="latin-1") as file:
                    fields = file.read().rpartition(")")[2].split()
                if int(fields[1]) == pid:
                    found.append(fields[0])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def held(program, count):
    """So many clients that have had an answer and stay."""
    clients = [program.connect() for _ in range(count)]
    for client in clients:
        assert client.get("/hello.txt").body == HELLO
    return clients


def test_s2_2_ten_thousand_connections_leave_nothing(start):
    """S2-2: no zombie, and as many descriptors of the parents' as before."""
    program = start(*FORK, "--quiet")
    held(program, 1)
    program.close_clients()
    program.await_counters(children_now=0)
    worker = program.worker_pids()[0]
    before = [len(os.listdir(f"/proc/{pid}/fd")) for pid in (program.main_pid(), worker)]
    done = subprocess.run(["ab", "-q", "-n", str(BURST), "-c", "20",
                           f"http://127.0.0.1:{program.port}/hello.txt"],
                          capture_output=True, text=True, timeout=300, check=True)
    assert "Failed requests:        0" in done.stdout
    found = program.await_counters(children_now=0)
    # ab may connect once more than it asks.
    assert BURST < found["requests"] <= found["children_made"] <= BURST + 21
    assert found["connections_opened"] == found["connections_closed"] == found["children_made"]
    assert found["children_failed"] == 0 and found["slots_now"] == 0
    assert states_of_children(worker) == []
    assert [len(os.listdir(f"/proc/{pid}/fd")) for pid in (program.main_pid(), worker)] == before
    assert program.worker_pids() == [worker]


def test_s2_2_each_closes_what_is_the_other_s(start):
    """S2-2: the parent keeps the listener and no connection, each child the other way round."""
    program = start(*FORK)
    worker = program.worker_pids()[0]
    listener = sockets_of(worker)
    assert len(listener) == 1
    held(program, 5)
    children = program.connection_pids()
    assert len(children) == 5 and sockets_of(worker) == listener
    connections = [sockets_of(child) for child in children]
    assert all(len(own) == 1 and own != listener for own in connections)
    assert len({own[0] for own in connections}) == 5


@pytest.mark.parametrize("number, cause", [
    (signal.SIGKILL, rb"SIGKILL"), (signal.SIGSEGV, rb"SIGSEGV( \(core dumped\))?"),
    (signal.SIGUSR2, rb"assertion failed: !ln_signals_provoked\(\) at server/serving\.c:\d+"
                     rb"( \(core dumped\))?")])
def test_s2_2_child_that_is_killed_harms_nobody(start, number, cause):
    """S2-2: one line, one counter, and its client's end; the others do not notice."""
    if SANITIZED and number == signal.SIGSEGV:
        cause = rb"SIGABRT"
    program = start(*FORK)
    first, = held(program, 1)
    victim = program.connection_pids()[0]
    others = held(program, 3)
    os.kill(victim, number)
    if number == signal.SIGUSR2:  # it is looked at when the wait has ended
        first.send(request("/hello.txt"))
    first.rest_or_reset()
    line = program.await_error(b"linnet: the process of a connection (%d) ended: " % victim)
    assert re.fullmatch(rb"linnet: the process of a connection \(%d\) ended: %s\n"
                        % (victim, cause), line), line
    for client in others:
        assert client.get("/hello.txt").body == HELLO
    found = program.await_counters(children_failed=1, children_now=3)
    assert found["workers_replaced"] == 0
    program.forgive()


def test_s2_2_child_that_takes_too_much_time_is_ended(start):
    """S2-2: child_cpu_s: whoever computes without end is killed by the system."""
    program = start(*FORK, "--quiet", *limits(child_cpu_s=1))
    other, = held(program, 1)
    busy = subprocess.Popen(["ab", "-q", "-k", "-n", "10000000",
                             f"http://127.0.0.1:{program.port}/nothing"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: b"ended: SIGXCPU" in program.errors, "the end of the busy one", 60)
    finally:
        busy.kill()
        busy.wait()
    program.await_error(b"the process of a connection", b"ended: SIGXCPU\n")
    assert other.get("/hello.txt").body == HELLO
    program.forgive()


def test_s2_2_child_that_stands_still_is_ended(start):
    """S2-2: behind lifetime_ms its parent kills one that does not end by itself."""
    program = start(*FORK, *limits(lifetime_ms=300, children_max=1))
    held(program, 1)
    os.kill(program.connection_pids()[0], signal.SIGSTOP)
    waiting = program.connect()
    waiting.send(request("/hello.txt"))
    assert waiting.answer().body == HELLO
    program.await_error(b"the process of a connection", b"ended: SIGKILL")
    program.forgive()


@pytest.mark.skipif(SANITIZED, reason="the sanitizer's own names come first")
def test_s2_2_refused_process_sheds_and_recovers(start):
    """S2-2: the client is closed and counted; after a while the next one is served."""
    program = start(*FORK, environment={"LD_PRELOAD": REFUSED})
    held(program, 1)
    for refusals in (1, 2, 3):
        shed = program.connect()
        shed.send(request("/hello.txt"))
        assert shed.rest_or_reset() == b""
        program.await_counters(children_refused=refusals)
    waiting = program.connect()
    assert measure_cpu(program, waiting, 0.1) < 0.5
    assert waiting.get("/hello.txt").body == HELLO
    found = program.counters()
    assert found["children_made"] == 2 and found["descriptor_pauses"] == 3


@pytest.mark.parametrize("most", [1, 2, 5])
def test_s2_2_bound_is_kept(start, most):
    """S2-2: children_max busy clients; one more waits without CPU time until one leaves."""
    program = start(*FORK, *limits(children_max=most))
    busy = []
    for _ in range(most):
        client = program.connect()
        client.send_apart(b"GET /hello.txt HTTP/1.1\r\n")
        busy.append(client)
    late = program.connect()
    late.send(request("/hello.txt"))
    assert measure_cpu(program, late, 0.3) < 0.1
    assert len(program.connection_pids()) == most
    busy[0].close()
    assert late.answer().body == HELLO
    assert program.counters()["children_most"] == most


def test_s2_2_idle_one_makes_room(start):
    """S0-6: all processes taken by idle clients: the one idle the longest goes for a new one."""
    program = start(*FORK, *limits(children_max=3))
    first, second = held(program, 2)
    # Each process notes for itself since when it has been idle, a moment behind its answer.
    end = time.monotonic() + APART_S
    while time.monotonic() < end:
        assert first.get("/hello.txt").body == HELLO
    third, = held(program, 1)
    assert first.get("/hello.txt").body == HELLO
    fourth, = held(program, 1)
    second.end()
    for client in (first, third, fourth):
        assert client.get("/hello.txt").body == HELLO
    program.await_counters(connections_evicted=1)


def test_s2_2_children_end_with_their_parents(start):
    """A worker that is killed takes its connections along, and is replaced."""
    program = start(*FORK)
    clients = held(program, 3)
    children = program.connection_pids()
    os.kill(program.worker_pids()[0], signal.SIGKILL)
    for client in clients:
        client.rest_or_reset()
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}/exe") for pid in children), "the end")
    program.close_clients()
    held(program, 1)
    program.await_error(b"linnet: worker 1", b"SIGKILL; replaced at once")
    program.forgive()


def test_s2_2_drains(start):
    """SIGTERM: idle clients end, a running answer is finished, and nothing is left."""
    program = start(*FORK, "--workers", "2", *limits(socket_send_len=16384, linger_ms=100))
    idle = held(program, 3)
    reader = program.connect(receive_len=4096)
    reader.send_apart(request("/big.bin", fields=CLOSE))
    program.send_signal(signal.SIGTERM)
    for client in idle:
        client.end()
    assert reader.answer().body == big_content()
    reader.end()
    assert program.await_end() == 0, program.report("the end")
    assert not program.pids()


@pytest.mark.skipif(SANITIZED, reason="the sanitizer's own memory is larger")
def test_s2_2_a_child_touches_no_more_than_its_slice(start):
    """The budget is the number of processes times the block, and no process has more of its own."""
    memory = terms(printed("--budget", *FORK, "--connections", "10"), "memory,")
    assert memory["slices"][:2] == (11, memory["sum"][2])
    program = start(*FORK, "--connections", "10")
    client, = held(program, 1)
    assert client.get("/big.bin").body == big_content()
    for _ in range(50):
        assert client.get("/nothing").status == 404
    with open(f"/proc/{program.connection_pids()[0]}/smaps_rollup", encoding="ascii") as file:
        own = int(re.search(r"^Private_Dirty:\s+(\d+) kB", file.read(), re.M).group(1))
    assert own <= memory["sum"][2] / 1024 + BESIDES_KIB


def test_s2_2_memory_says_how_many(start):
    """--memory: as many as fit; too little names what would do, and that works."""
    memory = terms(printed("--budget", *FORK, "--memory", "8M"), "memory,")
    assert 7 << 20 < memory["all"][2] <= 8 << 20
    line = refused(1, *LISTEN, *FORK, "--memory", "200K")
    least = re.search(r"The smallest that would do is --memory (\d+)K", line).group(1)
    program = start(*FORK, "--memory", f"{least}K")
    assert b" 1 connections, " in b"".join(program.lines)
    held(program, 1)
    line = refused(1, *LISTEN, *FORK, "--memory", "8M", "--connections", "200")
    assert "fewer --connections" in line
    line = refused(1, *LISTEN, *FORK, "--workers", "4", "--connections", "3")
    assert "3 connections, as connections and children_max allow, cannot be divided among 4" in line
