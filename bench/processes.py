"""What /proc says about a process and all its descendants."""
import os
import time

_SETTLE_S = 0.3
_SETTLE_STEP_S = 0.003


def _parents():
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    # The name in brackets may hold blanks; the parent is the second word after it.
                    found[int(name)] = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it has ended
    return found


def tree(root):
    """The process and its descendants, the process first."""
    parents = _parents()
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_ns(pids):
    """CPU time that all threads have had, user and system: the sum that utime and stime of
    /proc/PID/stat are parts of, in nanoseconds instead of hundredths of a second."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total


def settled_cpu_ns(pids):
    """The same, once the processes sleep: the kernel brings the sum up to date when they do."""
    end = time.monotonic() + _SETTLE_S
    last = cpu_ns(pids)
    while time.monotonic() < end:
        time.sleep(_SETTLE_STEP_S)
        now = cpu_ns(pids)
        if now == last:
            break
        last = now
    return last


def resident_bytes(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
    return total


def core_busy_ns(core):
    """Time in which that core was not idle, whoever had it."""
    with open("/proc/stat", encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[0] == f"cpu{core}":
                user, nice, system, _, _, irq, softirq, steal = map(int, words[1:9])
                ticks = user + nice + system + irq + softirq + steal
                return ticks * (1_000_000_000 // os.sysconf("SC_CLK_TCK"))
    return 0


def is_traced(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in file)
