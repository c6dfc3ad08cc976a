"""A soak: many requests, clients that break off anywhere; behind it nothing is missing.

In ctest it is short; `make soak` makes it long:

    LINNET_SOAK_REQUESTS   in all (20000)
    LINNET_SOAK_ABORT      of a hundred clients break off (10)
    LINNET_SOAK_SEED       of everything that is drawn (1)

The pools are small, so that a hundred clients stand in line for them all the time, and a lost loan
of any kind shows in the probes: they take the last one of each. Waiting is never cut short here,
for the answers are counted, and a refusal for want of room would be one too many."""
# ctest: alone - it measures memory
import collections
import json
import os
import re
import resource
import signal
import subprocess

import pytest

from client import request, wait_until
from content import write_file
from program import SANITIZED, limits

REQUESTS = int(os.environ.get("LINNET_SOAK_REQUESTS") or 20000)
ABORT = int(os.environ.get("LINNET_SOAK_ABORT") or 10)
SEED = int(os.environ.get("LINNET_SOAK_SEED") or 1)
SOAK = os.path.join(os.environ.get("LINNET_BUILD_DIR") or "build/debug", "tests", "soak_clients")
CLIENTS = 100
DEADLINE_S = 60 + REQUESTS // 500

SLOTS, INPUTS, OUTPUTS, OPEN_FILES, BLOCKS = 150, 24, 24, 4, 5
LIMITS = limits(connections=SLOTS, inputs=INPUTS, outputs=OUTPUTS, open_files=OPEN_FILES,
                cache_blocks=BLOCKS, cache_block_len=200000, files=20, socket_send_len=32768,
                wait_ms=60000, loan_grace_ms=60000, head_ms=600000, idle_ms=600000,
                write_stall_ms=600000, rate_grace_ms=600000, log_len=1048576)

# Private memory of all processes, without the pages of files. All memory that the program will ever
# use is locked, so it is there from the start; what is new is a deeper stack, for one.
GROWTH_KIB_MAX = 16

PATTERN_PERIOD = 251  # of tests/soak/soak_ask.h
KNOWN = ("whole", "half", "answer")  # classes of which the log must have every single request
GUESSED = ("asked", "left")  # the server may have lost the request with its connection


# ---- the site ------------------------------------------------------------------------------------


def pattern(length):
    return (bytes(range(PATTERN_PERIOD)) * (length // PATTERN_PERIOD + 1))[:length]


@pytest.fixture
def patterns(folder):
    """The files that the clients ask for, and those of the probes."""
    for length in (15, 5000, 150000, 1000000, 20000000):
        write_file(folder, f"{length}.bin", pattern(length))
    write_file(folder, "index.html", pattern(700))
    os.mkdir(os.path.join(folder, "folder"))
    for i in range(BLOCKS):
        write_file(folder, f"memory{i}.bin", pattern(190000))
    for i in range(OPEN_FILES):
        write_file(folder, f"file{i}.bin", pattern(250000))
    return folder


# ---- probes: each takes all there is of one kind -------------------------------------------------


def probe_slots(program):
    """As many clients as slots; if one were lost, the first client would have been closed."""
    clients = [program.connect() for _ in range(SLOTS)]
    for _ in range(2):
        for client in clients:
            assert client.get("/15.bin").body == pattern(15)
    program.close_clients()


def probe_inputs(program):
    """As many unfinished heads as input buffers, each of them read."""
    clients = [program.connect() for _ in range(INPUTS)]
    for client in clients:
        client.send_apart(b"GET /15.bin HTTP/1.1\r\n")
    for client in clients:
        client.send(b"Host: linnet.test\r\n\r\n")
        assert client.answer().body == pattern(15)
    program.close_clients()


def probe_readers(program, count, name, files):
    """So many answers at one time, of so many files; none is read until all have begun."""
    clients = [program.connect(receive_len=4096) for _ in range(count)]
    for i, client in enumerate(clients):
        client.send(request(f"/{name}{i % files}.bin"))
    for client in clients:
        wait_until(lambda client=client: not client.is_quiet(0.01), "the begin of an answer")
    for client in clients:
        answer = client.answer()
        assert answer.status == 200 and len(answer.body) == int(answer.field("Content-Length"))
    program.close_clients()


def probe_all(program):
    probe_slots(program)
    probe_inputs(program)
    probe_readers(program, OUTPUTS, "memory", BLOCKS)
    probe_readers(program, SLOTS, "file", OPEN_FILES)


# ---- before and after ----------------------------------------------------------------------------


def soak(program, requests, seed):
    """Runs the clients; what they saw."""
    assert os.path.exists(SOAK), f"there is no program at {SOAK}: build it first"
    done = subprocess.run(
        [SOAK, "--port", str(program.port), "--requests", str(requests), "--seed", str(seed),
         "--abort", str(ABORT), "--clients", str(CLIENTS)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S, check=False)
    assert done.returncode == 0, program.report(done.stderr.decode("latin-1"))
    return json.loads(done.stdout)


def descriptors(program):
    """How many are open when nobody is there; the cache holds whatever it may hold."""
    return program.idle_descriptor_count(*(f"/file{i}.bin" for i in range(OPEN_FILES)))


def private_kib(program):
    total = 0
    for pid in program.pids():
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            total += int(re.search(r"^Anonymous:\s+(\d+) kB", file.read(), re.M).group(1))
    return total


def may_lock():
    allowed = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    return os.geteuid() == 0 or allowed == resource.RLIM_INFINITY or allowed >= 8 << 20


def figures(program):
    """What the program has counted, and what is in use: SIGUSR1 makes it write them."""
    def lines():
        return [line for line in program.errors.splitlines(True) if line.endswith(b"}\n")]
    before = len(lines())
    program.send_signal(signal.SIGUSR1)
    wait_until(lambda: len(lines()) > before, "figures")
    return json.loads(lines()[-1])


def add_up(*results):
    total = {"ends": collections.Counter(), "statuses": collections.Counter()}
    for result in results:
        for name, sums in total.items():
            sums.update(result[name])
    return total


def read_log(path):
    """Lines by class of request, whole answers by status, what was not whole, lines by status."""
    classes, statuses, incomplete, hundreds = (collections.Counter() for _ in range(4))
    with open(path, encoding="ascii") as file:
        for line in file:
            record = json.loads(line)
            assert "dropped_lines" not in record, "the log was full: log_len is too small"
            name = (record["target"] or "").partition("?")[2]
            classes[name] += 1
            hundreds[(record["status"] or 0) // 100] += 1
            if name in ("whole", "half"):
                statuses[str(record["status"])] += 1
            incomplete[name] += not record["complete"]
    return classes, statuses, incomplete, hundreds


def assert_counted(path, seen, counted):
    """The log has one line for each answer that a client counted, and no line else; the program's
    own figures are those of the log, and nothing is in use."""
    classes, statuses, incomplete, hundreds = read_log(path)
    for hundred in range(2, 6):
        assert counted[f"answers_{hundred}xx"] == hundreds[hundred], (hundreds, counted)
    assert counted["connections_opened"] == counted["connections_closed"]
    for name in ("slots", "inputs", "exchanges", "outputs"):
        assert counted[f"{name}_now"] == 0 < counted[f"{name}_most"], counted
    ends = seen["ends"]
    for name in KNOWN:
        assert classes[name] == ends[name], (name, classes, ends)
    for name in GUESSED:
        assert classes[name] <= ends[name], (name, classes, ends)
    assert statuses == seen["statuses"]
    assert incomplete["whole"] == incomplete["half"] == 0
    assert classes["head"] == classes["head-left"] == classes["silent"] == 0


def test_s0_1_s0_6_nothing_is_lost_behind_a_soak(start, patterns, tmp_path):
    """S0-1, S0-6: descriptors, slots, buffers, memory and answers are all there afterwards."""
    path = tmp_path / "access.json"
    is_flat = may_lock() and not SANITIZED
    lock = ("--lock-memory",) if is_flat else ()
    program = start(*LIMITS, *lock, "--log", "json", "--log-file", str(path), folder=patterns)
    probe_all(program)
    warm_up = soak(program, REQUESTS // 10, SEED)
    descriptors_before, private_before = descriptors(program), private_kib(program)
    main = soak(program, REQUESTS - REQUESTS // 10, SEED + 1)
    probe_all(program)
    descriptors_after, private_after = descriptors(program), private_kib(program)
    counted = figures(program)
    program.stop()
    print(json.dumps({"warm_up": warm_up, "main": main,
                      "descriptors": [descriptors_before, descriptors_after],
                      "private_kib": [private_before, private_after],
                      "counted": counted}))
    assert descriptors_after == descriptors_before
    assert not is_flat or private_after - private_before <= GROWTH_KIB_MAX
    assert_counted(path, add_up(warm_up, main), counted)
