"""Worker processes: an assertion ends one worker, never the program; and their parent's signals."""
# ctest: alone - it counts processes' ends by the clock
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from client import assert_answered, request, wait_until
from content import HELLO, big_content
from program import SANITIZED, limits, printed, refused
from test_budget import terms
from test_options import UnixClient

LISTEN = ("--listen", "127.0.0.1:0")
DRIVER = os.environ.get("LINNET_DRIVER", "epoll")
CLOSE = ("Connection: close",)


def kill_worker(program, number=signal.SIGKILL, index=0):
    """Ends one and waits until another has its place; returns the line that says so."""
    before = program.worker_pids()
    os.kill(before[index], number)
    line = program.await_error(b"linnet: worker ", f"(process {before[index]})".encode())
    wait_until(lambda: len(program.worker_pids()) == len(before), "another worker")
    assert before[index] not in program.worker_pids()
    return line


def serves(program, count=1):
    for _ in range(count):
        client = program.connect()
        client.send(request("/hello.txt", fields=CLOSE))
        assert client.rest().endswith(HELLO)


# ---- replacing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number, cause", [
    (signal.SIGKILL, rb"SIGKILL"), (signal.SIGSEGV, rb"SIGSEGV( \(core dumped\))?"),
    (signal.SIGUSR2, rb"assertion failed: !ln_signals_provoked\(\) at server/serving\.c:\d+"
                     rb"( \(core dumped\))?")])
def test_worker_that_ends_is_replaced(start, number, cause):
    """Whatever ends it: the program goes on, even with one worker, and one line says why."""
    if SANITIZED and number == signal.SIGSEGV:
        cause = rb"SIGABRT"  # the sanitizer's own report comes first
    program = start()
    parent, worker = program.main_pid(), program.worker_pids()[0]
    serves(program)
    line = kill_worker(program, number)
    assert re.fullmatch(rb"linnet: worker 1 \(process %d\) ended: %s; replaced at once\n"
                        % (worker, cause), line), line
    assert program.errors.count(b"linnet: ") == 1, program.errors
    serves(program)
    assert program.main_pid() == parent
    program.forgive()


def test_release_fails_no_assertion_when_asked():
    """The provocation is of builds for tests: nothing of it is said to users."""
    for text in (printed("--help"), printed("--limits")):
        assert "USR2" not in text


@pytest.mark.skipif(DRIVER in ("blocking", "threads"), reason="who dies in accept takes one along")
def test_queue_outlives_the_worker(start):
    """Who waits to be accepted when a worker dies is served by the next."""
    program = start()
    worker = program.worker_pids()[0]
    os.kill(worker, signal.SIGSTOP)
    clients = [program.connect() for _ in range(5)]
    for client in clients:
        client.send(request("/hello.txt", fields=CLOSE))
    os.kill(worker, signal.SIGKILL)
    for client in clients:
        assert client.rest().endswith(HELLO)
    program.await_error(b"SIGKILL; replaced at once")
    program.forgive()


def test_replacing_slows_down(start):
    """At once, then after respawn_ms, doubling up to respawn_ms_max; and anew behind a while."""
    program = start(*limits(respawn_ms=50, respawn_ms_max=200))
    waits = []
    for _ in range(6):
        wait = re.search(rb"replaced (at once|in (\d+) ms)\n", kill_worker(program))
        waits.append(int(wait.group(2) or 0))
    assert waits == [0, 50, 100, 200, 200, 200] or waits[1:] == [0, 50, 100, 200, 200], waits
    begin = time.monotonic()
    wait_until(lambda: time.monotonic() - begin > 0.25, "a while without an end")
    assert kill_worker(program).endswith(b"; replaced at once\n")
    serves(program)
    program.forgive()


def test_replacement_that_cannot_start_is_tried_again(start, folder):
    """The log's folder is gone: the line says so; when it is back, so is the service."""
    place = os.path.join(os.path.dirname(folder), "logs")
    os.mkdir(place)
    program = start("--log-file", f"{place}/log", *limits(respawn_ms=20, respawn_ms_max=40))
    os.rename(place, place + ".away")
    os.kill(program.worker_pids()[0], signal.SIGKILL)
    program.await_error(b"ended: it could not start: cannot write the log to", b"; it keeps ending")
    os.rename(place + ".away", place)
    serves(program)
    program.forgive()


def test_parent_keeps_no_descriptor_of_workers_that_are_gone(start):
    """Its descriptors are the same before and behind, and so are those of a worker."""
    program = start(*limits(respawn_ms=1, respawn_ms_max=1))
    serves(program)
    kill_worker(program)
    counts = []
    for _ in range(2):
        parent, worker = program.main_pid(), program.worker_pids()[0]
        serves(program)
        counts.append((len(os.listdir(f"/proc/{parent}/fd")),
                       os.readlink(f"/proc/{parent}/exe"), len(os.listdir(f"/proc/{worker}/fd"))))
        for _ in range(5):
            kill_worker(program)
    assert counts[0] == counts[1]
    program.forgive()


def test_children_that_are_ignored_are_seen(start):
    """SIGCHLD that was inherited as ignored would reap them without a word."""
    code = ("import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
            "os.execv(sys.argv[1], sys.argv[1:])")
    program = start(wrapper=(sys.executable, "-c", code))
    kill_worker(program)
    serves(program)
    program.forgive()


# ---- several of them -----------------------------------------------------------------------------


def sockets_of(pid):
    count = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            count += os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:")
        except FileNotFoundError:
            pass
    return count


@pytest.mark.skipif(DRIVER in ("blocking", "fork", "threads"),
                    reason="a worker of this driver has one client at a time")
def test_two_workers_both_serve(start):
    """The kernel divides those who come among listeners at one port, which port 0 has chosen."""
    program = start("--workers", "2")
    assert len(program.worker_pids()) == 2 and len(program.urls) == 1
    assert b"2 workers, " in b"".join(program.lines)
    before = [sockets_of(pid) for pid in program.worker_pids()]
    assert before == [1, 1]  # its own listener, and not the other's
    clients = [program.connect() for _ in range(60)]
    for client in clients:
        assert client.get("/hello.txt").body == HELLO
    more = [sockets_of(pid) - count for pid, count in zip(program.worker_pids(), before)]
    assert sum(more) == 60 and min(more) > 0, more
    assert program.await_counters(requests=60, slots_now=60)["workers"] == 2


@pytest.mark.skipif(DRIVER in ("blocking", "fork", "threads"),
                    reason="a worker of this driver has one client at a time")
def test_one_end_is_nothing_to_other_workers_clients(start):
    """Connections of the other worker go on."""
    program = start("--workers", "2")
    clients = [program.connect() for _ in range(40)]
    for client in clients:
        assert client.get("/hello.txt").body == HELLO
    kept = sockets_of(program.worker_pids()[1]) - 1
    kill_worker(program)
    answered = 0
    for client in clients:
        try:
            answered += client.get("/hello.txt").body == HELLO
        except (OSError, AssertionError):
            pass
    assert answered == kept > 0
    program.forgive()


def test_taken_address_is_seen_by_any_number(start, site):
    """Listeners share an address among themselves, not with another program."""
    first = start("--workers", "2")
    for workers in ("1", "2"):
        line = refused(1, "--workers", workers, "--listen", f"127.0.0.1:{first.port}", site)
        assert "something listens there already" in line
    serves(first, 5)


def test_unix_socket_is_one_for_all(start, folder):
    """And its name goes when they drain."""
    path = os.path.join(os.path.dirname(folder), "linnet.sock")
    program = start("--workers", "3", listen=(f"unix:{path}",))
    program.await_log(b"  driver ")
    for _ in range(20):
        client = UnixClient(path)
        client.send(request("/hello.txt", fields=CLOSE))
        assert client.rest().endswith(HELLO)
    program.stop()
    assert not os.path.exists(path)


def test_auto_is_as_many_as_processors(start):
    """Those this process may run on."""
    allowed = sorted(os.sched_getaffinity(0))
    assert len(start("--workers", "auto").worker_pids()) == min(len(allowed), 256)
    program = start("--workers", "auto", wrapper=("taskset", "-c", str(allowed[0])))
    assert len(program.worker_pids()) == 1


@pytest.mark.skipif(SANITIZED or DRIVER == "threads", reason="so much takes too much memory")
def test_workers_at_their_most(start):
    """256 with one connection each; one connection less does not go round."""
    program = start("--workers", "256", "--connections", "256", "--quiet")
    assert len(program.worker_pids()) == 256
    serves(program, 20)
    line = refused(1, *LISTEN, "--workers", "256", "--connections", "255")
    assert "connections=255 cannot be divided among 256 workers: each needs 1 at least" in line


def test_budget_is_divided():
    """--memory and the counts are of the whole program."""
    page = printed("--budget", "--workers", "4", "--memory", "32M", "--connections", "400")
    memory = terms(page, "memory,")
    assert memory["slots"][0] == 100 and memory["workers"][0] == 4
    assert memory["workers"][2] == 4 * memory["sum"][2]
    assert memory["all"][2] == memory["workers"][2] + memory["shared"][2]
    assert 0.9 * (32 << 20) < memory["all"][2] <= 32 << 20
    assert terms(page, "descriptors")["connections"][0] == 100


@pytest.mark.skipif(DRIVER in ("fork", "threads"), reason="each connection has a slice there")
def test_memory_too_small_for_all_names_what_would_do(start):
    """The sum is of all workers; what the message names works."""
    line = refused(1, *LISTEN, "--workers", "3", "--memory", "100K")
    least = re.search(r"the sum is 3 times worker .*The smallest that would do is --memory (\d+)K",
                      line).group(1)
    program = start("--workers", "3", "--memory", f"{least}K")
    serves(program, 5)


@pytest.mark.parametrize("text", ["0", "257", "-1", "x", "autos", ""])
def test_wrong_number_of_workers_is_told(text):
    """From 1 to 256, or auto."""
    line = refused(2, "--workers", text)
    assert f"--workers {text}: the value must be a number from 1 to 256" in line


# ---- signals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_to_every_process_is_obeyed_once(start, number):
    """Ctrl-C of a terminal reaches the whole group: what is begun is finished nevertheless."""
    program = start("--workers", "2", *limits(socket_send_len=16384, linger_ms=100))
    reader = program.connect(receive_len=4096)
    reader.send_apart(request("/big.bin"))
    os.killpg(program.process.pid, number)
    assert reader.answer().body == big_content()
    reader.end()
    assert program.await_end() == 0, program.report("the end")


def test_signal_to_a_worker_alone_changes_nothing(start):
    """It is for the parent to say when it ends."""
    program = start()
    worker = program.worker_pids()[0]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        os.kill(worker, number)
    serves(program, 3)
    assert program.worker_pids() == [worker]


def test_worker_that_hangs_keeps_nobody(start):
    """A second signal stops at once; whoever does not is killed by the third."""
    program = start("--workers", "2")
    serves(program)
    pids = program.pids()
    os.kill(program.worker_pids()[0], signal.SIGSTOP)
    program.send_signal(signal.SIGTERM)
    wait_until(lambda: len(program.worker_pids()) == 1, "the end of the other")
    program.send_signal(signal.SIGTERM)
    program.send_signal(signal.SIGINT)
    assert program.await_end(8) == 0, program.report("the end")
    # So nobody holds a listener any more; its port may be another program's by now.
    assert not any(os.path.exists(f"/proc/{pid}/exe") for pid in pids)
    assert b"ended: SIGKILL; not replaced, for the program stops" in program.errors
    program.forgive()


def test_killed_parent_takes_its_workers_along(start):
    """Nobody serves unwatched."""
    program = start("--workers", "2")
    workers = program.worker_pids()
    assert len(workers) == 2
    os.kill(program.main_pid(), signal.SIGKILL)
    program.await_end()
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}/exe") for pid in workers),
               "the end of the workers")


def test_hangup_reaches_all(start, folder):
    """SIGHUP: every worker opens the log anew, once."""
    path = os.path.join(os.path.dirname(folder), "access.log")
    program = start("--workers", "2", "--log-file", path)
    serves(program, 10)
    os.rename(path, path + ".1")

    def all_anew():
        held = [os.path.realpath(f"/proc/{pid}/fd/{name}") for pid in program.worker_pids()
                for name in os.listdir(f"/proc/{pid}/fd")]
        return held.count(path) >= 2 and held.count(path + ".1") == 0

    program.send_signal(signal.SIGHUP)
    wait_until(lambda: os.path.exists(path) and all_anew(), "two workers with the new log")
    serves(program, 10)
    program.stop()
    for name in (path, path + ".1"):
        with open(name, encoding="ascii") as log:
            assert len(log.readlines()) == 10


def test_parent_waits_without_cpu_time(start):
    """It has nothing to do while workers serve."""
    program = start()
    parent = program.main_pid()

    def ticks():
        with open(f"/proc/{parent}/stat", encoding="latin-1") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    serves(program, 100)
    assert ticks() - before <= 1


# ---- counters ------------------------------------------------------------------------------------


def test_counters_are_of_all_and_nothing_leaks(start):
    """SIGUSR1: sums over the workers; what was lent came back."""
    program = start("--workers", "2")
    for _ in range(10):
        serves(program)
        for target, status in (("/nothing", 404), ("/sub", 301), ("/big.bin", 200)):
            client = program.connect()
            assert client.get(target, *CLOSE).status == status
        refused_one = program.connect()
        refused_one.send(b"GET / HTTP/1.1\r\n\r\n")
        assert refused_one.answer().status == 400
        program.close_clients()
    found = program.await_counters(connections_closed=50, slots_now=0)
    assert found["connections_opened"] == 50 and found["requests"] == 50
    assert found["answers_2xx"] == 20 and found["answers_3xx"] == 10
    assert found["answers_4xx"] == 20 and found["refusals"] == 10
    assert found["closed_for_bad-host"] == 10
    for name in ("slots", "inputs", "exchanges", "outputs"):
        assert found[f"{name}_now"] == 0 < found[f"{name}_most"], name
    assert found["bytes_sent"] > 10 * len(big_content())
    assert found["open_files_now"] <= 2 and found["open_files_most"] > 0


def test_counters_go_on_behind_a_worker(start):
    """What a worker has counted is not lost with it; what it held is."""
    program = start()
    holder = program.connect()
    assert holder.get("/hello.txt").body == HELLO
    program.await_counters(requests=1, slots_now=1)
    kill_worker(program)
    serves(program, 2)
    found = program.await_counters(requests=3, slots_now=0)
    assert found["connections_opened"] == 3 and found["workers_replaced"] == 1
    assert found["slots_most"] >= 1
    program.forgive()


def test_counters_in_the_log_s_format(start):
    """--log json: an object with the same names."""
    program = start("--log", "json")
    serves(program)
    program.send_signal(signal.SIGUSR1)
    found = json.loads(program.await_error(b'{"time":"', b"}"))
    assert found["workers"] == 1 and found["slots_now"] in (0, 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["time"])


def test_nothing_is_lost_when_nobody_reads_what_the_parent_says(start):
    """A full pipe on standard error holds neither the parent nor its workers up."""
    reading, writing = os.pipe()
    try:
        program = start("--workers", "1", wrapper=("bash", "-c", f'exec "$@" 2>&{writing}', "bash"),
                        pass_descriptors=(writing,))
        os.close(writing)
        for _ in range(200):
            program.send_signal(signal.SIGUSR1)
            serves(program)
    finally:
        os.close(reading)


def test_every_answer_is_from_somebody(start):
    """A command line tool, many at a time, over two workers."""
    program = start("--workers", "2")
    done = subprocess.run(["ab", "-q", "-n", "400", "-c", "20",
                           f"http://127.0.0.1:{program.port}/hello.txt"],
                          capture_output=True, text=True, timeout=60, check=True)
    assert "Failed requests:        0" in done.stdout
    assert_answered(program, request("/hello.txt"), 200)
    assert program.await_counters(requests=402)["answers_2xx"] == 402
