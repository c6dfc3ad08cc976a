"""An installed Linnet, and the examples built against it: what a stranger would have.

ctest installs once and says where in LINNET_INSTALLED; by hand, each run installs for itself."""
import os
import subprocess
import tempfile

import pytest

from running import ROOT

BUILD = os.environ.get("LINNET_BUILD_DIR") or os.path.join(ROOT, "build", "debug")


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The prefix that Linnet is installed in."""
    prefix = os.environ.get("LINNET_INSTALLED")
    if not prefix:
        prefix = str(tmp_path_factory.mktemp("installed"))
        run("cmake", "--install", BUILD, "--prefix", prefix)
    return prefix


@pytest.fixture(scope="session")
def examples(installed, tmp_path_factory):
    """The folder of the built examples."""
    folder = str(tmp_path_factory.mktemp("examples"))
    run("cmake", "-S", os.path.join(ROOT, "examples"), "-B", folder, "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={installed}")
    run("cmake", "--build", folder)
    return folder


@pytest.fixture
def socket_folder():
    """A folder whose path is short enough for unix sockets."""
    with tempfile.TemporaryDirectory(prefix="linnet-") as folder:
        yield folder
