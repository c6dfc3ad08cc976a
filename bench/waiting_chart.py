"""The chart of docs/waiting.md: requests in a second of CPU time, one lane for each driver."""
import math

import chart
import waiting_measure

_TITLE = "Requests in a second of the server's CPU time (more is better)"
_LEGEND = ("Dot: median of the rounds. Line: least to most. The axis is logarithmic. "
           "No dot: see the table.")
_STEPS = (1, 2, 5)
_RIGHT = chart.RIGHT + 24  # the words at the end of a lane


def _ticks(times):
    """1, 2 or 5 with zeros, so that all numbers are between the first and the last."""
    values = [entry["per_cpu_second"] for row in times.values() for entry in row.values()]
    least, most = min(v["min"] for v in values), max(v["max"] for v in values)
    all_ticks = [step * 10 ** power for power in range(-1, 9) for step in _STEPS]
    first = max(i for i, tick in enumerate(all_ticks) if tick <= max(least, 0.1))
    last = min(i for i, tick in enumerate(all_ticks) if tick >= min(most, all_ticks[-1]))
    return all_ticks[first:max(last, first + 1) + 1]


def _words(number):
    return f"{number / 1000:g}k" if number >= 1000 else f"{number:g}"


def draw(results):
    times = results["times"]
    names = [driver["name"] for driver in results["drivers"]]
    ticks = _ticks(times)

    def x_of(value):
        part = math.log(max(value, ticks[0]) / ticks[0]) / math.log(ticks[-1] / ticks[0])
        return chart.LEFT + part * (chart.WIDTH - chart.LEFT - _RIGHT)

    body = []
    y = chart.TOP + 4
    for row in waiting_measure.ROWS:
        body.append(chart.text(12, y + chart.HEAD - 5, row.title, "head"))
        y += chart.HEAD
        for name in names:
            entry = times[row.name].get(name)
            if entry is None:
                middle = y + chart.LANE / 2 + 4
                body.append(chart.text(chart.LEFT - 12, middle, name, "soft", "end"))
                body.append(chart.text(chart.LEFT + 4, middle, "-", "soft"))
            else:
                spread = entry["per_cpu_second"]
                places = [x_of(spread[key]) for key in ("min", "median", "max")]
                body += chart.lane(y, name, name, places, f"{spread['median'] / 1000:.1f}k")
            y += chart.LANE
        y += chart.GAP
    grid = []
    for tick in ticks:
        x = x_of(tick)
        grid.append(f'<line x1="{x:.1f}" y1="{chart.TOP}" x2="{x:.1f}" y2="{y}" class="grid"/>')
        grid.append(chart.text(x, chart.TOP - 6, _words(tick), "soft", "middle"))
    return chart.picture(_TITLE, _LEGEND, names, y + chart.BOTTOM, grid + body)
