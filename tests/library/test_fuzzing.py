"""The example of a fuzz target, built by libFuzzer against an installed Linnet, finds faults of
handlers and none of ours."""
import glob
import os
import re
import subprocess
import tempfile

from conftest import run
from running import ROOT

SEEDS = os.path.join(ROOT, "tests", "fuzz", "corpus", "handler")


def build(installed, source, program):
    archive = glob.glob(os.path.join(installed, "lib*", "**", "liblinnet.a"), recursive=True)[0]
    run("clang", "-g", "-fsanitize=fuzzer,address", "-I", os.path.join(installed, "include"),
        str(source), archive, "-laio", "-o", str(program))


def fuzz(program, folder, runs):
    """From the seeds on; a fixed number of inputs, and the same ones each time. libFuzzer keeps
    what it finds in the first folder."""
    with tempfile.TemporaryDirectory() as found:
        return subprocess.run(
            [str(program), f"-runs={runs}", "-seed=1", "-print_final_stats=1", found, SEEDS],
            capture_output=True, text=True, cwd=folder, check=False, timeout=120)


def test_example_is_sound(installed, tmp_path):
    build(installed, os.path.join(ROOT, "examples", "handler_fuzz.c"), tmp_path / "it")
    done = fuzz(tmp_path / "it", tmp_path, 5000)
    assert done.returncode == 0, done.stderr
    assert int(re.search(r"number_of_executed_units: (\d+)", done.stderr).group(1)) >= 5000
    assert os.listdir(tmp_path) == ["it"]  # no crash was written down


def test_fault_of_a_handler_is_found(installed, tmp_path):
    """A line that is one byte longer than its room."""
    with open(os.path.join(ROOT, "examples", "handler_fuzz.c"), encoding="utf-8") as file:
        text = file.read()
    bound = "sum.line_len == sizeof sum.line)"
    assert text.count(bound) == 1
    (tmp_path / "wrong.c").write_text(text.replace(bound, "sum.line_len == 4096)"))
    build(installed, tmp_path / "wrong.c", tmp_path / "it")
    done = fuzz(tmp_path / "it", tmp_path, 100000)
    assert done.returncode != 0 and "ERROR: AddressSanitizer" in done.stderr
    assert [name for name in os.listdir(tmp_path) if name.startswith("crash-")]
