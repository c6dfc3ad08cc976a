"""The one suite that every driver passes: fixtures. What a driver may differ in is in drivers.py.

Every test runs once for each driver that the program lists; with LINNET_DRIVER for that one alone.
What tests/system has (the program, strict clients, the site) is used from there."""
import os
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "system"))
pytest.register_assert_rewrite("answer", "client", "program", "visits", "whole")

import content  # noqa: E402
import drivers  # noqa: E402
import visits  # noqa: E402
from program import PRELOAD  # noqa: E402
from whole import Case  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "whole_io: counts transfers; not with cut ones")
    config.addinivalue_line("markers", "many: needs a driver that serves several clients at once")
    config.addinivalue_line("markers", "pools: needs a driver whose clients share buffers")
    config.addinivalue_line("markers", "evict: needs a driver that ends idle clients for new ones")
    config.addinivalue_line("markers", "late: needs a driver that takes no descriptor in advance")


def pytest_generate_tests(metafunc):
    if "driver" in metafunc.fixturenames:
        metafunc.parametrize("driver", drivers.listed(), ids=str, scope="session")


def pytest_runtest_setup(item):
    if PRELOAD and item.get_closest_marker("whole_io"):
        pytest.skip("transfers are cut short here")
    driver = item.callspec.params.get("driver") if hasattr(item, "callspec") else None
    if driver is None:
        return
    if driver.missing():
        pytest.skip(driver.missing())
    if item.get_closest_marker("many") and not driver.many:
        pytest.skip(f"{driver} serves one client at a time")
    if item.get_closest_marker("pools") and not driver.pools:
        pytest.skip(f"{driver} has buffers for each connection")
    if item.get_closest_marker("evict") and not driver.evict:
        pytest.skip(f"{driver} keeps its idle clients")
    if item.get_closest_marker("late") and not driver.late:
        pytest.skip(f"{driver} has descriptors for clients to come")


@pytest.fixture(scope="session")
def site():
    """The folder that is served: small files of many lengths, and one of 10 MiB."""
    above = tempfile.mkdtemp(prefix="linnet-conform-")
    os.chmod(above, 0o755)
    folder = os.path.join(above, "site")
    visits.build_site(folder)
    yield folder
    content.remove(above)


@pytest.fixture
def start(driver, site):
    """start(LIMIT=value, ...): the driver under test, small, and held against whole.Case at the
    end of the test: it must have lost nothing."""
    cases = []

    def begin(**options):
        case = Case(driver, site, **options)
        cases.append(case)
        return case

    yield begin
    troubles = []
    for case in cases:
        try:
            case.finish()
        except AssertionError as trouble:
            troubles.append(str(trouble))
        finally:
            case.program.kill()
    assert not troubles, "\n".join(troubles)
