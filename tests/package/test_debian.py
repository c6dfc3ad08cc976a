"""The Debian packages, made as `make package` makes them: lintian has looked at them there. They
are installed here into a folder of their own, and used from there as a stranger would."""
import glob
import os
import re
import subprocess

import pytest

from answering import ROOT, ask, run

NAMES = ("liblinnet1", "liblinnet-dev", "linnet")


def dpkg(root, *arguments):
    """Not asking for dependencies: there is nothing else in that root."""
    return run("dpkg", "--root", root, "--force-depends", "--force-not-root",
               "--force-script-chrootless", "--force-bad-path", *arguments,
               env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


@pytest.fixture(scope="session")
def packages():
    """The files by the names of the packages."""
    run(os.path.join(ROOT, "tools", "package"))
    files = glob.glob(os.path.join(ROOT, "build", "package", "packages", "*.deb"))
    found = {os.path.basename(path).split("_")[0]: path for path in files}
    assert sorted(found) == sorted(NAMES)
    return found


@pytest.fixture(scope="session")
def root(packages, tmp_path_factory):
    """A folder that dpkg has installed all of them in."""
    folder = str(tmp_path_factory.mktemp("root"))
    for name in ("info", "updates", "triggers"):
        os.makedirs(os.path.join(folder, "var", "lib", "dpkg", name))
    open(os.path.join(folder, "var", "lib", "dpkg", "status"), "w", encoding="ascii").close()
    dpkg(folder, "-i", *packages.values())
    return folder


@pytest.fixture(scope="session")
def libraries(root):
    """The folder of the libraries, which Debian names after the machine."""
    machine = run("dpkg-architecture", "-qDEB_HOST_MULTIARCH").strip()
    return os.path.join(root, "usr", "lib", machine)


def field(packages, package, name):
    return run("dpkg-deb", "-f", packages[package], name).strip()


def files_of(packages, package):
    listed = run("dpkg-deb", "-c", packages[package]).splitlines()
    return {line.split()[5].lstrip(".") for line in listed if not line.startswith("d")}


# ---- what they say and hold ----------------------------------------------------------------------


def test_versions_and_dependencies(packages):
    version = field(packages, "linnet", "Version")
    assert version.startswith("0.1.0-")
    assert {field(packages, name, "Version") for name in NAMES} == {version}
    assert f"liblinnet1 (= {version})" in field(packages, "liblinnet-dev", "Depends")
    for name in ("liblinnet1", "linnet"):
        assert re.search(r"\blibc6 \(>= 2\.\d+\)", field(packages, name, "Depends"))
    # The program carries its library: either can be renewed without the other.
    assert "liblinnet" not in field(packages, "linnet", "Depends")


def test_library_says_what_it_shows(packages):
    """dpkg-shlibdeps of a program that is linked with it reads these."""
    with open(os.path.join(ROOT, "packaging", "debian", "symbols"), encoding="utf-8") as file:
        assert run("dpkg-deb", "-I", packages["liblinnet1"], "symbols") == file.read()
    assert run("dpkg-deb", "-I", packages["liblinnet1"],
               "shlibs") == "liblinnet 1 liblinnet1\n"
    assert "ldconfig" in run("dpkg-deb", "-I", packages["liblinnet1"], "triggers")


def test_each_file_is_in_its_package(packages):
    library, development, program = (files_of(packages, name) for name in NAMES)
    assert not library & development and not development & program and not library & program
    assert {os.path.basename(path) for path in library if "/lib/" in path} == {
        "liblinnet.so.1", "liblinnet.so.1.1.0"}
    headers = {path for path in development if path.startswith("/usr/include/linnet/")}
    assert {os.path.basename(path) for path in headers} == set(
        os.listdir(os.path.join(ROOT, "include", "linnet")))
    assert {"/usr/bin/linnet", "/usr/share/man/man1/linnet.1.gz",
            "/usr/share/bash-completion/completions/linnet",
            "/usr/share/zsh/vendor-completions/_linnet",
            "/usr/share/fish/vendor_completions.d/linnet.fish",
            "/usr/share/doc/linnet/examples/linnet.service"} < program
    assert {"/usr/share/doc/liblinnet-dev/api/README.md",
            "/usr/share/doc/liblinnet-dev/examples/hello.c"} < development
    for name, files in zip(NAMES, (library, development, program)):
        assert {f"/usr/share/doc/{name}/copyright",
                f"/usr/share/doc/{name}/changelog.Debian.gz"} < files
        # Nothing of the folder that it was built in.
        assert not any(ROOT in path for path in files)


def test_installing_leaves_all_in_order(root):
    assert dpkg(root, "--audit") == ""
    assert dpkg(root, "--verify") == ""


# ---- used ----------------------------------------------------------------------------------------


def test_program_serves(root):
    served = os.path.join(ROOT, "examples", "site")
    with open(os.path.join(served, "alphabet.txt"), encoding="utf-8") as file:
        text = file.read()
    program = os.path.join(root, "usr", "bin", "linnet")
    assert ask(program, served, "--quiet", "--listen", target="/alphabet.txt") == text


def test_hello_by_pkg_config(root, libraries, tmp_path):
    """The shared library, as pkg-config names it."""
    flags = run("pkg-config", "--cflags", "--libs", "linnet", env={
        **os.environ, "PKG_CONFIG_LIBDIR": os.path.join(libraries, "pkgconfig")}).split()
    assert "-laio" not in flags  # the library's own business
    source = os.path.join(root, "usr", "share", "doc", "liblinnet-dev", "examples", "hello.c")
    program = str(tmp_path / "hello")
    run("cc", "-std=c17", "-Wall", "-Wextra", "-Werror", source, *flags, "-o", program)
    assert "liblinnet.so.1" in run("readelf", "-d", program)
    assert ask(program, LD_LIBRARY_PATH=libraries) == "Hello, world\n"


def test_hello_by_pkg_config_static(root, libraries, tmp_path):
    """The archive alone, with what it needs."""
    flags = run("pkg-config", "--static", "--cflags", "--libs", "linnet", env={
        **os.environ, "PKG_CONFIG_LIBDIR": os.path.join(libraries, "pkgconfig")}).split()
    flags = ["-l:liblinnet.a" if flag == "-llinnet" else flag for flag in flags]
    source = os.path.join(root, "usr", "share", "doc", "liblinnet-dev", "examples", "hello.c")
    program = str(tmp_path / "hello")
    run("cc", "-std=c17", source, *flags, "-o", program)
    assert "liblinnet" not in run("readelf", "-d", program)
    assert ask(program) == "Hello, world\n"


@pytest.mark.parametrize("target", ["linnet::linnet", "linnet::shared"])
def test_hello_by_find_package(root, tmp_path, target):
    examples = os.path.join(root, "usr", "share", "doc", "liblinnet-dev", "examples")
    (tmp_path / "CMakeLists.txt").write_text(f"""
        cmake_minimum_required(VERSION 3.25)
        project(stranger LANGUAGES C)
        set(CMAKE_C_STANDARD 17)
        find_package(linnet 0.1 REQUIRED)
        add_executable(hello {examples}/hello.c)
        target_link_libraries(hello PRIVATE {target})
    """)
    run("cmake", "-S", str(tmp_path), "-B", str(tmp_path / "build"), "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={root}/usr")
    run("cmake", "--build", str(tmp_path / "build"))
    assert ask(str(tmp_path / "build" / "hello")) == "Hello, world\n"


def test_unit_starts_what_the_program_understands(root, tmp_path):
    """The example of a service: its command with --budget, which starts nothing. Where systemd is,
    it reads the unit, and finds little to be exposed."""
    unit = os.path.join(root, "usr", "share", "doc", "linnet", "examples", "linnet.service")
    program = os.path.join(root, "usr", "bin", "linnet")
    with open(unit, encoding="utf-8") as file:
        text = file.read()
    command = re.search(r"^ExecStart=/usr/bin/linnet (.*)$", text, re.M).group(1).split()
    assert "workers" in run(program, "--budget", *command)
    checker = "/usr/bin/systemd-analyze"
    if os.path.exists(checker):
        moved = tmp_path / "linnet.service"
        moved.write_text(text.replace("ExecStart=/usr/bin/linnet", f"ExecStart={program}"))
        assert run(checker, "verify", "--man=no", str(moved)) == ""
        run(checker, "security", "--offline=yes", "--threshold=20", str(moved))


def test_removing_leaves_nothing(packages, tmp_path):
    folder = str(tmp_path)
    for name in ("info", "updates", "triggers"):
        os.makedirs(os.path.join(folder, "var", "lib", "dpkg", name))
    open(os.path.join(folder, "var", "lib", "dpkg", "status"), "w", encoding="ascii").close()
    dpkg(folder, "-i", *packages.values())
    assert os.path.exists(os.path.join(folder, "usr", "bin", "linnet"))
    dpkg(folder, "--purge", *NAMES)
    assert not os.path.exists(os.path.join(folder, "usr"))


def test_lintian_would_find_a_fault(packages, tmp_path):
    """That it looks at all: without its copyright a package is refused."""
    folder = str(tmp_path / "spoilt")
    run("dpkg-deb", "-R", packages["linnet"], folder)
    os.remove(os.path.join(folder, "usr", "share", "doc", "linnet", "copyright"))
    spoilt = str(tmp_path / "linnet.deb")
    run("dpkg-deb", "--root-owner-group", "-b", folder, spoilt)
    done = subprocess.run(["lintian", "--fail-on", "error,warning", spoilt],
                          capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "no-copyright-file" in done.stdout
