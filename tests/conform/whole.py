"""A driver under test, and the proof that it has lost nothing.

`finish` asks at the end of every case: all slots can be held at one time, each input and output
buffer can be had, no descriptor is open that was not open in a fresh program, and who waits takes
no CPU time."""
import glob
import json
import os
import signal
import time

from client import request, wait_until
from program import Program, held_by
import visits

CONNECTIONS = 16
COUNTERS_TRIES = 10
IDLE_S = 0.04
IDLE_CPU_MAX = 0.3  # of the time: who spins takes all that the machine gives

# Every count is given, so that the program is the same in every build, also in the hostile one.
SIZES = dict(
    workers=1, connections=CONNECTIONS,
    inputs=16, input_len=16384, outputs=16, output_len=16384,
    files=16, open_files=visits.LARGE_COUNT, cache_blocks=3, cache_block_len=16384, cache_ms=1,
    request_line_len_max=8192, path_len_max=4096, head_len_max=12288, field_count_max=100,
    empty_lines_max=1, reply_head_len_max=2048, copy_len_max=4096, note_len=512,
    body_len_max=1048576, discard_len_max=262144, requests_per_turn=16, bytes_per_turn=65536,
    file_bytes_per_turn=1048576, accepts_per_turn=64, listen_backlog=256, log_len=1048576,
    chunk_extension_len_max=1024, trailer_len_max=4096, linger_ms=200, children_max=CONNECTIONS,
    threads_max=CONNECTIONS,
)

_descriptors = {}


class Case:
    """A running program of one worker. `faults`: what fails in it; `options`: more of its command
    line; the rest: limits."""

    def __init__(self, driver, site, faults=None, options=(), environment=(), wrapper=(),
                 **limits):
        self.driver = driver
        self.site = site
        self.limits = {**SIZES, **driver.sizes(SIZES), **limits}
        self.options = list(options)
        self.environment = dict(environment)
        self.wrapper = wrapper
        if faults:
            self.environment["LINNET_FAULTS"] = faults
        self.program = self._program(self.environment)
        # Its own words fail by the same calls as its log.
        self.tells_counters = "-log" not in (faults or "")

    def _program(self, environment):
        arguments = ["--driver", self.driver.name]
        for name, value in self.limits.items():
            arguments += ["--limit", f"{name}={value}"]
        return Program(self.site, *arguments, "--log", "json", *self.options,
                       environment=environment, wrapper=self.wrapper)

    def connect(self, **options):
        return self.program.connect(**options)

    def run(self, strict=True, wanted=None):
        """A bunch of visits, or those that are wanted; see visits.run."""
        return visits.run(self.program, self.driver, strict, wanted or visits.bunch())

    def await_faults(self, wanted):
        """What failed is told by another way than the answers: waits until it is these."""
        wait_until(lambda: len(self.faults()) >= len(wanted), f"{wanted}, not {self.faults()}")
        assert self.faults() == wanted

    def await_log(self):
        """Waits until the log tells all that has happened so far. For drivers with one log."""
        mark = f"/mark-{len(self.program.lines)}"
        client = self.program.connect()
        client.send(request(mark, method="HEAD", fields=visits.CLOSE))
        client.rest()
        client.close()
        wait_until(lambda: any(mark.encode() in line for line in self.program.lines), "the log")

    def faults(self):
        """The calls that were made to fail so far, in their order: ["recv ECONNRESET", ...]."""
        return [line[len(b"linnet: fault "):].decode("ascii")
                for line in self.program.errors.splitlines()
                if line.startswith(b"linnet: fault ")]

    # ---- the proof ------------------------------------------------------------------------------

    def finish(self):
        """Nothing is lost; then it ends as it should, without a word on standard error but those
        of faults. What has ended already is only looked at."""
        if not self.program.has_ended:
            self.check_whole()
            assert self.program.is_running(), self.program.report("the program has ended")
            self.program.stop()
        for line in self.program.errors.splitlines():
            assert line.startswith((b"linnet: fault ", b"linnet: calls ", b"{")), \
                self.program.report("a word on standard error")

    def counters(self):
        """What the program has counted, and what of it is in use; SIGUSR1 makes it say so."""
        before = self.program.errors.count(b'"workers"')
        # The line is written once and not tried again: where that is what fails, it is asked anew.
        for _ in range(COUNTERS_TRIES):
            self.program.send_signal(signal.SIGUSR1)
            try:
                wait_until(lambda: self.program.errors.count(b'"workers"') > before and
                           self.program.errors.endswith(b"}\n"), "the counters", 1)
            except AssertionError:
                continue
            text = self.program.errors.decode("ascii")
            return json.loads(text[text.rindex('{"time"'):].splitlines()[0])
        raise AssertionError(self.program.report("no counters"))

    def check_whole(self):
        self.program.close_clients()
        self.settle_cache(self.program)
        count = fresh_descriptors(self)
        wait_until(lambda: descriptors(self, self.program) == count,
                   f"{descriptors(self, self.program)} descriptors to become {count}")
        check_slots(self)
        # One whose end is yet to be read would stand in line for an input.
        wait_until(lambda: not connections(self.program), "the end of all connections")
        check_inputs(self)
        if self.tells_counters:
            check_lent(self)
        check_idle(self.program)

    def settle_cache(self, program):
        """What the cache holds open depends on what was asked for: now it is these, and no file
        of before, for they are as many as it may hold open."""
        for path in [f"/large{i}.bin" for i in range(visits.LARGE_COUNT)]:
            client = program.connect()
            client.send(request(path, method="HEAD", fields=visits.CLOSE))
            assert client.rest().startswith(b"HTTP/1.1 200 "), path
        program.close_clients()


def connections(program):
    """The ends of connections that the program has, or will have accepted: whose sockets are its
    own, or not closed on either side."""
    held = []
    with open("/proc/net/tcp", encoding="ascii") as table:
        for row in table:
            parts = row.split()
            is_ours = parts[1].endswith(f":{program.address[1]:04X}") and parts[3] != "0A"
            if is_ours and (parts[9] != "0" or parts[3] in ("01", "08")):
                held.append(row)
    return held


def descriptors(case, program):
    """The number of descriptors of all its processes; without files, where the cache may have
    taken them into memory or not."""
    count = 0
    for pid in program.pids():
        for name in held_by(pid):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{name}")
            except FileNotFoundError:
                continue
            if target.startswith("pipe:"):
                continue  # of the log: how it is held is its own affair
            in_memory = case.limits["cache_block_len"] > visits.LARGE_LEN
            count += not (in_memory and target.startswith(case.site + "/"))
    return count


def fresh_descriptors(case):
    """How many descriptors a program has that was asked for the same and met no trouble."""
    key = (case.driver.name, tuple(sorted(case.limits.items())), tuple(case.options))
    if key not in _descriptors:
        program = case._program({name: value for name, value in case.environment.items()
                                 if name != "LINNET_FAULTS"})
        try:
            begun = program.pids()
            case.settle_cache(program)
            seen = []

            def is_steady():
                if program.pids() != begun:
                    seen.clear()  # the process of a connection lives on
                seen.append(descriptors(case, program))
                return len(seen) >= 30 and len(set(seen[-30:])) == 1

            wait_until(is_steady, "a steady number of descriptors")
            _descriptors[key] = seen[-1]
            program.stop()
        finally:
            program.kill()
    return _descriptors[key]


def check_small(answer, body):
    """The whole answer is told where it is another one: its status says more than its page."""
    assert answer.status == 200 and answer.body == body, f"{answer}"


def check_slots(case):
    """Every slot serves a client while all the others hold theirs: asked twice, for who is closed
    to make room for another would not answer the second time."""
    path, body = visits.small(0)
    count = case.limits["connections"] if case.driver.many else 1
    for _ in range(1 if case.driver.many else 3):
        clients = [case.connect() for _ in range(count)]
        for _ in range(2):
            for client in clients:
                check_small(client.get(path), body)
        case.program.close_clients()


def check_inputs(case):
    """Each input buffer is held by an unfinished request at the same time."""
    path, body = visits.small(1)
    whole = request(path)
    count = min(case.limits["inputs"], case.limits["connections"]) if case.driver.many else 1
    clients = [case.connect() for _ in range(count)]
    for client in clients:
        client.send_apart(whole[:20])
    for client in clients:
        client.send(whole[20:])
        check_small(client.answer(), body)
    case.program.close_clients()


def check_lent(case):
    """Nobody is there, so nothing is lent, by the program's own count."""

    def is_free():
        counters = case.counters()
        return not any(counters[f"{name}_now"] for name in ("slots", "inputs", "exchanges",
                                                            "outputs"))

    wait_until(is_free, f"nothing lent, not {case.counters()}")


def check_idle(program):
    """It takes no CPU time while nothing is asked of it."""

    def used_s():
        total, pids = 0, program.pids()
        for path in glob.glob("/proc/[0-9]*/task/*/schedstat"):
            try:
                if int(path.split("/")[2]) in pids:
                    with open(path, encoding="ascii") as file:
                        total += int(file.read().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                pass  # a process of one connection has ended with it
        return total / 1e9

    silent = program.connect()

    def is_quiet():
        begin, used = time.monotonic(), used_s()
        assert silent.is_quiet(IDLE_S), "something came that was not to come"
        return (used_s() - used) / (time.monotonic() - begin) < IDLE_CPU_MAX

    # What came last may still be under way; who spins never becomes quiet.
    wait_until(is_quiet, "an idle program that takes no CPU time", 3)
    silent.close()
