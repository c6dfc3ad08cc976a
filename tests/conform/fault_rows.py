"""The rows of drivers/system/system_call.h: every call of the system, every way it can fail."""
import functools
import os
import re

from program import ROOT

HEADER = os.path.join(ROOT, "drivers", "system", "system_call.h")


class Row:
    """A call that fails: with which errno, what is done about it, what a log shows of it."""

    def __init__(self, call, fault, error, action, shown):
        self.call = call
        self.fault = fault.removeprefix("LN_")
        self.error = error
        self.action = action
        self.shown = shown
        self.told = f"{call} {self.fault}"  # as the program tells it on standard error

    def __str__(self):
        return f"{self.call}:{self.fault}"

    def plan(self, **conditions):
        """This fault for LINNET_FAULTS, such as recv:EINTR:nth=3."""
        return ":".join([str(self)] + [f"{key}={value}" for key, value in conditions.items()])


@functools.cache
def text():
    with open(HEADER, encoding="ascii") as file:
        return file.read()


@functools.cache
def calls():
    """The names of the calls by their ids, in order."""
    part = text()[text().index("#define LN_SYSTEM_CALLS"):text().index("#define LN_SYSTEM_ACTIONS")]
    return dict(re.findall(r'    X\((\w+), "([^"]+)"\)', part))


@functools.cache
def rows():
    part = text()[text().index("#define LN_SYSTEM_FAULTS"):text().index("enum ln_system_call {")]
    found = re.findall(r'    X\((\w+), (\w+), (\w+), (\w+), "([^"]+)"\)', part)
    assert len(found) == part.count("    X("), "a row that is not understood"
    return [Row(calls()[call], *rest) for call, *rest in found]
