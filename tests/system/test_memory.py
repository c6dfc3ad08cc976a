"""Memory that is fixed when the program starts: it does not grow, whatever comes."""
# ctest: alone - it measures
import os

from client import chunked, request, sized, wait_until
from content import HELLO

# A sanitizer that looks for uses of a stack frame behind its return puts frames elsewhere, ever
# anew: that memory grows for long, and is its own.
OWN_STACKS = {"ASAN_OPTIONS":
              os.environ.get("ASAN_OPTIONS", "") + ":detect_stack_use_after_return=0"}
WARM_UP, MEASURED = 2000, 20000
BATCH = 50
GROWTH_KIB_MAX = 64

# Every kind of answer that leaves the connection open, BATCH of them.
MIXED = ([
    (request("/hello.txt"), 200), (request("/nothing"), 404), (request("/sub"), 301),
    (request("/hello.txt", fields=("If-None-Match: *",)), 304),
    (request("/hello.txt", fields=("Range: bytes=0-4",)), 206),
    (request("/hello.txt", fields=("Range: bytes=99-",)), 416),
    (request("/hello.txt", fields=('If-Match: "x"',)), 412),
    (request("/hello.txt", fields=("X: " + "y" * 3000,)), 200),
    (sized(b"x" * 1000, target="/empty.txt"), 200),
    (chunked(b"5\r\nhello\r\n0\r\nA: b\r\n\r\n", target="/with%20space.txt"), 200),
] * 5)
assert len(MIXED) == BATCH


def ask_many(program, count):
    """That many requests, BATCH in a segment; every tenth batch on a new connection."""
    client = program.connect()
    data = b"".join(part for part, _ in MIXED)
    for batch in range(count // BATCH):
        if batch % 10 == 9:
            client.send(b"GET / HTTP/1.1\r\nX : y\r\n\r\n")
            assert client.answer().status == 400
            program.close_clients()
            client = program.connect()
        client.send(data)
        for _, status in MIXED:
            assert client.answer().status == status
    program.close_clients()


def test_s0_1_resident_memory_stays_flat(start):
    """S0-1: no growth between 2,000 requests and 22,000."""
    program = start(environment=OWN_STACKS)
    ask_many(program, WARM_UP)
    before = program.resident_kib()
    ask_many(program, MEASURED)
    assert program.resident_kib() - before <= GROWTH_KIB_MAX


def burst(program, count):
    """So many connections at one time, each with an answer, all closed at the end."""
    clients = [program.connect() for _ in range(count)]
    for client in clients:
        client.send(request("/hello.txt"))
    for client in clients:
        assert client.answer().body == HELLO
    most = program.descriptor_count()
    program.close_clients()
    wait_until(lambda: program.descriptor_count() <= most - count, "all connections are closed")


def test_s0_1_many_connections_leave_nothing(start):
    """S0-1: behind the largest number of connections at one time, fewer cost nothing more."""
    program = start(environment=OWN_STACKS)
    for _ in range(4):  # until every buffer of uring's ring has had its turn
        burst(program, 400)
    before = program.resident_kib()
    for _ in range(4):
        burst(program, 200)
    assert program.resident_kib() - before <= GROWTH_KIB_MAX
