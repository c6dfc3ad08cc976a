"""S3-2: a thread for each connection, the counter-example; the threads driver.

Under the preset tsan the same tests show that its threads share nothing that is written."""
import os
import re
import signal
import subprocess

import pytest

from client import request, wait_until
from content import HELLO, big_content
from program import SANITIZED, limits, measure_cpu, printed, refused
from test_budget import terms

# The sanitizer keeps its own data of a thread on its stack.
THREADS = ("--driver", "threads", *(limits(thread_stack_len=2097152) if SANITIZED else ()))
LISTEN = ("--listen", "127.0.0.1:0")
CLOSE = ("Connection: close",)
CPU_MAX = 0.3 if SANITIZED else 0.1  # of one CPU: the sanitizer has a thread of its own


def held(program, count):
    """So many clients that have had an answer and stay."""
    clients = [program.connect() for _ in range(count)]
    for client in clients:
        assert client.get("/hello.txt").body == HELLO
    return clients


def thread_count(program):
    """Of the worker, with the one that wakes the others."""
    return len(os.listdir(f"/proc/{program.worker_pids()[0]}/task"))


@pytest.mark.parametrize("most", [1, 2, 5])
def test_s3_2_one_client_for_each_thread(start, most):
    """S3-2: threads_max clients at a time; one more waits without CPU time until one leaves."""
    program = start(*THREADS, *limits(threads_max=most))
    clients = held(program, most)
    late = program.connect()
    late.send(request("/hello.txt"))
    assert measure_cpu(program, late, 0.3) < CPU_MAX
    clients[0].close()
    assert late.answer().body == HELLO
    for client in clients[1:]:
        assert client.get("/hello.txt").body == HELLO
    found = program.await_counters(requests=2 * most, slots_now=most)
    assert found["connections_opened"] == most + 1


@pytest.mark.skipif(SANITIZED, reason="the sanitizer has a thread of its own")
def test_s3_2_all_threads_are_made_at_boot(start):
    """S3-2: none comes and none goes, whoever is served."""
    program = start(*THREADS, *limits(threads_max=8))
    assert thread_count(program) == 9
    held(program, 8)
    program.close_clients()
    held(program, 4)
    assert thread_count(program) == 9


def test_s3_2_slow_clients_hold_up_their_threads_alone(start):
    """S3-2: readers that take nothing; the others are served."""
    program = start(*THREADS, *limits(threads_max=4, socket_send_len=4096))
    slow = [program.connect(receive_len=4096) for _ in range(3)]
    for client in slow:
        client.send(request("/big.bin"))
        client.fill()
    for _ in range(20):
        client = program.connect()
        client.send(request("/hello.txt", fields=CLOSE))
        assert client.rest().endswith(HELLO)
    for client in slow:
        assert client.answer().body == big_content()


def test_s3_2_many_clients_at_once(start):
    """S3-2: every thread at work, more clients than threads, errors and files among them."""
    program = start(*THREADS, "--quiet", *limits(threads_max=8))
    count = 400 if SANITIZED else 4000
    loads = [subprocess.Popen(["ab", "-q", "-n", str(count), "-c", "4",
                               f"http://127.0.0.1:{program.port}{target}"],
                              stdout=subprocess.PIPE, text=True)
             for target in ("/hello.txt", "/nothing", "/alphabet.txt")]
    for load in loads:
        output, _ = load.communicate(timeout=120)
        assert "Failed requests:        0" in output and load.returncode == 0
    found = program.await_counters(slots_now=0)
    assert found["answers_2xx"] == 2 * count and found["answers_4xx"] == count
    for name in ("inputs", "exchanges", "outputs", "files", "open_files"):
        assert found[f"{name}_now"] == 0, name


def test_s3_2_assertion_ends_the_process_and_it_is_replaced(start):
    """The price of sharing a process: all its threads go. Then others take their place."""
    program = start(*THREADS, *limits(threads_max=3))
    clients = held(program, 2)
    os.kill(program.worker_pids()[0], signal.SIGUSR2)
    program.await_error(b"linnet: worker 1", b"assertion failed: !ln_signals_provoked() at server/")
    for client in clients:
        client.rest_or_reset()
    program.close_clients()
    held(program, 3)
    program.forgive()


@pytest.mark.parametrize("numbers", [(signal.SIGTERM,), (signal.SIGTERM, signal.SIGTERM)])
def test_s3_2_draining_wakes_those_who_wait(start, numbers):
    """Threads in accept, in read and in write end in time; a running answer is finished first."""
    program = start(*THREADS, *limits(threads_max=4, socket_send_len=16384, linger_ms=100))
    idle = held(program, 2)
    reader = program.connect(receive_len=4096)
    reader.send_apart(request("/big.bin", fields=CLOSE))
    for number in numbers:
        program.send_signal(number)
        for client in idle:
            client.rest_or_reset()
    if len(numbers) == 1:
        assert reader.answer().body == big_content()
        reader.end()
    assert program.await_end(8) == 0, program.report("the end")


def test_s3_2_hangup_reaches_every_thread(start, folder):
    """SIGHUP: each opens its log anew, and no line is lost."""
    path = os.path.join(os.path.dirname(folder), "access.log")
    program = start(*THREADS, *limits(threads_max=4), "--log-file", path)
    held(program, 4)
    program.close_clients()
    os.rename(path, path + ".1")
    program.send_signal(signal.SIGHUP)
    worker = program.worker_pids()[0]

    def all_anew():
        held_now = [os.path.realpath(f"/proc/{worker}/fd/{name}")
                    for name in os.listdir(f"/proc/{worker}/fd")]
        return held_now.count(path) == 4 and path + ".1" not in held_now

    wait_until(all_anew, "four threads with the new log")
    held(program, 4)
    program.stop()
    for name in (path, path + ".1"):
        with open(name, encoding="ascii") as log:
            assert len(log.readlines()) == 4


@pytest.mark.skipif(SANITIZED, reason="its stacks are larger")
def test_s3_2_memory_says_how_many(start):
    """--memory: as many slices as fit, each with its stack; too little names what would do."""
    memory = terms(printed("--budget", *THREADS, "--memory", "4M"), "memory,")
    assert 3 << 20 < memory["all"][2] <= 4 << 20
    assert memory["slices"][1] == memory["sum"][2] and memory["stack"][2] >= 131072
    larger = terms(printed("--budget", *THREADS, *limits(thread_stack_len=262144)), "memory,")
    assert larger["sum"][2] == memory["sum"][2] + 131072
    line = refused(1, *LISTEN, *THREADS, "--memory", "100K")
    least = re.search(r"The smallest that would do is --memory (\d+)K", line).group(1)
    program = start(*THREADS, "--memory", f"{least}K")
    held(program, 1)


def test_s3_2_descriptors_are_those_of_all_threads():
    """One process has them all."""
    rows = terms(printed("--budget", *THREADS, *limits(threads_max=10)), "descriptors")
    assert rows["connections"][0] == 10 and rows["open_files"][0] == 20 and rows["log"][0] == 10


@pytest.mark.skipif(SANITIZED, reason="its stacks are larger")
@pytest.mark.parametrize("stack_len", [65536, 65537, 67108864])
def test_s3_2_stacks_from_the_least_to_the_most(start, stack_len):
    """thread_stack_len: what is served needs no more than the least."""
    program = start(*THREADS, *limits(threads_max=2, thread_stack_len=stack_len))
    clients = held(program, 2)
    for client in clients:
        assert client.get("/nothing" + "/x" * 1000).status == 404
        assert client.get("/big.bin").body == big_content()
