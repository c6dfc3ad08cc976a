"""One machine for all tests; it must outlive each of them."""
import pytest

pytest.register_assert_rewrite("machine")

from machine import Machine, open_network, run  # noqa: E402


@pytest.fixture(scope="session")
def _running():
    open_network()
    machine = Machine()
    yield machine
    machine.stop()


@pytest.fixture
def machine(_running):
    yield _running
    run("nft", "flush", "ruleset")
    _running.check()
