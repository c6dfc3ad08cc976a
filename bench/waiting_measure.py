"""The numbers of docs/waiting.md: every driver on the same work, round by round."""
import dataclasses
import json
import statistics
import subprocess

import counts
import drivers
import measure
import processes
import programs
import report
import workloads

_OPEN_LIMIT_S = 30
_CLOSE_S = 3  # the most that is waited for a server to see the end of its connections
_WARM_S = 0.1
IDLE = 10000
_COUNTED = 480
_WEIGHED_MIN = 64  # connections that memory is compared with

_WORK = workloads.WORKLOADS[0]  # 1 KiB, request of 142 bytes
_NEW = dataclasses.replace(_WORK, mode="close")


@dataclasses.dataclass(frozen=True)
class Row:
    """Something that every driver is asked for."""
    name: str
    title: str
    connections: int
    idle: int = 0  # connections that say nothing meanwhile
    closes: bool = False  # a connection for each request
    limits: tuple = ()  # that it sets, NAME=VALUE

    @property
    def total(self):
        return self.connections + self.idle

    def is_for(self, driver):
        # Who serves one client after the other serves those who wait for it, too.
        return self.closes or driver.serves(self.total)


ROWS = (
    Row("kept-1", "1 kept connection", 1),
    Row("kept-64", "64 kept connections", 64),
    Row("uncached", "64 kept connections, each file opened anew", 64,
        limits=("cache_ms=0", "cache_blocks=0")),
    Row("kept-1000", "1,000 kept connections", 1000),
    Row("kept-10000", "10,000 kept connections", 10000),
    Row("among", "64 active among 10,000 idle ones", 64, idle=IDLE),
    Row("new", "a new connection for each request", 64, closes=True),
)

# Rows of one group have the same servers and one round after the other, so that they compare.
_GROUPS = (("kept-1",), ("kept-64", "among"), ("uncached",), ("kept-1000",), ("kept-10000",),
           ("new",))

# System calls are counted for requests that come so: name, title, connections, a new one for each.
CALLS = (
    ("alone", "one at a time", 1, False),
    ("together", "64 at a time", 64, False),
    ("new", "each on its own connection", 1, True),
)


# ---- one sample --------------------------------------------------------------------------------


class _Load:
    """A load with its connections open, which waits to be told. Use it in a with statement."""

    def __init__(self, place, running, row, seconds):
        command = measure.load_command(place, running, _WORK, connections=row.connections,
                                       idle=row.idle, duration_ms=int(seconds * 1000))
        self.process = programs.start_load(place, [*command, "--steps"])
        self._expect("open")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def _expect(self, words=""):
        line = self.process.stdout.readline().strip()
        if not line or words and line != words:
            raise programs.Failure(self.process.communicate(timeout=_OPEN_LIMIT_S)[1].strip())
        return line

    def go(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self._expect())

    def close(self):
        self.process.communicate("\n", timeout=_OPEN_LIMIT_S)


def _sample(place, running, row, seconds):
    if row.closes:
        return measure.take_sample(place, running, lambda: measure.run_load(
            place, running, _NEW, connections=row.connections, duration_ms=int(seconds * 1000)))
    with _Load(place, running, row, seconds) as load:
        sample = measure.take_sample(place, running, load.go)
        load.close()
    # What the end of so many connections costs is no part of the next sample.
    processes.settled_cpu_ns(running.process.pid, _CLOSE_S)
    if sample["lost"] > 0:
        raise programs.Failure(f"{sample['lost']} idle connections were ended")
    return sample


# ---- all of a group ----------------------------------------------------------------------------


class Missed:
    """Cells without a number, and why."""

    def __init__(self, notes):
        self.notes = notes
        self.cells = set()

    def add(self, driver, what, failure):
        self.cells.add((driver.name, what))
        self.notes.add(f"{driver.name} failed, {what}: {' '.join(str(failure).split())[:300]}")

    def has(self, driver, what):
        return (driver.name, what) in self.cells


_FAILURES = (programs.Failure, OSError, ValueError, subprocess.TimeoutExpired)


def _start(place, driver, connections, closes=False, limits=()):
    running = drivers.Running(driver, place, connections, closes=closes, limits=limits)
    try:
        running.probe(_NEW if closes else _WORK)
        return running
    except BaseException:
        running.stop()
        raise


def _take(place, running, row, seconds, spare, missed):
    """A list of one sample, or of none."""
    try:
        return [spare.calm(lambda: _sample(place, running, row, seconds))]
    except _FAILURES as failure:
        missed.add(running.driver, row.title, failure)
        return []


def _group(place, all_drivers, rows, options, missed):
    samples, started = [], []
    asked = [driver for driver in all_drivers if any(row.is_for(driver) for row in rows)]
    try:
        for driver in asked:
            try:
                most = max(row.total for row in rows if row.is_for(driver))
                started.append(_start(place, driver, most, rows[0].closes, rows[0].limits))
            except _FAILURES as failure:
                missed.add(driver, rows[0].title, failure)
        for running in started:  # the first run warms caches and is not counted
            _take(place, running, rows[0], _WARM_S, measure.Spare(0), missed)
        spare = measure.Spare(options.rounds * len(started) * len(rows) // 3)
        for number in range(options.rounds):
            first = number % max(1, len(started))
            for running in started[first:] + started[:first]:
                for row in rows:
                    if row.is_for(running.driver) and not missed.has(running.driver, row.title):
                        samples += [{"row": row.name, "round": number, **sample} for sample in
                                    _take(place, running, row, options.seconds, spare, missed)]
    finally:
        for running in started:
            running.stop()
    return samples


def times(place, all_drivers, options, missed, say):
    samples = []
    for names in _GROUPS:
        rows = [row for row in ROWS if row.name in names]
        say(" and ".join(row.title for row in rows))
        samples += _group(place, all_drivers, rows, options, missed)
    return samples


# ---- system calls, memory ----------------------------------------------------------------------


def _counted_calls(place, driver, connections, closes):
    running = _start(place, driver, connections, closes)
    try:
        processes.settled_cpu_ns(running.process.pid)
        running.pids = processes.tree(running.process.pid)  # without whom the probe needed
        return counts.calls_per_request(place, running, _NEW if closes else _WORK, _COUNTED,
                                        connections)
    finally:
        running.stop()


def system_calls(place, all_drivers, missed):
    """driver -> name of CALLS -> system call -> calls per request."""
    found = {}
    for driver in all_drivers:
        found[driver.name] = {}
        for name, title, connections, closes in CALLS:
            if closes or driver.serves(connections):
                try:
                    found[driver.name][name] = _counted_calls(place, driver, connections, closes)
                except _FAILURES as failure:
                    missed.add(driver, f"system calls, {title}", failure)
    return found


def _weigh(running):
    pids = processes.tree(running.process.pid)
    return {"user": processes.own_bytes(pids), "kernel": processes.kernel_bytes(pids),
            "processes": len(pids), "threads": processes.thread_count(pids)}


def _idle_memory(place, driver, count):
    """What a server for so many connections has when they are there and idle. It has been busy with
    some of them before."""
    running = _start(place, driver, count)
    try:
        _sample(place, running, Row("", "", _WEIGHED_MIN), _WARM_S)
        with _Load(place, running, Row("", "", 1, idle=count - 1), _WARM_S) as load:
            processes.settled_cpu_ns(running.process.pid, _CLOSE_S)
            found = _weigh(running)
            load.go()
            load.close()
        return {"connections": count, **found}
    finally:
        running.stop()


def idle_memory(place, all_drivers, missed):
    """driver -> a server with few and one with many, so that what every server has falls out."""
    found = {}
    for driver in all_drivers:
        most = min(IDLE, driver.connections_max)
        if most <= _WEIGHED_MIN:
            continue
        try:
            found[driver.name] = {"few": _idle_memory(place, driver, _WEIGHED_MIN),
                                  "many": _idle_memory(place, driver, most)}
        except _FAILURES as failure:
            missed.add(driver, "memory of idle connections", failure)
    return found


# ---- from samples to numbers -------------------------------------------------------------------


def _per_cpu_second(sample):
    return sample["requests"] * 1e9 / max(1, sample["cpu_ns"])


def _ratios_of_p99(samples, driver):
    """Round by round: 64 among many idle ones, to 64 alone."""
    p99 = {(s["row"], s["round"]): s["p99_ns"] for s in samples if s["program"] == driver}
    return [p99["among", number] / p99["kept-64", number]
            for row, number in p99 if row == "among" and ("kept-64", number) in p99]


def summarize(samples):
    """row -> driver -> numbers; and driver -> ratio of p99 among idle ones."""
    found = {}
    for row in ROWS:
        found[row.name] = {}
        for name in dict.fromkeys(s["program"] for s in samples if s["row"] == row.name):
            own = [s for s in samples if s["row"] == row.name and s["program"] == name]
            found[row.name][name] = {
                "per_cpu_second": report.spread([_per_cpu_second(s) for s in own]),
                "per_second": statistics.median(s["requests"] * 1e9 / s["elapsed_ns"]
                                                for s in own),
                "p50_us": statistics.median(s["p50_ns"] / 1000 for s in own),
                "p99_us": statistics.median(s["p99_ns"] / 1000 for s in own),
                "busy": statistics.median(s["cpu_ns"] / s["elapsed_ns"] for s in own),
            }
    ratios = {}
    for name in found["among"]:
        values = _ratios_of_p99(samples, name)
        if values:
            ratios[name] = report.spread(values)
    return found, ratios
