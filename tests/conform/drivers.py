"""The drivers under test, as the program lists them, and the table of what each cannot do."""
import functools
import os
import subprocess

from program import PROGRAM, printed

# What a driver cannot do; one that has no row can do everything. To add a driver that serves
# several clients and keeps them alive, nothing is to be done here.
LACKING = {
    "blocking": {"many"},  # one client at a time; the next waits in the kernel
    "fork": {"pools"},  # each connection has buffers of its own
    # Likewise; an idle client keeps its thread; and a thread that waits in accept has a descriptor
    # before there is a client.
    "threads": {"pools", "evict", "late"},
}

# As many answers as a driver gathers for one call, whose files are held until then.
GATHERED = {"uring": 16}


class Driver:
    """One way of waiting. `many`: it serves several clients at the same time; `pools`: they share
    buffers; `evict`: an idle one leaves for a new one; `late`: it takes a descriptor for a client
    when there is one."""

    def __init__(self, name):
        self.name = name
        lacking = LACKING.get(name, ())
        self.many = "many" not in lacking
        self.pools = "pools" not in lacking
        self.evict = "evict" not in lacking
        self.late = "late" not in lacking

    def sizes(self, common):
        """The sizes that must be others than the common ones."""
        gathered = GATHERED.get(self.name, 0)
        return {name: common[name] + gathered for name in ("files", "cache_blocks") if gathered}

    def __str__(self):
        return self.name

    @functools.cache
    def missing(self):
        """Why it cannot be tested here, or "": not in this build, or not on this kernel."""
        if self.name not in names():
            return f"this build has no driver {self.name}"
        done = subprocess.run([PROGRAM, "--driver", self.name, "--budget"], capture_output=True,
                              timeout=20, check=False)
        return "" if done.returncode == 0 else done.stderr.decode("utf-8").strip()


def names():
    """As `linnet --drivers` lists them, but for "auto", which is one of the others."""
    return [line.split()[0] for line in printed("--drivers").splitlines()[1:]]


@functools.cache
def listed():
    """All of them, or the one of LINNET_DRIVER."""
    return [Driver(name) for name in [os.environ.get("LINNET_DRIVER")] if name] or \
        [Driver(name) for name in names()]
