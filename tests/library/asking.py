"""A real client, curl: what the tests of the examples ask with."""
import subprocess

from running import DEADLINE_S


def curl(url, *arguments, **more):
    """(status, body) of the answer."""
    done = subprocess.run(["curl", "-sS", "--max-time", str(2 * DEADLINE_S), "-w", "%{http_code}",
                           *arguments, url], capture_output=True, check=False, **more)
    assert done.returncode == 0, done.stderr
    return int(done.stdout[-3:]), done.stdout[:-3]
