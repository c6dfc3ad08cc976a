"""What /proc says about a process and all its descendants."""
import math
import os
import time

_SETTLE_S = 0.3
_SETTLE_STEP_S = 0.003
_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_CPU_CLOCK_OF_PROCESS = 2  # the kernel's CPUCLOCK_SCHED, of all threads


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


def _clock_ns(pid):
    """User and system time of a process, with its threads that have ended: the sum that utime and
    stime of /proc/PID/stat are parts of, in nanoseconds instead of hundredths of a second."""
    return time.clock_gettime_ns(~pid << 3 | _CPU_CLOCK_OF_PROCESS)


def _reaped_ns(pid):
    """What its children had that it has waited for; hundredths of a second are all there is."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        words = file.read().rpartition(")")[2].split()
    return (int(words[13]) + int(words[14])) * _TICK_NS


def cpu_ns(root):
    """CPU time that the process and all its descendants have had, those that have ended too."""
    total = 0
    # Children first: the time of one that ends meanwhile is found with its parent.
    for pid in reversed(tree(root)):
        try:
            total += _clock_ns(pid) + _reaped_ns(pid)
        except OSError:
            continue
    return total


def settled_cpu_ns(root, most_s=_SETTLE_S):
    """The same, once the processes sleep: the kernel brings the sum up to date when they do."""
    end = time.monotonic() + most_s
    last = cpu_ns(root)
    while time.monotonic() < end:
        time.sleep(_SETTLE_STEP_S)
        now = cpu_ns(root)
        if now == last:
            break
        last = now
    return last


def _status(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        return {key: value.strip() for key, _, value in (line.partition(":") for line in file)}


def thread_count(pids):
    return sum(int(_status(pid)["Threads"]) for pid in pids)


def own_bytes(pids):
    """User memory, each shared page counted once in all."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8", errors="replace") as file:
            total += sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    return total


def _stack_len():
    """Of a thread, in the kernel: all that there are, divided by all threads."""
    with open("/proc/loadavg", encoding="ascii") as file:
        threads = int(file.read().split()[3].partition("/")[2])
    with open("/proc/meminfo", encoding="ascii") as file:
        stacks = next(int(line.split()[1]) for line in file if line.startswith("KernelStack:"))
    # Both numbers lag behind a little, in either direction; what they are of is a power of two.
    return 1 << round(math.log2(stacks * 1024 / threads))


def kernel_bytes(pids):
    """What processes and threads take in the kernel as such: page tables and stacks."""
    tables = sum(int(_status(pid).get("VmPTE", "0").split()[0]) * 1024 for pid in pids)
    return tables + thread_count(pids) * _stack_len()


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
                return (user + nice + system + irq + softirq + steal) * _TICK_NS
    return 0


def is_traced(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in file)
