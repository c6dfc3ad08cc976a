"""The chart: CPU time as a ratio to the floor, one lane for each server, on a logarithmic axis.

A dot is the median, its line reaches from the least to the most of the rounds. Names and numbers
stand beside the dots, so that colour is never the only sign.
"""
import html
import math

import report
import workloads

WIDTH = 860
LEFT, RIGHT, TOP, BOTTOM = 210, 64, 64, 28
LANE, GAP, HEAD = 17, 12, 18
_LEAST, _MOST = 0.7, 32.0
_TICKS = (0.7, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32)

_LEGEND = "Dot: median of the rounds. Line: least to most. The axis is logarithmic."

# Colours that those who see fewer colours tell apart, on light and on dark ground; whoever is drawn
# has them in this order.
_COLOURS = (("#0b62c4", "#6cb2ff"), ("#a03c00", "#ffab70"), ("#00695c", "#5fd3bd"),
            ("#7b2d8b", "#d9a1ea"), ("#8a6100", "#e3bd4f"), ("#b0124b", "#ff8fb0"),
            ("#3f5a00", "#b3d465"), ("#44546a", "#b8c7dc"))

_STYLE = """
  text { font: 12px system-ui, sans-serif; fill: var(--ink);
         paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
  .title { font-size: 15px; font-weight: 600; }
  .head { font-weight: 600; }
  .soft { fill: var(--soft); }
  .grid { stroke: var(--line); }
  .floor { stroke: var(--soft); stroke-width: 1.5; }
"""


def _x(ratio):
    part = math.log(min(max(ratio, _LEAST), _MOST) / _LEAST) / math.log(_MOST / _LEAST)
    return LEFT + part * (WIDTH - LEFT - RIGHT)


def text(x, y, words, kind="", anchor="start"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
            f"{html.escape(words)}</text>")


def _grid(bottom):
    parts = []
    for tick in _TICKS:
        x = _x(tick)
        kind = "floor" if tick == 1 else "grid"
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" class="{kind}"/>')
        words = "floor" if tick == 1 else f"{tick:g}"
        parts.append(text(x, TOP - 6, words, "soft", "middle"))
    return parts


def lane(y, name, title, places, words):
    """One line of a chart: `places` are the x of the least, the median and the most."""
    colour = f"var(--{name})"
    middle = y + LANE / 2
    least, median, most = places
    return [
        text(LEFT - 12, middle + 4, title, anchor="end"),
        f'<line x1="{least:.1f}" y1="{middle}" x2="{most:.1f}" y2="{middle}" '
        f'style="stroke: {colour}; stroke-width: 3; stroke-linecap: round; opacity: 0.55"/>',
        f'<circle cx="{median:.1f}" cy="{middle}" r="5" style="fill: {colour}"/>',
        text(max(most, median + 5) + 8, middle + 4, words),
    ]


def _style(names):
    def colours(which):
        return " ".join(f"--{name}: {_COLOURS[number % len(_COLOURS)][which]};"
                        for number, name in enumerate(names))

    return (f"\n  svg {{ --ground: #ffffff; --ink: #1c1e21; --soft: #5c6370; --line: #d9dce1;\n"
            f"        {colours(0)} }}\n"
            f"  @media (prefers-color-scheme: dark) {{\n"
            f"    svg {{ --ground: #16181c; --ink: #e8eaed; --soft: #a3abb8; --line: #353a43;\n"
            f"          {colours(1)} }} }}{_STYLE}")


def picture(title, legend, names, height, body):
    """The SVG around a body; `names` have a colour each, as var(--NAME)."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{title}">',
        f"<title>{title}</title>",
        f"<style>{_style(names)}</style>",
        f'<rect width="{WIDTH}" height="{height}" style="fill: var(--ground)"/>',
        text(12, 26, title, "title"),
        *body,
        text(12, height - 10, legend, "soft"),
        "</svg>",
    ]) + "\n"


def draw(times):
    """The SVG of what report.summarize has found."""
    body = []
    y = TOP + 4
    for workload in workloads.WORKLOADS:
        row = times.get(workload.name)
        if row is None or "linnet-log" in row or "linnet-epoll" in row:
            continue
        body.append(text(12, y + HEAD - 5, workload.title, "head"))
        y += HEAD
        for program in workloads.SERVERS:
            if program in row:
                ratio = row[program]["ratio"]
                places = [_x(ratio[key]) for key in ("min", "median", "max")]
                body += lane(y, program, report.title_of(program), places,
                             f"{ratio['median']:.2f}")
                y += LANE
        y += GAP
    height = y + BOTTOM
    title = "CPU time of the server, as a ratio to the floor (less is better)"
    return picture(title, _LEGEND, workloads.SERVERS, height, [*_grid(y), *body])
