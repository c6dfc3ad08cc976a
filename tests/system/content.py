"""The site that the tests serve: known names, known bytes, known times."""
import os
import random
import shutil

# 29 February 2024, 12:34:56 UTC: long past, so that Last-Modified is a strong validator.
MODIFIED_S = 1709210096
MODIFIED = "Thu, 29 Feb 2024 12:34:56 GMT"

ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
HELLO = b"Hello, linnet!\n"
BIG_LEN = 5 * 1024 * 1024
SECRET = b"secret-that-must-not-leave\n"

PAGE = (
    b"<!doctype html><title>Home</title><h1>Home</h1>"
    b'<a href="hello.txt">hello</a> <a href="sub/">sub</a> <a href="alphabet.txt">alphabet</a>'
    b' <a href="with%20space.txt">space</a> <a href="empty.txt">empty</a>'
    b' <a href="sub/page.html">page</a> <a href="picture.png">picture</a>\n'
)

FILES = {
    "index.html": PAGE,
    "hello.txt": HELLO,
    "alphabet.txt": ALPHABET,
    "empty.txt": b"",
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "sub/index.html": b"<!doctype html><title>Sub</title><h1>Sub</h1>\n",
    "sub/page.html": b"<!doctype html><title>Page</title><h1>Page</h1>\n",
    "sub/deep/er/file.txt": b"deep\n",
    "plain/readme.txt": b"a folder without an index\n",
    "evil.com/index.html": b"<!doctype html><title>Not evil</title>\n",
    "with space.txt": b"space\n",
    "gr\u00fc\u00dfe.txt": b"gr\xc3\xbc\xc3\x9fe\n",
    "100%.txt": b"percent\n",
    "a+b.txt": b"plus\n",
    "what?.txt": b"question\n",
    "hash#.txt": b"hash\n",
    "back\\slash.txt": b"backslash\n",
    "UPPER.TXT": b"upper\n",
    ".secret": SECRET,
    ".git/config": SECRET,
    "sub/.hidden": SECRET,
    ".well-known/security.txt": b"Contact: mailto:security@linnet.test\n",
    ".well-known/.hidden": SECRET,
    ".well-known/.dots/file.txt": SECRET,
}


def write_file(folder, name, data, modified_s=MODIFIED_S):
    """Writes a file below the folder, with that time of modification."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.utime(path, (modified_s, modified_s))
    return path


def big_content(length=BIG_LEN):
    """Bytes in which no piece can be taken for another one."""
    return random.Random(1).randbytes(length)


def build_site(folder):
    """Fills the folder; beside it lies a file that no request may reach."""
    for name, data in FILES.items():
        write_file(folder, name, data)
    write_file(folder, "big.bin", big_content())
    write_file(os.path.dirname(folder), "outside.txt", SECRET)


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
