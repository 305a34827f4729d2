"""A run as one HTML file: verdicts, checks, and a timeline of each experiment as inline SVG."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from rdp.chaos.judge import Result
from rdp.chaos.timeline import Timeline

_WIDTH, _HEIGHT = 860, 220
_LEFT, _TOP, _BOTTOM = 50, 10, 24
_STEPS = 300
_TICKS = 5

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse } td, th { text-align: left; padding: .15rem .8rem .15rem 0 }
.holds { color: #19692c } .broken { color: #b00020; font-weight: bold }
.unknown { color: #8a5a00; font-weight: bold } .skipped { color: #777 }
svg text { font-size: 11px; fill: #555 } .key { margin-right: 1rem }
"""


class _Series(NamedTuple):
    name: str
    colour: str
    values: Callable[[Timeline], list[tuple[float, float]]]
    """Points (time, value), in the order of time."""


def write(path: Path, results: Sequence[Result]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(results), encoding="utf-8")


def page(results: Sequence[Result]) -> str:
    return "\n".join(
        [
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Chaos</title>',
            f"<style>{_STYLE}</style><h1>Chaos</h1>",
            _table(
                (
                    _link(result.experiment.name),
                    _marked(result.word),
                    f"{result.run.seconds:.0f} s",
                )
                for result in results
            ),
            *(_section(result) for result in results),
            "</html>",
        ]
    )


def _section(result: Result) -> str:
    experiment = result.experiment
    parts = [
        f'<h2 id="{escape(experiment.name)}">{escape(experiment.name)}</h2>',
        f"<p>Broken: {escape(experiment.breaks)}.<br>Expected: {escape(experiment.expects)}.</p>",
    ]
    if result.run.skipped:
        parts.append(f"<p>Skipped: it needs {escape(result.run.skipped)}.</p>")
        return "\n".join(parts)
    findings = (
        (
            _marked(finding.verdict),
            escape(finding.name),
            "<br>".join(map(escape, (finding.text, *finding.logs))),
        )
        for finding in result.findings
    )
    return "\n".join([*parts, chart(result.timeline), _legend(), _table(findings)])


def _table(rows: Iterable[Iterable[str]]) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def _link(name: str) -> str:
    return f'<a href="#{escape(name)}">{escape(name)}</a>'


def _marked(word: str) -> str:
    return f'<span class="{word}">{word}</span>'


# -- the chart ---------------------------------------------------------------------------------


def _counted(
    read: Callable[[Timeline], Sequence[float]],
) -> Callable[..., list[tuple[float, float]]]:
    """How many of the events have happened, at each step of the timeline."""

    def points(timeline: Timeline) -> list[tuple[float, float]]:
        moments = read(timeline)
        step = (timeline.ended - timeline.began) / _STEPS
        times = [timeline.began + number * step for number in range(_STEPS + 1)]
        return [(at, bisect_right(moments, at)) for at in times]

    return points


_SERIES = (
    _Series("accepted", "#1f6feb", _counted(lambda timeline: timeline.accepted)),
    _Series("stored", "#1a7f37", _counted(lambda timeline: timeline.stored)),
    _Series("retried", "#bf8700", _counted(lambda timeline: timeline.retried)),
    _Series("queue depth", "#8250df", lambda line: [(s.at, s.waiting) for s in line.samples]),
    _Series("in flight", "#57606a", lambda line: [(s.at, s.in_flight) for s in line.samples]),
    _Series("DLQ", "#cf222e", lambda line: [(s.at, s.dead) for s in line.samples]),
)


def chart(timeline: Timeline) -> str:
    """Messages over seconds. The background is shaded while something was broken."""
    seconds = max(timeline.ended - timeline.began, 0.001)
    drawn = [(series, series.values(timeline)) for series in _SERIES]
    highest = max((value for _, points in drawn for _, value in points), default=0) or 1

    def x(at: float) -> float:
        return _LEFT + (at - timeline.began) / seconds * (_WIDTH - _LEFT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - value / highest * (_HEIGHT - _BOTTOM - _TOP)

    return "\n".join(
        [
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="timeline">',
            *_shades(timeline, x),
            *_axes(seconds, highest, x, y, timeline.began),
            *(
                f'<polyline fill="none" stroke="{series.colour}" stroke-width="1.5" points="'
                + " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in points)
                + f'"><title>{series.name}</title></polyline>'
                for series, points in drawn
            ),
            "</svg>",
        ]
    )


def _shades(timeline: Timeline, x: Callable[[float], float]) -> list[str]:
    return [
        f'<rect x="{x(broken.began):.1f}" y="{_TOP}"'
        f' width="{max(x(broken.ended) - x(broken.began), 1):.1f}"'
        f' height="{_HEIGHT - _BOTTOM - _TOP}" fill="#cf222e" opacity="0.12">'
        f"<title>{escape(broken.name)}</title></rect>"
        for broken in timeline.breaks
    ]


def _axes(
    seconds: float,
    highest: float,
    x: Callable[[float], float],
    y: Callable[[float], float],
    began: float,
) -> list[str]:
    lines = [
        f'<path d="M{_LEFT} {_TOP}V{y(0)}H{_WIDTH}" fill="none" stroke="#999"/>',
        f'<text x="{_LEFT - 6}" y="{y(0)}" text-anchor="end">0</text>',
        f'<text x="{_LEFT - 6}" y="{y(highest) + 8}" text-anchor="end">{highest:.0f}</text>',
    ]
    for tick in range(1, _TICKS + 1):
        after = seconds * tick / _TICKS
        lines.append(
            f'<text x="{x(began + after):.1f}" y="{_HEIGHT - 6}" text-anchor="end">'
            f"{after:.0f} s</text>"
        )
    return lines


def _legend() -> str:
    keys = "".join(
        f'<span class="key" style="color:{series.colour}">{series.name}</span>'
        for series in _SERIES
    )
    return f'<p>{keys}<span class="key" style="background:#f8e0e2">broken</span></p>'
