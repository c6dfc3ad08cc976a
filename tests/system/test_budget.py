"""Memory and descriptors as sums: --budget, --memory, --connections and --lock-memory."""
import os
import re
import resource
import subprocess

import pytest

from client import DEADLINE_S
from content import HELLO, big_content
from program import DRIVER, SANITIZED, limits, printed, refused, run_program

LISTEN = ("--listen", "127.0.0.1:0")


def terms(page, title):
    """The rows of one part of --budget: name -> (count, size, reserved)."""
    part = page[page.index(title):].partition("\n\n")[0].splitlines()[1:]
    rows = {}
    for line in part:
        match = re.fullmatch(r"(\S+) +.*?(?:(\d+) x (\d+))? +(\d+)", line)
        assert match, line
        name, count, size, reserved = match.groups()
        rows[name] = (int(count or 0), int(size or 0), int(reserved))
    return rows


def budget(*arguments):
    """(memory, kernel, descriptors) of --budget."""
    page = printed("--budget", *DRIVER, *arguments)
    return tuple(terms(page, title) for title in ("memory,", "the kernel's", "descriptors"))


def setting(name):
    """The words of a setting of the kernel's network."""
    with open(f"/proc/sys/net/{name}", encoding="ascii") as file:
        return file.read().split()


# ---- memory --------------------------------------------------------------------------------------


def test_budget_adds_up():
    """Each term is count x size, rounded up to 64 bytes; the sums are the sums."""
    memory, kernel, descriptors = budget()
    memory.pop("touched"), descriptors.pop("allowed")
    assert memory.pop("all")[2] == memory["sum"][2] + memory.pop("shared")[2]
    for rows in (memory, descriptors):
        total = rows.pop("sum")[2]
        assert sum(reserved for _, _, reserved in rows.values()) == total
        for name, (count, size, reserved) in rows.items():
            assert count * size <= reserved < count * (size + 1) + 64, name
    assert {"worker", "slots", "inputs", "exchanges", "outputs", "stacks", "driver", "cache",
            "files", "log"} <= set(memory)
    assert memory["inputs"][:2] == (512, 16384) and memory["slots"][0] == 4096
    assert kernel["sockets"][0] == 4096 and kernel["sum"][2] <= kernel["cap"][2] + 4096 * 4096


@pytest.mark.parametrize("name, most, grown", [("send", "wmem_max", "tcp_wmem"),
                                               ("receive", "rmem_max", "tcp_rmem")])
def test_budget_knows_the_kernels_buffers(name, most, grown):
    """A limit counts twice, one over the kernel's most as that, none as what they may grow to."""
    granted = int(setting(f"core/{most}")[0])
    for told, each in ((4096, 8192), (granted, 2 * granted), (granted + 1, 2 * granted),
                       (0, int(setting(f"ipv4/{grown}")[2]))):
        _, kernel, _ = budget("--connections", "7", *limits(**{f"socket_{name}_len": told}))
        assert kernel[name] == (7, each, 7 * each)


def server_buffers(client):
    """(receive, send): the buffers of the server's end of a connection, as the kernel has them."""
    line = subprocess.run(
        ["ss", "-tmnH", f"sport = :{client.server_port} and dport = :{client.port}"],
        capture_output=True, check=True, timeout=DEADLINE_S).stdout.decode("ascii")
    return tuple(int(re.search(rf"\b{key}(\d+)", line).group(1)) for key in ("rb", "tb"))


def test_connections_have_the_buffers_of_the_budget(start):
    """What --budget says is what a connection has, also behind a large answer; with 0 it grows."""
    _, kernel, _ = budget()
    client = start().connect()
    assert client.get("/big.bin").body == big_content()
    assert server_buffers(client) == (kernel["receive"][1], kernel["send"][1])
    client = start(*limits(socket_send_len=50000, socket_receive_len=40000)).connect()
    assert client.get("/big.bin").body == big_content()
    assert server_buffers(client) == (80000, 100000)
    client = start(*limits(socket_send_len=0)).connect()
    assert client.get("/big.bin").body == big_content()
    assert server_buffers(client)[1] > int(setting("ipv4/tcp_wmem")[1])


def test_budget_is_of_all_options_and_leaves_nothing(start, folder):
    """Limits and listeners count; nothing listens, and no file is made."""
    path = os.path.join(os.path.dirname(folder), "access.log")
    taken = start().port
    options = ("--log-file", path, *limits(connections=10, socket_send_len=8192, open_files=3),
               "--listen", f"127.0.0.1:{taken}", "--listen", f"unix:{path}.sock")
    memory, kernel, descriptors = budget(*options, "/nothing/there")
    assert memory["slots"][0] == 10 and memory["inputs"][0] == 10
    assert kernel["send"] == (10, 16384, 163840)
    assert descriptors["listeners"][0] == 2 and descriptors["log"][0] == 3
    assert descriptors["connections"][0] == 10 and descriptors["open_files"][0] == 3
    assert os.listdir(os.path.dirname(folder)) == ["site"]


@pytest.mark.skipif(SANITIZED, reason="the sanitizer's own memory is larger")
def test_budget_is_what_the_program_maps(start):
    """The block of the running program is the sum, and what is touched is what --budget says."""
    memory, _, _ = budget("--memory", "48M")
    program = start("--memory", "48M")
    with open(f"/proc/{program.worker_pids()[0]}/smaps", encoding="latin-1") as file:
        maps = re.findall(r"^[0-9a-f]+-[0-9a-f]+ rw-p 0+ 00:00 0 *\n.*?^Size: +(\d+) kB.*?"
                          r"^Rss: +(\d+) kB", file.read(), re.M | re.S)
    size = -(-memory["sum"][2] // 4096) * 4
    block = [(int(length), int(resident)) for length, resident in maps if int(length) >= size]
    assert len(block) == 1 and block[0][0] <= size + 1024, (maps, size)
    assert memory["touched"][2] < memory["sum"][2] / 10
    assert memory["touched"][2] / 1024 <= block[0][1] + 1024


SIZES = ["300K", "1M", "4M", "5000000", "64M", "1G", "20g"]


def bytes_of(size):
    unit = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(size[-1].upper())
    return int(size[:-1]) * unit if unit else int(size)


@pytest.mark.parametrize("size", SIZES)
def test_memory_is_kept_and_used(size):
    """The sum fits; and it is within a few steps of what was given, unless descriptors end it."""
    options = limits(connections=2000, open_files=100) if bytes_of(size) > 1 << 28 else ()
    memory, _, _ = budget("--memory", size, *options)
    assert memory["sum"][2] <= bytes_of(size)
    if not options:
        assert memory["sum"][2] > bytes_of(size) * 0.8 or bytes_of(size) < 1 << 20


def test_memory_scales_the_counts_by_one_factor():
    """As the manual says: defaults times one factor; sizes stay."""
    memory, _, descriptors = budget("--memory", "16M")
    count = memory["inputs"][0]
    assert 100 < count < 512
    for name, share in (("slots", 8), ("outputs", 1), ("cache", 1), ("files", 2)):
        assert abs(memory[name][0] - share * count) <= share, name
    assert abs(descriptors["open_files"][0] - count) <= 1
    assert memory["inputs"][1] == 16384


def test_memory_leaves_given_limits_alone():
    """What the user sets is not changed, and the rest makes room."""
    memory, _, _ = budget("--memory", "8M", "--connections", "50", *limits(inputs=60))
    assert memory["slots"][0] == 50 and memory["inputs"][0] == 60
    assert memory["outputs"][0] <= 50 and memory["sum"][2] <= 8 << 20


def test_connections_bound_the_buffers():
    """No connection holds two buffers of a kind: more of them would be of no use."""
    memory, _, _ = budget("--connections", "3")
    assert memory["inputs"][0] == 3 and memory["outputs"][0] == 3
    memory, _, _ = budget("--connections", "3", *limits(outputs=7))
    assert memory["inputs"][0] == 3 and memory["outputs"][0] == 7


@pytest.mark.parametrize("options", [(), limits(log_len=512), ("--connections", "100")])
def test_memory_too_small_names_the_smallest_that_would_do(start, options):
    """The sum, term by term; what it names works, and one KiB less fails again."""
    line = refused(1, *LISTEN, "--memory", "20K", *options)
    total = int(re.search(r"= (\d+) bytes\.", line).group(1))
    parts = re.search(r"the sum is (.*?) =", line).group(1)
    assert sum(int(part.split()[1]) for part in parts.split(" + ")) == total
    least = int(re.search(r"The smallest that would do is --memory (\d+)K", line).group(1))
    assert (least - 1) * 1024 < total <= least * 1024
    refused(1, *LISTEN, "--memory", f"{least - 1}K", *options)
    program = start("--memory", f"{least}K", *options)
    assert program.connect().get("/hello.txt").body == HELLO
    assert program.connect().get("/big.bin").body == big_content()


def test_descriptors_lower_what_memory_would_allow(site):
    """Few descriptors: connections fit them, the sum is smaller, and --budget says so."""
    code, output, _ = run_program("--budget", "--memory", "64M",
                                  wrapper=("prlimit", "--nofile=64:64"))
    page = output.decode("ascii")
    descriptors = terms(page, "descriptors")
    assert code == 0 and descriptors["sum"][2] <= 64 == descriptors["allowed"][2]
    assert "lowered to what descriptors allow" in page


def test_banner_says_that_descriptors_are_few(start):
    """And so does the banner."""
    program = start(wrapper=("prlimit", "--nofile=64:64"))
    program.await_log(b"connections (as many as descriptors allow)")


# ---- locked memory -------------------------------------------------------------------------------

NO_LOCK = pytest.mark.skipif(SANITIZED, reason="the sanitizer makes mlock do nothing")


def may_lock(length):
    allowed = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    return os.geteuid() == 0 or allowed == resource.RLIM_INFINITY or allowed >= length


@NO_LOCK
def test_lock_memory_locks_all_of_it(start):
    """All of the block is locked and in memory before the first request."""
    if not may_lock(8 << 20):
        pytest.skip("so much may not be locked here")
    memory, _, _ = budget("--memory", "8M", "--lock-memory")
    assert memory["touched"][2] >= memory["sum"][2]
    program = start("--memory", "8M", "--lock-memory")
    program.await_log(b"MiB of memory, locked")
    with open(f"/proc/{program.worker_pids()[0]}/status", encoding="ascii") as file:
        locked = int(re.search(r"VmLck:\s+(\d+) kB", file.read()).group(1))
    assert locked * 1024 >= memory["sum"][2]
    assert program.connect().get("/hello.txt").body == HELLO


@NO_LOCK
@pytest.mark.parametrize("more", [(), ("--budget",)])
def test_lock_memory_that_is_not_allowed_is_told(site, more):
    """Exit code 1: how much it would be, how much is allowed, and what to do."""
    wrapper = ("prlimit", "--memlock=65536:65536", "setpriv")
    if os.geteuid() == 0:
        wrapper += ("--inh-caps=-ipc_lock", "--bounding-set=-ipc_lock")
    line = refused(1, *LISTEN, "--lock-memory", "--memory", "8M", *more, site, wrapper=wrapper)
    assert re.search(r"--lock-memory: \d{7} bytes are to be locked, but the system lets this "
                     r"process lock 65536\. Lower --memory, raise `ulimit -l`", line), line
