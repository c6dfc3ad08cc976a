"""Fixtures of the system tests: the site, the program that serves it, and programs of one's own."""
import os
import tempfile

import pytest

pytest.register_assert_rewrite("answer", "client", "program", "secure")

import content  # noqa: E402
from program import PRELOAD, Program, has_uring  # noqa: E402
from secure import Secure  # noqa: E402

NOT_HERE = 77  # to ctest: skipped


def pytest_configure(config):
    if os.environ.get("LINNET_DRIVER") == "uring" and not has_uring():
        pytest.exit("io_uring is refused here", returncode=NOT_HERE)
    config.addinivalue_line("markers", "whole_io: counts or times transfers; not with cut ones")


def pytest_runtest_setup(item):
    if PRELOAD and item.get_closest_marker("whole_io"):
        pytest.skip("transfers are cut short here")


@pytest.fixture(scope="session")
def site():
    """The folder of the site. Tests only read it; nobody may enter it but who may read /tmp."""
    above = tempfile.mkdtemp(prefix="linnet-site-")
    os.chmod(above, 0o755)
    folder = os.path.join(above, "site")
    content.build_site(folder)
    yield folder
    content.remove(above)


@pytest.fixture
def folder():
    """A folder of the test's own, with one file, readable by everybody."""
    above = tempfile.mkdtemp(prefix="linnet-own-")
    os.chmod(above, 0o755)
    own = os.path.join(above, "site")
    content.write_file(own, "hello.txt", content.HELLO)
    yield own
    content.remove(above)


class _Keeper:
    """One program for all tests of a file; a new one where a test has ended it."""

    def __init__(self, folder):
        self.folder = folder
        self.program = None

    def running(self):
        if self.program is None or not self.program.is_running():
            self.program = Program(self.folder)
        return self.program

    def stop(self):
        if self.program is not None:
            self.program.stop()


@pytest.fixture(scope="module")
def _keeper(site):
    keeper = _Keeper(site)
    yield keeper
    keeper.stop()


@pytest.fixture
def secure(site):
    """Makes programs that listen for HTTPS; each is stopped, and must have run until then."""
    made = []

    def start(*options, **more):
        made.append(Secure(more.pop("folder", site), *options, **more))
        return made[-1]

    yield start
    for program in made:
        program.stop()


@pytest.fixture
def server(_keeper):
    """The program with its default limits, on the site. It must outlive every test."""
    program = _keeper.running()
    yield program
    program.close_clients()
    assert program.is_running(), program.report("the program has ended")


@pytest.fixture
def start(site):
    """start(option, ..., folder=): a program of the test's own; stopped and checked at its end."""
    started = []

    def begin(*options, folder=None, **more):
        program = Program(folder or site, *options, **more)
        started.append(program)
        return program

    yield begin
    troubles = []
    for program in started:
        try:
            if not program.has_ended:
                program.stop()
            program.close_clients()
        except AssertionError as trouble:
            troubles.append(str(trouble))
        finally:
            program.kill()
    assert not troubles, "\n".join(troubles)
