"""Commands that must succeed and programs that must answer: what these tests share."""
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "library"))
from running import DEADLINE_S, ROOT, Running  # noqa: E402

BUILD = os.environ.get("LINNET_BUILD_DIR") or os.path.join(ROOT, "build", "debug")


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def await_socket(path, running):
    deadline = time.monotonic() + DEADLINE_S
    with socket.socket(socket.AF_UNIX) as client:
        while client.connect_ex(path) != 0:
            assert time.monotonic() < deadline, f"nobody listens at {path}; {running.report()}"
            time.sleep(0.01)


def ask(*command, target="/", **environment):
    """What curl is answered by this program, whose last argument will be where it listens."""
    with tempfile.TemporaryDirectory(prefix="linnet-") as folder:
        path = os.path.join(folder, "it.sock")
        with Running(*command, "unix:" + path, **environment) as it:
            await_socket(path, it)
            return run("curl", "-sS", "--max-time", str(DEADLINE_S), "--unix-socket", path,
                       "http://it" + target)
