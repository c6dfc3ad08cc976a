"""S4-2: files that are read ahead, by --files async: every byte, whatever comes between."""
import mmap
import os
import random
import re
import subprocess
import threading

import pytest

from client import request, wait_until
from content import big_content, write_file
from program import PRELOADED, PROGRAM, SANITIZED, limits, printed, refused, run_program

MIB = 1 << 20
SIZES = (0, 1, 511, 512, 513, 4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537, MIB + 1,
         10 * MIB)
PIECE = 65536  # read_len
WINDOW = 4  # read_ahead
DIRECT = ("--files", "async", *limits(cache_blocks=0, read_len=PIECE, read_ahead=WINDOW,
                                      extra_reads=64))
BUILD = os.environ.get("LINNET_BUILD_DIR", "build/debug")


def preload(name):
    """The environment in which the program has that library beside those of every test."""
    path = os.path.relpath(os.path.join(BUILD, name + "_preload.so"))
    return {"LD_PRELOAD": " ".join([path, *PRELOADED.values()])}


def reads_direct(folder):
    """Does the file system of that folder have reads past the system's memory?"""
    try:
        descriptor = os.open(os.path.join(folder, "hello.txt"), os.O_RDONLY | os.O_DIRECT)
    except OSError:
        return False
    try:
        os.readv(descriptor, [mmap.mmap(-1, 4096)])
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)


@pytest.fixture(scope="module")
def contents():
    """size -> bytes; no two pieces of them are the same."""
    whole = big_content(max(SIZES))
    return {size: whole[:size] for size in SIZES}


@pytest.fixture
def files(folder, contents):
    for size, data in contents.items():
        write_file(folder, f"{size}.bin", data)
    return folder


@pytest.fixture(params=["epoll", "uring"])
def begin(request, start):
    """As start, with files read ahead, by each driver that can."""
    if run_program("--budget", "--driver", request.param)[0] != 0:
        pytest.skip("this system does not let it work")
    return lambda *options, **more: start("--driver", request.param, *DIRECT, *options, **more)


def in_parallel(functions):
    """Runs them all at one time; what one asserts is asserted here."""
    failures = []

    def guard(function):
        try:
            function()
        except BaseException as failure:  # pylint: disable=broad-except
            failures.append(failure)

    threads = [threading.Thread(target=guard, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def download(program, size, content):
    client = program.connect()
    answer = client.get(f"/{size}.bin")
    assert answer.status == 200 and answer.field("Content-Length") == str(size)
    assert answer.body == content


def assert_nothing_is_held(program):
    program.close_clients()
    return program.await_counters(slots_now=0, reads_now=0, outputs_now=0, exchanges_now=0,
                                  inputs_now=0)


# ---- every byte ----------------------------------------------------------------------------------


def test_s4_2_files_of_any_size_are_whole(begin, files, contents):
    """S4-2, S4-3: all sizes on one connection, and then all at one time."""
    program = begin(folder=files)
    client = program.connect()
    for size in SIZES:
        answer = client.get(f"/{size}.bin")
        assert answer.status == 200 and answer.field("Content-Length") == str(size)
        assert answer.body == contents[size]
        assert client.get(f"/{size}.bin", method="HEAD").field("Content-Length") == str(size)
    in_parallel([lambda size=size: download(program, size, contents[size])
                 for size in SIZES for _ in range(2)])
    counters = assert_nothing_is_held(program)
    reads = 3 * sum(-(-size // PIECE) for size in SIZES)
    if reads_direct(files):
        assert counters["file_reads"] == reads and counters["plain_reads"] == 0
    else:
        assert counters["plain_reads"] >= reads
    assert 1 < counters["reads_most"] <= WINDOW * 2 * len(SIZES)


def test_any_range_is_whole(begin, files, contents):
    program = begin(folder=files)
    client = program.connect()
    content = contents[MIB + 1]
    offsets = (0, 1, 511, 512, 513, 4095, 4096, 4097, 65535, 65536, 70001, MIB - 1, MIB)
    for first in offsets:
        for length in (1, 2, 511, 4096, 4097, 65537, 300001):
            last = min(first + length, len(content)) - 1
            answer = client.get(f"/{MIB + 1}.bin", f"Range: bytes={first}-{last}")
            assert answer.status == 206
            assert answer.body == content[first:last + 1]
    assert client.get(f"/{MIB + 1}.bin", "Range: bytes=-4097").body == content[-4097:]
    assert_nothing_is_held(program)


def test_pipelined_files_come_in_their_order(begin, files, contents):
    program = begin(folder=files)
    client = program.connect()
    order = [16385, MIB + 1, 1, 513, 65537, 0, MIB + 1, 4096]
    client.send(b"".join(request(f"/{size}.bin") for size in order))
    for size in order:
        assert client.answer().body == contents[size]
    assert_nothing_is_held(program)


@pytest.mark.parametrize("driver", ["poll", "blocking"])
def test_drivers_without_such_reads_read_plainly(start, files, contents, driver):
    program = start("--driver", driver, "--files", "async", *limits(cache_blocks=0), folder=files)
    client = program.connect()
    for size in SIZES:
        assert client.get(f"/{size}.bin").body == contents[size]
    counters = program.counters()
    assert counters["file_reads"] == 0 and counters["reads_most"] == 0


def can_make_calls_fail():
    done = subprocess.run([PROGRAM, "/nowhere"], env={**os.environ, "LINNET_FAULTS": "no"},
                          capture_output=True, timeout=20, check=False)
    return b"LINNET_FAULTS" in done.stderr


faulty = pytest.mark.skipif(not can_make_calls_fail(), reason="this build fails no call")


@faulty
@pytest.mark.parametrize("fault", [
    "fcntl-direct:EINVAL", "fcntl-direct:EINVAL:every=4", "io_setup:EAGAIN", "io_setup:ENOMEM",
    "io_setup:ENOSYS", "io_submit:EINVAL", "io_submit:EINVAL:nth=9", "io_submit:ENOMEM:every=3",
    "io_submit:EAGAIN", "io_submit:EAGAIN:every=2", "io_submit-read:EINVAL",
    "io_submit-read:EINVAL:nth=7", "io_getevents:EINTR:every=2"])
def test_where_reads_cannot_be_begun_they_are_waited_for(begin, files, contents, fault):
    """And counted: the file system, or the system, has no such reads, or has no room for them."""
    program = begin(folder=files, environment={"LINNET_FAULTS": fault, **PRELOADED})
    in_parallel([lambda size=size: download(program, size, contents[size]) for size in SIZES])
    client = program.connect()
    content = contents[MIB + 1]
    assert client.get(f"/{MIB + 1}.bin", "Range: bytes=777-333333").body == content[777:333334]
    counters = assert_nothing_is_held(program)
    if reads_direct(files):
        assert fault.split(":")[0].encode("ascii") in program.errors
        assert (counters["file_reads"] > 0) == (fault not in WITHOUT)
        assert (counters["plain_reads"] > 0) == ("getevents" not in fault)


WITHOUT = {"fcntl-direct:EINVAL", "io_setup:EAGAIN", "io_setup:ENOMEM", "io_setup:ENOSYS",
           "io_submit:EINVAL", "io_submit:EAGAIN"}


@faulty
@pytest.mark.parametrize("fault", ["io_submit-read:EIO:nth=3", "io_submit-read:EIO:nth=9"])
def test_a_disk_that_fails_ends_the_connection(begin, files, fault):
    if not reads_direct(files):
        pytest.skip("this file system has no such reads")
    program = begin(folder=files, environment={"LINNET_FAULTS": fault, **PRELOADED})
    client = program.connect()
    client.send(request(f"/{10 * MIB}.bin"))
    assert len(client.rest_or_reset()) < 10 * MIB
    program.await_counters(**{"closed_for_file-shrunk": 1, "slots_now": 0, "reads_now": 0})
    assert program.connect().get("/1.bin").status == 200


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="there is no memory file system")
def test_files_in_memory_are_whole(begin, contents):
    """Where O_DIRECT is taken and means nothing."""
    folder = f"/dev/shm/linnet-{os.getpid()}"
    os.makedirs(folder, mode=0o755)
    try:
        write_file(folder, f"{MIB + 1}.bin", contents[MIB + 1])
        program = begin(folder=folder)
        download(program, MIB + 1, contents[MIB + 1])
        assert_nothing_is_held(program)
    finally:
        os.remove(os.path.join(folder, f"{MIB + 1}.bin"))
        os.rmdir(folder)


# ---- clients that are slow, or leave -------------------------------------------------------------


def test_slow_readers_keep_a_window_each_and_lose_nothing(begin, files, contents):
    """Who reads slowly holds as many buffers as the window has, never the whole file."""
    program = begin(*limits(extra_reads=9, socket_send_len=8192), folder=files)
    slow = [program.connect(receive_len=4096) for _ in range(6)]
    for client in slow:
        client.send(request(f"/{MIB + 1}.bin"))
        client.take(100)
    wait_until(lambda: program.counters()["reads_now"] == 6 + 9, "all windows are full")
    download(program, 10 * MIB, contents[10 * MIB])  # the first buffer is always there
    assert program.counters()["reads_most"] <= 6 + 9 + 1
    assert_nothing_is_held(program)


def test_slow_readers_get_every_byte(begin, files, contents):
    program = begin(*limits(socket_send_len=8192), folder=files)
    clients = [program.connect(receive_len=4096) for _ in range(8)]
    for client in clients:
        client.send(request(f"/{MIB + 1}.bin"))

    def read(client, seed):
        drawn = random.Random(seed)
        while b"\r\n\r\n" not in client.received:
            client.fill()
        while len(client.received) < MIB:
            data = client.socket.recv(drawn.randint(1, 30000))
            assert data
            client.received += data
        assert client.answer().body == contents[MIB + 1]

    in_parallel([lambda client=client, seed=seed: read(client, seed)
                 for seed, client in enumerate(clients)])
    assert_nothing_is_held(program)


def test_clients_that_leave_take_nothing_with_them(begin, files):
    """Also between the beginning of a read and its end: buffer and descriptor come back."""
    program = begin(folder=files)
    before = program.idle_descriptor_count("/hello.txt", f"/{10 * MIB}.bin")
    drawn = random.Random(4)
    for _ in range(40):
        clients = [program.connect() for _ in range(5)]
        for client in clients:
            client.send(request(f"/{10 * MIB}.bin"))
        for client in clients:
            if drawn.random() < 0.5:
                client.take(drawn.choice((1, 300, PIECE, 5 * PIECE)))
            client.reset()
        program.clients.clear()
    counters = assert_nothing_is_held(program)
    assert counters["connections_opened"] == counters["connections_closed"]
    assert program.idle_descriptor_count("/hello.txt", f"/{10 * MIB}.bin") == before


@pytest.mark.parametrize("length", [0, 1, MIB, 3 * MIB + 777])
def test_a_file_that_shrinks_ends_its_connection(begin, files, length):
    program = begin(*limits(socket_send_len=8192), folder=files)
    client = program.connect(receive_len=4096)
    client.send(request(f"/{10 * MIB}.bin"))
    client.take(1000)
    os.truncate(os.path.join(files, f"{10 * MIB}.bin"), length)
    assert len(client.rest_or_reset()) < 10 * MIB
    program.await_counters(**{"closed_for_file-shrunk": 1, "slots_now": 0, "reads_now": 0})
    assert program.connect().get("/hello.txt").status == 200


@pytest.mark.parametrize("signals", [1, 2])
def test_it_stops_with_reads_under_way(begin, files, signals):
    program = begin(*limits(drain_ms=200), folder=files)
    for _ in range(10):
        program.connect().send(request(f"/{10 * MIB}.bin"))
    wait_until(lambda: program.counters()["reads_now"] > 0, "reads have begun")
    for _ in range(signals):
        program.send_signal(15)
    assert program.await_end() == 0


# ---- S4-3 ----------------------------------------------------------------------------------------


def test_s4_3_fifty_downloads_with_every_transfer_cut_short(begin, folder):
    """S4-3: 2 MiB each, every send halved, every receive cut to 20 bytes."""
    content = big_content(2 * MIB)
    write_file(folder, f"{2 * MIB}.bin", content)
    environment = {} if PRELOADED else preload("partial_io")
    program = begin(folder=folder, environment=environment)
    in_parallel([lambda: download(program, 2 * MIB, content) for _ in range(50)])
    counters = assert_nothing_is_held(program)
    assert counters["answers_2xx"] == 50
    assert counters["file_reads"] + counters["plain_reads"] == 50 * 2 * MIB // PIECE


@pytest.mark.skipif(SANITIZED, reason="the sanitizer looks itself")
@pytest.mark.whole_io
def test_s4_3_valgrind_finds_nothing_lost(start, files, contents):
    wrapper = ("valgrind", "-q", "--leak-check=full", "--show-leak-kinds=all",
               "--errors-for-leak-kinds=all", "--error-exitcode=9", "--trace-children=yes")
    program = start("--driver", "epoll", *DIRECT, "--quiet", folder=files, wrapper=wrapper,
                    environment=preload("openat2"))
    for size in SIZES[:-1]:
        download(program, size, contents[size])
    clients = [program.connect() for _ in range(5)]
    for client in clients:
        client.send(request(f"/{10 * MIB}.bin"))
    clients[0].take(PIECE)
    for client in clients:
        client.reset()
    program.clients.clear()
    wait_until(lambda: program.counters()["slots_now"] == 0, "all have left")
    program.stop()
    assert b"==" not in program.errors, program.report("valgrind complains")


@pytest.mark.skipif(SANITIZED, reason="the sanitizer has an allocator of its own")
@pytest.mark.whole_io
def test_s0_1_no_allocation_while_files_are_read_ahead(begin, files, contents):
    program = begin(folder=files, environment=preload("malloc_trap"))
    in_parallel([lambda size=size: download(program, size, contents[size]) for size in SIZES])
    program.stop()


# ---- the option ----------------------------------------------------------------------------------


def test_the_buffers_are_a_term_of_the_budget():
    with_reads = printed("--budget", "--driver", "epoll", "--files", "async",
                         *limits(outputs=10, extra_reads=6))
    assert re.search(r"^reads .* 16 x \d+ ", with_reads, re.M)
    for driver, files in (("epoll", "sendfile"), ("poll", "async"), ("blocking", "async")):
        assert "\nreads " not in printed("--budget", "--driver", driver, "--files", files)


def test_what_is_no_way_is_refused():
    line = refused(2, "--files", "asink")
    assert "async" in line and "sendfile" in line
    assert "4096" in refused(1, "--files", "async", *limits(read_len=1000))


def test_the_program_has_the_calls_by_name():
    symbols = subprocess.run(["nm", "-D", "-u", PROGRAM], check=True, capture_output=True,
                             timeout=20).stdout.decode("ascii")
    for name in ("io_submit", "sendfile", "epoll_wait", "epoll_ctl"):
        assert f" {name}@" in symbols or f" {name}\n" in symbols, name
