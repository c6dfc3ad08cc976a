#!/usr/bin/python3
"""`make bench-drivers`: every way to wait, measured alike. docs/waiting.md is made by it.

usage: bench/waiting.py [--rounds N] [--seconds S] [--drivers NAMES] [--build FOLDER]
                        [--linnet PROGRAM] [--output FOLDER] [--page FOLDER]
       bench/waiting.py --render | --check

Writes results.json, with every sample, to the output folder, and waiting.md, waiting.svg and
waiting.json, which is what they are made from, to that of the page; only to the output folder when
not all drivers are asked for, or one of them fails. --render makes the page from the numbers that
are there, after its words in bench/waiting_words.md have changed; --check only compares.
"""
import argparse
import json
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import drivers
import isolation
import machine
import measure
import programs
import waiting_measure
import waiting_page
import workloads

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_FIXED_LIMIT_S = 600  # for what does not depend on rounds and seconds
_DRIVERS_MAX = 10  # for the limit alone
_NUMBERS = "waiting.json"


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 101), metavar="N")
    parser.add_argument("--seconds", type=float, default=0.5, metavar="S")
    parser.add_argument("--drivers", default="", metavar="NAMES")
    parser.add_argument("--build", default=os.path.join(_ROOT, "build/release"), metavar="FOLDER")
    parser.add_argument("--linnet", default=None, metavar="PROGRAM")
    parser.add_argument("--output", default=os.path.join(_ROOT, "build/bench-drivers"),
                        metavar="FOLDER")
    parser.add_argument("--page", default=os.path.join(_ROOT, "docs"), metavar="FOLDER")
    parser.add_argument("--render", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not 0.05 <= options.seconds <= 60:
        parser.error("--seconds: from 0.05 to 60")
    for name in ("build", "output", "page"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    options.linnet = os.path.abspath(options.linnet or os.path.join(options.build, "linnet"))
    return options


def limit_s(options):
    runs = _DRIVERS_MAX * len(waiting_measure.ROWS)
    return int(_FIXED_LIMIT_S + 2 * options.rounds * runs * (options.seconds + 2))


# ---- the page from its numbers -----------------------------------------------------------------


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _rounded(value):
    """Five digits are more than any of these numbers is good for."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def write_page(folder, results):
    os.makedirs(folder, exist_ok=True)
    _write(os.path.join(folder, _NUMBERS), json.dumps(results, indent=1) + "\n")
    for name, text in waiting_page.files(results).items():
        _write(os.path.join(folder, name), text)


def render(options):
    """The page again from the numbers that are there; or whether it is what they make."""
    with open(os.path.join(options.page, _NUMBERS), encoding="utf-8") as file:
        results = json.load(file)
    if options.render:
        write_page(options.page, results)
        return
    for name, text in waiting_page.files(results).items():
        with open(os.path.join(options.page, name), encoding="utf-8") as file:
            if file.read() != text:
                sys.exit(f"docs/{name} is not what its words and numbers make; run "
                         "bench/waiting.py --render")


# ---- inside ------------------------------------------------------------------------------------


def _wanted(place, options):
    known = drivers.known(place)
    words = options.drivers.replace(",", " ").split()
    missing = set(words) - {driver.name for driver in known}
    if missing:
        raise programs.Failure(f"no driver has the name {' or '.join(sorted(missing))}; there is "
                               f"{' '.join(driver.name for driver in known)}")
    return [driver for driver in known if not words or driver.name in words]


def measure_all(options):
    """Returns whether every driver did what it was asked for."""
    begin = time.monotonic()

    def say(words):
        print(f"bench: {time.monotonic() - begin:.0f} s: {words}", file=sys.stderr)

    folder = os.path.join(options.output, "place")
    isolation.prepare(folder)
    place = programs.Place(options.build, options.linnet, folder)
    os.sched_setaffinity(0, {place.load_core})
    workloads.write_files(place.root)
    notes = machine.Notes()
    if place.server_core == place.load_core:
        notes.add("one core only: server and load share it, and the times say little")
    wanted = _wanted(place, options)
    for name in waiting_page.without_words([driver.name for driver in wanted]):
        notes.add(f"bench/waiting_words.md says nothing about {name}")
    missed = waiting_measure.Missed(notes)
    samples = waiting_measure.times(place, wanted, options, missed, say)
    say("system calls")
    calls = waiting_measure.system_calls(place, wanted, missed)
    say("memory of idle connections")
    idle = waiting_measure.idle_memory(place, wanted, missed)
    times, among = waiting_measure.summarize(samples)
    machine.note_what_disturbed(samples, measure.STRANGE_MAX, notes)
    results = _rounded({
        "machine": machine.describe(place, options, {"linnet": [options.linnet, "--version"]}),
        "drivers": [{"name": driver.name, "meaning": driver.meaning, "reason": driver.reason}
                    for driver in wanted],
        "times": times, "among": among, "calls": calls, "idle": idle, "notes": notes.lines,
        "took_s": round(time.monotonic() - begin)})
    _write(os.path.join(options.output, "results.json"),
           json.dumps({**results, "samples": samples}, indent=1) + "\n")
    whole = not options.drivers and not missed.cells
    write_page(options.page if whole else options.output, results)
    print(waiting_page.render(results))
    return not missed.cells


def main():
    options = read_options()
    if options.render or options.check:
        render(options)
        return
    if not isolation.is_inside():
        os.makedirs(options.output, exist_ok=True)
        sys.exit(isolation.run_inside(os.path.abspath(__file__), sys.argv[1:], limit_s(options)))
    try:
        if not measure_all(options):
            sys.exit("bench: not every driver did what it was asked for; see the notes")
    except (programs.Failure, isolation.Unavailable, subprocess.TimeoutExpired) as failure:
        sys.exit(f"bench: {failure}")


if __name__ == "__main__":
    main()
