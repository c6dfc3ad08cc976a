"""From samples to numbers, and from numbers to tables."""
import statistics

import machine
import measure
import tls
import workloads

_TITLES = {"floor-memory": "floor, memory", "floor-file": "floor, sendfile", "linnet": "Linnet",
           "linnet-log": "Linnet with its log"}


def title_of(program):
    return _TITLES.get(program, program)


# ---- numbers -----------------------------------------------------------------------------------


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def _cost(workload, sample):
    """Microseconds of CPU for a request, or seconds for a gigabyte."""
    if workload.per_byte:
        return sample["cpu_ns"] / max(1, sample["bytes"])
    return sample["cpu_ns"] / max(1, sample["requests"]) / 1000


def _summarize_workload(workload, samples):
    cost = {(s["program"], s["round"]): _cost(workload, s) for s in samples}
    rounds = sorted({number for _, number in cost})
    found = {}
    for program in dict.fromkeys(s["program"] for s in samples):
        own = [s for s in samples if s["program"] == program]
        found[program] = {
            "cost": spread([cost[program, n] for n in rounds]),
            # Round by round, so that what slowed the whole round falls out.
            "ratio": spread([cost[program, n] / cost[workload.floor, n] for n in rounds]),
            "per_second": statistics.median(s["requests"] * 1e9 / s["elapsed_ns"] for s in own),
            "p50_us": statistics.median(s["p50_ns"] / 1000 for s in own),
            "p99_us": statistics.median(s["p99_ns"] / 1000 for s in own),
            "busy": statistics.median(s["cpu_ns"] / s["elapsed_ns"] for s in own),
        }
    return found


def summarize(samples, notes):
    """workload -> program -> cost, ratio to the floor, rate and latency."""
    found = {}
    for workload in workloads.WORKLOADS:
        own = [s for s in samples if s["workload"] == workload.name]
        if own:
            found[workload.name] = _summarize_workload(workload, own)
    machine.note_what_disturbed(samples, measure.STRANGE_MAX, notes)
    return found


# ---- tables ------------------------------------------------------------------------------------


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return lines + [""]


def short(number):
    """Three digits that count, and no more."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}" if number >= 1 else f"{number:.3f}"


def _known(results, key):
    """The workloads that results[key] has, in the order of the table."""
    return [w for w in workloads.WORKLOADS if w.name in results[key]]


def _columns(found):
    """The programs that occur, in one order everywhere."""
    order = workloads.FLOORS + workloads.SERVERS
    return [p for p in order if any(p in row for row in found)]


def _cost_cell(entry):
    if entry is None:
        return "-"
    ratio = entry["ratio"]
    return (f"{short(entry['cost']['median'])} "
            f"({ratio['median']:.2f}; {ratio['min']:.2f}..{ratio['max']:.2f})")


def _times(results):
    times = {name: row for name, row in results["times"].items() if "linnet-log" not in row}
    if not times:
        return []
    columns = _columns(times.values())
    rows = [[w.title, *[_cost_cell(times[w.name].get(p)) for p in columns]]
            for w in workloads.WORKLOADS if w.name in times]
    rates = [[w.title, *[_rate_cell(times[w.name].get(p)) for p in columns]]
             for w in workloads.WORKLOADS if w.name in times]
    head = ["", *map(title_of, columns)]
    return ["### CPU time of the server", "",
            "Microseconds for a request, and in brackets the ratio to the floor: median; "
            "least..most over the rounds.", "", *table(head, rows),
            "### Answers in a second, and latency", "",
            "Thousands in a second; microseconds to the whole answer: median / 99th percentile.",
            "", *table(head, rates)]


def _rate_cell(entry):
    if entry is None:
        return "-"
    return (f"{short(entry['per_second'] / 1000)}; {short(entry['p50_us'])} / "
            f"{short(entry['p99_us'])}")


def _log(results):
    row = results["times"].get("log-1k")
    if row is None:
        return []
    without, with_log = row["linnet"], row["linnet-log"]
    ratio = with_log["ratio"]
    return ["### The access log", "",
            f"1 KiB: {short(without['cost']['median'])} microseconds for a request without the "
            f"log, {short(with_log['cost']['median'])} with the log to a file: "
            f"{ratio['median']:.2f} times as much ({ratio['min']:.2f}..{ratio['max']:.2f}).", ""]


def _calls_text(calls):
    return f"{sum(calls.values()):.2f}"


def _syscalls(results):
    found = results["syscalls"]
    if not found:
        return []
    columns = _columns(found.values())
    rows = [[w.title, *[_calls_text(found[w.name][p]) if p in found[w.name] else "-"
                        for p in columns]] for w in _known(results, "syscalls")]
    lines = ["### System calls for a request", "", "Of requests that come one at a time.", "",
             *table(["", *map(title_of, columns)], rows)]
    small = found.get("static-1k", {})
    for program in (p for p in columns if p in small):
        calls = sorted(small[program].items(), key=lambda item: -item[1])
        words = ", ".join(f"{name} {count:.2f}" for name, count in calls)
        lines.append(f"- {title_of(program)}, 1 KiB: {words}")
    return lines + [""]


def _instructions(results):
    found = results["instructions"]
    if not found:
        return []
    columns = _columns([found])
    names = [w for w in workloads.WORKLOADS if any(w.name in found[p] for p in columns)]
    rows = [[w.title, *[f"{found[p][w.name]:,.0f}" if w.name in found[p] else "-"
                        for p in columns]] for w in names]
    head = ["", *map(title_of, columns)]
    functions = [f"`{name}` {count}" for name, count in results["functions"]]
    if functions:
        functions = ["Linnet's, 1 KiB, request of 142 bytes, by function: " + ", ".join(functions)
                     + ".", ""]
    return ["### User instructions for a request", "", *table(head, rows), *functions]


def _idle(results):
    if not results["idle"]:
        return []
    rows = []
    for program, entry in results["idle"].items():
        each = (entry["with"] - entry["before"]) / entry["connections"]
        rows.append([title_of(program), f"{each:,.0f}", f"{entry['before'] / 1048576:.1f}",
                     f"{entry['with'] / 1048576:.1f}"])
    count = next(iter(results["idle"].values()))["connections"]
    return ["### Memory of idle connections", "",
            f"{count:,} kept connections, each answered once. Resident memory.", "",
            *table(["", "bytes for each", "MiB before", "MiB with them"], rows)]


def _start(results):
    if not results["start"]:
        return []
    rows = []
    for program, values in results["start"].items():
        found = spread([value / 1000 for value in values])
        rows.append([title_of(program), f"{found['median']:.1f}",
                     f"{found['min']:.1f}..{found['max']:.1f}"])
    return ["### Start to first byte", "",
            *table(["", "ms, median", "least..most"], rows)]


def _tls(results):
    if not results["tls"]:
        return []
    return ["### HTTPS", "",
            "Microseconds of CPU time for a request over TLS 1.3, and the ratio to a floor that "
            "does the handshake and sends constant bytes. ECDSA P-256, X25519, AES-128-GCM.", "",
            *table(["", *map(title_of, tls.SERVERS)], list(tls.rows(results["tls"])))]


def as_markdown(results):
    machine = results["machine"]
    versions = ", ".join(dict.fromkeys(machine["versions"].values()))
    lines = ["## Results", "",
             f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, "
             f"congestion control {machine['congestion_control']}; {machine['rounds']} rounds of "
             f"{machine['seconds']} s; the whole run took {results['took_s']} s. {versions}.", ""]
    lines += [f"- Note: {note}" for note in results["notes"]] + [""] * bool(results["notes"])
    for part in (_times, _log, _syscalls, _instructions, _idle, _start, _tls):
        lines += part(results)
    return "\n".join(lines).rstrip() + "\n"
