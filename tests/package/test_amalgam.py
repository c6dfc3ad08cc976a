"""Linnet as two files: they compile without a warning, alone, and answer."""
import os
import re
import shutil
import subprocess

import pytest

from answering import ROOT, ask, run

TOOL = os.path.join(ROOT, "tools", "amalgam")
FLAGS = ("-O2", "-Wall", "-Wextra", "-Werror", "-std=c17")


def hello(folder):
    """The example, with the header beside it."""
    with open(os.path.join(ROOT, "examples", "hello.c"), encoding="utf-8") as file:
        text = file.read().replace("<linnet/linnet.h>", '"linnet.h"')
    (folder / "hello.c").write_text(text)
    return str(folder / "hello.c")


@pytest.mark.parametrize("driver, compiler, libraries", [
    ("poll", "cc", ()), ("epoll", "clang", ("-laio",)), ("blocking", "cc", ())])
def test_hello(tmp_path, driver, compiler, libraries):
    run(TOOL, "--driver", driver, str(tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["linnet.c", "linnet.h"]
    run(compiler, *FLAGS, hello(tmp_path), str(tmp_path / "linnet.c"), *libraries,
        "-o", str(tmp_path / "hello"))
    assert ask(str(tmp_path / "hello")) == "Hello, world\n"
    called = run("nm", "-D", str(tmp_path / "hello"))
    assert ("epoll_ctl" in called) == (driver == "epoll")  # no other driver is in it


def test_nothing_of_the_tree_is_needed(tmp_path):
    """The default driver: no include leads back, and the scanners of all processors are in."""
    run(TOOL, str(tmp_path))
    with open(tmp_path / "linnet.c", encoding="utf-8") as file:
        text = file.read()
    assert set(re.findall(r'#\s*include\s*"([^"]+)"', text)) == {"linnet.h"}
    assert "<linnet/" not in re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    assert "#define LINNET_ONLY_DRIVER poll\n" in text
    for file in ("core/base/scan_avx2.c", "core/http1/target.c", "server/files.c",
                 "drivers/driver_poll.c"):
        assert text.count(f"/* ---- {file} ---- */") == 1
    for file in ("drivers/driver_epoll.c", "drivers/system/system_fault.c", "server/parent.c"):
        assert file not in text


def test_header_serves_cxx_too(tmp_path):
    run(TOOL, str(tmp_path))
    (tmp_path / "it.cc").write_text(
        '#include "linnet.h"\nint main() { return linnet_drivers() == 0; }\n')
    run("clang++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
        str(tmp_path / "it.cc"))


def copy_of_tree(folder):
    for name in ("include", "core", "drivers", "server", "tools"):
        shutil.copytree(os.path.join(ROOT, name), folder / name,
                        ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(os.path.join(ROOT, "LICENSE"), folder)
    return folder


@pytest.mark.parametrize("text, name", [
    ("static int extension_of(int it)\n{\n    return it;\n}\n", "extension_of"),
    ("static const struct {\n    int a;\n} type_rows[] = {{1}};\n", "type_rows"),
    ("enum {\n    BYTE_CR,\n};\n", "BYTE_CR"),
    ("struct row {\n    int a;\n};\n", "struct row"),
    ("typedef int outside_wide_fn(int);\n", "outside_wide_fn"),
    ("#define CLASS_COUNT 7\nvoid ln_route_do(void);\n", None)])
def test_clashes_are_found(tmp_path, text, name):
    """Two sources with one name: said, and nothing is written. Macros end with their source."""
    tree = copy_of_tree(tmp_path / "tree")
    with open(tree / "core" / "route" / "route.c", "a", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run([str(tree / "tools" / "amalgam"), str(tmp_path / "out")],
                          capture_output=True, text=True, check=False)
    if name is None:
        assert done.returncode == 0, done.stdout
        return
    assert done.returncode == 1 and not os.path.exists(tmp_path / "out")
    assert f"amalgam: {name} is a name of core/" in done.stdout
    assert "core/route/route.c" in done.stdout
