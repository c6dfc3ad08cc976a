"""A program under test: its lines are waited for, and it is ended for sure."""
import os
import select
import signal
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEADLINE_S = 15


class Running:
    """`with Running(program, argument, ...) as it:` It dies with this process."""

    def __init__(self, *command, **environment):
        environment = {**os.environ, **environment}
        if "LD_PRELOAD" in environment:
            # Relative, for it is split at blanks, which the way to the build folder may hold.
            environment["LD_PRELOAD"] = os.path.relpath(environment["LD_PRELOAD"])
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command],
                                        env=environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.seen = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def line(self, begin):
        """The next line of its output that begins so, without the beginning."""
        begin = begin.encode()
        deadline = time.monotonic() + DEADLINE_S
        while True:
            while b"\n" in self.seen:
                line, _, self.seen = self.seen.partition(b"\n")
                if line.startswith(begin):
                    return line[len(begin):].decode()
            left = deadline - time.monotonic()
            ready = select.select([self.process.stdout], [], [], max(left, 0))[0]
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            assert data, f"no line begins with {begin}; {self.report()}"
            self.seen += data

    def await_descriptors(self, most):
        """Until it has no more than so many open: a client may see the end of its answer before the
        program has closed the connection."""
        deadline = time.monotonic() + DEADLINE_S
        while len(open_now := os.listdir(f"/proc/{self.process.pid}/fd")) > most:
            assert time.monotonic() < deadline, f"more than {most} descriptors: {open_now}"
            time.sleep(0.01)

    def report(self):
        code = self.process.poll()
        if code is None:
            return "it still runs"
        return f"it ended with {code}: {self.process.stderr.read().decode(errors='replace')}"

    def end(self, number=signal.SIGTERM):
        """Tells it to end; returns its code, the rest of its output and its errors."""
        self.process.send_signal(number)
        out, errors = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, (self.seen + out).decode(), errors.decode()
