"""What the benchmarks count and write, without a benchmark: no server, no load, no time limits."""
import json
import os
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import drivers
import processes
import waiting_measure
import waiting_page

_BURNT_S = 0.05

# Burns CPU time in a thread that ends, and in a child that it waits for; then tells how much.
_BURNER = f"""
import os, sys, threading, time

def burn(clock):
    while time.clock_gettime(clock) < {_BURNT_S}:
        pass

thread = threading.Thread(target=burn, args=(time.CLOCK_THREAD_CPUTIME_ID,))
thread.start()
thread.join()
child = os.fork()
if child == 0:
    burn(time.CLOCK_THREAD_CPUTIME_ID)
    os._exit(0)
used = os.wait4(child, 0)[2]
print(time.process_time() + used.ru_utime + used.ru_stime, flush=True)
sys.stdin.read()
"""


def test_cpu_time_has_ended_threads_and_children():
    burner = subprocess.Popen([sys.executable, "-c", _BURNER], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    told = float(burner.stdout.readline())
    counted = processes.settled_cpu_ns(burner.pid) / 1e9
    burner.communicate()
    # What it spent on telling comes on top; two counts in hundredths of a second may be cut.
    assert told - 0.02 <= counted <= told + 0.2
    assert counted > 2 * _BURNT_S - 0.02


LIMITS = """NAME                      DEFAULT  LEAST                 MOST  UNIT
connections                  4096      1              1000000  connections
    slots: one for each open connection
children_max                  256      1                65536  processes
    driver fork: processes, one for each connection
child_cpu_s                    60      1                86400  s
    driver fork: CPU time of a process
few_max                         8      1                  100  threads
    driver few: one for each connection
"""

DRIVERS = """auto         the first of these that works here
epoll        one thread
blocking     one client at a time
fork         a process for each connection
few          a thread for each connection
"""


class _Place:
    def __init__(self, folder):
        self.linnet = os.path.join(folder, "linnet")
        lists = f"""#!/bin/sh
case $1 in
--limits) cat <<'END'
{LIMITS}END
;;
--drivers) cat <<'END'
{DRIVERS}END
;;
esac
"""
        with open(self.linnet, "w", encoding="utf-8") as file:
            file.write(lists)
        os.chmod(self.linnet, 0o755)


def test_drivers_and_their_bounds_come_from_the_program(tmp_path):
    found = {driver.name: driver for driver in drivers.known(_Place(tmp_path))}
    assert list(found) == ["epoll", "blocking", "fork", "few"]
    assert found["epoll"].serves(11000) and not found["epoll"].reason
    assert found["blocking"].connections_max == 1 and found["blocking"].reason
    assert found["fork"].serves(1000) and not found["fork"].serves(1001)
    assert found["fork"].limits(8) == ["children_max=72", "connections=72"]
    # No more than its most, with those that are to spare.
    assert found["few"].serves(36) and not found["few"].serves(37)
    assert found["few"].limits(36) == ["few_max=100", "connections=100"]


def test_who_serves_one_at_a_time_is_asked_for_short_connections_only():
    blocking = drivers.Driver("blocking", "", 1)
    asked = [row.name for row in waiting_measure.ROWS if row.is_for(blocking)]
    assert asked == ["kept-1", "new"]
    exact = drivers.Driver("exact", "", 1000)
    assert [row.name for row in waiting_measure.ROWS if row.is_for(exact)] == [
        "kept-1", "kept-64", "uncached", "kept-1000", "new"]


def _sample(row, program, number, requests, p99_ns):
    return {"row": row, "program": program, "round": number, "requests": requests,
            "cpu_ns": 1_000_000_000, "elapsed_ns": 2_000_000_000, "p50_ns": 1000,
            "p99_ns": p99_ns}


def _results(user_bytes, among_p99_ns):
    samples = [_sample("kept-64", "epoll", 0, 200_000, 1000),
               _sample("kept-64", "epoll", 1, 220_000, 1000),
               _sample("kept-64", "fork", 0, 20_000, 1000),
               _sample("among", "epoll", 0, 200_000, among_p99_ns)]
    times, among = waiting_measure.summarize(samples)
    few = {"connections": 64, "user": 7, "kernel": 0, "processes": 2, "threads": 2}
    many = {**few, "connections": waiting_measure.IDLE,
            "user": 7 + user_bytes * (waiting_measure.IDLE - 64)}
    return json.loads(json.dumps({
        "machine": {"processor": "P", "cores": 2, "kernel": "6", "congestion_control": "reno",
                    "rounds": 2, "seconds": 1, "versions": {"linnet": "linnet 0"}},
        "drivers": [{"name": "epoll", "meaning": "one loop", "reason": ""},
                    {"name": "fork", "meaning": "processes", "reason": "fork is bounded"},
                    {"name": "strange", "meaning": "new", "reason": ""}],
        "times": times, "among": among,
        "calls": {"epoll": {"alone": {"recvfrom": 1.0, "sendto": 1.0}}},
        "idle": {"epoll": {"few": few, "many": many}},
        "notes": ["something"], "took_s": 1}))


def test_summary():
    times, among = waiting_measure.summarize([
        _sample("kept-64", "epoll", 0, 200_000, 1000),
        _sample("kept-64", "epoll", 1, 220_000, 4000),
        _sample("among", "epoll", 0, 200_000, 3000), _sample("among", "epoll", 1, 1, 4000)])
    assert times["kept-64"]["epoll"]["per_cpu_second"] == {
        "median": 210_000, "min": 200_000, "max": 220_000}
    assert times["kept-64"]["epoll"]["per_second"] == 105_000
    assert among == {"epoll": {"median": 2, "min": 1, "max": 3}}


def test_page_has_every_driver_and_a_dash_for_what_is_not_there():
    page = waiting_page.render(_results(512, 2000))
    assert "| 64 kept connections | 210 (200..220) | 20.0 (20.0..20.0) | - |" in page
    assert "| one at a time | 2.00 | - | - |" in page
    assert "- fork is bounded." in page and "- Note: something." in page
    assert "**epoll** is right" in page and "**fork** is for" in page
    assert "**uring** is" not in page
    assert "0.095 times the new" not in page  # fork was not asked for new connections
    assert not [line for line in page.splitlines() if line.startswith("@") or "{" in line]
    assert waiting_page.without_words(["epoll", "strange"]) == ["strange"]


@pytest.mark.parametrize("user_bytes, p99_ns, kept", [(512, 2000, 2), (513, 2000, 1),
                                                      (512, 2001, 1), (513, 2001, 0)])
def test_promises_at_their_bounds(user_bytes, p99_ns, kept):
    page = waiting_page.render(_results(user_bytes, p99_ns))
    assert page.count("| holds |") == kept
    assert page.count("**does not hold**") == 2 - kept


def test_chart_has_a_lane_for_each():
    picture = waiting_page.files(_results(512, 2000))["waiting.svg"]
    assert picture.count("<circle") == 3
    assert "prefers-color-scheme: dark" in picture
    assert picture.count(">strange</text>") == len(waiting_measure.ROWS)
