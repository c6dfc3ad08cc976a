"""What a programmer finds after installing, and from the sources: each way of building is tried."""
import os
import re
import shlex
import subprocess

import pytest

from conftest import run
from running import ROOT

# A program that needs nothing but that it is linked: it tests its own handler.
PROGRAM = r"""
#include <linnet/linnet.h>
#include <linnet/test.h>
#include <stdio.h>

static void greet(void *context, struct linnet_exchange *exchange, enum linnet_event event,
                  struct linnet_span data)
{
    (void)context, (void)data;
    if (event == LINNET_EVENT_FINAL) {
        (void)!linnet_reply_text(exchange, LINNET_STATUS_OK, LINNET_SPAN("packaged"));
    }
}

int main(void)
{
    struct linnet_route route = {LINNET_ROUTE_DEFAULT, 1U << LINNET_METHOD_GET, {NULL, 0},
                                 {NULL, 0}, 0, 0, greet, NULL};
    struct linnet_server_config config = {&route, 1, NULL, NULL, {NULL, NULL, NULL, NULL}, NULL, 0};
    struct linnet_server *server;
    static uint8_t bytes[4096];
    struct linnet_room room = {bytes, sizeof bytes};
    struct linnet_span answer;
    if (linnet_server_open(&config, NULL, 0, &server) != LINNET_ERROR_NONE ||
        linnet_test_request(server, LINNET_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), room,
                            &answer) != LINNET_ERROR_NONE) {
        return 1;
    }
    linnet_server_close(server);
    return fwrite(answer.data, 1, answer.len, stdout) == answer.len ? 0 : 1;
}
"""

FLAGS = ("-Wall", "-Wextra", "-Werror")


@pytest.fixture
def project(tmp_path):
    """A folder with the program, as main.c and as main.cc."""
    for name in ("main.c", "main.cc"):
        (tmp_path / name).write_text(PROGRAM)
    return tmp_path


def library_folder(installed):
    for folder, _, names in os.walk(installed):
        if "liblinnet.a" in names:
            return folder
    raise AssertionError(f"no liblinnet.a below {installed}")


def check_program(path, **environment):
    out = run(str(path), env={**os.environ, **environment})  # line ends as Python reads them
    assert out.startswith("HTTP/1.1 200 OK\n") and out.endswith("\n\npackaged")


def pkg_config(installed, *flags):
    path = os.path.join(library_folder(installed), "pkgconfig")
    # As a shell reads it: a blank in the prefix has a backslash.
    return shlex.split(run("pkg-config", *flags, "linnet",
                           env={**os.environ, "PKG_CONFIG_PATH": path}))


def symbols(path, *flags):
    """Names that nm prints, with their letters."""
    rows = (line.split() for line in run("nm", *flags, str(path)).splitlines())
    return {row[-1]: row[-2] for row in rows if len(row) > 1 and not row[-1].endswith(":")}


# ---- ways of building ----------------------------------------------------------------------------


@pytest.mark.parametrize("compiler, source", [("cc", "main.c"), ("clang++", "main.cc")])
def test_pkg_config(installed, project, compiler, source):
    flags = pkg_config(installed, "--cflags", "--libs")
    assert pkg_config(installed, "--modversion") == ["0.1.0"]
    run(compiler, *FLAGS, str(project / source), *flags, "-o", str(project / "it"))
    check_program(project / "it", LD_LIBRARY_PATH=library_folder(installed))


@pytest.mark.parametrize("target", ["linnet::linnet", "linnet::shared"])
def test_find_package(installed, project, target):
    (project / "CMakeLists.txt").write_text(f"""
        cmake_minimum_required(VERSION 3.25)
        project(stranger LANGUAGES C)
        find_package(linnet 0.1 REQUIRED)
        add_executable(it main.c)
        target_link_libraries(it PRIVATE {target})
    """)
    run("cmake", "-S", str(project), "-B", str(project / "build"), "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={installed}")
    run("cmake", "--build", str(project / "build"))
    check_program(project / "build" / "it")


def test_find_package_of_another_version(installed, project):
    (project / "CMakeLists.txt").write_text("""
        cmake_minimum_required(VERSION 3.25)
        project(stranger LANGUAGES C)
        find_package(linnet 0.2 REQUIRED)
    """)
    done = subprocess.run(["cmake", "-S", str(project), "-B", str(project / "build"),
                           f"-DCMAKE_PREFIX_PATH={installed}"], capture_output=True, check=False)
    assert done.returncode != 0 and b"0.2" in done.stderr


def test_fetch_content(project):
    """From the sources: the library and nothing else of them is built."""
    (project / "CMakeLists.txt").write_text(f"""
        cmake_minimum_required(VERSION 3.25)
        project(stranger LANGUAGES C)
        include(FetchContent)
        FetchContent_Declare(linnet SOURCE_DIR "{ROOT}")
        FetchContent_MakeAvailable(linnet)
        add_executable(it main.c)
        target_link_libraries(it PRIVATE linnet::linnet)
    """)
    build = project / "build"
    run("cmake", "-S", str(project), "-B", str(build), "-G", "Ninja")
    run("cmake", "--build", str(build), "-j2")
    check_program(build / "it")
    made = [name for _, _, names in os.walk(build) for name in names]
    assert "liblinnet.a" in made and "linnet" not in made and "liblinnet.so" not in made


def test_a_moved_installation_still_works(installed, project):
    """Prefixes are chosen by packages after building."""
    moved = project / "moved"
    run("cp", "-r", installed, str(moved))
    flags = pkg_config(str(moved), "--cflags", "--libs")
    assert [flag for flag in flags if flag.startswith("-I")
            and os.path.normpath(flag[2:]) == str(moved / "include")]
    run("cc", *FLAGS, str(project / "main.c"), *flags, "-o", str(project / "it"))
    check_program(project / "it", LD_LIBRARY_PATH=library_folder(str(moved)))


# ---- what is in them -----------------------------------------------------------------------------


def test_shared_library_shows_linnet_names_only(installed):
    path = os.path.join(library_folder(installed), "liblinnet.so")
    shown = symbols(path, "-D", "--defined-only")
    assert len(shown) > 60
    assert [name for name in shown if not name.startswith("linnet_")] == []
    dynamic = run("readelf", "-d", path)
    assert re.search(r"SONAME.*\[liblinnet\.so\.1\]", dynamic)
    assert os.path.realpath(path).endswith("/liblinnet.so.1.1.0")


def test_shared_library_shows_every_public_function(installed):
    """What an archive's user can call, a shared library's user can call."""
    folder = library_folder(installed)
    shown = symbols(os.path.join(folder, "liblinnet.so"), "-D", "--defined-only")
    there = symbols(os.path.join(folder, "liblinnet.a"), "--defined-only", "--extern-only")
    assert {name for name in there if name.startswith("linnet_")} == set(shown)


def test_nothing_writable_is_global(installed):
    """Two servers in one process share nothing: constants may need relocation, but no more."""
    archive = os.path.join(library_folder(installed), "liblinnet.a")
    objects = re.split(r"^(\S+\.o): +file format.*$", run("objdump", "-h", archive), flags=re.M)
    writable = []
    for name, rows in zip(objects[1::2], objects[2::2]):
        sections = re.findall(r"^\s*\d+ (\S+)\s+([0-9a-f]+) ", rows, re.M)
        assert len(sections) > 3, name
        writable += [(name, section) for section, size in sections if int(size, 16) > 0
                     and re.match(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)", section)]
    assert len(objects) > 100
    # What makes calls fail, or moves less, in a build that is tested; no release has it.
    tested = ("system_fault.", "system_uring_filter.")
    assert [row for row in writable if not row[0].startswith(tested)] == []
    assert "C" not in symbols(archive).values()


@pytest.mark.parametrize("example", ["hello", "own_loop", "zephyr_sample"])
def test_nothing_of_the_program_is_linked(examples, example):
    """No processes, signals, logs or banner; no printing but the example's own."""
    names = symbols(os.path.join(examples, example))
    program = r"ln_(parent|child|signals|banner|log|plan|parts|shared|settings|server|cause)_"
    assert [name for name in names if re.match(program, name)] == []
    assert [name for name in names if re.match(r"(fork|clone|kill|execv\w*|system)@", name)] == []
    if example == "hello":
        assert [name for name in names if re.search(
            r"printf|puts|putchar|fwrite|fopen|sigaction|^signal|syslog|stdout|stderr", name)] == []
    assert "linnet_serve" in names or "linnet_server_open" in names


def test_core_needs_no_system(installed):
    """The archive for small machines is installed too."""
    assert os.path.exists(os.path.join(library_folder(installed), "liblinnet_core.a"))
