"""Linnet in C++: its headers without a warning, two servers in one process, errors with words."""
import os
import subprocess

import pytest

from conftest import run
from running import DEADLINE_S, ROOT

FLAGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-pthread")
# The standard of each, so that nothing newer than the oldest crept in.
COMPILERS = (("g++", "-std=c++17"), ("g++", "-std=c++20"), ("clang++", "-std=c++17"))


@pytest.fixture(scope="module", params=COMPILERS, ids=lambda compiler: "".join(compiler))
def program(request, installed, tmp_path_factory):
    archives = [os.path.join(folder, name) for folder, _, names in os.walk(installed)
                for name in names if name == "liblinnet.a"]
    path = str(tmp_path_factory.mktemp("cxx") / "two_servers")
    run(*request.param, *FLAGS, "-I", os.path.join(installed, "include"),
        os.path.join(ROOT, "tests", "library", "two_servers.cc"), *archives, "-laio", "-o", path)
    return path


def test_two_servers_in_a_thread_each(program):
    out = subprocess.run([program], capture_output=True, check=True, timeout=4 * DEADLINE_S).stdout
    answers = out.decode().split("\r\n\r\n")
    assert len(answers) == 3
    assert answers[0].startswith("HTTP/1.1 200 OK\r\n")
    assert answers[1].startswith("Hello, you\nHTTP/1.1 200 OK\r\n")
    assert answers[2] == "Bonjour, toi\n100 and 101 requests\n"


@pytest.mark.parametrize("where, words", [
    ("127.0.0.1:70000", "the arguments make no sense"),
    ("192.0.2.1:80", "the address does not belong to this machine"),
    ("unix:/no/such/folder/it.sock", "there is nothing of that name"),
])
def test_errors_have_words(program, where, words):
    done = subprocess.run([program, where], capture_output=True, check=False, timeout=DEADLINE_S)
    assert done.returncode == 1 and done.stdout == b""
    assert done.stderr.decode().startswith(f"{words}: cannot listen on {where}: ")
