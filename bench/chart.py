"""The chart: CPU time as a ratio to the floor, one lane for each server, on a logarithmic axis.

A dot is the median, its line reaches from the least to the most of the rounds. Names and numbers
stand beside the dots, so that colour is never the only sign.
"""
import html
import math

import report
import workloads

_WIDTH = 860
_LEFT, _RIGHT, _TOP, _BOTTOM = 210, 64, 64, 28
_LANE, _GAP, _HEAD = 17, 12, 18
_LEAST, _MOST = 0.7, 32.0
_TICKS = (0.7, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32)

_LEGEND = "Dot: median of the rounds. Line: least to most. The axis is logarithmic."

# Colours that those who see fewer colours tell apart, on light and on dark ground.
_STYLE = """
  svg { --ground: #ffffff; --ink: #1c1e21; --soft: #5c6370; --line: #d9dce1;
        --linnet: #0b62c4; --nginx: #a03c00; --lighttpd: #00695c; --h2o: #7b2d8b; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #16181c; --ink: #e8eaed; --soft: #a3abb8; --line: #353a43;
          --linnet: #6cb2ff; --nginx: #ffab70; --lighttpd: #5fd3bd; --h2o: #d9a1ea; } }
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
    return _LEFT + part * (_WIDTH - _LEFT - _RIGHT)


def _text(x, y, words, kind="", anchor="start"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
            f"{html.escape(words)}</text>")


def _grid(bottom):
    parts = []
    for tick in _TICKS:
        x = _x(tick)
        kind = "floor" if tick == 1 else "grid"
        parts.append(f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{bottom}" class="{kind}"/>')
        words = "floor" if tick == 1 else f"{tick:g}"
        parts.append(_text(x, _TOP - 6, words, "soft", "middle"))
    return parts


def _lane(y, program, ratio):
    colour = f"var(--{program})"
    middle = y + _LANE / 2
    least, median, most = (_x(ratio[key]) for key in ("min", "median", "max"))
    return [
        _text(_LEFT - 12, middle + 4, report.title_of(program), anchor="end"),
        f'<line x1="{least:.1f}" y1="{middle}" x2="{most:.1f}" y2="{middle}" '
        f'style="stroke: {colour}; stroke-width: 3; stroke-linecap: round; opacity: 0.55"/>',
        f'<circle cx="{median:.1f}" cy="{middle}" r="5" style="fill: {colour}"/>',
        _text(max(most, median + 5) + 8, middle + 4, f"{ratio['median']:.2f}"),
    ]


def draw(times):
    """The SVG of what report.summarize has found."""
    body = []
    y = _TOP + 4
    for workload in workloads.WORKLOADS:
        row = times.get(workload.name)
        if row is None or "linnet-log" in row or "linnet-epoll" in row:
            continue
        body.append(_text(12, y + _HEAD - 5, workload.title, "head"))
        y += _HEAD
        for program in workloads.SERVERS:
            if program in row:
                body += _lane(y, program, row[program]["ratio"])
                y += _LANE
        y += _GAP
    height = y + _BOTTOM
    title = "CPU time of the server, as a ratio to the floor (less is better)"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img" aria-label="{title}">',
        f"<title>{title}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{height}" style="fill: var(--ground)"/>',
        _text(12, 26, title, "title"),
        *_grid(y),
        *body,
        _text(12, height - 10, _LEGEND, "soft"),
        "</svg>",
    ]) + "\n"
