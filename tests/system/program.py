"""The program under test: started, watched, and ended for sure.

It runs in a session of its own and dies with this process (setpriv --pdeathsig), so that nothing is
left when pytest is interrupted or killed. What it wrote is part of every error."""
import atexit
import functools
import os
import re
import signal
import socket
import subprocess
import threading
import time

from client import Client, DEADLINE_S, OVER_TLS, request, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.abspath(
    os.environ.get("LINNET_PROGRAM") or os.path.join(ROOT, "build", "debug", "linnet")
)
SANITIZED = bool(os.environ.get("LINNET_SANITIZE"))
# A library that the program runs with in every test; relative, for LD_PRELOAD splits at blanks.
PRELOAD = os.environ.get("LINNET_PRELOAD")
PRELOADED = {"LD_PRELOAD": os.path.relpath(PRELOAD)} if PRELOAD else {}
URL = re.compile((rb"https" if OVER_TLS else rb"http") + rb"://(127\.0\.0\.1|\[::1\]):(\d{1,5})/")
TROUBLE = re.compile(
    rb"Sanitizer|runtime error:|[Aa]ssert|allocated after boot"
    rb"|linnet: (worker|the process of a connection) \S+ ?.*ended: ")
# The driver of every program that names none itself.
DRIVER = ("--driver", os.environ["LINNET_DRIVER"]) if os.environ.get("LINNET_DRIVER") else ()
# Tests count connections that say nothing; test_defer.py has what is delivered.
AT_ONCE = ("--limit", "defer_accept_s=0")
STOP_DEADLINE_S = 15
TICKS_PER_S = os.sysconf("SC_CLK_TCK")

_running = set()


@atexit.register
def _kill_all():
    for program in list(_running):
        program.kill()


def held_by(pid):
    """The descriptors of a process; of one that has just ended, none."""
    try:
        return os.listdir(f"/proc/{pid}/fd")
    except FileNotFoundError:
        return []


class Program:
    """A running `linnet`. `wrapper` is a command that runs it, such as strace with its options."""

    def __init__(self, folder, *options, listen=("127.0.0.1:0",), wrapper=(), environment=(),
                 working_folder=None, await_banner=True, pass_descriptors=()):
        self.folder = folder
        self.lines = []
        self.errors = b""
        self.clients = []
        self.urls = []
        self.has_ended = False
        self._changed = threading.Condition()
        command = ["setpriv", "--pdeathsig", "KILL", *wrapper, PROGRAM]
        for address in listen:
            command += ["--listen-tls" if OVER_TLS else "--listen", address]
        if OVER_TLS and listen:
            command.append("--tls-self-signed")
        command += [*DRIVER, *AT_ONCE, *options]
        if folder is not None:
            command.append(str(folder))
        assert os.path.exists(PROGRAM), f"there is no program at {PROGRAM}: build it first"
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, env={**os.environ, **PRELOADED, **dict(environment)},
            cwd=working_folder, pass_fds=pass_descriptors,
        )
        _running.add(self)
        self._readers = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        if await_banner:
            self.await_urls(sum(not address.startswith("unix:") for address in listen))

    # ---- what it writes -------------------------------------------------------------------------

    def _read_lines(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _read_errors(self):
        while data := os.read(self.process.stderr.fileno(), 65536):
            with self._changed:
                self.errors += data
                self._changed.notify_all()

    def _await(self, condition, what):
        with self._changed:
            found = self._changed.wait_for(
                lambda: condition() or self.process.poll() is not None and not
                self._readers[0].is_alive(), DEADLINE_S
            )
        assert found and condition(), self.report(f"waited in vain for {what}")

    def report(self, what):
        written = b"".join(self.lines[-20:]).decode("latin-1")
        errors = self.errors[-4000:].decode("latin-1")
        return f"{what}; ended: {self.process.poll()}; stdout:\n{written}\nstderr:\n{errors}"

    def await_urls(self, count):
        """Reads `urls`, the (host, port) of each address, off the banner."""
        def read():
            found = URL.findall(b"".join(self.lines))
            self.urls = [(host.decode("ascii").strip("[]"), int(port)) for host, port in found]
            return len(self.urls) >= count
        self._await(read, f"{count} addresses in the banner")

    @property
    def address(self):
        return self.urls[0]

    @property
    def port(self):
        return self.address[1]

    def await_log(self, *parts):
        """The first line that holds all these bytes, one behind the other."""
        pattern = re.compile(b".*?".join(re.escape(part) for part in parts))
        self._await(lambda: any(map(pattern.search, self.lines)), f"a log line with {parts}")
        return next(line for line in self.lines if pattern.search(line))

    # ---- clients --------------------------------------------------------------------------------

    def connect(self, **options):
        client = Client(self.address, **options)
        self.clients.append(client)
        return client

    def close_clients(self):
        for client in self.clients:
            client.close()
        self.clients.clear()

    # ---- what the system knows about it ---------------------------------------------------------

    def pids(self):
        """Every process of its session."""
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    if os.getsid(int(name)) == self.process.pid:
                        found.append(int(name))
                except (ProcessLookupError, PermissionError):
                    pass
        return found

    def program_pids(self):
        """Those of them that run the program and no wrapper, each with its parent's."""
        found = {}
        for pid in self.pids():
            try:
                if os.readlink(f"/proc/{pid}/exe") == os.path.realpath(PROGRAM):
                    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
                        found[pid] = int(file.read().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                pass
        return found

    def main_pid(self):
        """The parent of the workers."""
        pids = self.program_pids()
        return next((pid for pid, parent in pids.items() if parent not in pids), self.process.pid)

    def worker_pids(self):
        """The parent's children, in the order of their numbers."""
        pids, main = self.program_pids(), self.main_pid()
        return sorted(pid for pid, parent in pids.items() if parent == main)

    def connection_pids(self):
        """The workers' children, of the driver that makes a process for each connection."""
        pids, workers = self.program_pids(), self.worker_pids()
        return sorted(pid for pid, parent in pids.items() if parent in workers)

    def counters(self):
        """What it has counted, and what is in use: name -> number. SIGUSR1 makes it write them."""
        before = self.errors.count(b"counters")
        self.send_signal(signal.SIGUSR1)
        self._await(lambda: self.errors.count(b"counters") > before and self.errors.endswith(b"\n"),
                    "counters")
        line = [line for line in self.errors.splitlines() if b"counters" in line][-1]
        return {name.decode("ascii"): int(number)
                for name, number in re.findall(rb" (\S+)=(\d+)", line)}

    def await_counters(self, **expected):
        """Waits until they have these values, and returns them all."""
        def agree():
            found = self.counters()
            return all(found.get(name, 0) == value for name, value in expected.items()) and found
        return wait_until(agree, f"the counters {expected}")

    def forgive(self):
        """What it has complained about until now was meant to happen."""
        with self._changed:
            self.errors = b""

    def await_error(self, *parts):
        """The first line on standard error that holds all these bytes, one behind the other."""
        pattern = re.compile(b".*?".join(re.escape(part) for part in parts))
        def found():
            lines = [line for line in self.errors.splitlines(True) if pattern.search(line)]
            return lines and lines[0].endswith(b"\n") and lines[0]
        self._await(found, f"a line on standard error with {parts}")
        return found()

    def cpu_s(self):
        """CPU time of all its processes."""
        ticks = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
                fields = file.read().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS_PER_S

    def resident_kib(self):
        """Resident memory of all its processes; smaps_rollup counts exactly, VmRSS in batches."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += int(re.search(r"^Rss:\s+(\d+) kB", file.read(), re.M).group(1))
        return total

    def descriptor_count(self):
        return sum(len(held_by(pid)) for pid in self.pids())

    def idle_descriptor_count(self, *targets):
        """How many descriptors it has when no client is there, and it has been asked for these
        targets: it may keep files open for later."""
        self.close_clients()
        for target in targets or ("/hello.txt",):
            client = self.connect()
            client.send(request(target, method="HEAD", fields=("Connection: close",)))
            assert client.rest().startswith(b"HTTP/1.1 ")
        self.close_clients()
        counts = []

        def is_steady():
            counts.append(self.descriptor_count())
            return len(counts) >= 50 and len(set(counts[-50:])) == 1

        wait_until(is_steady, "a steady number of descriptors")
        return counts[-1]

    def listening_port(self):
        """The port it listens on by /proc/net/tcp, for a program that does not say, or None."""
        inodes = set()
        for pid in self.pids():
            for name in held_by(pid):
                try:
                    inodes.add(os.readlink(f"/proc/{pid}/fd/{name}"))
                except FileNotFoundError:
                    pass
        with open("/proc/net/tcp", encoding="ascii") as table:
            for row in table:
                parts = row.split()
                if parts[3] == "0A" and f"socket:[{parts[9]}]" in inodes:
                    return int(parts[1].split(":")[1], 16)
        return None

    # ---- its end --------------------------------------------------------------------------------

    def is_running(self):
        return self.process.poll() is None

    def send_signal(self, number):
        """Sends a signal to the parent of the workers, also when a wrapper runs it."""
        os.kill(self.main_pid(), number)

    def await_end(self, deadline_s=STOP_DEADLINE_S):
        """Waits for its end and returns its exit code."""
        try:
            code = self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(self.report(f"did not end within {deadline_s} s")) from None
        for reader in self._readers:
            reader.join(DEADLINE_S)
        self.has_ended = True
        return code

    def stop(self, number=signal.SIGTERM):
        """Asks it to end; asserts that it does so in good order and leaves nothing behind."""
        try:
            self.close_clients()
            if self.is_running():
                self.send_signal(number)
            code = self.await_end()
            assert code == 0, self.report(f"exit code {code}")
            assert not TROUBLE.search(self.errors), self.report("complaints on stderr")
            wait_until(lambda: not self.pids(), "the end of its other processes", 2)
        finally:
            self.kill()

    def kill(self):
        """Ends it and all it started, whatever their state."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        _running.discard(self)
        for stream in (self.process.stdout, self.process.stderr):
            if not any(reader.is_alive() for reader in self._readers):
                stream.close()


def run_program(*arguments, wrapper=()):
    """Runs the program with arguments that it must refuse; (code, stdout, stderr)."""
    assert os.path.exists(PROGRAM), f"there is no program at {PROGRAM}: build it first"
    command = ["setpriv", "--pdeathsig", "KILL", *wrapper, PROGRAM, *map(str, arguments)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=DEADLINE_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"{command} did not end; stdout: {late.stdout!r}") from None
    return done.returncode, done.stdout, done.stderr


def printed(*arguments):
    """What the program prints, when it prints and exits as it should."""
    code, output, errors = run_program(*arguments)
    assert code == 0 and errors == b"", (code, errors)
    return output.decode("ascii")


def refused(code, *arguments, wrapper=()):
    """The one line with which it refuses to serve; `code` is its exit code."""
    seen, output, errors = run_program(*arguments, wrapper=wrapper)
    assert seen == code and output == b"", (seen, output, errors)
    line = errors.decode("utf-8")
    assert line.startswith("linnet: ") and line.count("\n") == 1 and line.endswith("\n"), line
    return line


def measure_cpu(program, client, seconds):
    """CPU time of the program while that client, which gets nothing, waits so long."""
    begin, before_s = time.monotonic(), program.cpu_s()
    assert client.is_quiet(seconds), "something came that was not to come"
    return (program.cpu_s() - before_s) / (time.monotonic() - begin)


def limits(**values):
    """limits(head_ms=200) -> the options of those limits."""
    options = []
    for name, value in values.items():
        options += ["--limit", f"{name}={value}"]
    return options


def limit_rows():
    """(name, least, most) of every limit, as include/linnet/limits.h has them."""
    with open(os.path.join(ROOT, "include", "linnet", "limits.h"), encoding="ascii") as file:
        text = file.read()
    names = {"UINT32_MAX": 2 ** 32 - 1, "UINT64_MAX": 2 ** 64 - 1}

    def number(expression):
        value, _, divisor = expression.partition("/")
        value = names.get(value.strip()) or int(value)
        return value // int(divisor or 1)

    rows = re.findall(r'X\((\w+), "[^"]*", [^,]+, ([^,]+), ([^,]+),', text)
    return [(name, number(least), number(most)) for name, least, most in rows]


@functools.cache
def has_uring():
    """Does the program find io_uring usable here?"""
    return run_program("--driver", "uring", "--budget")[0] == 0


def has_ipv6():
    """Is there an IPv6 loopback?"""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False
