"""The smallest Linnet is as small as docs/size.md says, and serves."""
import os
import platform
import re
import subprocess

import pytest

from answering import ROOT, ask, run

if platform.machine() != "x86_64":
    pytest.skip("the sizes are those of x86-64", allow_module_level=True)

TOOL = os.path.join(ROOT, "tools", "size")


@pytest.fixture(scope="module")
def measured():
    return run(TOOL, "--check")


def test_sizes_are_as_recorded(measured):
    assert re.findall(r"^size: (\w+): ", measured, re.M) == ["code", "constants", "flash",
                                                                    "RAM"]


def test_growth_is_found(measured, tmp_path):
    """The same tool with a record that is 6 % less."""
    code = int(re.search(r"^size: code: (\d+)", measured, re.M).group(1))
    (tmp_path / "tools").mkdir()
    (tmp_path / "docs").mkdir()
    with open(TOOL, encoding="utf-8") as file:
        tool = file.read().replace("figures, rooms = measure()",
                                   f"figures = {{'code': {code}}}; rooms = {{}}")
    (tmp_path / "tools" / "size").write_text(tool)
    for record, code_wanted in ((int(code / 1.06), 1), (int(code / 1.04), 0)):
        (tmp_path / "docs" / "size.md").write_text(f"| code | {record} | |\n")
        done = subprocess.run(["/usr/bin/python3", str(tmp_path / "tools" / "size"), "--check"],
                              capture_output=True, text=True, check=False)
        assert done.returncode == code_wanted, done.stdout + done.stderr


def test_smallest_one_serves(measured, tmp_path):
    program = str(tmp_path / "hello")
    run("gcc", "-std=c17", "-Os", "-flto", "-no-pie", "-I", os.path.join(ROOT, "include"),
        os.path.join(ROOT, "examples", "hello.c"),
        os.path.join(ROOT, "build", "small", "liblinnet.a"), "-Wl,--gc-sections", "-o", program)
    assert ask(program) == "Hello, world\n"
    # An error is the words of the status line, and no page.
    assert ask(program, target="/%zz") in ("400 Bad Request\n", "400 Bad Request\r\n")


@pytest.mark.parametrize("row, good", [
    ("connections=~,0", False), ("connections=~,1", True), ("connections=~,1000000", True),
    ("connections=~,1000001", False), ("path_len_max=~,47", False), ("path_len_max=~,48", True)])
def test_default_of_a_build_is_from_least_to_most(tmp_path, row, good):
    """What cannot be a default is found by the compiler, not at boot."""
    done = subprocess.run(
        ["gcc", "-std=c17", f"-DLINNET_DEFAULT_{row}", "-I", ROOT, "-I",
         os.path.join(ROOT, "include"), "-c", os.path.join(ROOT, "core", "table", "limit.c"),
         "-o", str(tmp_path / "limit.o")], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == good, done.stderr
    assert good or "a default is from least to most" in done.stderr
