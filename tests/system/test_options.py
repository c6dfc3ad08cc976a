"""The command line: every option and message, the banner, unix sockets, manual, completions."""
import os
import re
import signal
import socket
import stat
import subprocess
import time

import pytest

from client import Client, DEADLINE_S, request, wait_until
from content import HELLO, big_content, write_file
from program import PROGRAM, ROOT, SANITIZED, Program, limit_rows, printed, refused

LISTEN = ("--listen", "127.0.0.1:0")
DRAIN_S = 0.4  # of watching whether a program that drains burns CPU time
OPTIONS = ("listen", "listen-tls", "tls", "tls-self-signed", "tls-clients", "tls-tickets",
           "redirect-https", "hsts", "driver", "connections", "workers", "memory", "lock-memory",
           "limit", "lenient", "files", "log", "log-file", "quiet", "budget", "limits", "drivers",
           "help", "version")


class UnixClient(Client):
    """A client of a unix socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(path)
        self.received = bytearray()
        self.ended = False
        self.asked_s, self.has_asked = time.time(), True


# ---- what it prints ------------------------------------------------------------------------------


def test_help_fits_a_terminal_and_names_every_option():
    """24 lines of 80 columns; -h is the same."""
    text = printed("--help")
    assert printed("-h") == text
    lines = text.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80
    assert sorted(set(re.findall(r"--([a-z][a-z-]+)", text))) == sorted(OPTIONS)
    assert "Exit codes: 0" in text


def test_version():
    """--version and -V: the program's name and its version, and what speaks TLS."""
    assert re.fullmatch(r"linnet \d+\.\d+\.\d+\nTLS: (OpenSSL 3\.\d+\.\d+|none, .*)\n",
                        printed("--version"))
    assert printed("-V") == printed("--version")


def test_limits_lists_all_of_limits_h():
    """--limits: name, default, least, most, unit, and the reason below."""
    lines = printed("--limits").splitlines()
    assert lines[0].split() == ["NAME", "DEFAULT", "LEAST", "MOST", "UNIT"]
    rows = [line.split() for line in lines[1::2]]
    expected = [(name, str(least), str(most)) for name, least, most in limit_rows()]
    assert [(row[0], row[2], row[3]) for row in rows] == expected
    assert all(int(row[2]) <= int(row[1]) <= int(row[3]) and row[4] for row in rows)
    assert all(line.startswith("    ") and len(line) > 10 for line in lines[2::2])


def test_drivers_lists_what_the_message_lists():
    """--drivers: each with its meaning."""
    rows = [line.split(None, 1) for line in printed("--drivers").splitlines()]
    assert "epoll" in [name for name, _ in rows] and all(meaning for _, meaning in rows)
    line = refused(2, "--driver", "?", *LISTEN)
    assert line.endswith(f"There are: {', '.join(name for name, _ in rows)}.\n")


@pytest.mark.parametrize("option", ["--help", "--version", "--limits", "--drivers", "--budget"])
def test_standard_output_that_is_full_is_told(option):
    """Exit code 1 when what was asked for could not be printed."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, option], stdout=full, stderr=subprocess.PIPE, check=False,
                              timeout=DEADLINE_S)
    assert done.returncode == 1 and b"standard output cannot be written to" in done.stderr


# ---- what is wrong, and what is near -------------------------------------------------------------


@pytest.mark.parametrize("arguments, said", [
    (("--lisen", "8080"), "--lisen: there is no such option. Did you mean --listen?"),
    (("--QUIET",), "Did you mean --quiet?"),
    (("--log-fil3=x",), "--log-fil3=x: there is no such option. Did you mean --log-file?"),
    (("--frobnicate",), "--frobnicate: there is no such option. `linnet --help` lists them."),
    (("--" + "x" * 300,), "there is no such option. `linnet --help`"),
    (("--port", "8080"), "--port: there is no such option. Did you mean --listen?"),
    (("--port=8080",), "--port=8080: there is no such option. Did you mean --listen?"),
    (("-p", "8080"), "-p: there is no such option. Did you mean --listen?"),
    (("-Z",), "-Z: there is no such option."),
    (("-qZ",), "-Z: there is no such option."),
    (("--li", "x"), "short for more than one option: --listen, --listen-tls, --limit, --limits. "
                    "Write it out."),
    (("--quiet=yes",), "--quiet is written alone, without a value."),
    (("--listen",), "--listen: ADDRESS must follow it."),
    (("-l",), "--listen: ADDRESS must follow it."),
    (("--limit",), "--limit: NAME=VALUE must follow it."),
    (("--memory",), "--memory: SIZE must follow it."),
    (("--driver", "epol"), "--driver epol: there is no such driver. Did you mean epoll? There are"),
    (("--driver", "horse"), "--driver horse: there is no such driver. There are: "),
    (("--limit", "conections=5"), "Did you mean connections? `linnet --limits` lists them."),
    (("--limit", "head-ms=5"), "Did you mean head_ms?"),
    (("--limit", "nothing=5"), "there is no limit of that name. `linnet --limits` lists them."),
    (("--limit", "head_ms"), "--limit head_ms: write NAME=VALUE, such as connections=100."),
    (("--limit", "head_ms=1"), "the value must be a number from 50 to 86400000 (ms)."),
    (("--connections", "0"), "--connections 0: the value must be a number from 1 to 1000000"),
    (("-c", "many"), "--connections many: the value must be a number from 1 to 1000000"),
    (("--lenient", "barelf"), "no such leniency. Did you mean bare-lf? There are: bare-lf, missing-"
                              "host, raw-target."),
    (("--log", "jsn"), "--log jsn: there is no such format. Did you mean json? There are: people, "
                       "combined, json, none."),
    (("--log", "xml"), "--log xml: there is no such format. There are: people"),
    (("--log-file", ""), '--log-file "": name a file, or - for standard output.'),
    (("--memory", "64X"), "--memory 64X: write a number of bytes, with K, M or G behind it"),
    (("--memory", "K"), "--memory K: write a number"), (("--memory", "0"), "--memory 0: write"),
    (("--memory", "-1"), "--memory -1: write"), (("--memory", "1.5G"), "--memory 1.5G: write"),
    (("--memory", "99999999999999G"), "--memory 99999999999999G: write a number"),
    (("--listen", "x:8080:1"), "an IPv6 address is written in brackets, as in [::1]:8080. Exampl"),
    (("--listen", "70000"), "the port must be a number from 0 to 65535. Examples: 8080, 127.0.0.1"),
    (("--listen", "a" * 300 + ":1"), "the host is too long"),
    (("--listen", "999.1.1.1:1"), "the host is neither an address nor a name that can be looked"),
    (("--listen", "unix:"), "--listen unix:: the path of a socket must follow."),
    (("--listen", "0") * 17, "--listen 0: at most 16 listeners."),
    (("a", "b"), '"b": one folder is served at a time; there is one already: "a".'),
])
def test_wrong_command_line_says_what_is_near(arguments, said):
    """Exit code 2, and one line: what was wrong, and what to do."""
    assert said in refused(2, *arguments)


@pytest.mark.parametrize("arguments, said", [
    (("/nothing/there",), 'cannot serve "/nothing/there": there is no such folder. Name a folder'),
    (("/etc/passwd",), 'cannot serve "/etc/passwd": it is not a folder. Name a folder'),
    (("/etc/passwd/there",), 'cannot serve "/etc/passwd/there": it is not a folder. Name a folder'),
    (("--listen", "unix:/nothing/there"), "cannot listen on unix:/nothing/there: there is no such "
                                          "folder. Make the folder"),
    (("--listen", "unix:/" + "x" * 107), "the path is longer than the 107 bytes"),
    (("--listen", "192.0.2.1:0"), "cannot listen on 192.0.2.1:0: the address does not belong to"),
    (("--log-file", "/nothing/there"), 'cannot write the log to "/nothing/there": there is no such '
                                       "folder"),
    (("--log-file", "/"), 'cannot write the log to "/": it is a folder. Name a file'),
    (("--connections", "1000000"), "descriptors are needed (connections 1000000, open_files "),
    (("--limit", "head_len_max=65000"), "input_len must be at least head_len_max + 64"),
])
def test_what_the_system_refuses_is_told(site, arguments, said):
    """Exit code 1, and one line."""
    if arguments[0].startswith("-"):
        arguments = (*(LISTEN if "--listen" not in arguments else ()), *arguments, site)
    assert said in refused(1, *arguments)


def test_memory_that_the_system_has_not(site):
    """More than the address space that it is allowed."""
    if SANITIZED:
        pytest.skip("the sanitizer needs more address space than that")
    line = refused(1, *LISTEN, "--memory", "900M", site, wrapper=("prlimit", "--as=500000000"))
    assert "bytes of memory for it. Give it less with --memory, or lower --connections." in line


def test_driver_that_watches_fewer_listeners(site):
    """The blocking driver has one listener: the message says which is too many, and what to do."""
    if "blocking" not in printed("--drivers"):
        pytest.skip("no such driver in this build")
    line = refused(1, "--driver", "blocking", *LISTEN, *LISTEN, site)
    assert "cannot watch --listen number 2" in line and "give it fewer addresses" in line


# ---- where options stand -------------------------------------------------------------------------


def test_options_stand_before_and_behind_the_folder(start, site):
    """LINNET FOLDER OPTION, and long options shortened."""
    class Behind(Program):
        def __init__(self):
            super().__init__(None, site, "--conn", "7", "--log=json")

    program = Behind()
    try:
        program.connect().get("/hello.txt?seen")
        assert b"7 connections" in b"".join(program.lines)
        assert program.await_log(b"?seen").startswith(b'{"time"')
    finally:
        program.stop()


def test_two_dashes_end_the_options(folder):
    """Behind -- a folder may begin with a dash."""
    write_file(os.path.dirname(folder), "--quiet/hello.txt", HELLO)
    program = Program(None, "--", "--quiet", working_folder=os.path.dirname(folder))
    try:
        assert program.connect().get("/hello.txt").body == HELLO
    finally:
        program.stop()


def test_posixly_correct_changes_nothing(folder):
    """Options behind the folder are options everywhere."""
    program = Program(None, folder, "--connections", "7", environment={"POSIXLY_CORRECT": "1"})
    try:
        assert b"7 connections" in b"".join(program.lines)
    finally:
        program.stop()


# ---- the banner ----------------------------------------------------------------------------------


def test_banner_says_where_what_and_how(start, site):
    """The absolute folder, an address to click, the driver and the memory."""
    class Here(Program):
        def __init__(self):
            super().__init__(".", "--connections", "9", working_folder=site)

    program = Here()
    try:
        program.await_log(b"  driver ")
        text = b"".join(program.lines).decode("utf-8")
        assert f"serves {os.path.realpath(site)}\n" in text
        assert f"  http://127.0.0.1:{program.port}/\n" in text
        assert re.search(r"  driver \w+( \(auto[^)]*\))?, 9 connections, \d+\.\d MiB of memory "
                         r"at most\.", text)
    finally:
        program.stop()


def test_banner_of_every_address_names_this_machine(start):
    """A wildcard: localhost, and each address by which others come here, all to click."""
    program = start("--listen", "0", listen=())
    program.await_log(b"  driver ")
    text = b"".join(program.lines).decode("ascii")
    port = re.search(r"  http://localhost:(\d+)/\n", text).group(1)
    here = subprocess.run(["ip", "-o", "address", "show", "up", "scope", "global"], check=True,
                          capture_output=True, text=True).stdout
    for family, address in re.findall(r"inet(6?) ([0-9a-f.:]+)/", here)[:8]:
        assert f"  http://{f'[{address}]' if family else address}:{port}/\n" in text
    assert Client(("127.0.0.1", int(port))).get("/hello.txt").body == HELLO


def test_banner_hides_control_bytes(start, folder):
    """The name of a folder does not move the cursor."""
    odd = os.path.join(os.path.dirname(folder), "a\x1b[31mb\nc")
    os.rename(folder, odd)
    try:
        program = start(folder=odd)
        assert b"a?[31mb?c\n" in program.lines[0]
        program.stop()
    finally:
        os.rename(odd, folder)


def test_closed_standard_output_is_not_given_to_a_client(start, site):
    """Without a standard output the log goes nowhere, least of all to a client."""
    program = start(wrapper=("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"), await_banner=False)
    port = wait_until(program.listening_port, "the program listens")
    client = Client(("127.0.0.1", port))
    for _ in range(3):
        assert client.get("/hello.txt").body == HELLO
    assert client.is_quiet(0.1)
    client.close()


# ---- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["127.0.0.1:{}", "{}", "[::]:{}"])
def test_port_that_is_taken_names_a_free_one(start, site, address):
    """The command in the message works."""
    taken = start("--listen", address.format(0), listen=(), await_banner=False)
    found = wait_until(lambda: re.search(rb"http://[^/]+:(\d+)/", b"".join(taken.lines)), "banner")
    port = found.group(1).decode("ascii")
    line = refused(1, "--listen", address.format(port), site)
    assert "something listens there already" in line
    match = re.search(r"Port (\d+) is free: --listen (\S+)\n", line)
    assert match and match.group(2) == address.format(match.group(1)), line
    second = start("--listen", match.group(2), listen=(), await_banner=False)
    second.await_log(b"http://", f":{match.group(1)}/".encode("ascii"))


def test_privileged_port_is_told(site):
    """A port below 1024 without the privilege."""
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
        if int(file.read()) < 1024:
            pytest.skip("no port is privileged here")
    drop = ("setpriv", "--inh-caps=-net_bind_service", "--bounding-set=-net_bind_service")
    line = refused(1, "--listen", "127.0.0.1:1", site, wrapper=drop if os.geteuid() == 0 else ())
    assert "a port below 1024 needs privileges" in line
    assert re.search(r"Port \d{4,5} is free: --listen 127\.0\.0\.1:\d{4,5}\n", line), line


# ---- unix sockets --------------------------------------------------------------------------------


@pytest.fixture
def socket_path(folder):
    return os.path.join(os.path.dirname(folder), "linnet.sock")


def start_unix(start, path, *options, **more):
    program = start(*options, listen=(f"unix:{path}",), **more)
    program.await_log(b"  driver ")
    return program


def test_unix_socket_serves_curl(start, socket_path):
    """curl --unix-socket: content, the banner, the log's peer, and no name left behind."""
    program = start_unix(start, socket_path)
    assert f"  unix:{socket_path}\n".encode() in program.lines
    done = subprocess.run(["curl", "-sS", "--unix-socket", socket_path, "http://x/hello.txt"],
                          capture_output=True, check=True, timeout=DEADLINE_S)
    assert done.stdout == HELLO
    assert program.await_log(b"/hello.txt").startswith(b"unix: - - [")
    program.stop()
    assert not os.path.exists(socket_path)


def test_unix_socket_sends_large_files(start, socket_path):
    """Ranges of files and pipelines go over it like over TCP."""
    start_unix(start, socket_path)
    client = UnixClient(socket_path)
    assert client.get("/big.bin").body == big_content()
    client.send(request("/hello.txt") * 20)
    for _ in range(20):
        assert client.answer().body == HELLO
    client.close()


def test_unix_socket_drains(start, socket_path):
    """SIGTERM: idle ends, a running answer is finished, nobody new is taken, no CPU is burnt."""
    program = start_unix(start, socket_path)
    idle, reader = UnixClient(socket_path), UnixClient(socket_path)
    assert idle.get("/hello.txt").body == HELLO
    reader.send(request("/big.bin"))
    reader.fill()
    program.send_signal(signal.SIGTERM)
    idle.end()
    with pytest.raises((FileNotFoundError, ConnectionRefusedError)):
        UnixClient(socket_path)
    before_s = program.cpu_s()
    wait_until(lambda: len(reader.received) > 0, "the begin of the answer")
    time.sleep(DRAIN_S)
    assert program.cpu_s() - before_s < DRAIN_S / 2
    assert reader.answer().body == big_content()
    reader.end()
    assert program.await_end() == 0


@pytest.mark.parametrize("umask, mode", [(0o022, 0o644), (0o002, 0o664), (0o000, 0o666),
                                         (0o177, 0o600)])
def test_unix_socket_mode_is_0666_less_the_umask(start, socket_path, umask, mode):
    """Whoever may write to it may connect."""
    before = os.umask(umask)
    try:
        start_unix(start, socket_path)
        assert stat.S_IMODE(os.stat(socket_path).st_mode) == mode
    finally:
        os.umask(before)


def answers(socket_path):
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(socket_path) == 0


def test_unix_socket_left_behind_is_taken_over(start, socket_path):
    """A program that was killed leaves a name that nobody answers."""
    killed = start_unix(start, socket_path)
    killed.kill()
    killed.has_ended = True
    assert os.path.exists(socket_path)
    # The rings of io_uring keep a killed program's sockets for a moment.
    wait_until(lambda: not answers(socket_path), "that nobody answers any more")
    start_unix(start, socket_path)
    assert UnixClient(socket_path).get("/hello.txt").body == HELLO


def test_unix_socket_in_use_is_left_alone(start, socket_path, site):
    """Somebody answers there: exit code 1, and the first goes on."""
    start_unix(start, socket_path)
    line = refused(1, "--listen", f"unix:{socket_path}", site)
    assert f"unix:{socket_path}: another program answers there. Choose another path" in line
    assert UnixClient(socket_path).get("/hello.txt").body == HELLO


def test_unix_socket_does_not_replace_a_file(socket_path, site):
    """Something lies there that is no socket: it stays."""
    with open(socket_path, "wb") as file:
        file.write(HELLO)
    line = refused(1, "--listen", f"unix:{socket_path}", site)
    assert "something lies there that is no socket" in line and "remove what lies there" in line
    with open(socket_path, "rb") as file:
        assert file.read() == HELLO


def test_unix_socket_of_another_is_not_removed(start, socket_path):
    """Somebody put another name in its place: the end leaves it."""
    program = start_unix(start, socket_path)
    os.unlink(socket_path)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(socket_path)
        program.stop()
        assert os.path.exists(socket_path)


def test_unix_and_tcp_together(start, socket_path):
    """Both at once; a boot that fails later leaves no name."""
    program = start(listen=("127.0.0.1:0", f"unix:{socket_path}"))
    assert program.connect().get("/hello.txt").body == HELLO
    assert UnixClient(socket_path).get("/hello.txt").body == HELLO
    refused(1, "--listen", f"unix:{socket_path}2", "--listen", f"127.0.0.1:{program.port}",
            program.folder)
    assert not os.path.exists(socket_path + "2")


# ---- manual and completions ----------------------------------------------------------------------


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding="utf-8") as file:
        return file.read()


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_in_the_manual_and_the_completions(option):
    """What the help names is explained, and completed by every shell."""
    assert re.search(rf"^(\*-.\*, )?\*--{option}\*", read("docs", "man", "linnet.1.scd"), re.M)
    assert re.search(rf"--{option}\b", read("completions", "linnet.bash"))
    assert re.search(rf"--{option}[\[=}}]", read("completions", "_linnet"))
    assert re.search(rf"-l {option} ", read("completions", "linnet.fish"))


def complete(*words):
    """What bash offers for the last of these words."""
    script = (f"source '{ROOT}/completions/linnet.bash'; compopt() {{ :; }}; "
              'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _linnet; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", PROGRAM, *words], capture_output=True,
                          text=True, timeout=DEADLINE_S, check=True)
    return done.stdout.splitlines()


def test_bash_completes():
    """Options, and what may follow them, as the program itself says."""
    assert complete("--lo") == ["--lock-memory", "--log", "--log-file"]
    assert complete("--log", "j") == ["json"] == complete("--log", "=", "j")
    assert "epoll" in complete("--driver", "")
    assert complete("--limit", "head_") == ["head_len_max=", "head_ms="]
    assert [name[:-1] for name in complete("--limit", "")] == [row[0] for row in limit_rows()]
    assert os.path.join(ROOT, "docs") in complete(os.path.join(ROOT, "doc"))
