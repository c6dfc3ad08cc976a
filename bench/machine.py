"""What a reader of results must know: the machine, what was run, and what went otherwise."""
import os
import subprocess
import sys


class Notes:
    """Each is said once, at once and at the end."""

    def __init__(self):
        self.lines = []

    def add(self, line):
        if line not in self.lines:
            self.lines.append(line)
            print(f"bench: note: {line}", file=sys.stderr)


def version_of(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
        return (done.stdout + done.stderr).strip().splitlines()[0]
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return "not there"


def describe(place, options, versions):
    """`versions`: name -> the command that prints it."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    with open("/proc/sys/net/ipv4/tcp_congestion_control", encoding="ascii") as file:
        congestion_control = file.read().strip()
    return {
        "processor": models[0] if models else os.uname().machine,
        "cores": os.cpu_count(),
        "server_core": place.server_core,
        "load_core": place.load_core,
        "kernel": os.uname().release,
        "congestion_control": congestion_control,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "versions": {name: version_of(command) for name, command in versions.items()},
    }


def note_what_disturbed(samples, most, notes):
    """`most`: the part of the server's core that somebody else may have had."""
    disturbed = sum(s["strange"] > most for s in samples)
    if disturbed > 0:
        shares = sorted(s["strange"] for s in samples)
        notes.add(f"in {disturbed} of {len(samples)} runs somebody else had more than {most:.0%} "
                  f"of the server's core (median {shares[len(shares) // 2]:.0%}); on an idle "
                  "machine the spread is less")
