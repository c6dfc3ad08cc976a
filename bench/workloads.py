"""What is asked for: a table."""
import dataclasses
import os
import random

FILES = {"/1k.bin": 1 << 10, "/16k.bin": 16 << 10, "/128k.bin": 128 << 10, "/10m.bin": 10 << 20}

FLOORS = ("floor-memory", "floor-file")
SERVERS = ("linnet", "nginx", "lighttpd", "h2o")


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    path: str = "/1k.bin"
    floor: str = "floor-memory"  # what the ratios are taken to
    programs: tuple = ("floor-memory",) + SERVERS
    mode: str = "keep"
    connections: int = 64
    pipeline: int = 1
    request_len: int = 142
    status: int = 200
    per_byte: bool = False  # the cost is seconds per gigabyte, not microseconds per request
    tool: str = "load"  # or "wrk"
    count: int = 0  # requests of a counting run; 0: not counted

    @property
    def content_len(self):
        """None where each server has an answer of its own."""
        return FILES.get(self.path)


_BOTH = FLOORS + SERVERS
# The driver that it chooses, and the floor.
_DRIVERS = ("linnet-epoll", "linnet")

WORKLOADS = (
    Workload("static-1k", "1 KiB, request of 142 bytes", programs=_BOTH, count=960),
    Workload("static-1k-680", "1 KiB, request of 680 bytes", request_len=680, count=960),
    Workload("static-16k", "16 KiB", path="/16k.bin", programs=_BOTH, count=960),
    Workload("static-128k", "128 KiB", path="/128k.bin", programs=_BOTH, floor="floor-file",
             count=480),
    Workload("static-10m", "10 MiB, 4 connections, s/GB", path="/10m.bin", programs=_BOTH,
             floor="floor-file", connections=4, per_byte=True, count=12),
    Workload("pipelined-16", "1 KiB, 16 requests pipelined", pipeline=16, count=1920),
    Workload("connection", "1 KiB, a connection for each", mode="close", count=960),
    Workload("not-found", "404", path="/nothing.bin", status=404, count=960),
    Workload("wrk-1k", "1 KiB, by wrk", tool="wrk"),
    Workload("log-1k", "1 KiB, without and with the access log",
             floor="linnet", programs=("linnet", "linnet-log")),
    Workload("driver-1k", "1 KiB, beside its driver epoll", floor="linnet-epoll",
             programs=_DRIVERS),
    Workload("driver-16k", "16 KiB, beside its driver epoll", path="/16k.bin",
             floor="linnet-epoll", programs=_DRIVERS),
    Workload("driver-128k", "128 KiB, beside its driver epoll", path="/128k.bin",
             floor="linnet-epoll", programs=_DRIVERS),
    Workload("driver-pipelined", "1 KiB, 16 requests pipelined, beside its driver epoll",
             floor="linnet-epoll", programs=_DRIVERS, pipeline=16),
    Workload("driver-connection", "1 KiB, a connection for each, beside its driver epoll",
             floor="linnet-epoll", programs=_DRIVERS, mode="close"),
)

# What is measured beside the times of workloads; `make bench BENCH=` knows these names too.
OTHERS = ("syscalls", "instructions", "idle", "start", "tls")


def select(text):
    """Names of workloads and others that contain one of the words; all if there is no word."""
    words = text.replace(",", " ").split()
    names = [w.name for w in WORKLOADS] + list(OTHERS)
    return [name for name in names if not words or any(word in name for word in words)]


def write_files(root):
    """The document root: the same bytes each time."""
    os.makedirs(root, exist_ok=True)
    for path, size in FILES.items():
        with open(root + path, "wb") as file:
            file.write(random.Random(size).randbytes(size))
