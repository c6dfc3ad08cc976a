#!/usr/bin/python3
"""Many large uploads at one time, chunked, by the example upload.c: memory stays at its budget.

    tests/soak/uploads.py PROGRAM [--uploads N] [--mib M]

Every client is in the middle of its upload when the first goes on; each gets the hash of what it
sent. What the program has ever had resident may exceed what it had before the first client by the
budget that it has named, and by nothing else.
"""
import argparse
import hashlib
import os
import random
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

MIB = 1 << 20
DEADLINE_S = 600
CONTENTS = 4  # different ones
CHUNK_LENS = (65536, 1, 16384, 777, 40000)  # one after the other


class Content:
    """A MiB that is sent again and again, with its chunks already around it."""

    def __init__(self, seed, mib):
        block = random.Random(seed).randbytes(MIB)
        hashed = hashlib.sha256()
        for _ in range(mib):
            hashed.update(block)
        self.digest = hashed.hexdigest()
        pieces = []
        at = 0
        while at < MIB:
            piece = block[at:at + CHUNK_LENS[len(pieces) % len(CHUNK_LENS)]]
            pieces.append(b"%x\r\n%b\r\n" % (len(piece), piece))
            at += len(piece)
        self.wire = b"".join(pieces)


class Upload(threading.Thread):
    """One client. `wrong` says in the end what went wrong, if anything did."""

    def __init__(self, address, content, mib, together):
        super().__init__(daemon=True)
        self.address, self.content, self.mib, self.together = address, content, mib, together
        self.wrong = "it did not end"

    def run(self):
        try:
            self.wrong = self.upload()
        except (OSError, threading.BrokenBarrierError) as error:
            self.wrong = repr(error)
            self.together.abort()

    def upload(self):
        with socket.create_connection(self.address, DEADLINE_S) as client:
            client.sendall(b"PUT /hash HTTP/1.1\r\nHost: soak\r\nTransfer-Encoding: chunked\r\n"
                           b"Connection: close\r\n\r\n")
            half = len(self.content.wire) // 2
            client.sendall(self.content.wire[:half])
            self.together.wait(DEADLINE_S)
            client.sendall(self.content.wire[half:])
            for _ in range(self.mib - 1):
                client.sendall(self.content.wire)
            client.sendall(b"0\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        wanted = f"\r\n\r\n{self.content.digest}  {self.mib * MIB} bytes\n".encode()
        return "" if answer.endswith(wanted) else f"the answer is {answer!r}"


def resident_kib(process, which):
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(which + ":"))


def lines_of(process, count):
    """The first lines of its output."""
    seen = b""
    while seen.count(b"\n") < count:
        assert select.select([process.stdout], [], [], 15)[0], f"it says no more than {seen}"
        data = os.read(process.stdout.fileno(), 4096)
        assert data, f"it ended behind {seen}"
        seen += data
    return seen.decode()


def soak(process, uploads, mib):
    said = lines_of(process, 2)
    host, port = re.search(r"\nhttp://([\d.]+):(\d+)/\n", said).groups()
    budget_kib = int(re.search(r"(\d+) KiB ", said).group(1))
    contents = [Content(seed, mib) for seed in range(CONTENTS)]
    together = threading.Barrier(uploads)
    before_kib = resident_kib(process, "VmRSS")
    clients = [Upload((host, int(port)), contents[i % CONTENTS], mib, together)
               for i in range(uploads)]
    begun = time.monotonic()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    took_s = time.monotonic() - begun
    wrong = [client.wrong for client in clients if client.wrong]
    if wrong:
        return f"{len(wrong)} of {uploads} uploads went wrong: {wrong[0]}"
    most_kib = resident_kib(process, "VmHWM")
    print(f"{uploads} uploads of {mib} MiB in {took_s:.1f} s: {most_kib} KiB were resident at the "
          f"most, {before_kib} KiB before; the budget is {budget_kib} KiB")
    if most_kib > before_kib + budget_kib:
        return "more was resident than the budget says"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--uploads", type=int, default=100)
    parser.add_argument("--mib", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", options.program, folder, "127.0.0.1:0"],
            stdout=subprocess.PIPE) as process:
        try:
            wrong = soak(process, options.uploads, options.mib)
            process.terminate()
            if not wrong and process.wait(15) != 0:
                wrong = f"the program ended with {process.returncode}"
        finally:
            process.kill()
    return f"uploads: {wrong}" if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
