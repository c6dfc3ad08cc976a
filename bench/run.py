#!/usr/bin/python3
"""`make bench`: Linnet beside the floor and three known servers. docs/benchmarks.md explains it.

usage: bench/run.py [--rounds N] [--seconds S] [--only WORDS] [--build FOLDER] [--linnet PROGRAM]
                    [--output FOLDER]

Writes results.md, results.json, chart.svg and Linnet's callgrind profile to the output folder.
"""
import argparse
import json
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import chart
import counts
import isolation
import machine
import measure
import programs
import report
import tls
import workloads

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_FIXED_LIMIT_S = 900  # for what does not depend on rounds and seconds
_COUNTED = ("static-1k", "static-1k-680", "static-16k", "pipelined-16", "not-found", "connection")
_IDLE_PROGRAMS = ("floor-memory",) + workloads.SERVERS


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 101), metavar="N")
    parser.add_argument("--seconds", type=float, default=0.5, metavar="S")
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--build", default=os.path.join(_ROOT, "build/release"), metavar="FOLDER")
    parser.add_argument("--linnet", default=None, metavar="PROGRAM")
    parser.add_argument("--output", default=os.path.join(_ROOT, "build/bench"), metavar="FOLDER")
    options = parser.parse_args()
    if not 0.05 <= options.seconds <= 60:
        parser.error("--seconds: from 0.05 to 60")
    options.build = os.path.abspath(options.build)
    options.output = os.path.abspath(options.output)
    options.linnet = os.path.abspath(options.linnet or os.path.join(options.build, "linnet"))
    options.names = workloads.select(options.only)
    if not options.names:
        names = [w.name for w in workloads.WORKLOADS] + list(workloads.OTHERS)
        parser.error(f"--only {options.only}: nothing has such a name; there is {' '.join(names)}")
    return options


def limit_s(options):
    runs = sum(len(w.programs) for w in workloads.WORKLOADS)
    return int(_FIXED_LIMIT_S + 3 * options.rounds * runs * (options.seconds + 1))


# ---- inside ------------------------------------------------------------------------------------


_VERSIONS = {"nginx": ["/usr/sbin/nginx", "-v"], "lighttpd": ["/usr/sbin/lighttpd", "-v"],
             "h2o": ["/usr/bin/h2o", "-v"]}


def _measure_times(place, options, notes):
    samples = []
    for workload in workloads.WORKLOADS:
        if workload.name in options.names:
            print(f"bench: {workload.name}: {workload.title}", file=sys.stderr)
            samples += measure.time_workload(place, workload, options.rounds, options.seconds,
                                             notes)
    return samples


def _measure_others(place, options, notes):
    """syscalls, instructions, idle, start and tls, each if it is wanted."""
    found = {"syscalls": {}, "instructions": {}, "functions": [], "idle": {}, "start": {},
             "tls": {}}
    wanted = [name for name in workloads.OTHERS if name in options.names]
    small = workloads.WORKLOADS[0]
    for name in wanted:
        print(f"bench: {name}", file=sys.stderr)
        if name == "syscalls":
            for workload in workloads.WORKLOADS:
                if workload.count > 0:
                    found[name][workload.name] = counts.system_calls(place, workload, notes)
        elif name == "instructions":
            profile = {"path": os.path.join(options.output, "linnet-1k.callgrind")}
            found[name] = counts.instructions(
                place, [w for w in workloads.WORKLOADS if w.name in _COUNTED], profile, notes)
            found["functions"] = profile.get("functions", [])
        elif name == "tls":
            found[name] = tls.measure(place, options.rounds, options.seconds)
        elif name == "idle":
            found[name] = measure.idle_memory(place, small, _IDLE_PROGRAMS, notes)
        else:
            found[name] = measure.first_byte(place, small, _IDLE_PROGRAMS, 2 * options.rounds,
                                             notes)
    return found


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def measure_all(options):
    begin = time.monotonic()
    folder = os.path.join(options.output, "place")
    isolation.prepare(folder)
    place = programs.Place(options.build, options.linnet, folder)
    os.sched_setaffinity(0, {place.load_core})
    workloads.write_files(place.root)
    notes = machine.Notes()
    if place.server_core == place.load_core:
        notes.add("one core only: server and load share it, and the times say little")
    versions = {"linnet": [options.linnet, "--version"], **_VERSIONS}
    results = {"machine": machine.describe(place, options, versions)}
    samples = _measure_times(place, options, notes)
    results.update(_measure_others(place, options, notes))
    results["times"] = report.summarize(samples, notes)
    results["notes"] = notes.lines
    results["samples"] = samples
    results["took_s"] = round(time.monotonic() - begin)
    text = report.as_markdown(results)
    _write(os.path.join(options.output, "results.json"), json.dumps(results, indent=1) + "\n")
    _write(os.path.join(options.output, "results.md"), text)
    if results["times"]:
        _write(os.path.join(options.output, "chart.svg"), chart.draw(results["times"]))
    print(text)


def main():
    options = read_options()
    if not isolation.is_inside():
        os.makedirs(options.output, exist_ok=True)
        sys.exit(isolation.run_inside(os.path.abspath(__file__), sys.argv[1:], limit_s(options)))
    try:
        measure_all(options)
    except (programs.Failure, isolation.Unavailable, subprocess.TimeoutExpired) as failure:
        sys.exit(f"bench: {failure}")


if __name__ == "__main__":
    main()
