"""docs/waiting.md: the words of bench/waiting_words.md with the numbers put in.

In the words, a line `@if NAME@` begins what stands there only if there is a driver of that name,
and `@end@` ends it; `@PART@` alone in a line is one of the parts below. In a sentence
`{epoll kept-64}` is a number of that driver, and `{fork/epoll new}` how many times that of the
other it is: thousands of requests in a CPU second of a row, bytes of an idle connection (user,
kernel), or system calls for a request (calls-alone, calls-together, calls-new).
"""
import os
import re

import report
import waiting_chart
import waiting_measure

_WORDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "waiting_words.md")
_USER_BYTES_MAX = 512
_P99_RATIO_MAX = 2.0
# Whom the two bounds are promised for; for the others they are told only.
_BOUND = ("epoll", "uring")


def _names(results):
    return [driver["name"] for driver in results["drivers"]]


def _thousands(number):
    return report.short(number / 1000)


def _rate_cell(entry):
    if entry is None:
        return "-"
    spread = entry["per_cpu_second"]
    least, median, most = (_thousands(spread[key]) for key in ("min", "median", "max"))
    return f"{median} ({least}..{most})"


def _latency_cell(entry):
    if entry is None:
        return "-"
    return (f"{_thousands(entry['per_second'])}; {report.short(entry['p50_us'])} / "
            f"{report.short(entry['p99_us'])}")


def _by_row(results, cell):
    names = _names(results)
    rows = [[row.title, *[cell(results["times"][row.name].get(name)) for name in names]]
            for row in waiting_measure.ROWS]
    return report.table(["", *names], rows)


def _machine(results):
    machine = results["machine"]
    return [f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, "
            f"congestion control {machine['congestion_control']}; "
            f"{machine['versions']['linnet']}; {machine['rounds']} rounds of "
            f"{machine['seconds']} s; the whole run took {results['took_s']} s."]


def _notes(results):
    return [f"- Note: {note}." for note in results["notes"]]


def _reasons(results):
    return [f"- {driver['reason']}." for driver in results["drivers"] if driver["reason"]]


def _drivers(results):
    return report.table(["driver", "how it waits"],
                        [[f"`{driver['name']}`", driver["meaning"]]
                         for driver in results["drivers"]])


def _calls(results):
    found = results["calls"]
    names = _names(results)
    rows = [[title, *[f"{sum(found[name][key].values()):.2f}" if key in found.get(name, {}) else "-"
                      for name in names]]
            for key, title, _, _ in waiting_measure.CALLS]
    lines = report.table(["", *names], rows)
    for name in names:
        for key, title, _, _ in waiting_measure.CALLS[:2]:
            calls = sorted(found.get(name, {}).get(key, {}).items(), key=lambda item: -item[1])
            if calls:
                words = ", ".join(f"{call} {count:.2f}" for call, count in calls)
                lines.append(f"- {name}, {title}: {words}")
    return lines


def _each(entry, kind):
    few, many = entry["few"], entry["many"]
    return (many[kind] - few[kind]) / (many["connections"] - few["connections"])


def _memory(results):
    rows = []
    for name in _names(results):
        entry = results["idle"].get(name)
        if entry is None:
            rows.append([name] + ["-"] * 5)
            continue
        many = entry["many"]
        rows.append([name, f"{many['connections']:,}", f"{round(_each(entry, 'user')):,}",
                     f"{round(_each(entry, 'kernel')):,}", f"{many['processes']:,}",
                     f"{many['threads']:,}"])
    return report.table(["", "idle connections", "user bytes for each", "and kernel bytes",
                         "processes", "threads"], rows)


def _verdict(name, holds):
    if name not in _BOUND:
        return "not promised"
    return "holds" if holds else "**does not hold**"


def _bounds(results):
    """What is promised of 10,000 connections, and of those that could have been asked."""
    rows = []
    for name in _names(results):
        entry = results["idle"].get(name)
        if entry is not None and entry["many"]["connections"] == waiting_measure.IDLE:
            each = _each(entry, "user")
            # The worker has one, and so has its parent, which only waits for it.
            one = entry["many"]["threads"] <= 2
            rows.append([name, f"10,000 kept connections on one thread, user memory of each idle "
                         f"one at most {_USER_BYTES_MAX} bytes",
                         f"{each:,.0f} bytes" + ("" if one else ", more than one thread"),
                         _verdict(name, one and each <= _USER_BYTES_MAX)])
        ratio = results["among"].get(name)
        if ratio is not None:
            rows.append([name, "64 active ones among 10,000 idle: p99 at most "
                         f"{_P99_RATIO_MAX:g} times that of 64 alone",
                         f"{ratio['median']:.2f} ({ratio['min']:.2f}..{ratio['max']:.2f})",
                         _verdict(name, ratio["median"] <= _P99_RATIO_MAX)])
    return report.table(["", "promise", "measured", ""], rows)


_PARTS = {"MACHINE": _machine, "NOTES": _notes, "DRIVERS": _drivers, "REASONS": _reasons,
          "RATES": lambda results: _by_row(results, _rate_cell),
          "LATENCY": lambda results: _by_row(results, _latency_cell),
          "CALLS": _calls, "MEMORY": _memory, "BOUNDS": _bounds}


def without_words(names):
    """Drivers that the words say nothing about."""
    with open(_WORDS, encoding="utf-8") as file:
        known = set(re.findall(r"^@if (\w+)@$", file.read(), re.M))
    return [name for name in names if name not in known]


def _number(results, name, what):
    """None if there is none."""
    entry = results["times"].get(what, {}).get(name)
    if entry is not None:
        return entry["per_cpu_second"]["median"] / 1000
    entry = results["idle"].get(name)
    if what in ("user", "kernel"):
        return None if entry is None else _each(entry, what)
    calls = results["calls"].get(name, {}).get(what.removeprefix("calls-"))
    return None if calls is None else sum(calls.values())


def _inline(results, line):
    def put(match):
        name, other, what = match.groups()
        number = _number(results, name, what)
        if other is not None and number is not None:
            base = _number(results, other, what)
            number = None if not base else number / base
        return "-" if number is None else report.short(number)

    return re.sub(r"\{(\w+)(?:/(\w+))? ([\w-]+)\}", put, line)


def render(results):
    names = _names(results)
    lines, shown = [], True
    with open(_WORDS, encoding="utf-8") as file:
        for line in file.read().splitlines():
            condition = re.fullmatch(r"@if (\w+)@", line)
            part = re.fullmatch(r"@(\w+)@", line)
            if condition:
                shown = condition.group(1) in names
            elif line == "@end@":
                shown = True
            elif shown and part:
                lines += _PARTS[part.group(1)](results)
            elif shown:
                lines.append(_inline(results, line))
    text = "\n".join(lines)
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def files(results):
    """The page and its picture: name of a file -> its text."""
    return {"waiting.md": render(results), "waiting.svg": waiting_chart.draw(results)}
