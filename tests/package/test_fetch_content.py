"""Linnet inside another project, by CMake's FetchContent: from a folder and from a repository. It
gives its library, and neither brings nor changes anything else."""
import json
import os
import shutil

import pytest

from answering import ROOT, ask, run

# What a project may have set for itself and finds unchanged; NAME=VALUE is set before.
KEPT = ("BUILD_SHARED_LIBS=ON", "CMAKE_C_STANDARD=11", "CMAKE_C_FLAGS_RELEASE=-O1 -DSTRANGER=1",
        "CMAKE_C_FLAGS_DEBUG=-Og", "CMAKE_C_VISIBILITY_PRESET", "CMAKE_POSITION_INDEPENDENT_CODE",
        "CMAKE_C_EXTENSIONS", "CMAKE_BUILD_TYPE=Release", "CMAKE_INSTALL_PREFIX=/opt/stranger",
        "CMAKE_MODULE_PATH=/stranger", "CMAKE_RUNTIME_OUTPUT_DIRECTORY")

PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(stranger LANGUAGES C CXX)
enable_testing()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
{settings}
include(FetchContent)
FetchContent_Declare(linnet GIT_REPOSITORY "{repository}" GIT_TAG main)
FetchContent_MakeAvailable(linnet)
{questions}
get_directory_property(options COMPILE_OPTIONS)
get_directory_property(definitions COMPILE_DEFINITIONS)
get_directory_property(links LINK_OPTIONS)
message(STATUS "leaked: [${{options}}${{definitions}}${{links}}]")
add_executable(hello hello.c)
target_link_libraries(hello PRIVATE {target})
"""


def write_project(folder, repository="none", target="linnet::linnet"):
    shutil.copy(os.path.join(ROOT, "examples", "hello.c"), folder)
    settings = [f'set({name} "{value}")' for name, _, value in
                (row.partition("=") for row in KEPT) if value]
    questions = [f'message(STATUS "kept {name}=${{{name}}}")' for name in
                 (row.partition("=")[0] for row in KEPT)]
    (folder / "CMakeLists.txt").write_text(PROJECT.format(
        settings="\n".join(settings), questions="\n".join(questions), repository=repository,
        target=target))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The project built from the source folder: its build folder and what cmake said."""
    folder = tmp_path_factory.mktemp("stranger")
    write_project(folder)
    build = str(folder / "build")
    said = run("cmake", "-S", str(folder), "-B", build, "-G", "Ninja",
               f"-DFETCHCONTENT_SOURCE_DIR_LINNET={ROOT}")
    run("cmake", "--build", build, "-j2")
    return build, said


def commands(build, folder):
    """How the sources below a folder were compiled."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        rows = [row["command"] for row in json.load(file) if row["file"].startswith(folder)]
    assert rows
    return rows


def test_program_answers(built):
    assert ask(os.path.join(built[0], "hello")) == "Hello, world\n"


def test_settings_of_the_project_are_kept(built):
    for row in KEPT:
        name, _, value = row.partition("=")
        assert f"-- kept {name}={value}\n" in built[1]
    assert "-- leaked: []\n" in built[1]


def test_warnings_are_no_errors(built):
    assert not [row for row in commands(built[0], ROOT) if "-Werror" in row]


def test_flags_of_the_project_count(built):
    for row in commands(built[0], os.path.join(ROOT, "core")):
        assert "-O1 -DSTRANGER=1" in row and "-O3" not in row and "-flto" not in row
    own = commands(built[0], os.path.dirname(built[0]))
    assert len(own) == 1
    assert not [word for word in own[0].split() if word.startswith(("-W", "-f", "-D_", "-DLINNET"))]


def test_nothing_else_is_brought(built):
    """No tests, no program, no benchmark, nothing to install."""
    build = built[0]
    assert "Total Tests: 0" in run("ctest", "-N", "--test-dir", build)
    targets = {line.split(":")[0] for line in
               run("ninja", "-C", build, "-t", "targets", "all").splitlines()}
    assert {"hello", "linnet", "linnet_core"} <= targets
    brought = ("linnet_program", "linnet_shared", "linnet_testlib", "bench_programs",
               "linnet_manual", "reference", "package")
    assert targets.isdisjoint(brought)
    made = {name for _, _, names in os.walk(build) for name in names}
    assert "liblinnet.a" in made and "liblinnet.so" not in made and "linnet" not in made
    run("cmake", "--install", build, "--prefix", os.path.join(build, "installed"))
    installed = os.path.join(build, "installed")
    assert not os.path.exists(installed) or os.listdir(installed) == []


def test_from_a_repository_with_the_shared_library(tmp_path):
    """By a URL, as most will; of the tree as it is here, committed or not."""
    repository = tmp_path / "repository"
    repository.mkdir()
    names = run("git", "ls-files", "-z", "-co", "--exclude-standard", cwd=ROOT).split("\0")
    for name in filter(lambda name: os.path.isfile(os.path.join(ROOT, name)), names):
        if not name.startswith(("tests/", "bench/", "examples/site/")):
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.join(ROOT, name), repository / name)
    git = ("git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b.example")
    run(*git, "init", "-q", "-b", "main")
    run(*git, "add", "-A")
    run(*git, "commit", "-q", "-m", "As it is")
    write_project(tmp_path, f"file://{repository}", "linnet::shared")
    build = tmp_path / "build"
    run("cmake", "-S", str(tmp_path), "-B", str(build), "-G", "Ninja", "-DLINNET_SHARED=ON")
    run("cmake", "--build", str(build), "-j2")
    assert "liblinnet.so.1" in run("readelf", "-d", str(build / "hello"))
    assert ask(str(build / "hello")) == "Hello, world\n"
