"""Exhaustion: slots, buffers and descriptors run out; the server sheds by rule and recovers."""
# ctest: alone - it measures CPU time, and deadlines are short
import os
import resource
import signal

import pytest

from client import request, wait_until
from content import ALPHABET, HELLO, big_content, write_file
from program import limits, measure_cpu, refused as refused_to_start

QUIET_S = 0.5
CPU_MAX = 0.1  # of one CPU: a server that spins uses all of one

SMALLEST = limits(connections=1, inputs=1, input_len=320, outputs=1, output_len=640, open_files=1,
                  request_line_len_max=64, path_len_max=48, head_len_max=256, field_count_max=8,
                  reply_head_len_max=384, copy_len_max=192, note_len=64, files=1, cache_blocks=0)
# A large file that is lent from memory holds an output buffer until its last byte is taken.
IN_MEMORY = limits(cache_block_len=8388608, cache_blocks=2)


# ---- slots ---------------------------------------------------------------------------------------


def test_s0_6_longest_idle_connection_makes_room(start):
    """S0-6: four slots, five clients that keep alive: the one idle the longest is closed."""
    program = start(*limits(connections=4))
    clients = [program.connect() for _ in range(4)]
    for client in clients:
        assert client.get("/hello.txt").body == HELLO
    assert clients[0].get("/hello.txt").body == HELLO  # now the second is idle the longest
    fifth = program.connect()
    assert fifth.get("/hello.txt").body == HELLO
    clients[1].end()
    for client in (clients[0], clients[2], clients[3], fifth):
        assert client.get("/alphabet.txt").body == ALPHABET


def test_s0_6_many_more_clients_than_slots(start):
    """S0-6: fifty clients in turn on four slots: each is answered, and the last four stay."""
    program = start(*limits(connections=4))
    clients = [program.connect() for _ in range(50)]
    for client in clients:
        assert client.get("/hello.txt").body == HELLO
    for client in clients[:-4]:
        client.end()
    for client in clients[-4:]:
        assert client.get("/alphabet.txt").body == ALPHABET


def fill_slots(program, count, data):
    """Clients that are never answered: each holds a slot and is not idle."""
    clients = []
    for _ in range(count):
        client = program.connect()
        client.send_apart(data)
        clients.append(client)
    return clients


@pytest.mark.parametrize("data", [b"GET /hello.txt HTTP/1.1\r\n", b"G"])
def test_s0_6_active_clients_are_not_closed_for_a_new_one(start, data):
    """S0-6: all slots active: the new client waits, without CPU time, until one leaves."""
    program = start(*limits(connections=4))
    clients = fill_slots(program, 4, data)
    fifth = program.connect()
    fifth.send(request("/hello.txt"))
    assert measure_cpu(program, fifth, QUIET_S) < CPU_MAX
    clients[2].close()
    assert fifth.answer().body == HELLO
    rest = request("/hello.txt")[len(data):]
    for client in (clients[0], clients[1], clients[3]):
        client.send(rest if data == b"G" else b"Host: linnet.test\r\n\r\n")
        assert client.answer().body == HELLO


def test_s0_6_running_answer_is_not_idle(start):
    """S0-6: a client that reads its answer slowly is not closed for a new one."""
    program = start(*limits(connections=2, socket_send_len=4096))
    slow = [program.connect(receive_len=4096) for _ in range(2)]
    for client in slow:
        client.send(request("/big.bin"))
        client.fill()
    third = program.connect()
    third.send(request("/hello.txt"))
    assert measure_cpu(program, third, QUIET_S) < CPU_MAX
    assert slow[0].answer().body == big_content()
    assert third.answer().body == HELLO
    assert slow[1].answer().body == big_content()


def test_s0_6_twelve_descriptors(start):
    """S0-6: a limit of twelve descriptors: two clients at a time, sixty in turn, none lost. (The
    driver uring has a descriptor more, and poll one less.)"""
    count = {"uring": 13, "poll": 11}.get(os.environ.get("LINNET_DRIVER"), 12)
    program = start(*limits(head_ms=60000), wrapper=("prlimit", f"--nofile={count}:{count}"))
    program.await_log(b"2 connections (as many as descriptors allow)")
    clients = [program.connect() for _ in range(60)]
    for client in clients:
        assert client.get("/big.bin", "Range: bytes=0-99").body == big_content()[:100]
    for client in clients[:-2]:
        client.end()
    program.close_clients()
    holders = fill_slots(program, 2, b"GET /hello.txt HTTP/1.1\r\n")
    waiting = program.connect()
    waiting.send(request("/hello.txt"))
    assert measure_cpu(program, waiting, QUIET_S) < CPU_MAX
    holders[1].reset()
    assert waiting.answer().body == HELLO
    holders[0].send(b"Host: linnet.test\r\n\r\n")
    assert holders[0].answer().body == HELLO


def test_s0_6_too_few_descriptors_are_told(site):
    """S0-6: not even one client: exit code 1, how many there must be, and how many there are."""
    few = ("prlimit", "--nofile=9:9")
    line = refused_to_start(1, "--listen", "127.0.0.1:0", "--driver", "epoll", site, wrapper=few)
    assert "at least 11 descriptors are needed" in line and "the system allows 9." in line
    line = refused_to_start(1, "--listen", "127.0.0.1:0", "--connections", "5", site, wrapper=few)
    assert "(connections 5, open_files 1, the rest for itself)" in line


def take_descriptors(program):
    """No descriptor is left, from now on: what is open stays. Returns what gives them back. The
    program must be at rest: each client has been answered twice, so its accepting is over."""
    pid, = program.worker_pids()
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    most = max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most + 1, before[1]))
    return lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def test_s0_6_descriptors_that_somebody_else_took(start):
    """S0-6: the system has none left: the longest idle goes for a new client; then clients wait,
    without CPU time, until there are some again."""
    program = start(*limits(cache_ms=600000))
    idle_clients = [program.connect() for _ in range(2)]
    for _ in range(2):
        for client in idle_clients:
            assert client.get("/hello.txt").body == HELLO
    give_back = take_descriptors(program)
    holders = []
    for client in idle_clients:
        holders += fill_slots(program, 1, b"GET /hello.txt HTTP/1.1\r\n")
        client.end()
        client.close()
    waiting = program.connect()
    waiting.send(request("/hello.txt"))
    assert measure_cpu(program, waiting, QUIET_S) < CPU_MAX
    give_back()
    assert waiting.answer().body == HELLO
    for client in holders:
        client.send(b"Host: linnet.test\r\n\r\n")
        assert client.answer().body == HELLO


def test_s0_6_no_descriptor_for_a_file_is_503(start):
    """RFC 9110 15.6.4: a file that cannot be opened for want of a descriptor: 503, and the client
    may ask for another; then recovery."""
    program = start(*limits(cache_ms=600000))
    client = program.connect()
    for _ in range(2):
        assert client.get("/hello.txt").body == HELLO
    give_back = take_descriptors(program)
    assert client.get("/alphabet.txt").status == 503
    assert client.get("/hello.txt").body == HELLO
    give_back()
    assert client.get("/alphabet.txt").body == ALPHABET


def test_s0_6_connections_and_listeners_up_to_the_descriptor_limit(start):
    """S0-6: five slots under a tight limit of descriptors, and always one client more."""
    program = start(*limits(connections=5, open_files=2),
                    wrapper=("prlimit", "--nofile=32:32"), listen=("127.0.0.1:0", "127.0.0.1:0"))
    for _ in range(10):
        clients = [program.connect() for _ in range(6)]
        for client in clients:
            assert client.get("/hello.txt").body == HELLO
    clients[0].end()


def test_s0_6_the_last_descriptor_closes_nobody(start):
    """S0-6: as many clients as descriptors, slots to spare: nobody is closed while nobody waits."""
    program = start("--quiet", *limits(connections=50, cache_ms=60000))
    program.idle_descriptor_count()
    worker = program.worker_pids()[0]
    fixed = len(os.listdir(f"/proc/{worker}/fd"))
    most = resource.prlimit(worker, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (fixed + 5, most))
    clients = [program.connect() for _ in range(5)]
    for _ in range(2):
        for client in clients:
            assert client.get("/hello.txt").body == HELLO


# ---- input buffers -------------------------------------------------------------------------------


def test_dripping_heads_give_their_buffers_up(start):
    """Two buffers, two unfinished heads, a third client: the head without progress the longest ends
    with 408 behind loan_grace_ms, the third client is served, the other head may go on."""
    program = start(*limits(inputs=2, loan_grace_ms=200))
    first, second = fill_slots(program, 2, b"GET /hello.txt HTTP/1.1\r\n")
    third = program.connect()
    third.send(request("/alphabet.txt"))
    answer = first.answer()
    assert answer.status == 408 and answer.closes
    first.end()
    assert third.answer().body == ALPHABET
    second.send(b"Host: linnet.test\r\n\r\n")
    assert second.answer().body == HELLO


def test_heads_are_left_alone_while_nobody_waits(start):
    """loan_grace_ms counts only while somebody waits for a buffer."""
    program = start(*limits(inputs=3, loan_grace_ms=50))
    first, second = fill_slots(program, 2, b"GET /hello.txt HTTP/1.1\r\n")
    assert measure_cpu(program, first, QUIET_S) < CPU_MAX
    for client in (first, second):
        client.send(b"Host: linnet.test\r\n\r\n")
        assert client.answer().body == HELLO


def test_waiting_for_an_input_buffer_costs_no_cpu_time(start):
    """A client in line leaves the poll set; TCP holds its bytes back."""
    program = start(*limits(inputs=1, loan_grace_ms=5000))
    holder = fill_slots(program, 1, b"GET /hello.txt HTTP/1.1\r\n")[0]
    waiting = [program.connect() for _ in range(5)]
    for client in waiting:
        client.send(request("/hello.txt"))
    assert measure_cpu(program, waiting[0], QUIET_S) < CPU_MAX
    holder.send(b"Host: linnet.test\r\n\r\n")
    assert holder.answer().body == HELLO
    for client in waiting:
        assert client.answer().body == HELLO
    silent = program.connect()
    assert measure_cpu(program, silent, QUIET_S) < CPU_MAX


def test_idle_connections_hold_no_buffer(start):
    """Memory is borrowed only while it is needed: fifty idle clients, one buffer of each kind."""
    program = start(*limits(inputs=1, outputs=1))
    clients = [program.connect() for _ in range(50)]
    for _ in range(2):
        for client in clients:
            assert client.get("/hello.txt").body == HELLO


# ---- output buffers ------------------------------------------------------------------------------


def stuck_reader(program):
    """A client that holds an output buffer: it asks for a big file and reads no byte of it."""
    return stuck_on(program, "/big.bin")


def test_rfc9110_15_6_4_no_output_buffer_is_503(start):
    """RFC 9110 15.6.4: no output buffer comes free within wait_ms: 503, close; then recovery."""
    program = start(*limits(outputs=1, wait_ms=200, socket_send_len=4096), *IN_MEMORY)
    stuck = stuck_reader(program)
    for _ in range(2):
        other = program.connect()
        answer = other.get("/hello.txt")
        assert answer.status == 503 and answer.closes
        other.end()
    assert stuck.answer().body == big_content()
    assert program.connect().get("/hello.txt").body == HELLO


def test_output_buffer_that_comes_free_in_time(start):
    """Who stands in line is served in the order of arrival when the buffer comes free."""
    program = start(*limits(outputs=1, wait_ms=9000, socket_send_len=4096), *IN_MEMORY)
    stuck = stuck_reader(program)
    others = [program.connect() for _ in range(5)]
    for client in others:
        client.send(request("/hello.txt"))
    assert measure_cpu(program, others[0], QUIET_S) < CPU_MAX
    stuck.reset()
    for client in others:
        assert client.answer().body == HELLO


def test_slow_readers_of_files_hold_no_buffer(start):
    """S0-6: an answer sent from its file costs a slot and a descriptor, and no buffer."""
    program = start(*limits(inputs=1, outputs=1, socket_send_len=4096, open_files=10))
    stuck = [stuck_reader(program) for _ in range(5)]
    assert program.connect().get("/hello.txt").body == HELLO
    for client in stuck:
        client.reset()


@pytest.mark.parametrize("head", [
    b"POST /hello.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\nabc",
    b"POST /hello.txt HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
])
def test_answered_uploads_hold_no_buffer(start, head):
    """S0-5: a refused upload that goes on dripping keeps nobody out."""
    program = start(*limits(inputs=1, outputs=1))
    dripping = [program.connect() for _ in range(5)]
    for client in dripping:
        assert client.ask(head, "POST").status == 405
    assert program.connect().get("/hello.txt").body == HELLO


def test_dripping_requests_give_their_buffers_up(start):
    """S0-6: whoever drips has always just made progress; after wait_ms others come first."""
    program = start(*limits(inputs=2, wait_ms=300, loan_grace_ms=1000))
    head = program.connect()
    head.send(b"GET /hello.txt HTTP/1.1\r\n")
    body = program.connect()
    body.send(request("/hello.txt", fields=("Content-Length: 1000",), body=b"drip"))
    honest = [program.connect() for _ in range(3)]
    for client in honest:
        client.send(request("/hello.txt"))

    def is_served():
        """Drips once more, and looks for a moment whether the first is answered."""
        for client in (head, body):
            try:
                client.send(b"x")
            except OSError:
                pass
        return not honest[0].is_quiet(0.05)

    wait_until(is_served, "an answer while others drip")
    for client in honest:
        assert client.answer().body == HELLO
    assert head.answer().status == 408


@pytest.mark.whole_io
def test_s0_6_requests_behind_stuck_answers_give_their_buffers_up(start, folder):
    """S0-6: stuck readers that have sent more requests hold every input buffer; after loan_grace_ms
    others come first. The answers that have begun still come whole, and then the end."""
    content = big_content(400000)
    write_file(folder, "big.bin", content)
    program = start(*limits(inputs=2, loan_grace_ms=300, socket_send_len=4096), folder=folder)
    stuck = []
    for _ in range(2):
        client = program.connect(receive_len=4096)
        client.send_apart(request("/big.bin") + request("/hello.txt") * 2)
        stuck.append(client)
    for _ in range(2):
        assert program.connect().get("/hello.txt").body == HELLO
    answer = stuck[0].answer()
    assert answer.status == 200 and answer.body == content
    stuck[0].end()


# ---- files ---------------------------------------------------------------------------------------


def stuck_on(program, target):
    """A client that asks for a file and reads no byte of it."""
    client = program.connect(receive_len=4096)
    client.send_apart(request(target))
    wait_until(lambda: not client.is_quiet(0), "the begin of the answer")
    return client


@pytest.mark.parametrize("places", [limits(open_files=2), limits(files=2, open_files=2)])
def test_rfc9110_15_6_4_every_file_being_sent_is_503(start, folder, places):
    """RFC 9110 15.6.4: as many files are being sent as may be open: another one is 503, one of them
    is not, and nothing spins; when one has been sent there is room."""
    content = big_content(400000)
    for name in "abc":
        write_file(folder, f"{name}.bin", content)
    program = start(*places, *limits(cache_blocks=0, socket_send_len=4096), folder=folder)
    stuck = [stuck_on(program, f"/{name}.bin") for name in "ab"]
    other = program.connect()
    for _ in range(2):
        assert other.get("/c.bin").status == 503
        assert other.get("/a.bin").body == content
    assert measure_cpu(program, other, QUIET_S) < CPU_MAX
    stuck[0].reset()
    wait_until(lambda: other.get("/c.bin").status == 200, "room for another file")
    assert stuck[1].answer().body == content


def test_s0_6_every_block_being_sent_is_no_refusal(start, folder):
    """S0-6: all blocks of the cache are lent: a small file comes from its descriptor instead."""
    content = big_content(400000)
    write_file(folder, "block.bin", content)
    program = start(*limits(cache_blocks=1, cache_block_len=8388608, socket_send_len=4096),
                    folder=folder)
    stuck = stuck_on(program, "/block.bin")
    other = program.connect()
    for _ in range(3):
        assert other.get("/hello.txt").body == HELLO
    assert stuck.answer().body == content


# ---- no spinning ---------------------------------------------------------------------------------


def half_closed(program):
    """Its answer stands still and its sending side is shut: readable for ever."""
    client = stuck_reader(program)
    client.finish()


def sending_on(program):
    """Its answer stands still and more requests lie in the kernel."""
    stuck_reader(program).send(request("/hello.txt") * 100)


def idle(program):
    """It has had its answer."""
    assert program.connect().get("/hello.txt").body == HELLO


def refused(program):
    """It was refused and does not close."""
    client = program.connect()
    client.send(b"GET / HTTP/1.1\r\n\r\n")
    assert client.answer().status == 400
    client.end()


def refused_and_half_closed(program):
    """It was refused, has shut its sending side, and does not close."""
    client = program.connect()
    client.send(b"GET / HTTP/1.1\r\n\r\n")
    client.finish()
    assert client.answer().status == 400
    client.end()


@pytest.mark.parametrize("scene", [half_closed, sending_on, idle, refused, refused_and_half_closed])
def test_no_state_of_a_connection_spins(start, scene):
    """Whatever a client leaves undone, the program waits for it without CPU time."""
    program = start(*limits(socket_send_len=4096))
    scene(program)
    silent = program.connect()
    assert measure_cpu(program, silent, QUIET_S) < CPU_MAX
    assert silent.get("/hello.txt").body == HELLO


def test_leaving_the_line_by_reset_does_not_spin(start):
    """Who stands in line for a buffer is not waited for, not even for its hangup."""
    program = start(*limits(inputs=1, loan_grace_ms=5000))
    holder = fill_slots(program, 1, b"GET /hello.txt HTTP/1.1\r\n")[0]
    gone, waiting = program.connect(), program.connect()
    for client in (gone, waiting):
        client.send(request("/hello.txt"))
    assert waiting.is_quiet(0.1)
    gone.reset()
    assert measure_cpu(program, holder, QUIET_S) < CPU_MAX
    holder.send(b"Host: linnet.test\r\n\r\n")
    assert holder.answer().body == HELLO
    assert waiting.answer().body == HELLO


def test_draining_does_not_spin(start):
    """A listener that was shut hangs up for ever, and whoever is not done makes the drain long."""
    program = start()
    idle = program.connect()
    assert idle.get("/hello.txt").body == HELLO
    holder = fill_slots(program, 1, b"GET /hello.txt HTTP/1.1\r\n")[0]
    program.send_signal(signal.SIGTERM)
    idle.end()
    assert measure_cpu(program, holder, QUIET_S) < CPU_MAX
    holder.send(b"Host: linnet.test\r\n\r\n")
    answer = holder.answer()
    assert answer.body == HELLO and answer.closes


# ---- the smallest server -------------------------------------------------------------------------


def test_s0_1_smallest_limits_serve(start):
    """S0-1: every buffer and pool at its least: one client after the other, files of any length."""
    program = start(*SMALLEST)
    for _ in range(3):
        client = program.connect()
        assert client.get("/hello.txt").body == HELLO
        assert client.get("/nothing").status == 404
        assert client.get("/big.bin").body == big_content()
        assert client.get("/sub").status == 301
    client.send(request("/alphabet.txt") * 20)
    for _ in range(20):
        assert client.answer().body == ALPHABET
    fields = ("Content-Length: 3000",)
    assert client.ask(request("/hello.txt", fields=fields, body=b"x" * 3000)).body == HELLO


def test_s0_1_smallest_turns_serve(start, folder):
    """S0-1: one byte, request or connection a turn: slow, and nothing is lost or forgotten."""
    data = big_content(20000)
    write_file(folder, "small.bin", data)
    program = start(*limits(requests_per_turn=1, bytes_per_turn=1, file_bytes_per_turn=1,
                            accepts_per_turn=1), folder=folder)
    clients = [program.connect() for _ in range(10)]
    for client in clients:
        client.send(request("/hello.txt") * 5 + request("/small.bin"))
    for client in clients:
        for _ in range(5):
            assert client.answer().body == HELLO
        assert client.answer().body == data


def test_s0_1_smallest_limits_refuse(start):
    """S0-1: and every refusal is whole, also where it is longer than anything else."""
    program = start(*SMALLEST)
    for data, status in ((b"GET / HTTP/1.1\r\n\r\n", 400), (b"GET /" + b"a" * 100, 414),
                         (request("/" + "a" * 48), 414),
                         (request("/", fields=("X: " + "y" * 250,)), 431),
                         (request("/", fields=["X: y"] * 8), 431),
                         (request("/", method="BREW"), 501)):
        client = program.connect()
        answer = client.ask(data)
        assert answer.status == status and answer.body
        assert answer.closes == (status != 501)
        if answer.closes:
            client.end()
        client.close()
