"""Starting and stopping what is measured: Linnet, the floors and the peers."""
import os
import resource
import shutil
import signal
import socket
import subprocess
import time

import processes

_HERE = os.path.dirname(os.path.abspath(__file__))
_START_S = 20
_STOP_S = 10
_PROBE_S = 10
# The most that a process of the benchmark opens, the server and the load alike.
DESCRIPTORS_MAX = 20000
_SPARE = 3000


class Failure(Exception):
    """A program did not do what the benchmark needs; the text says which and what."""


def descriptors():
    return min(DESCRIPTORS_MAX, resource.getrlimit(resource.RLIMIT_NOFILE)[1])


def connections_max():
    return descriptors() - _SPARE


def run_checked(command, core, limit_s=60, **more):
    """Runs a tool on a core to its end and returns what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=limit_s,
                          preexec_fn=_on_core(core), **more)
    if done.returncode != 0:
        raise Failure(f"{os.path.basename(command[0])} failed: {done.stderr.strip()[:2000]}")
    return done.stdout


def start_load(place, command):
    """A load that stops and waits to be told; what it says and is told goes through pipes."""
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True,
                            preexec_fn=_on_core(place.load_core))


def _on_core(core):
    def settle():
        os.sched_setaffinity(0, {core})
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors(), descriptors()))

    return settle


class Place:
    """Where a run has its programs, files, cores and ports."""

    def __init__(self, build, linnet, folder):
        self.build = build
        self.linnet = linnet
        self.folder = folder
        self.root = os.path.join(folder, "site")
        cores = sorted(os.sched_getaffinity(0))
        self.server_core = cores[0]
        self.load_core = cores[-1]
        self._port = 8000

    def port(self):
        """A new one each time: what still waits on an old one disturbs nobody."""
        self._port += 1
        return self._port

    def tool(self, name):
        return os.path.join(self.build, "bench", name)

    def file(self, name):
        return os.path.join(self.folder, name)


def _configured(place, name, port):
    """Writes the peer's configuration with its places filled in; returns the file."""
    with open(os.path.join(_HERE, "peers", name), encoding="utf-8") as file:
        text = file.read()
    values = {"RUN": place.folder, "ROOT": place.root, "PORT": port, "DESCRIPTORS": descriptors(),
              "CONNECTIONS": connections_max()}
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    path = place.file(f"{port}-{name}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def command_of(name, place, port, answer=None, closes=False):
    """The command line of a program; `answer` is the file of a floor's answer."""
    if name in ("linnet", "linnet-log", "linnet-epoll"):
        quiet = ["--quiet"] if name != "linnet-log" else []
        driver = ["--driver", "epoll"] if name == "linnet-epoll" else []
        return [place.linnet, *quiet, *driver, "--listen", f"127.0.0.1:{port}", "--limit",
                f"connections={connections_max()}", place.root]
    if name.startswith("floor-"):
        way = name.removeprefix("floor-")
        return [place.tool("bench-floor"), way, str(port), answer] + ["close"] * closes
    program = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if program is None:
        raise Failure(f"{name} is not installed; run: tools/setup bench")
    config = _configured(place, f"{name}.conf", port)
    if name == "nginx":
        return [program, "-e", place.file("nginx-error.log"), "-p", place.folder, "-c", config]
    if name == "lighttpd":
        return [program, "-D", "-f", config]
    return [program, "-c", config]


def _ask(port, path, closes):
    """The whole answer to one request, head and content."""
    with socket.create_connection(("127.0.0.1", port), _PROBE_S) as connection:
        close = "Connection: close\r\n" if closes else ""
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{close}\r\n".encode())
        answer = b""
        length = None
        while length is None or len(answer) < length:
            more = connection.recv(1 << 20)
            if not more:
                raise Failure(f"an answer ended after {len(answer)} bytes")
            answer += more
            head, end, _ = answer.partition(b"\r\n\r\n")
            if end and length is None:
                fields = [line.partition(b":") for line in head.lower().split(b"\r\n")[1:]]
                contents = [int(value) for name, _, value in fields if name == b"content-length"]
                if not contents:
                    raise Failure("an answer without Content-Length")
                length = len(head) + 4 + contents[0]
        return answer


class Running:
    """A started program. `stop` it, or use it in a with statement."""

    def __init__(self, name, place, *, answer=None, closes=False, before=(),
                 environment=None):
        self.name = name
        self.place = place
        self.port = place.port()
        self.closes = closes
        self.log = place.file(f"{self.port}-{name}.out")
        command = [*before, *self.command(answer)]
        # Appending, so that the file may be emptied between two runs.
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=_on_core(place.server_core), cwd=place.folder, env=environment)
        try:
            self._wait_ready()
        except BaseException:
            self.stop()
            raise
        self.pids = [self.process.pid]

    def command(self, answer):
        return command_of(self.name, self.place, self.port, answer, self.closes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_ready(self):
        end = time.monotonic() + _START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Failure(f"{self.name} does not start: {self.output()}") from None
                time.sleep(0.01)

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-1500:].strip()

    def probe(self, workload):
        """One request before all others: its answer must be right, byte for byte."""
        try:
            answer = _ask(self.port, workload.path, self.closes)
        except OSError as error:
            raise Failure(f"{self.name} does not answer: {error}; {self.output()}") from error
        # Only now are all processes there: who listens may not have its workers yet.
        self.pids = processes.tree(self.process.pid)
        head, _, content = answer.partition(b"\r\n\r\n")
        if head.split()[1] != str(workload.status).encode():
            raise Failure(f"{self.name} answers {head[:200]!r}")
        if workload.content_len is not None:
            with open(self.place.root + workload.path, "rb") as file:
                if file.read() != content:
                    raise Failure(f"{self.name} answers {workload.path} with other bytes")
        return answer

    def empty_log(self):
        os.truncate(self.log, 0)

    def stop(self):
        """TERM and, if that is not enough, KILL for all its processes. Returns when it is gone."""
        pids = processes.tree(self.process.pid) if self.process.poll() is None else []
        if pids:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                for pid in pids:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        continue
                self.process.wait()


def start_all(names, place, workload, notes):
    """Starts the programs of a workload; the floors say what Linnet says. A peer that cannot be
    started is left out with a note; Linnet and the floors must start."""
    started = {}
    closes = workload.mode == "close"
    try:
        linnet = started["linnet"] = Running("linnet", place, closes=closes)
        answer = place.file(f"{workload.name}.answer")
        with open(answer, "wb") as file:
            file.write(linnet.probe(workload))
        for name in names:
            if name == "linnet":
                continue
            try:
                started[name] = Running(name, place, answer=answer, closes=closes)
                started[name].probe(workload)
            except Failure as failure:
                if name.startswith(("linnet", "floor")):
                    raise
                notes.add(f"{name} is left out: {failure}")
                if name in started:
                    started.pop(name).stop()
        return started
    except BaseException:
        stop_all(started)
        raise


def stop_all(started):
    for running in started.values():
        running.stop()
