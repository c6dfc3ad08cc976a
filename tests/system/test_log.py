"""The access log: its formats, its file, and that it neither waits, lies nor grows."""
import calendar
import fcntl
import json
import os
import pty
import re
import resource
import select
import signal
import stat
import subprocess
import threading
import time

import pytest

from client import DEADLINE_S, Client, request, wait_until
from content import HELLO
from program import PROGRAM, SANITIZED, Program, limits

TRAP = os.path.join(os.environ.get("LINNET_BUILD_DIR", "build/debug"), "malloc_trap_preload.so")
# Apache's combined format, strictly: nothing is unescaped but what is printable.
QUOTED = rb'"((?:[ !#-\[\]-~]|\\["\\bnrtv]|\\x[0-9a-f]{2})*)"'
COMBINED = re.compile(
    rb"(\S+) - - \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)\] " + QUOTED
    + rb" (\d{3}|-) ([1-9]\d*|-) " + QUOTED + b" " + QUOTED + rb"\n")
PEOPLE = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (\S+) (-|\S+ \S+) (\d{3}|-) (\d+) (\d+)ms"
                    rb"(?: \[([a-z0-9-]+)\])?\n")
FIELDS = ["time", "peer", "method", "target", "version", "status", "bytes", "duration_ms",
          "referer", "user_agent", "reason", "complete"]
# Every byte that a field's content may hold: RFC 9110 5.5.
FIELD_BYTES = bytes([9] + list(range(0x20, 0x7F)) + list(range(0x80, 0x100)))


def apache_escape(data):
    """What ap_escape_logitem makes of it."""
    letters = {8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
    return b"".join(
        letters.get(byte) or (bytes([byte]) if 0x20 <= byte < 0x7F else b"\\x%02x" % byte)
        for byte in data)


def json_text(data):
    """What a JSON line says of these bytes: UTF-8, and \\xhh for what is none."""
    return data.decode("utf-8", "backslashreplace")


def log_of(path):
    with open(path, "rb") as file:
        return file.read().splitlines(keepends=True)


def await_lines(path, count):
    return wait_until(lambda: os.path.exists(path) and len(log_of(path)) >= count and log_of(path),
                      f"{count} lines in the log")


# ---- formats -------------------------------------------------------------------------------------


def test_combined_when_standard_output_is_no_terminal(start):
    """The default for a pipe: every part of Apache's line."""
    program = start()
    before_s = int(time.time()) - 1
    fields = ("Referer: http://example.test/a?b", "User-Agent: Test/1.0 (x; y)")
    assert program.connect().ask(request("/hello.txt?q", fields=fields)).body == HELLO
    match = COMBINED.fullmatch(program.await_log(b"/hello.txt?q"))
    assert match, program.lines[-1]
    assert match.group(1, 3, 4, 5, 6, 7) == (
        b"127.0.0.1", b"GET /hello.txt?q HTTP/1.1", b"200", b"15", b"http://example.test/a?b",
        b"Test/1.0 (x; y)")
    when = time.strptime(match.group(2).decode("ascii"), "%d/%b/%Y:%H:%M:%S +0000")
    assert before_s <= calendar.timegm(when) <= time.time() + 1


def test_combined_says_dash_for_what_there_is_not(start):
    """No fields, no content, no request line: a dash each, as Apache writes it."""
    program = start("--log", "combined")
    assert program.connect().get("/hello.txt", method="HEAD").status == 200
    match = COMBINED.fullmatch(program.await_log(b"HEAD"))
    assert match and match.group(4, 5, 6, 7) == (b"200", b"-", b"-", b"-")
    client = program.connect()
    client.send(b"G\x07T / HTTP/1.1\r\n\r\n")
    assert client.answer().status == 400
    match = COMBINED.fullmatch(program.await_log(b'"-" 400'))
    assert match and match.group(3) == b"-"


def test_combined_version_is_that_of_the_request(start):
    """HTTP/1.0 is logged as such."""
    program = start("--log", "combined")
    client = program.connect()
    client.send(b"GET /hello.txt HTTP/1.0\r\n\r\n")
    client.rest()
    assert COMBINED.fullmatch(program.await_log(b"GET /hello.txt HTTP/1.0"))


def test_combined_escapes_as_apache(start):
    """Every byte that a field may hold, in both fields."""
    program = start("--log", "combined")
    fields = (b"Referer: a" + FIELD_BYTES + b"z", b"User-Agent: b" + FIELD_BYTES + b"y")
    assert program.connect().ask(request("/hello.txt?all", fields=fields)).status == 200
    match = COMBINED.fullmatch(program.await_log(b"?all"))
    assert match, program.lines[-1]
    assert match.group(6) == apache_escape(b"a" + FIELD_BYTES + b"z")
    assert match.group(7) == apache_escape(b"b" + FIELD_BYTES + b"y")


def test_combined_time_is_utc_whatever_the_place(start):
    """Neither time zone nor locale changes a line."""
    program = start("--log", "combined", environment={"TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8"})
    before = time.gmtime()
    assert program.connect().get("/hello.txt").status == 200
    text = COMBINED.fullmatch(program.await_log(b"/hello.txt")).group(2).decode("ascii")
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    expected = [f"{now.tm_mday:02}/{months[now.tm_mon - 1]}/{now.tm_year}:{now.tm_hour:02}:"
                for now in (before, time.gmtime())]
    assert any(text.startswith(hour) for hour in expected), text


def test_json_has_every_field(start):
    """One object on a line, with all fields in their order and their types."""
    program = start("--log", "json")
    fields = ("Referer: http://example.test/", "User-Agent: Test")
    program.connect().ask(request("/hello.txt?q", fields=fields))
    record = json.loads(program.await_log(b"/hello.txt?q"))
    assert list(record) == FIELDS
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record.pop("time"))
    assert 0 <= record.pop("duration_ms") < 5000
    assert record == {
        "peer": "127.0.0.1", "method": "GET", "target": "/hello.txt?q", "version": "HTTP/1.1",
        "status": 200, "bytes": len(HELLO), "referer": "http://example.test/", "user_agent": "Test",
        "reason": None, "complete": True}


def test_json_says_null_for_what_there_is_not(start):
    """A request that cannot be read, and one that ends before its answer."""
    program = start("--log", "json", *limits(socket_send_len=4096))
    client = program.connect()
    client.send(b"G\x07T / HTTP/1.1\r\n\r\n")
    assert client.answer().status == 400
    record = json.loads(program.await_log(b'"status":400'))
    assert [record[name] for name in ("method", "target", "version", "referer", "user_agent")] == [
        None] * 5
    assert record["reason"] == "bad-request-line"
    reader = program.connect(receive_len=4096)
    reader.send_apart(request("/big.bin"))
    reader.fill()
    reader.reset()
    record = json.loads(program.await_log(b"/big.bin"))
    assert record["complete"] is False and record["reason"] == "peer-reset"
    assert 0 < record["bytes"] < 5 * 1024 * 1024


@pytest.mark.parametrize("data", [
    FIELD_BYTES, "gr\u00fc\u00df \u20ac \U0001f426".encode(), b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xe2\x82", b"\xf0\x9f\x90", b"\xff\xfe",
    "\ufffe\uffff\U0010ffff\u0080\u009b\u202e".encode(), b"\\x41\\u0041",
])
def test_json_is_json_whatever_comes(start, data):
    """RFC 8259 7, RFC 3629 4: UTF-8 is told by its code points, other bytes as \\xhh."""
    program = start("--log", "json")
    program.connect().ask(request("/hello.txt?these", fields=(b"User-Agent: a" + data + b"z",)))
    line = program.await_log(b"?these")
    assert re.fullmatch(rb"[ -~]+\n", line), line
    assert json.loads(line)["user_agent"] == json_text(b"a" + data + b"z")


@pytest.mark.parametrize("form, shape", [("people", PEOPLE), ("combined", COMBINED)])
def test_lines_have_one_shape_whatever_comes(start, form, shape):
    """Requests that can be read and such that cannot: every line is a whole line."""
    program = start("--log", form)
    for data in (request("/hello.txt"), request("/%0a%22?\\"), b"GET /\x1b[31m HTTP/1.1\r\n\r\n",
                 b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\r\n\r\n", b'GET /"a" HTTP/1.1\r\n\r\n',
                 request("/hello.txt", method="BREW"), request("/" + "x" * 9000),
                 request("/last", fields=("Connection: close",))):
        client = program.connect()
        client.send(data)
        client.rest_or_reset() if b"HTTP/1.1\r\nHost" not in data else client.answer()
    program.await_log(b"/last")
    lines = [line for line in program.lines if not line.startswith((b"Linnet", b"  "))]
    assert len(lines) == 9
    for line in lines:
        assert shape.fullmatch(line), line


@pytest.mark.parametrize("form", ["people", "combined", "json"])
def test_long_targets_and_fields_are_cut(start, form):
    """2048 bytes are shown, and three dots for the rest."""
    program = start("--log", form)
    target = "/" + "x" * 3999
    fields = ("User-Agent: " + "y" * 2048, "Referer: " + "z" * 2049)
    program.connect().ask(request(target, fields=fields))
    line = program.await_log(b"/xxx")
    assert b"x" * 2047 + b"..." in line and b"x" * 2048 not in line
    if form != "people":
        assert b'y"' in line and b"y" * 2048 in line and b"z" * 2048 + b'..."' in line


def test_ipv6_peer(start):
    """RFC 5952 4: the shortest form of an address."""
    try:
        program = start("--log", "combined", listen=("[::1]:0",), await_banner=False)
        program.await_urls(1)
    except AssertionError:
        pytest.skip("no IPv6 loopback")
    assert program.connect().get("/hello.txt").status == 200
    assert program.await_log(b"/hello.txt").startswith(b"::1 - - [")


def test_log_none_is_quiet(start):
    """--log none and --quiet: the banner, and nothing behind it."""
    for option in (("--log", "none"), ("--quiet",), ("--log", "json", "-q")):
        program = start(*option)
        before = len(program.lines)
        assert program.connect().get("/hello.txt").status == 200
        program.stop()
        assert not any(b"hello" in line for line in program.lines[before:]), program.lines


# ---- terminals -----------------------------------------------------------------------------------


class OnTerminal:
    """The program with a terminal for its standard output."""

    def __init__(self, folder, *options, **environment):
        self.master, slave = pty.openpty()
        command = ["setpriv", "--pdeathsig", "KILL", PROGRAM, "--listen", "127.0.0.1:0", *options,
                   folder]
        inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, start_new_session=True,
            env={**inherited, "TERM": "xterm", **environment})
        os.close(slave)
        self.written = b""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        match = wait_until(lambda: re.search(rb"http://127.0.0.1:(\d+)/", self.written), "banner")
        self.address = ("127.0.0.1", int(match.group(1)))

    def _read(self):
        try:
            while data := os.read(self.master, 65536):
                self.written += data
        except OSError:
            pass  # EIO: the other side is closed

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(10) == 0
        finally:
            self.process.kill()
            self.process.wait()
            self.reader.join(10)
            os.close(self.master)
        return self.written.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("environment, options, coloured", [
    ({}, (), True), ({"NO_COLOR": "1"}, (), False), ({"NO_COLOR": ""}, (), True),
    ({"TERM": "dumb"}, (), False), ({}, ("--log", "combined"), False),
    ({}, ("--log", "json"), False),
])
def test_people_read_a_terminal(site, environment, options, coloured):
    """On a terminal: the people's format, its status coloured unless NO_COLOR says no."""
    program = OnTerminal(site, *options, **environment)
    try:
        client = Client(program.address)
        for target in ("/hello.txt", "/sub", "/nothing"):
            client.get(target)
        client.close()
        wait_until(lambda: b"/nothing" in program.written, "the log")
    finally:
        written = program.stop()
    lines = [line for line in written.splitlines(keepends=True) if b"GET" in line]
    assert len(lines) == 3, written
    if not options:
        assert all(PEOPLE.fullmatch(re.sub(rb"\x1b\[\d+m", b"", line)) for line in lines), lines
    colours = [b"\x1b[32m200\x1b[0m", b"\x1b[36m301\x1b[0m", b"\x1b[33m404\x1b[0m"]
    for line, colour in zip(lines, colours):
        assert (colour in line) == coloured and (b"\x1b" in line) == coloured, line


# ---- the file ------------------------------------------------------------------------------------


def test_log_file_is_appended_to(start, folder):
    """Made with mode 0640 less the umask; a second program goes on behind the first's lines."""
    path = os.path.join(os.path.dirname(folder), "access.log")
    for count in (1, 2):
        program = start("--log-file", path, folder=folder)
        program.connect().get(f"/hello.txt?{count}")
        program.stop()
        lines = log_of(path)
        assert len(lines) == count and COMBINED.fullmatch(lines[-1]), lines
        assert f"?{count}".encode() in lines[-1]
        assert not any(b"hello" in line for line in program.lines)
    assert stat.S_IMODE(os.stat(path).st_mode) & ~0o640 == 0


def test_log_file_dash_is_standard_output(start):
    """--log-file - takes an earlier one back."""
    program = start("--log-file", "/nothing/there", "--log-file", "-")
    program.connect().get("/hello.txt")
    program.await_log(b"/hello.txt")


def test_hangup_loses_no_line(start, folder):
    """SIGHUP: twenty times the file is renamed and opened anew, under requests all the time."""
    path = os.path.join(os.path.dirname(folder), "access.log")
    program = start("--log", "json", "--log-file", path, folder=folder)
    asked, stop = [0], threading.Event()

    def ask():
        client = program.connect()
        while not stop.is_set():
            client.get(f"/hello.txt?{asked[0]}")
            asked[0] += 1

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        for turn in range(20):
            goal = asked[0] + 20
            wait_until(lambda: asked[0] >= goal or not asker.is_alive(), "requests")
            os.rename(path, f"{path}.{turn}")
            program.send_signal(signal.SIGHUP)
            wait_until(lambda: os.path.exists(path), "the file anew")
    finally:
        stop.set()
        asker.join(10)
    program.stop()
    lines = [line for name in [f"{path}.{turn}" for turn in range(20)] + [path]
             for line in log_of(name)]
    targets = [json.loads(line)["target"] for line in lines]
    assert targets == [f"/hello.txt?{number}" for number in range(asked[0])]


def test_hangup_without_a_new_file_keeps_the_old(start, folder):
    """The folder is gone: a line on standard error, and lines go where they went."""
    above = os.path.join(os.path.dirname(folder), "logs")
    os.mkdir(above)
    program = start("--log-file", f"{above}/access.log", folder=folder)
    os.rename(above, above + ".old")
    program.send_signal(signal.SIGHUP)
    wait_until(lambda: b"\n" in program.errors, "a line on standard error")
    assert b"cannot be opened again" in program.errors
    assert b"there is nothing of that name" in program.errors
    assert f"{above}/access.log".encode() in program.errors
    program.connect().get("/hello.txt?later")
    await_lines(f"{above}.old/access.log", 1)


def test_hangup_leaves_no_descriptor(start, folder):
    """Opened anew a hundred times: as many descriptors as before."""
    path = os.path.join(os.path.dirname(folder), "access.log")
    program = start("--log-file", path, folder=folder)
    before = program.descriptor_count()
    for _ in range(100):
        os.unlink(path)
        program.send_signal(signal.SIGHUP)
        wait_until(lambda: os.path.exists(path), "the file anew")
    wait_until(lambda: program.descriptor_count() == before, "as many descriptors")


def test_file_that_may_not_grow_stops_nothing(start, folder):
    """RLIMIT_FSIZE: its signal ends nobody; lines come again when there is room."""
    log = os.path.join(os.path.dirname(folder), "log")
    program = start("--log-file", log, folder=folder, wrapper=("prlimit", "--fsize=1000:1000000"))
    client = program.connect()
    for _ in range(20):
        assert client.get("/hello.txt").body == HELLO
    assert os.path.getsize(log) <= 1000
    for pid in program.program_pids():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1000000, 1000000))
    assert client.get("/hello.txt?last").body == HELLO
    wait_until(lambda: b"/hello.txt?last" in read_bytes(log), "the lines that waited")
    assert read_bytes(log).count(b"/hello.txt") == 21


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def test_full_disk_stops_nothing(start):
    """/dev/full refuses every write: lines are dropped, answers are not."""
    program = start("--log-file", "/dev/full", *limits(log_len=512))
    client = program.connect()
    for _ in range(100):
        assert client.get("/hello.txt").body == HELLO


@pytest.mark.skipif(SANITIZED, reason="the sanitizer has an allocator of its own")
@pytest.mark.parametrize("form", ["people", "combined", "json"])
def test_log_allocates_nothing(start, folder, form):
    """S0-1: neither lines, nor dropping them, nor opening the file anew."""
    path = os.path.join(os.path.dirname(folder), "access.log")
    program = start("--log", form, "--log-file", path, *limits(log_len=512), folder=folder,
                    environment={"LD_PRELOAD": TRAP})
    client = program.connect()
    client.send(request("/nothing?" + "q" * 200, fields=(b"User-Agent: \xff",)) * 50)
    for _ in range(50):
        assert client.answer().status == 404
    wait_until(lambda: b"dropped" in b"".join(log_of(path)), "a line of what was dropped")
    os.rename(path, path + ".1")
    program.send_signal(signal.SIGHUP)
    wait_until(lambda: os.path.exists(path), "the file anew")
    client.get("/hello.txt?after")
    await_lines(path, 1)
    os.rename(os.path.dirname(folder), os.path.dirname(folder) + ".moved")
    try:
        program.send_signal(signal.SIGHUP)
        wait_until(lambda: b"cannot be opened again" in program.errors, "the file is kept")
    finally:
        os.rename(os.path.dirname(folder) + ".moved", os.path.dirname(folder))
    program.stop()


# ---- nobody reads --------------------------------------------------------------------------------


class Paused(Program):
    """A program whose output is read behind the banner only when `go_on` is set."""

    def __init__(self, *arguments, **more):
        self.go_on = threading.Event()
        super().__init__(*arguments, **more)

    def _read_lines(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
            if line.startswith(b"  driver"):
                self.go_on.wait(60)


@pytest.mark.parametrize("form, dropped", [
    ("people", rb"\S+Z (\d+) log lines dropped\n"),
    ("combined", rb'- - - \[[^]]+\] "(\d+) log lines dropped" - - "-" "-"\n'),
    ("json", rb'{"time":"[^"]+","dropped_lines":(\d+)}\n'),
])
def test_dropped_lines_are_counted(site, form, dropped):
    """A pipe that nobody reads, then somebody does: the lines and the dropped ones are all."""
    program = Paused(site, "--log", form, *limits(log_len=4096))
    asked = 0
    try:
        client = program.connect()
        for _ in range(40):
            client.send(request("/nothing?" + "q" * 100) * 50)
            for _ in range(50):
                assert client.answer().status == 404
                asked += 1
        program.go_on.set()
        program.await_log(b"dropped")
    finally:
        program.go_on.set()
        program.stop()
    lines = [line for line in program.lines if not line.startswith((b"Linnet", b"  "))]
    told = [int(match.group(1)) for match in map(re.compile(dropped).fullmatch, lines) if match]
    assert told and len(lines) - len(told) + sum(told) == asked, (len(lines), told, asked)


def read_soon(descriptor):
    """What comes next, within the deadline: we hold the writing end too, so there is no end."""
    assert select.select([descriptor], [], [], DEADLINE_S)[0], "nothing was written"
    return os.read(descriptor, 4096)


def test_inherited_output_stays_blocking(site):
    """The pipe is shared with others, such as a shell: they keep it as they gave it."""
    reading, writing = os.pipe()
    process = subprocess.Popen([PROGRAM, "--listen", "127.0.0.1:0", site], stdout=writing,
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        banner = b""
        while b"driver" not in banner:
            banner += read_soon(reading)
        port = int(re.search(rb":(\d+)/", banner).group(1))
        client = Client(("127.0.0.1", port))
        assert client.get("/hello.txt").body == HELLO
        assert b"hello.txt" in read_soon(reading)
        assert fcntl.fcntl(writing, fcntl.F_GETFL) & os.O_NONBLOCK == 0
        client.close()
    finally:
        process.terminate()
        assert process.wait(10) == 0
        os.close(reading)
        os.close(writing)
