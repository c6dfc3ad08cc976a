"""The program as its user meets it: options, banner, log, signals, and how it ends."""
import json
import os
import re
import signal
import subprocess
import sys
import time
import unicodedata

import pytest

from client import Client, assert_refused, request, wait_until
from content import HELLO, big_content, write_file
from program import (PROGRAM, URL, Program, has_ipv6, has_uring, limit_rows, limits,
                     run_program)

HERE = os.path.dirname(os.path.abspath(__file__))


# ---- the banner and the log ----------------------------------------------------------------------


def test_log_has_a_line_for_each_request(start):
    """Method, target, status, bytes and duration, one line for one request."""
    program = start("--log", "people")
    client = program.connect()
    client.get("/hello.txt?first")
    client.get("/nothing")
    client.get("/hello.txt", method="HEAD")
    client.get("/hello.txt?last", "Range: bytes=0-6")
    line = program.await_log(b"GET", b"/hello.txt?first", b"200", b"15")
    assert re.search(rb"200\D+15\D+\d", line), f"no duration: {line}"
    program.await_log(b"GET", b"/nothing", b"404")
    assert not re.search(rb"200\D+15\b", program.await_log(b"HEAD", b"/hello.txt", b"200"))
    program.await_log(b"GET", b"/hello.txt?last", b"206", b"7")
    assert sum(b"/hello.txt" in line for line in program.lines) == 3


HOSTILE = [
    b"GET /\x1b[31mred HTTP/1.1\r\n\r\n", b"GET /a\rb HTTP/1.1\r\n\r\n",
    b"GET /a\nGET /forged 200 HTTP/1.1\r\n\r\n", b"G\x07T /bell HTTP/1.1\r\n\r\n",
    b"GET /\x00nul HTTP/1.1\r\n\r\n", b"GET /\xc2\x9b31m HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /%0a%0d%1b[2J HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    b"GET /\xe2\x80\xae HTTP/1.1\r\nHost: a\r\n\r\n",
    b'GET /"quoted"\\ HTTP/1.1\r\nHost: a\r\n\r\n',
    b"GET / HTTP/1.1\r\nHost: a\r\nX: \x1b]0;title\x07\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \xc2\x9b31m\r\nReferer: \xff\r\nX : y\r\n\r\n",
]


def test_log_line_stays_a_line(start):
    """Bytes from the peer are escaped: none starts a line or moves a terminal's cursor."""
    program = start()
    assert program.connect().get("/begin-of-hostility").status == 404
    for data in HOSTILE:
        assert_refused(program, data, 400)
    assert program.connect().get("/end-of-hostility").status == 404
    program.await_log(b"/end-of-hostility")
    at = [n for n, line in enumerate(program.lines) if b"-of-hostility" in line]
    between = program.lines[at[0] + 1:at[1]]
    assert len(between) == len(HOSTILE), between
    for line in between:
        text = line.decode("utf-8")
        assert text.endswith("\n") and b"400" in line
        kinds = {unicodedata.category(character) for character in text[:-1]}
        assert not kinds & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}, line


def test_quiet_writes_no_request_lines(start):
    """--quiet: nothing on stdout about requests; errors are not affected."""
    program = start("--quiet", await_banner=False)
    port = wait_until(program.listening_port, "the program listens")
    client = Client(("127.0.0.1", port))
    assert client.get("/hello.txt?unseen").body == HELLO
    client.close()
    program.stop()
    assert not any(b"unseen" in line for line in program.lines), program.lines


class UnreadProgram(Program):
    """A program whose output nobody reads behind the banner."""

    def _read_lines(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
            if URL.search(line):
                return


@pytest.fixture
def unread(site):
    program = UnreadProgram(site)
    yield program
    program.stop()


def test_log_that_nobody_reads_stops_nothing(unread):
    """A full pipe: lines are dropped, no answer waits, and the program still ends in time."""
    client = unread.connect()
    for _ in range(60):
        client.send(request("/nothing?" + "q" * 200) * 50)
        for _ in range(50):
            assert client.answer().status == 404


def test_log_whose_reader_has_gone_stops_nothing(unread):
    """A closed pipe neither kills the program nor stops it."""
    unread.process.stdout.close()
    for _ in range(20):
        client = unread.connect()
        assert client.get("/hello.txt").body == HELLO
        assert client.get("/nothing").status == 404
        client.close()


# ---- options that are refused --------------------------------------------------------------------

LISTEN = ("--listen", "127.0.0.1:0")


@pytest.mark.parametrize("arguments, named", [
    (("--nothing",), b"--nothing"), (("-Z",), b"Z"), (("--listen",), b"--listen"),
    (("--listen", "127.0.0.1:70000"), b"127.0.0.1:70000"),
    (("--listen", "127.0.0.1:x"), b"127.0.0.1:x"),
    (("--listen", "127.0.0.1"), b"127.0.0.1"), (("--listen", "[::1:0"), b"[::1:0"),
    (("--listen", "999.0.0.1:0"), b"999.0.0.1"), (("--listen", ""), b"--listen"),
    (("--limit",), b"--limit"), (("--limit", "nothing=5"), b"nothing"),
    (("--limit", "head_ms"), b"head_ms"), (("--limit", "head_ms="), b"head_ms"),
    (("--limit", "head_ms=x"), b"head_ms"), (("--limit", "head_ms=-5"), b"head_ms"),
    (("--limit", "head_ms=5x"), b"head_ms"), (("--limit", "head_ms=0x50"), b"head_ms"),
    (("--limit", "head_ms=500ms"), b"head_ms"), (("--limit", "head_ms= 500"), b"head_ms"),
    (("--limit", "connections=99999999999999999999999"), b"connections"),
    (("--limit", "=5"), b"=5"), (("--lenient",), b"--lenient"), (("--lenient", "all"), b"all"),
    (("--driver",), b"--driver"), (("--driver", "horse"), b"horse"),
    (("--limit", "head_len_max=65000"), b"head_len_max"),
])
def test_wrong_option_is_named(site, arguments, named):
    """Exit code 2, or 1 where the system was asked; stderr names what was wrong."""
    listen = () if "--listen" in arguments else LISTEN
    code, output, errors = run_program(*listen, site, *arguments)
    assert code in (1, 2), (code, output, errors)
    assert named in errors, errors
    assert output == b"", output
    assert len(errors.splitlines()) <= 10 and errors.endswith(b"\n"), errors


@pytest.mark.parametrize("name, least, most", limit_rows())
def test_limit_out_of_its_bounds_is_named(site, name, least, most):
    """Below the least and above the most of include/linnet/limits.h: exit code 2, and the name."""
    for value in ([least - 1] if least > 0 else []) + [most + 1]:
        code, output, errors = run_program(*LISTEN, "--limit", f"{name}={value}", site)
        assert code == 2 and name.encode("ascii") in errors, (value, code, errors)
        assert output == b""


def test_limits_are_found():
    """The reader of limits.h has found them all."""
    assert len(limit_rows()) >= 30 and ("path_len_max", 48, 65000) in limit_rows()


def test_wrong_folder_is_named(site):
    """A folder that is not there, that is a file, or one too many."""
    for arguments in ((f"{site}/nothing",), (f"{site}/hello.txt",), ("",), (site, site)):
        code, output, errors = run_program(*LISTEN, *arguments)
        assert code in (1, 2), (arguments, code, output, errors)
        assert os.fsencode(arguments[-1]) in errors and len(errors) > 10, errors
        assert output == b""


def test_address_in_use_is_named(start, site):
    """The port of another program: exit code 1, and a message with the address."""
    port = start().port
    code, output, errors = run_program("--listen", f"127.0.0.1:{port}", site)
    assert code == 1 and output == b""
    assert str(port).encode("ascii") in errors, errors


def test_address_of_another_machine_is_named(site):
    """An address that is not this machine's (RFC 5737 3: for documentation only)."""
    code, output, errors = run_program("--listen", "192.0.2.1:0", site)
    assert code in (1, 2) and output == b""
    assert b"192.0.2.1" in errors, errors


def test_drivers_that_the_program_names_work(start, site):
    """--driver: the message about an unknown one lists those there are; each serves a file."""
    known = {"blocking", "fork", "threads", "select", "poll", "epoll", "aio"}
    if has_uring():
        known.add("uring")
    _, _, errors = run_program(*LISTEN, "--driver", "horse", site)
    named = known & set(re.findall(r"[a-z_]+", errors.decode("ascii")))
    assert named, errors
    for name in sorted(named):
        program = start("--driver", name)
        assert program.connect().get("/hello.txt").body == HELLO
        program.stop()


# ---- addresses -----------------------------------------------------------------------------------


@pytest.mark.skipif(os.environ.get("LINNET_DRIVER") in ("blocking", "threads"),
                    reason="this driver has one listener")
def test_several_listeners(start):
    """--listen may be repeated; each address is in the banner and answers."""
    listen = ["127.0.0.1:0", "127.0.0.1:0"] + (["[::1]:0"] if has_ipv6() else [])
    program = start(listen=listen)
    assert len(set(program.urls)) == len(listen)
    for address in program.urls:
        client = Client(address)
        program.clients.append(client)
        assert client.get("/hello.txt").body == HELLO


def test_current_folder_is_the_default(start, site):
    """Without a FOLDER the current one is served."""
    class Here(Program):
        def __init__(self):
            super().__init__(None, working_folder=site)

    program = Here()
    try:
        assert program.connect().get("/hello.txt").body == HELLO
    finally:
        program.stop()


@pytest.fixture(scope="module")
def own_network(site):
    """What own_network.py saw in a network of its own, where every port is free."""
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", sys.executable,
               f"{HERE}/own_network.py", PROGRAM, site]
    if os.geteuid() != 0:
        command.insert(4, "--map-root-user")
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    if b"unshare failed" in done.stderr or b"Operation not permitted" in done.stderr:
        pytest.skip("no network namespaces here")
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_default_address_is_8080_for_both_families(own_network):
    """Without --listen: port 8080 of every address, IPv4 and IPv6."""
    assert own_network["ipv4"] == "HTTP/1.1 200 OK"
    assert own_network["ipv6"] in ("HTTP/1.1 200 OK", "no IPv6")
    assert ":8080/" in own_network["banner"]


def test_rfc4291_2_5_5_2_ipv4_peer_of_an_ipv6_listener(own_network):
    """RFC 4291 2.5.5.2: an IPv4-mapped address is shown as the IPv4 address that it is."""
    assert "127.0.0.1" in own_network["log"]
    assert "::ffff:" not in own_network["log"].lower()


def test_second_program_on_the_default_address_is_told(own_network):
    """The port is taken: exit code 1 and a message with the port."""
    assert own_network["second_code"] == 1
    assert "8080" in own_network["second_errors"]


def test_restart_on_the_same_port_at_once(own_network):
    """Connections that the server closed linger in the kernel; the next start does not mind."""
    assert own_network["restarted"] == "HTTP/1.1 200 OK"
    assert own_network["exit_codes"] == [0, 0]


# ---- its end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_idle_connections_and_the_program(start, number):
    """SIGTERM and SIGINT: idle connections are closed in good order, exit code 0, at once."""
    program = start()
    idle, silent = program.connect(), program.connect()
    assert idle.get("/hello.txt").body == HELLO
    begin = time.monotonic()
    program.send_signal(number)
    idle.end()
    silent.end()
    assert program.await_end() == 0, program.report("the end")
    assert time.monotonic() - begin < 3


def test_signal_lets_a_running_answer_finish(start):
    """Drain: what is begun is finished, then the connection ends, then the program."""
    program = start(*limits(socket_send_len=16384))
    idle, reader = program.connect(), program.connect(receive_len=4096)
    assert idle.get("/hello.txt").body == HELLO
    reader.send_apart(request("/big.bin"))
    program.send_signal(signal.SIGTERM)
    idle.end()
    assert program.is_running()
    assert reader.answer().body == big_content()
    reader.end()
    assert program.await_end() == 0, program.report("the end")


def test_drain_has_a_deadline(start):
    """drain_ms: a reader that stands still does not keep the program alive."""
    program = start(*limits(drain_ms=200, socket_send_len=4096))
    reader = program.connect(receive_len=4096)
    reader.send_apart(request("/big.bin"))
    program.send_signal(signal.SIGTERM)
    assert program.await_end(5) == 0, program.report("the end")


@pytest.mark.parametrize("first, second", [(signal.SIGTERM, signal.SIGTERM),
                                           (signal.SIGINT, signal.SIGINT)])
def test_second_signal_ends_at_once(start, first, second):
    """Whoever asks twice is not made to wait."""
    program = start(*limits(socket_send_len=4096))
    idle, reader = program.connect(), program.connect(receive_len=4096)
    assert idle.get("/hello.txt").body == HELLO
    reader.send_apart(request("/big.bin"))
    program.send_signal(first)
    idle.end()
    program.send_signal(second)
    crashes = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE,
               -signal.SIGTRAP, -signal.SIGPIPE}
    assert program.await_end(3) not in crashes, program.report("the end")


def test_nothing_is_left_behind(start, folder):
    """No temporary file, no process, and the folder as it was."""
    write_file(folder, "sub/index.html", b"x")
    temporary = os.path.join(os.path.dirname(folder), "temporary")
    os.mkdir(temporary)
    before = snapshot(folder)
    program = start(folder=folder, environment={"TMPDIR": temporary})
    client = program.connect()
    for target in ("/hello.txt", "/sub/", "/sub", "/nothing"):
        client.get(target)
    client.get("/hello.txt", method="PUT")
    pids = program.pids()
    program.stop()
    assert not os.listdir(temporary)
    assert snapshot(folder) == before
    assert pids and not any(os.path.exists(f"/proc/{pid}") for pid in pids)


def snapshot(folder):
    """Every name below the folder with its size and time of modification."""
    found = {}
    for above, folders, names in os.walk(folder):
        for name in folders + names:
            state = os.stat(os.path.join(above, name))
            found[os.path.join(above, name)] = (state.st_size, state.st_mtime_ns)
    return found
