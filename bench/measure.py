"""The times: CPU per request, memory of idle connections, start to first byte."""
import json
import re

import processes
import programs

_IDLE_LIMIT_S = 60
IDLE_WANTED = 10000
# Of the server's core, used by others during a run: more disturbs it.
STRANGE_MAX = 0.1
_TRIES_MAX = 3


def load_command(place, running, workload, **change):
    """The load's command line for a workload; `change` replaces options."""
    options = {"port": running.port, "path": workload.path, "mode": workload.mode,
               "connections": workload.connections, "pipeline": workload.pipeline,
               "request-len": workload.request_len, "status": workload.status}
    if workload.content_len is not None:
        options["content-len"] = workload.content_len
    options.update({key.replace("_", "-"): value for key, value in change.items()})
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    return [place.tool("bench-load"), *words]


def run_load(place, running, workload, **change):
    """Runs the load to its end and returns what it says."""
    command = load_command(place, running, workload, **change)
    return json.loads(programs.run_checked(command, place.load_core, limit_s=120))


def _run_load(place, running, workload, seconds):
    return run_load(place, running, workload, duration_ms=int(seconds * 1000))


def _wrk_ns(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return int(float(number) * {"us": 1e3, "ms": 1e6, "s": 1e9}[unit])


def _run_wrk(place, running, workload, seconds):
    """wrk knows whole seconds only, and stops without waiting for the answers under way."""
    whole = max(1, round(seconds))
    text = programs.run_checked(
        ["wrk", "--threads", "1", "--connections", str(workload.connections), "--duration",
         f"{whole}s", "--latency", f"http://127.0.0.1:{running.port}{workload.path}"],
        place.load_core, limit_s=whole + 60)
    if "Non-2xx" in text or "Socket errors" in text:
        raise programs.Failure(f"wrk and {running.name}: {text}")
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    latency = dict(re.findall(r"^\s+(50|99)%\s+(\S+)", text, re.M))
    return {"requests": requests, "bytes": 0, "elapsed_ns": int(whole * 1e9),
            "p50_ns": _wrk_ns(latency["50"]), "p99_ns": _wrk_ns(latency["99"])}


_TOOLS = {"load": _run_load, "wrk": _run_wrk}


class Spare:
    """How many disturbed samples may be taken again in all."""

    def __init__(self, count):
        self.left = count

    def calm(self, take):
        """The least disturbed of some samples, no more than are needed for a calm one."""
        samples = [take()]
        while samples[-1]["strange"] > STRANGE_MAX and len(samples) < _TRIES_MAX and self.left > 0:
            self.left -= 1
            samples.append(take())
        return min(samples, key=lambda sample: sample["strange"])


def take_sample(place, running, work):
    """What `work` returns, a load's result, and what the server has spent on it."""
    core, root = place.server_core, running.process.pid
    before, busy_before = processes.settled_cpu_ns(root), processes.core_busy_ns(core)
    result = work()
    cpu = processes.settled_cpu_ns(root) - before
    busy = processes.core_busy_ns(core) - busy_before
    # The load's core is another one, so what the server did not use of its core was a stranger's.
    strange = max(0, busy - cpu) / max(1, result["elapsed_ns"])
    result.update(program=running.name, cpu_ns=cpu, strange=round(strange, 3))
    return result


def _sample(place, running, workload, seconds):
    return take_sample(place, running,
                       lambda: _TOOLS[workload.tool](place, running, workload, seconds))


def time_workload(place, workload, rounds, seconds, notes):
    """All samples, round by round; each round has every program once, in another order."""
    samples = []
    started = programs.start_all(workload.programs, place, workload, notes)
    try:
        order = list(started.values())
        for running in order:  # the first run warms caches and is not counted
            _TOOLS["load"](place, running, workload, 0.1)
        spare = Spare(rounds * len(order) // 3)
        for number in range(rounds):
            for running in order[number % len(order):] + order[:number % len(order)]:
                sample = spare.calm(lambda: _sample(place, running, workload, seconds))
                samples.append({"workload": workload.name, "round": number, **sample})
                if running.name == "linnet-log":
                    running.empty_log()
    finally:
        programs.stop_all(started)
    return samples


def idle_memory(place, workload, names, notes):
    """Resident memory before and with many kept connections that have had one answer each."""
    found = {}
    count = min(IDLE_WANTED, programs.connections_max())
    started = programs.start_all(names, place, workload, notes)
    try:
        for name, running in started.items():
            before = processes.resident_bytes(running.pids)
            command = load_command(place, running, workload, mode="idle", connections=count)
            load = programs.start_load(place, command)
            try:
                if load.stdout.readline().strip() != "idle":
                    raise programs.Failure(f"{name}, idle: {load.communicate()[1]}")
                with_all = processes.resident_bytes(running.pids)
                result = json.loads(load.communicate("\n", timeout=_IDLE_LIMIT_S)[0])
            finally:
                load.kill()
                load.wait()
            if result["lost"] > 0:
                notes.add(f"{name} ended {result['lost']} of {count} idle connections")
            found[name] = {"connections": count, "before": before, "with": with_all}
    finally:
        programs.stop_all(started)
    return found


def first_byte(place, workload, names, rounds, notes):
    """Microseconds from the start of a program to its first byte, for each round."""
    found = {}
    answer = place.file("start.answer")
    with programs.Running("linnet", place) as linnet, open(answer, "wb") as file:
        file.write(linnet.probe(workload))
    for _ in range(rounds):
        for name in names:
            try:
                port = place.port()
                command = programs.command_of(name, place, port, answer)
                text = programs.run_checked(
                    [place.tool("bench-first-byte"), str(place.server_core), str(port),
                     workload.path, *command], place.load_core)
                found.setdefault(name, []).append(int(text))
            except programs.Failure as failure:
                if name.startswith(("linnet", "floor")):
                    raise
                notes.add(f"{name} is left out: {failure}")
    return found
