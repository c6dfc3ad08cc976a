"""Files: which one a path names, what may not leave, and what its answer says about it."""
import os
import socket
import string
import time
import urllib.parse

import pytest

from answer import parse_date
from client import assert_answered, request, wait_until
from content import ALPHABET, FILES, HELLO, MODIFIED, PAGE, SECRET, big_content, write_file
from program import Program, limits

# RFC 3986 2: what may stand in a Location for itself; "%" only before two hexadecimal digits.
URI_BYTES = set(string.ascii_letters + string.digits + "-._~/?:@!$&'()*+,;=%")


def escaped(name):
    return "/" + urllib.parse.quote(os.fsencode(name))


# ---- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, data in FILES.items() if data != SECRET])
def test_rfc3986_2_1_every_name_is_reached(server, name):
    """RFC 3986 2.1: spaces, UTF-8 and reserved bytes are percent-encoded; the bytes are exact."""
    answer = assert_answered(server, request(escaped(name)), 200)
    assert answer.body == FILES[name]
    assert answer.field("Content-Length") == str(len(FILES[name]))


@pytest.mark.parametrize("target, body", [("/", PAGE), ("/sub/", FILES["sub/index.html"]),
                                          ("/sub/?query", FILES["sub/index.html"])])
def test_index_of_a_folder(server, target, body):
    """A folder with a slash behind it is its index.html."""
    assert assert_answered(server, request(target), 200).body == body


@pytest.mark.parametrize("target", [
    "/nothing", "/nothing/", "/sub/nothing.html", "/hello.txt/", "/hello.txt/x", "/plain/",
    "/HELLO.txt", "/hello", "/hello.txt%20", "/hello.txt.", "/sub/deep/er/", "/index.html/",
    "/" + "a" * 255, "/" + "a" * 256, "/" + "a/" * 1000, "/~root/", "/%ff%fe", "/%0a", "/%0d%0a",
])
def test_rfc9110_15_5_5_what_is_not_there_is_404(server, target):
    """RFC 9110 15.5.5: no such file, a folder without index.html, a file taken for a folder."""
    assert_answered(server, request(target), 404)


@pytest.mark.parametrize("target", [
    "/.secret", "/%2esecret", "/.git/config", "/.git", "/.git/", "/sub/.hidden", "/sub/%2Ehidden",
    "/.well-known/.hidden", "/.well-known/.dots/file.txt", "/sub/../.secret", "/.nothing", "/...",
    "/.git/../.secret", "//.secret", "/sub//.hidden", "/./.git/config",
])
def test_dot_files_are_404(server, target):
    """Dot files, and all below a folder with a dot, are as if they were not there."""
    answer = assert_answered(server, request(target), 404)
    assert answer.body == assert_answered(server, request("/nothing"), 404).body


def test_rfc8615_3_well_known_is_served(server):
    """RFC 8615 3: the one folder with a dot that is meant for clients."""
    answer = assert_answered(server, request("/.well-known/security.txt"), 200)
    assert answer.body == FILES[".well-known/security.txt"]


def test_longest_name(start, folder):
    """A name of 255 bytes is a name; each byte of it may be percent-encoded."""
    write_file(folder, "n" * 255, b"long\n")
    program = start(folder=folder)
    assert assert_answered(program, request("/" + "n" * 255), 200).body == b"long\n"
    assert assert_answered(program, request("/" + "%6e" * 255), 200).body == b"long\n"


# ---- redirects -----------------------------------------------------------------------------------


def assert_location(answer, path, query=""):
    """The Location is a path on this server, in bytes that a URI may hold, and names that path."""
    location = answer.field("Location")
    assert location.startswith("/") and not location.startswith(("//", "/\\")), location
    assert set(location) <= URI_BYTES, location
    got_path, _, got_query = location.partition("?")
    assert urllib.parse.unquote_to_bytes(got_path) == os.fsencode(path), location
    assert got_query == query, location


@pytest.mark.parametrize("target, path, query", [
    ("/sub", "/sub/", ""), ("/sub?a=b&c=%2f", "/sub/", "a=b&c=%2f"), ("/plain", "/plain/", ""),
    ("/sub/deep/er", "/sub/deep/er/", ""), ("/sub/../sub", "/sub/", ""), ("/s%75b", "/sub/", ""),
    ("http://other.test/sub?x", "/sub/", "x"), ("/sub/deep?//evil.com", "/sub/deep/", "//evil.com"),
])
def test_rfc9110_15_4_2_folder_without_slash_is_301(server, target, path, query):
    """RFC 9110 15.4.2: to the path with a slash, the query kept."""
    answer = assert_answered(server, request(target), 301)
    assert_location(answer, path, query)


HOSTILE_NAMES = ["a dir", "gr\u00fc\u00df", "100%", "q?x", "h#x", "a\"b", "<b>", "back\\slash",
                 "a:b", "x\r\nX-Evil: yes", "tab\there", "\x7f", "semi;colon", "a&b=c", "[x]",
                 "{y}|^`"]


def test_rfc9110_10_2_2_location_is_percent_encoded(start, folder):
    """RFC 9110 10.2.2: Location is a URI reference: no name of a folder can break out of it."""
    for name in HOSTILE_NAMES:
        write_file(folder, f"{name}/index.html", os.fsencode(name))
    program = start(folder=folder)
    for name in HOSTILE_NAMES:
        client = program.connect()
        answer = client.get(escaped(name))
        assert answer.status == 301, name
        assert_location(answer, f"/{name}/")
        assert answer.field("X-Evil") is None
        assert client.get(answer.field("Location")).body == os.fsencode(name)


@pytest.mark.parametrize("target", [
    "//evil.com", "//evil.com/..", "//evil.com/../sub", "///evil.com", "/%2fevil.com",
    "/%2Fevil.com", "/.//evil.com", "/sub/..//evil.com", "//sub", "//sub?x", "/%5cevil.com",
    "/%5c%5cevil.com", "/%09/evil.com", "http://linnet.test//evil.com", "//evil.com%2f..",
    "//evil.com/%2e%2e", "//evil.com/%2e", "//evil.com/.", "//evil.com/../evil.com", "//plain/..",
    "//evil.com//..", "/sub//..//evil.com",
])
def test_rfc3986_4_2_redirect_never_leaves_the_server(server, target):
    """RFC 3986 4.2: a reference that begins with "//" names another host; no Location does."""
    client = server.connect()
    answer = client.get(target)
    assert answer.status in (200, 301, 400, 404)
    location = answer.field("Location")
    if answer.status == 301:
        assert location.startswith("/") and not location.startswith(("//", "/\\")), location
        assert set(location) <= URI_BYTES, location
    else:
        assert location is None


# ---- what is no plain file -----------------------------------------------------------------------


def test_symlinks_inside_the_root_work(start, folder):
    """A relative link that stays below the root is followed: to files, folders, by chains."""
    write_file(folder, "sub/index.html", b"index\n")
    os.symlink("hello.txt", f"{folder}/link.txt")
    os.symlink("../hello.txt", f"{folder}/sub/up.txt")
    os.symlink("sub", f"{folder}/way")
    os.symlink("link.txt", f"{folder}/chain.txt")
    program = start(folder=folder)
    for target in ("/link.txt", "/sub/up.txt", "/way/up.txt", "/chain.txt"):
        assert assert_answered(program, request(target), 200).body == HELLO
    assert assert_answered(program, request("/way/"), 200).body == b"index\n"
    assert_location(assert_answered(program, request("/way"), 301), "/way/")


def test_symlinks_that_leave_the_root_are_404(start, folder):
    """An absolute link is refused even where it points inside; so is every way out."""
    write_file(os.path.dirname(folder), "outside.txt", SECRET)
    write_file(os.path.dirname(folder), "beside/file.txt", SECRET)
    os.mkdir(f"{folder}/sub")
    links = {
        "absolute.txt": f"{folder}/hello.txt", "passwd": "/etc/passwd", "root": "/",
        "out.txt": "../outside.txt", "sub/out.txt": "../../outside.txt", "beside": "../beside",
        "in-and-out.txt": "../site/hello.txt", "parent": "..", "loop.txt": "loop.txt",
        "a": "b", "b": "a", "dangling.txt": "nothing", "proc": "/proc/self/root",
    }
    for name, to in links.items():
        os.symlink(to, f"{folder}/{name}")
    program = start(folder=folder)
    for target in ["/" + name for name in links] + [
            "/root/etc/passwd", "/beside/file.txt", "/beside/", "/parent/", "/parent/outside.txt",
            "/parent/site/hello.txt", "/proc/etc/passwd", "/root/", "/a/x"]:
        assert_answered(program, request(target), 404)
    assert assert_answered(program, request("/hello.txt"), 200).body == HELLO


def test_fifo_socket_and_device_are_404_and_never_block(start, folder):
    """What is no plain file is not opened for reading: a FIFO without a writer would wait."""
    os.mkfifo(f"{folder}/fifo")
    os.mkdir(f"{folder}/sub")
    os.mkfifo(f"{folder}/sub/index.html")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(f"{folder}/socket")
        names = ["fifo", "socket", "sub/"]
        try:
            os.mknod(f"{folder}/zero", 0o020666, os.makedev(1, 5))
            names.append("zero")
        except PermissionError:
            pass  # only root makes devices; the rest of the test does not need one
        program = start(folder=folder)
        for name in names:
            for method in ("GET", "HEAD"):
                begin = time.monotonic()
                assert_answered(program, request("/" + name, method=method), 404, method=method)
                assert time.monotonic() - begin < 2
    assert program.connect().get("/hello.txt").body == HELLO


def test_index_that_is_a_folder_is_404(start, folder):
    """index.html must be a file; a folder of that name is no index."""
    write_file(folder, "sub/index.html/file.txt", b"x")
    program = start(folder=folder)
    assert_answered(program, request("/sub/"), 404)


def test_rfc9110_15_5_4_unreadable_file_is_403(start, folder):
    """RFC 9110 15.5.4: what the program may not read is 403; the program runs as nobody."""
    os.chmod(write_file(folder, "closed.txt", SECRET), 0)
    wrapper = ()
    if os.geteuid() == 0:
        wrapper = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                   "--pdeathsig", "KILL")
    program = start(folder=folder, wrapper=wrapper)
    answer = assert_answered(program, request("/closed.txt"), 403)
    assert SECRET not in answer.body
    assert assert_answered(program, request("/hello.txt"), 200).body == HELLO


def test_error_pages_name_no_path(server, site):
    """An error page is HTML for a person, with the status, and holds nothing that was asked for."""
    for target, status in (("/nothing-of-that-name", 404), ("/.secret", 404),
                           ("/<script>", 400), ("/%3Cscript%3E", 404)):
        client = server.connect()
        answer = client.get(target)
        assert answer.status == status
        assert answer.field("Content-Type") == "text/html; charset=utf-8"
        text = answer.body.decode("utf-8")
        assert str(status) in text and "<" in text
        assert site not in text and "nothing-of-that-name" not in text and "script>" not in text


# ---- media types and validators ------------------------------------------------------------------


@pytest.mark.parametrize("name, media_type", [
    ("a.html", "text/html; charset=utf-8"), ("a.htm", "text/html; charset=utf-8"),
    ("a.css", "text/css; charset=utf-8"), ("a.js", "text/javascript; charset=utf-8"),
    ("a.mjs", "text/javascript; charset=utf-8"), ("a.txt", "text/plain; charset=utf-8"),
    ("a.TXT", "text/plain; charset=utf-8"), ("a.csv", "text/csv; charset=utf-8"),
    ("a.md", "text/markdown; charset=utf-8"), ("a.svg", "image/svg+xml"), ("a.png", "image/png"),
    ("a.jpg", "image/jpeg"), ("a.JPEG", "image/jpeg"), ("a.gif", "image/gif"),
    ("a.webp", "image/webp"), ("a.avif", "image/avif"), ("a.json", "application/json"),
    ("a.pdf", "application/pdf"), ("a.wasm", "application/wasm"), ("a.woff2", "font/woff2"),
    ("a.mp4", "video/mp4"), ("a.mp3", "audio/mpeg"), ("a.zip", "application/zip"),
    ("a.unknown", "application/octet-stream"), ("noextension", "application/octet-stream"),
    ("a.html.bin", "application/octet-stream"), ("txt", "application/octet-stream"),
    ("a.", "application/octet-stream"), ("b.a.txt", "text/plain; charset=utf-8"),
])
def test_rfc9110_8_3_media_type_by_extension(types_program, name, media_type):
    """RFC 9110 8.3: Content-Type says what the file is; text says its charset."""
    answer = assert_answered(types_program, request("/" + name), 200)
    got = answer.field("Content-Type")
    # XML media types may, or may not, carry the parameter.
    assert got == media_type or (media_type == "image/svg+xml" and got.startswith(media_type + ";"))


@pytest.fixture(scope="module")
def types_program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("types")
    names = ["html", "htm", "css", "js", "mjs", "txt", "TXT", "csv", "md", "svg", "png", "jpg",
             "JPEG", "gif", "webp", "avif", "json", "pdf", "wasm", "woff2", "mp4", "mp3", "zip",
             "unknown", "html.bin", ""]
    for name in ["a." + each for each in names] + ["noextension", "txt", "b.a.txt"]:
        (folder / name).write_bytes(b"x")
    (folder / "hello.txt").write_bytes(HELLO)
    program = Program(str(folder))
    yield program
    program.stop()


def test_rfc9110_8_8_validators_of_a_file(server):
    """RFC 9110 8.8: a strong entity tag, and the file's time of modification."""
    answer = server.connect().get("/hello.txt")
    assert not answer.field("ETag").startswith("W/")
    assert answer.field("Last-Modified") == MODIFIED
    assert answer.field("ETag") != server.connect().get("/alphabet.txt").field("ETag")
    assert answer.field("ETag") == server.connect().get("/hello.txt").field("ETag")


def test_rfc9110_8_8_2_1_file_from_the_future(start, folder):
    """RFC 9110 8.8.2.1: Last-Modified is never later than Date, whatever the file system says."""
    write_file(folder, "future.txt", HELLO, time.time() + 100000)
    answer = start(folder=folder).connect().get("/future.txt")
    assert answer.body == HELLO
    modified = answer.field("Last-Modified")
    assert modified is None or parse_date(modified) <= parse_date(answer.field("Date"))


@pytest.mark.parametrize("target, status", [
    ("/hello.txt", 200), ("/big.bin", 200), ("/empty.txt", 200), ("/", 200), ("/nothing", 404),
    ("/sub", 301), ("/.secret", 404),
])
def test_rfc9110_9_3_2_head_is_get_without_its_body(server, target, status):
    """RFC 9110 9.3.2: the same status and fields, Content-Length too; RFC 9110 6.4.1: no body."""
    client = server.connect()
    head = client.get(target, method="HEAD")
    got = client.get(target)
    assert head.status == got.status == status
    assert head.without("Date") == got.without("Date")
    assert head.field("Content-Length") == str(len(got.body))


def test_file_of_no_bytes(server):
    """A file of 0 bytes has a length, a type and validators."""
    answer = server.connect().get("/empty.txt")
    assert answer.status == 200 and answer.field("Content-Length") == "0"
    assert answer.field("ETag") and answer.field("Last-Modified") == MODIFIED


def test_big_file_is_byte_exact(server):
    """5 MiB, again and again on one connection, and to a reader with a small buffer."""
    big = big_content()
    client, slow = server.connect(), server.connect(receive_len=4096)
    slow.send(request("/big.bin"))
    for _ in range(3):
        assert client.get("/big.bin").body == big
    assert slow.answer().body == big


def test_file_beyond_four_gib(start, folder):
    """Lengths and positions have 64 bits: the end of a sparse file of 5 GiB."""
    length = 5 * 1024 ** 3
    with open(f"{folder}/huge.bin", "wb") as file:
        file.truncate(length)
        file.seek(length - 26)
        file.write(ALPHABET)
    client = start(folder=folder).connect()
    assert client.get("/huge.bin", method="HEAD").field("Content-Length") == str(length)
    answer = client.get("/huge.bin", f"Range: bytes={length - 26}-")
    assert answer.status == 206 and answer.body == ALPHABET
    assert answer.field("Content-Range") == f"bytes {length - 26}-{length - 1}/{length}"
    answer = client.get("/huge.bin", f"Range: bytes={2 ** 32 - 2}-{2 ** 32 + 1}")
    assert answer.status == 206 and answer.body == bytes(4)


# ---- files that change ---------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"Hello, Linnet!\n", b"another length\n\n", b""])
def test_rfc9110_8_8_1_changed_file_gets_a_new_entity_tag(start, folder, data):
    """RFC 9110 8.8.1: a strong validator changes with the bytes; a cache may need a second."""
    client = start(folder=folder).connect()
    before = client.get("/hello.txt")
    assert before.body == HELLO
    write_file(folder, "hello.txt", data, time.time())
    tag = before.field("ETag")

    def is_new():
        answer = client.get("/hello.txt", f"If-None-Match: {tag}")
        if answer.status == 304:
            return False
        assert answer.status == 200 and answer.field("ETag") != tag and answer.body == data
        return True

    wait_until(is_new, "the new content", 5)


def test_replaced_and_removed_files_are_noticed(start, folder):
    """A file that another one replaced, or that is gone, is seen at the latest after a second."""
    client = start(folder=folder).connect()
    assert client.get("/hello.txt").body == HELLO
    os.replace(write_file(folder, "new.txt", ALPHABET), f"{folder}/hello.txt")
    wait_until(lambda: client.get("/hello.txt").body == ALPHABET, "the file's successor", 5)
    os.remove(f"{folder}/hello.txt")
    wait_until(lambda: client.get("/hello.txt").status == 404, "the file's end", 5)
    write_file(folder, "hello.txt", HELLO)
    wait_until(lambda: client.get("/hello.txt").status == 200, "the file's return", 5)


def test_file_that_shrinks_while_it_is_sent(start, folder):
    """The answer cannot be completed: the connection ends, and nothing false is sent."""
    data = big_content(16 * 1024 * 1024)
    path = write_file(folder, "shrinking.bin", data)
    program = start(*limits(socket_send_len=16384), folder=folder)
    client = program.connect(receive_len=16384)
    client.send(request("/shrinking.bin") + request("/hello.txt"))
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.take(1)
    assert f"Content-Length: {len(data)}".encode("ascii") in head
    client.take(100000)
    os.truncate(path, 1024 * 1024)
    rest = client.rest_or_reset()
    assert 100000 + len(rest) < len(data)
    assert rest == data[100000:100000 + len(rest)]
    assert program.connect().get("/hello.txt").body == HELLO


@pytest.mark.parametrize("change", ["grow", "replace", "remove"])
def test_file_that_changes_while_it_is_sent(start, folder, change):
    """What was begun is finished: exactly the length that was said, of the file that was opened."""
    data = big_content()
    path = write_file(folder, "changing.bin", data)
    client = start(*limits(socket_send_len=16384), folder=folder).connect(receive_len=16384)
    client.send(request("/changing.bin") + request("/hello.txt"))
    client.fill()
    if change == "grow":
        with open(path, "ab") as file:
            file.write(b"more" * 1000)
    elif change == "replace":
        os.replace(write_file(folder, "new.bin", b"new"), path)
    else:
        os.remove(path)
    assert client.answer().body == data
    assert client.answer().body == HELLO


# ---- methods -------------------------------------------------------------------------------------

ALLOWED = {"get", "head", "options"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_rfc9110_15_5_6_known_method_is_405(server, method):
    """RFC 9110 15.5.6: a method that files do not have; Allow says which they have."""
    answer = assert_answered(server, request("/hello.txt", method=method), 405, method=method)
    assert set(answer.options("Allow")) == ALLOWED


@pytest.mark.parametrize("target", ["/hello.txt", "/", "*"])
def test_rfc9110_9_3_7_options_is_204_with_allow(server, target):
    """RFC 9110 9.3.7: OPTIONS says what may be asked."""
    data = request(target, method="OPTIONS")
    answer = assert_answered(server, data, 204, method="OPTIONS")
    assert set(answer.options("Allow")) == ALLOWED


def test_rfc9110_9_3_8_trace_is_501(server):
    """RFC 9110 9.3.8: TRACE gives fields back that a script may not see; it is not implemented."""
    answer = server.connect().get("/", "Cookie: secret", method="TRACE")
    assert answer.status == 501 and b"secret" not in answer.body
