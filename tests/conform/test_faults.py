"""Every call of the system fails, in every way that system_call.h lists: alone, and every Nth time.

The program does what the row says and goes on; when the fault is over it has lost nothing
(whole.py). What calls a driver makes it says itself, so that a new driver is tested by being there.
The faults are made by drivers/system/system_fault.c, in builds with LINNET_FAULTS."""
import concurrent.futures
import functools
import json
import os
import signal
import socket
import subprocess
import time

import pytest

import drivers
import fault_rows
import visits
from client import request, wait_until
from program import PROGRAM, Program, limits
from whole import Case

BOOT_DEADLINE_S = 20
TOGETHER = 4  # cases at the same time: each waits more than it computes
EACH = (1, 2, 3, 7)  # every so many calls one fails
BUNCHES_MAX = 5  # of clients, until a call was made that is rare
FAULTS_DEADLINE_S = 60  # until all of a plan have been

pytestmark = pytest.mark.whole_io  # short transfers are rows of their own

# Calls that only serve a setting that is not the usual one: tests/unit/system_call_test.c has them,
# and some of the tests below, and tests/system/test_async_files.py.
UNIX_CALLS = {"connect", "lstat", "chmod", "unlink"}
ASYNC_CALLS = {"fcntl-direct", "io_setup", "io_submit", "io_submit-read", "io_getevents"}
ELSEWHERE = UNIX_CALLS | ASYNC_CALLS | {"open-log", "poll-log", "send-log", "poll-rest",
                                        "read-event"}
# No answer need be under way when they fail, so no line need tell the reason.
SILENT = {"recv", "read", "sendmsg", "epoll_ctl-add"}
# Made at start and at the end only: what follows is what a bunch of clients does without them.
OUTSIDE = {"write-event", "read-event", "fstat-log", "open-anew", "setsockopt"}
# Of these so many are made at start, for other ends.
AT_START = {"epoll_ctl-add": 2, "setsockopt-wait": 1, "io_uring_enter": 2}


@pytest.fixture(scope="module", autouse=True)
def _with_faults():
    done = subprocess.run([PROGRAM, "/nowhere"], env={**os.environ, "LINNET_FAULTS": "no"},
                          capture_output=True, timeout=20, check=False)
    if b"LINNET_FAULTS" not in done.stderr:
        pytest.skip("this build cannot make calls fail")


@pytest.fixture(autouse=True)
def _one_that_counts(driver):
    """A plan says which call of all fails; with a process or a thread for each client there are as
    many that accept, and every process counts for itself."""
    if driver.name in ("fork", "threads"):
        pytest.skip("the calls of one plan are those of many")


@functools.cache
def made_calls(driver, site):
    """The calls that this driver makes in a life with a bunch of clients."""
    case = Case(driver, site, faults="trace")
    case.run()
    case.check_whole()
    case.program.stop()
    lines = case.program.errors.decode("ascii").splitlines()
    return {line.split()[2] for line in lines if line.startswith("linnet: calls ")}


def rows_of(driver, site, *actions):
    made = made_calls(driver, site)
    return [row for row in fault_rows.rows()
            if row.call in made and action_of(row, made) in actions]


def action_of(row, made):
    """A driver that sends files as files reads none for an answer, only for the cache: what
    cannot be read into that is sent from the file. A ring that has no memory for a receive is no
    end either: the socket is polled then, and read by a plain call."""
    if row.call == "recv" and row.fault == "ENOMEM" and "io_uring_enter" in made:
        return "OTHERWISE"
    if row.call == "pread" and row.action == "CLOSE" and "sendfile" in made:
        return "OTHERWISE"
    return row.action


def together(function, cases):
    """Runs it for all cases, some at the same time; the first trouble of each case is told."""
    troubles = []
    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        for case, future in [(case, pool.submit(function, case)) for case in cases]:
            try:
                future.result()
            except (AssertionError, OSError) as trouble:
                troubles.append(f"{case}: {str(trouble)[:1500]}")
    assert not troubles, f"{len(troubles)} of {len(cases)}:\n" + "\n\n".join(troubles)


class Faulty:
    """A Case that ends with the proof that nothing was lost, or with the program killed."""

    def __init__(self, *arguments, **options):
        self.case = Case(*arguments, **options)

    def __enter__(self):
        return self.case

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                self.case.finish()
        finally:
            self.case.program.kill()


def reasons(case):
    """The reasons of ends that the log shows, but for those of good ends."""
    found = set()
    for line in case.program.lines:
        if line.startswith(b"{"):
            found.add(json.loads(line).get("reason"))
    return found - {None, "done", "unknown-method", "peer-closed", "evicted", "drained"}


def test_every_row_is_of_a_call_that_is_made(site):
    """By one driver or another: a row of a call that nobody makes would be no test."""
    made = set()
    for driver in [drivers.Driver(name) for name in drivers.names()]:
        if not driver.missing():
            made |= made_calls(driver, site)
    unmade = {row.call for row in fault_rows.rows()} - made - ELSEWHERE
    assert not unmade


# ---- each row alone ------------------------------------------------------------------------------


def test_the_call_is_made_again(driver, site):
    """RETRY, IGNORE, OTHERWISE: nobody sees that the first, or the third, has failed."""

    def check(row):
        start = AT_START.get(row.call, 0)
        with Faulty(driver, site, row.plan(nth=1, after=start) + "," +
                    row.plan(nth=3, after=start)) as case:
            case.run(wanted=visits.bunch(visits.MIDDLE_LEN))
            case.check_whole()
            if row.call not in ("write-event", "read-event"):
                assert case.faults().count(row.told) >= 1, case.faults()
            if case.tells_counters:
                case.await_log()
            assert reasons(case) == set()

    together(check, rows_of(driver, site, "RETRY", "IGNORE", "OTHERWISE"))


def test_the_connection_ends_for_the_reason(driver, site):
    """CLOSE: one connection ends, with the row's reason in the log; the others know nothing."""

    def check(row):
        seen, counted = set(), 0
        for nth in (1, 2, 3):
            plan = row.plan(nth=nth, after=AT_START.get(row.call, 0))
            with Faulty(driver, site, plan) as case:
                lost = 0
                for _ in range(BUNCHES_MAX):
                    lost += sum(len(visit.rows) - visit.read(visit.begin(case.program))
                                for visit in visits.bunch(visits.MIDDLE_LEN))
                    if case.faults():
                        break
                case.await_faults([row.told])
                assert lost > 0 or row.call in SILENT
                case.run(wanted=visits.bunch(visits.MIDDLE_LEN))
                case.await_log()
                seen |= reasons(case)
                counted += case.counters().get("closed_for_" + row.shown, 0)
        # One whose last answer was under way had a reason already, and the first one stays.
        assert counted >= 1 or row.call == "sendmsg", "no end was counted for that reason"
        assert seen <= {row.shown}
        assert seen == {row.shown} or row.call in SILENT, "no line tells the reason"

    together(check, rows_of(driver, site, "CLOSE"))


def test_the_request_is_answered(driver, site):
    """ANSWER: with the row's status; the connection and the next request are as ever."""

    def check(row):
        # Where the layer itself tries again: as often as it takes.
        until = 4 if row.fault in ("EAGAIN", "EINTR") else 1
        with Faulty(driver, site, row.plan(until=until)) as case:
            client = case.connect()
            path, body = visits.small(1)
            answer = client.get(path)
            assert str(answer.status) == row.shown and not answer.closes, answer
            assert client.get(path).body == body
            client.close()
            case.await_faults([row.told] * until)
            case.program.await_log(b'"status":', row.shown.encode("ascii"))

    together(check, rows_of(driver, site, "ANSWER"))


def test_who_comes_waits_for_room(driver, site):
    """SHED: nobody is let in for a while; then all are served. It does not try without a pause."""

    def check(row):
        with Faulty(driver, site, row.plan(until=3)) as case:
            clients = [case.connect() for _ in range(3 if driver.many else 1)]
            for client in clients:
                client.send(request("/small0.txt"))
            for client in clients:
                assert client.answer().body == visits.SMALL["small0.txt"]
            case.await_faults([row.told] * 3)

    def check_pause(row):
        with Faulty(driver, site, row.plan(until=1000)) as case:
            client = case.connect()
            client.send(request("/small0.txt"))
            assert client.is_quiet(0.5)
            assert 1 <= len(case.faults()) <= 5, f"{len(case.faults())} times in half a second"
            client.reset()
            case.program.send_signal(15)
            assert case.program.await_end() == 0

    rows = rows_of(driver, site, "SHED")
    together(check, rows)
    together(check_pause, rows)


def test_the_longest_idle_makes_room(driver, site):
    """SHED: who is idle is closed for one who comes."""
    rows = rows_of(driver, site, "SHED")
    if not driver.many or not rows:
        pytest.skip("nobody is idle here")
    for row in rows:
        if row.error not in ("DESCRIPTORS", "MEMORY"):
            continue
        # The first two are the first client's; of the next ones one is the first of its turn.
        with Faulty(driver, site, row.plan(after=2, until=3)) as case:
            idle = case.connect()
            assert idle.get("/small0.txt").status == 200
            wait_until(lambda: idle.is_quiet(0), "an idle client")
            for _ in range(10):
                assert case.connect().get("/small0.txt").status == 200
                if len(case.faults()) == 3:
                    break
            case.await_faults([row.told] * 3)
            idle.end()


def boot(driver, site, row, nth, folder):
    """Starts it with a log file, on a unix socket's stale name where the call is of such a one;
    (exit code or None: it serves, the lines of standard error)."""
    listen = "127.0.0.1:0"
    if row.call in UNIX_CALLS:
        path = os.path.join(folder, f"{row.call}-{row.fault}-{nth}")
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(path)
        listen = f"unix:{path}"
    program = Program(site, "--driver", driver.name, *limits(connections=16, open_files=4),
                      "--log-file", os.path.join(folder, "log"), listen=(listen,),
                      await_banner=False, environment={"LINNET_FAULTS": row.plan(nth=nth)})
    try:
        wait_until(lambda: program.lines or not program.is_running(), "a banner or an end",
                   BOOT_DEADLINE_S)
        if program.is_running():
            program.stop()
            return None, program.errors.decode("utf-8").splitlines()
        return program.await_end(), program.errors.decode("utf-8").splitlines()
    finally:
        program.kill()


def test_the_program_refuses_to_start(driver, site, tmp_path):
    """REFUSE: one line that says what was wrong, and exit code 1."""

    def check(row):
        codes = []
        for nth in (1, 2):
            code, lines = boot(driver, site, row, nth, tmp_path)
            told = [line for line in lines if line == f"linnet: fault {row.told}"]
            lines = [line for line in lines if line not in told]
            if not told:
                assert nth == 2 and code is None and not lines, "the call was not made"
            elif code is not None:
                assert code == 1 and len(lines) == 1, (code, lines)
                assert lines[0].startswith("linnet: "), lines
            codes.append(code)
        # A name of a unix socket is removed at the end too, and then it does not matter.
        assert codes[0] == 1 and (codes == [1, 1] or not told or row.call == "unlink"), codes

    made = made_calls(driver, site) | UNIX_CALLS | {"open-log"}
    together(check, [row for row in fault_rows.rows()
                     if row.call in made and row.action == "REFUSE"])


def test_the_log_cannot_be_opened_again(driver, site, tmp_path):
    """SIGHUP: a word on standard error, and lines go on into the old file."""

    def check(row):
        log = tmp_path / f"log-{row.fault}"
        with Faulty(driver, site, row.plan(nth=2), options=("--log-file", str(log))) as case:
            case.program.send_signal(signal.SIGHUP)
            wait_until(lambda: b"cannot be opened again" in case.program.errors, "a word about it")
            assert case.connect().get("/small0.txt").status == 200
            wait_until(lambda: b"/small0.txt" in log.read_bytes(), "a line in the old file")
            case.check_whole()
            case.program.stop()
            case.program.errors = b""

    together(check, [row for row in fault_rows.rows() if row.call == "open-log"])


# ---- every Nth call, all faults of it in turn ----------------------------------------------------


def plan_in_turn(rows, every, start):
    """Every so many calls one fails, each time with the next row."""
    return ",".join(row.plan(nth=every * (i + 1), after=start) for i, row in enumerate(rows))


@pytest.mark.parametrize("every", EACH)
def test_every_nth_call_fails(driver, site, every):
    """Of each call in turn: clients fail meanwhile, what they get is right, and behind it all is
    as it was. One buffer of each kind, where a single lost one is noticed at once."""

    def check(call):
        rows = [row for row in fault_rows.rows() if row.call == call and row.action != "REFUSE"]
        start = AT_START.get(call, 0)
        repeats = 2 if every < 3 else 1
        pools = dict(inputs=1, outputs=1) if every in (1, 3) else {}
        with Faulty(driver, site, plan_in_turn(rows * repeats, every, start), **pools) as case:
            strict = not any(row.action in ("ANSWER", "CLOSE") for row in rows)
            wanted = [row.told for row in rows] * repeats
            end = time.monotonic() + FAULTS_DEADLINE_S
            while len(case.faults()) < len(wanted) and time.monotonic() < end:
                case.run(strict, visits.bunch(visits.MIDDLE_LEN))
            case.await_faults(wanted)
            case.run()

    made = made_calls(driver, site)
    together(check, sorted({row.call for row in fault_rows.rows() if row.action != "REFUSE"
                            and row.call in made and row.call not in OUTSIDE}))
