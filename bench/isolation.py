"""A place of its own for the benchmark: a network, process and mount namespace.

The network is for the congestion control: the pacing timers of BBR, a common default, dominate long
answers on loopback. It also keeps every port away from the machine's own. The process namespace is
for the end: whatever happens to the benchmark, the kernel ends all that was started in it.
"""
import ctypes
import os
import signal
import subprocess
import sys

_MARK = "LINNET_BENCH_INSIDE"
_PR_SET_PDEATHSIG = 1
_PORT_RANGE = "10000 65000"


class Unavailable(Exception):
    """The system does not let us have namespaces."""


def is_inside():
    return os.environ.get(_MARK) == "yes"


def _die_with_parent():
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def run_inside(script, arguments, limit_s):
    """Runs the script in namespaces and returns its exit code. A signal, or the limit, ends it and
    everything it has started: unshare takes its child, the first process of the namespace, with it.
    """
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        command[1:1] = ["--user", "--map-root-user"]
    command += [sys.executable, script, *arguments]
    # In a session of its own, so that Ctrl-C comes to this process alone.
    child = subprocess.Popen(command, env={**os.environ, _MARK: "yes"}, stdin=subprocess.DEVNULL,
                             start_new_session=True, preexec_fn=_die_with_parent)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return child.wait(limit_s)
    except subprocess.TimeoutExpired:
        sys.exit(f"bench: not done after {limit_s} seconds; stopped")
    except KeyboardInterrupt:
        sys.exit("bench: interrupted; all that was started is stopped")
    finally:
        child.kill()
        child.wait()


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def prepare(folder):
    """Inside: loopback up, Reno, and an empty tmpfs at `folder` that ends with the namespace."""
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        _write("/proc/sys/net/ipv4/tcp_congestion_control", "reno")
        _write("/proc/sys/net/ipv4/ip_local_port_range", _PORT_RANGE)
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512m,mode=755", "tmpfs", folder],
                       check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"the namespace cannot be set up: {error}") from error
