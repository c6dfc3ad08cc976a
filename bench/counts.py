"""The counts, which do not vary with the machine's mood: system calls and user instructions.

Both are differences between two runs of the load, of N and of 2 N requests, so that the start and
the opening of connections fall out.
"""
import glob
import os
import shutil
import signal
import subprocess
import time

import callgrind
import measure
import processes
import programs

_ATTACH_S = 10
_TRACE_END_S = 20
_TOP = 25


# ---- system calls ------------------------------------------------------------------------------


def _read_summary(path):
    """The table of strace -c: system call -> calls."""
    calls = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            # time, seconds, microseconds per call, calls, [errors], name
            if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
                calls[words[-1]] = int(words[3])
    return calls


def _trace(place, running, workload, count, connections):
    path = place.file(f"{running.port}.strace")
    words = [word for pid in running.pids for word in ("-p", str(pid))]
    tracer = subprocess.Popen(["strace", "-c", "-f", "-o", path, *words],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + _ATTACH_S
        while not all(processes.is_traced(pid) for pid in running.pids):
            if tracer.poll() is not None or time.monotonic() > end:
                raise programs.Failure(f"strace does not reach {running.name}")
            time.sleep(0.005)
        result = measure.run_load(place, running, workload, requests=count,
                                  connections=connections)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(_TRACE_END_S)
    finally:
        tracer.kill()
        tracer.wait()
    return _read_summary(path), result["requests"]


def system_calls(place, workload, notes):
    """program -> {system call: calls per request}, for requests that come alone."""
    found = {}
    count = workload.count // 2
    started = programs.start_all(workload.programs, place, workload, notes)
    try:
        for name, running in started.items():
            found[name] = calls_per_request(place, running, workload, count)
    finally:
        programs.stop_all(started)
    return found


def calls_per_request(place, running, workload, count, connections=1):
    """system call -> calls per request, from runs of `count` and twice as many."""
    measure.run_load(place, running, workload, requests=connections, connections=connections)
    once, fewer = _trace(place, running, workload, count, connections)
    twice, more = _trace(place, running, workload, 2 * count, connections)
    per_request = {call: (twice[call] - once.get(call, 0)) / (more - fewer) for call in twice}
    return {call: round(n, 3) for call, n in per_request.items() if n > 0.004}


# ---- instructions ------------------------------------------------------------------------------


def _dump(place, running):
    """Has callgrind write and forget what it has counted; returns the instructions and files."""
    total, files = 0, []
    for pid in running.pids:
        # A helper that is no program, such as h2o's script for backtraces, has none and counts
        # for nothing.
        if not glob.glob(place.file("vgdb") + f"-*-{pid}-by-*"):
            continue
        pattern = place.file(f"callgrind.{pid}") + "*"
        known = set(glob.glob(pattern))
        vgdb = ["vgdb", f"--vgdb-prefix={place.file('vgdb')}", f"--pid={pid}", "dump"]
        programs.run_checked(vgdb, place.load_core, limit_s=30)
        for path in set(glob.glob(pattern)) - known:
            files.append(path)
            total += callgrind.total(path)
    return total, files


def _keep_profile(path, requests, profile):
    """Copies the file and notes the functions that have the most instructions for a request."""
    shutil.copy(path, profile["path"])
    own = sorted(callgrind.by_function(path).items(), key=lambda item: -item[1])
    profile["functions"] = [(name, round(count / requests)) for name, count in own[:_TOP]]


def _count_workload(place, running, workload, profile):
    totals, requests = [], []
    for count in (workload.count, 2 * workload.count):
        _dump(place, running)
        result = measure.run_load(place, running, workload, requests=count)
        total, files = _dump(place, running)
        totals.append(total)
        requests.append(result["requests"])
    if profile:
        _keep_profile(max(files, key=os.path.getsize), requests[1], profile)
    return (totals[1] - totals[0]) / (requests[1] - requests[0])


class _Counted(programs.Running):
    """A program under callgrind."""

    def __init__(self, name, place, workload):
        self.serves = _kind(name, workload)
        before = ["valgrind", "-q", "--tool=callgrind", "--trace-children=yes",
                  f"--vgdb-prefix={place.file('vgdb')}",
                  f"--callgrind-out-file={place.file('callgrind')}.%p"]
        environment = {**os.environ, "LD_PRELOAD": place.tool("openat2_preload.so")}
        super().__init__(name, place, answer=place.file(f"{workload.name}.answer"),
                         closes=workload.mode == "close", before=before, environment=environment)


def _kind(name, workload):
    """A floor serves one workload; a server serves all, but is asked to close from the first on."""
    return workload.name if name.startswith("floor-") else workload.mode


def _count_program(name, place, chosen, profile):
    found = {}
    running = None
    try:
        for workload in chosen:
            if running is None or running.serves != _kind(name, workload):
                if running is not None:
                    running.stop()
                running = _Counted(name, place, workload)
            answer = running.probe(workload)
            if name == "linnet":
                with open(place.file(f"{workload.name}.answer"), "wb") as file:
                    file.write(answer)
            found[workload.name] = _count_workload(place, running, workload, profile)
            profile = None
    finally:
        if running is not None:
            running.stop()
    return found


def instructions(place, chosen, profile, notes):
    """program -> workload -> user instructions per request. Linnet's callgrind file for the first
    workload is kept at profile["path"], its functions in profile["functions"]. Linnet comes first:
    the floors need its answers."""
    found = {}
    for name in ("linnet", "floor-memory", "floor-file", "nginx", "lighttpd", "h2o"):
        own = [workload for workload in chosen if name in workload.programs]
        try:
            found[name] = _count_program(name, place, own, profile if name == "linnet" else None)
        except (programs.Failure, OSError, subprocess.TimeoutExpired) as failure:
            notes.add(f"the instructions of {name} are not counted: {failure}")
    return found
