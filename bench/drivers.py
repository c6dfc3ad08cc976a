"""Linnet's ways of waiting, from the program's own lists, and what each of them can be asked."""
import dataclasses
import re
import subprocess

import programs

# Names of --drivers that are no way of their own.
_CHOICES = ("auto",)

# What a driver cannot do and no list says: connections at one time, and why.
_MOST = {
    "blocking": (1, "blocking serves one client at a time; the others wait in the kernel's queue"),
}

# A limit of a driver that is counted in one of these bounds its connections, one for each. Here is
# how many are wanted of them at most: what a small machine can bear.
_BOUNDS = {"processes": 1000, "threads": 4000}
_SPARE = 64  # of them: whoever has left may still be there when the next one comes

_LIMIT_ROW = re.compile(r"^(\w+) +\d+ +(\d+) +(\d+) +(\w+)\n +driver (\w+): ", re.M)


@dataclasses.dataclass(frozen=True)
class Driver:
    name: str
    meaning: str
    connections_max: int
    reason: str = ""  # of that number, when it is the driver's own
    bound: str = ""  # the limit that is one for each connection

    def serves(self, connections):
        return connections <= self.connections_max

    def limits(self, connections):
        """NAME=VALUE, as the program takes them, for so many connections."""
        if not self.bound:
            return [f"connections={self.connections_max}"]
        count = min(connections, self.connections_max) + _SPARE
        return [f"{self.bound}={count}", f"connections={count}"]


def _ask(place, option):
    done = subprocess.run([place.linnet, option], capture_output=True, text=True, check=False,
                          timeout=10)
    if done.returncode != 0:
        raise programs.Failure(f"linnet {option}: {done.stderr.strip()}")
    return done.stdout


def _bounds(text):
    """driver -> the limit that bounds its connections, their number here, and what is counted."""
    found = {}
    for name, _, most, unit, driver in _LIMIT_ROW.findall(text):
        if unit in _BOUNDS:
            found[driver] = (name, min(int(most) - _SPARE, _BOUNDS[unit]), unit)
    return found


def known(place):
    """All drivers of the program, in its order."""
    bounds = _bounds(_ask(place, "--limits"))
    found = []
    for line in _ask(place, "--drivers").splitlines():
        name, _, meaning = line.partition(" ")
        most, reason, bound = programs.connections_max(), "", ""
        if name in _CHOICES:
            continue
        if name in _MOST:
            most, reason = _MOST[name]
        elif name in bounds:
            bound, most, unit = bounds[name]
            reason = (f"{name} has one of its {unit} for each connection; more than {most:,} are "
                      "not asked of it here")
        found.append(Driver(name, meaning.strip(), most, reason, bound))
    return found


class Running(programs.Running):
    """Linnet by one of its drivers, for so many connections."""

    def __init__(self, driver, place, connections, *, closes=False, limits=()):
        self.driver = driver
        self.limits = [*driver.limits(connections), *limits]
        super().__init__(driver.name, place, closes=closes)

    def command(self, answer):
        limits = [word for limit in self.limits for word in ("--limit", limit)]
        return [self.place.linnet, "--quiet", "--driver", self.driver.name, "--listen",
                f"127.0.0.1:{self.port}", *limits, self.place.root]
