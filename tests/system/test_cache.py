"""The file cache: no call to the file system on a hit, nothing stale for longer than a second."""
import os
import re
import shutil
import time

import pytest

from client import wait_until
from content import ALPHABET, HELLO, write_file
from program import SANITIZED, limits

FILE_CALLS = re.compile(rb"\b(?:openat2?|open|fstat|newfstatat|statx|pread64|read|close)\(")

needs_strace = pytest.mark.skipif(
    SANITIZED or shutil.which("strace") is None, reason="strace, and no leak sanitizer under it")


def traced(start, tmp_path, folder, *options):
    """The program under strace, and a function that gives the calls since it was last asked."""
    trace = tmp_path / "trace"
    program = start(*options, folder=folder,
                    wrapper=("strace", "-f", "-o", str(trace), "-e", "signal=none"))
    seen = 0

    def calls():
        nonlocal seen
        lines = trace.read_bytes().splitlines()
        new, seen = lines[seen:], len(lines)
        return new

    return program, calls


@pytest.mark.whole_io
@needs_strace
def test_a_hit_makes_two_calls(start, tmp_path, folder):
    """One recv and one send for a request on a kept connection, none to the file system."""
    program, calls = traced(start, tmp_path, folder, "--limit", "cache_ms=60000", "--quiet",
                            "--driver", "epoll")
    client = program.connect()
    assert client.get("/hello.txt").body == HELLO
    calls()
    for _ in range(10):
        assert client.get("/hello.txt").body == HELLO
    made = calls()
    names = [re.search(rb"\b(\w+)\(", line).group(1) for line in made]
    assert names.count(b"recvfrom") == 10
    assert names.count(b"sendto") + names.count(b"sendmsg") == 10
    assert not [line for line in made if FILE_CALLS.search(line)]


@needs_strace
def test_a_file_is_resolved_once_in_its_time(start, tmp_path, folder):
    """However often it is asked for, a file is looked at once per cache_ms."""
    program, calls = traced(start, tmp_path, folder, "--quiet", "--limit", "cache_ms=86400000")
    for _ in range(20):
        assert program.connect().get("/hello.txt").body == HELLO
    assert len([line for line in calls() if b"openat2(" in line]) == 1


def is_soon(client, target, body):
    """The new content is there within a second, and the old one was whole until then."""
    began = time.monotonic()
    wait_until(lambda: client.get(target).body == body, "the new content", 3)
    assert time.monotonic() - began < 1.5


def test_a_deploy_by_rename_is_seen_within_a_second(start, folder):
    client = start(folder=folder).connect()
    assert client.get("/hello.txt").body == HELLO
    os.replace(write_file(folder, "next.txt", b"deployed"), f"{folder}/hello.txt")
    is_soon(client, "/hello.txt", b"deployed")


def test_a_folder_that_is_swapped_is_seen_within_a_second(start, folder):
    write_file(folder, "one/page.txt", b"one")
    write_file(folder, "two/page.txt", b"two")
    os.symlink("one", f"{folder}/current")
    client = start(folder=folder).connect()
    assert client.get("/current/page.txt").body == b"one"
    os.symlink("two", f"{folder}/new")
    os.replace(f"{folder}/new", f"{folder}/current")
    is_soon(client, "/current/page.txt", b"two")


def test_the_same_length_and_time_is_seen_too(start, folder):
    """A tool that sets the old time back: the time of the change of the inode tells."""
    client = start(folder=folder).connect()
    before = os.stat(f"{folder}/hello.txt")
    assert client.get("/hello.txt").body == HELLO
    path = f"{folder}/hello.txt"
    with open(path, "r+b") as file:
        file.write(HELLO[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    is_soon(client, "/hello.txt", HELLO[::-1])


def test_a_removed_file_is_gone_within_a_second(start, folder):
    client = start(folder=folder).connect()
    assert client.get("/hello.txt").status == 200
    os.remove(f"{folder}/hello.txt")
    wait_until(lambda: client.get("/hello.txt").status == 404, "404", 3)
    write_file(folder, "hello.txt", ALPHABET)
    assert client.get("/hello.txt").body == ALPHABET


@pytest.mark.parametrize("options", [
    limits(files=2, open_files=1, cache_blocks=1, cache_block_len=100),
    limits(files=1, open_files=1, cache_blocks=0),
    limits(files=3, open_files=3, cache_blocks=2, cache_block_len=0),
    limits(cache_ms=0),
    limits(cache_ms=1),
])
def test_fewer_places_than_files(start, folder, options):
    """Whatever is evicted, every answer is right; and no descriptor is lost."""
    contents = {f"/{size}.bin": os.urandom(size) for size in (0, 1, 99, 100, 101, 5000, 200000)}
    for name, content in contents.items():
        write_file(folder, name[1:], content)
    program = start(*options, folder=folder)
    before = program.idle_descriptor_count("/1.bin")
    client = program.connect()
    for _ in range(3):
        for name, content in contents.items():
            assert client.get(name).body == content
    assert program.idle_descriptor_count("/1.bin") <= before + 3


def test_a_lent_file_outlives_its_eviction(start, folder):
    """What is being sent is finished, though its entry was evicted and its file replaced."""
    content = os.urandom(3000000)
    path = write_file(folder, "large.bin", content)
    program = start(*limits(files=2, open_files=2, cache_blocks=1, cache_block_len=4000000,
                            socket_send_len=4096), folder=folder)
    slow = program.connect(receive_len=4096)
    slow.send_apart(b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n")
    wait_until(lambda: not slow.is_quiet(0), "the begin of the answer")
    os.replace(write_file(folder, "new.bin", b"new"), path)
    other = program.connect()
    wait_until(lambda: other.get("/large.bin").body == b"new", "the new content", 3)
    for _ in range(3):
        assert other.get("/hello.txt").body == HELLO
    assert slow.answer().body == content
