"""Reading what callgrind writes: instructions in all, and by function."""
import re

_NAME = re.compile(r"\((\d+)\)(?: (.*))?")


def total(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("totals:"))


def by_function(path):
    """function -> instructions of its own, without those of what it calls. Code that the compiler
    has put into another function counts for that one."""
    names, found = {}, {}
    function = None
    is_call = False
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith(("fn=", "cfn=")):
                number, name = _NAME.match(line.partition("=")[2].rstrip("\n")).groups()
                if name:  # a name is written once; later its number stands for it
                    names[number] = name
                if line.startswith("fn="):
                    function = names[number]
            elif line.startswith("calls="):
                is_call = True  # the next line is what the called function has cost
            elif function and line[0] in "+-*0123456789":
                if not is_call:
                    found[function] = found.get(function, 0) + int(line.split()[1])
                is_call = False
    return found
