#!/usr/bin/python3
"""How long a small answer waits while another client fetches a large file that is not in memory.

usage: bench/cold_file.py [--linnet PROGRAM] [--driver NAME] [--mib N] [--rounds N]
                          [--folder FOLDER]

For --files sendfile and async, in turn: the file leaves the system's memory, one client fetches it
whole, and another asks for a small file over and over until that is done. Written are the delays of
the small answers, in ms, how long the large file took, and the same for the file when it is in the
system's memory. FOLDER must be on a disk; on a file system in memory there is nothing to wait for.
"""
import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_CHUNK = 1 << 20
_DEADLINE_S = 60


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--linnet", default=os.path.join(_ROOT, "build/release/linnet"))
    parser.add_argument("--driver", default="epoll")
    parser.add_argument("--mib", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default=None)
    return parser.parse_args()


def write_site(folder, mib):
    with open(os.path.join(folder, "large"), "wb") as file:
        for _ in range(mib):
            file.write(os.urandom(_CHUNK))
        file.flush()
        os.fsync(file.fileno())
    with open(os.path.join(folder, "small"), "wb") as file:
        file.write(b"s" * 1024)


def forget(path):
    """Drops the file out of the system's memory."""
    descriptor = os.open(path, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def connect(port):
    made = socket.create_connection(("127.0.0.1", port))
    made.settimeout(_DEADLINE_S)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def fetch(connection, target):
    """Asks, reads the answer and drops it; how long it took, in ms."""
    begin = time.monotonic()
    connection.sendall(f"GET /{target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    received, left = b"", None
    while left is None:
        received += connection.recv(_CHUNK)
        head, end, body = received.partition(b"\r\n\r\n")
        if end:
            assert head.startswith(b"HTTP/1.1 200"), head
            left = int(head.lower().partition(b"content-length: ")[2].split()[0]) - len(body)
    room = bytearray(_CHUNK)
    while left > 0:
        got = connection.recv_into(room)
        assert got > 0
        left -= got
    return (time.monotonic() - begin) * 1000


def measure(port, large_path):
    """(ms of the large answer, sorted ms of the small ones meanwhile)"""
    large, small = connect(port), connect(port)
    fetch(small, "small")
    took, delays = [], []
    if large_path:
        forget(large_path)
    fetching = threading.Thread(target=lambda: took.append(fetch(large, "large")))
    fetching.start()
    while fetching.is_alive():
        delays.append(fetch(small, "small"))
    fetching.join()
    large.close()
    small.close()
    return took[0], sorted(delays)


def serve(options, files, folder):
    command = [options.linnet, "--driver", options.driver, "--files", files, "--quiet",
               "--listen", "127.0.0.1:0", folder]
    program = subprocess.Popen(command, stdout=subprocess.PIPE)
    for line in program.stdout:
        if b"http://127.0.0.1:" in line:
            return program, int(line.strip().rstrip(b"/").rpartition(b":")[2])
    sys.exit(f"{command} did not start")


def main():
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="linnet-cold-", dir=options.folder) as folder:
        write_site(folder, options.mib)
        large = os.path.join(folder, "large")
        print(f"{'file':5} {'files':9} {'large ms':>9} {'small: count':>13} {'p50':>7} {'p99':>7} "
              f"{'p99.9':>7} {'most':>7}")
        for is_cold in (True, False):
            for files in ("sendfile", "async") * options.rounds:
                program, port = serve(options, files, folder)
                try:
                    took, delays = measure(port, large if is_cold else None)
                finally:
                    program.terminate()
                    program.wait()
                at = [delays[min(int(len(delays) * part), len(delays) - 1)]
                      for part in (0.5, 0.99, 0.999)]
                print(f"{'cold' if is_cold else 'warm':5} {files:9} {took:9.1f} "
                      f"{len(delays):13} " + " ".join(f"{ms:7.2f}" for ms in [*at, delays[-1]]))


if __name__ == "__main__":
    main()
