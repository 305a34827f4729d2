"""The report: a single file, whose timeline shows what happened when."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rdp.chaos.catalogue import BY_NAME
from rdp.chaos.evidence import Run
from rdp.chaos.findings import Finding, Verdict
from rdp.chaos.judge import Result
from rdp.chaos.report import chart, page, write
from rdp.chaos.timeline import Break, Sample, Timeline


@pytest.fixture
def timeline() -> Timeline:
    timeline = Timeline(began=100.0, ended=120.0)
    timeline.complete(accepted=[101.0, 102.0], stored=[110.0, 105.0], retried=[])
    timeline.samples = [Sample(101.0, waiting=8, in_flight=1, dead=0), Sample(119.0, 0, 0, 1)]
    timeline.breaks = [Break("worker-paused", 105.0, 105.5, 114.5, 115.0)]
    return timeline


def _parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def _polylines(svg: str) -> dict[str, list[tuple[float, float]]]:
    return {
        line.findtext("title", ""): [
            (float(x), float(y))
            for x, y in (point.split(",") for point in line.get("points", "").split())
        ]
        for line in _parsed(svg).iter("polyline")
    }


def test_chart_has_a_line_for_each_series(timeline: Timeline) -> None:
    lines = _polylines(chart(timeline))

    assert set(lines) == {"accepted", "stored", "retried", "queue depth", "in flight", "DLQ"}
    heights = {name: [y for _, y in points] for name, points in lines.items()}
    assert heights["accepted"][0] > heights["accepted"][-1], "counts rise: y falls"
    assert min(heights["queue depth"]) == min(min(values) for values in heights.values())
    assert len(set(heights["retried"])) == 1


def test_broken_window_is_shaded(timeline: Timeline) -> None:
    root = _parsed(chart(timeline))

    [shade] = root.iter("rect")
    assert shade.findtext("title") == "worker-paused"
    # half of the 20 s, from a quarter on
    width = float(root.get("viewBox", "").split()[2]) - 50
    assert float(shade.get("width", 0)) == pytest.approx(width / 2, abs=0.2)
    assert float(shade.get("x", 0)) == pytest.approx(50 + width / 4, abs=0.2)


def test_chart_of_nothing_is_a_chart() -> None:
    assert set(_polylines(chart(Timeline(began=1.0, ended=1.0)))) >= {"accepted", "stored"}


def test_page_stands_alone_and_names_the_logs_that_broke(
    timeline: Timeline, tmp_path: Path
) -> None:
    run = Run("worker-paused", "worker-paused@20-70", seed=1, logs=10, timeline=timeline)
    lost = Finding("I1 nothing lost", Verdict.BROKEN, "1 lost", ("tenant/<log>: lost",))
    broken = Result(run, BY_NAME["worker-paused"], (lost,))
    skipped = Result(
        Run("sqs-outage", "sqs-outage@20-70", seed=1, logs=10, skipped="a <stack>"),
        BY_NAME["sqs-outage"],
    )
    path = tmp_path / "deep" / "report.html"

    write(path, [broken, skipped])

    text = path.read_text()
    assert text == page([broken, skipped])
    HTMLParser().feed(text)
    assert "tenant/&lt;log&gt;: lost" in text
    assert "it needs a &lt;stack&gt;" in text
    assert "<script" not in text
    assert "http" not in text
    assert (broken.word, skipped.word) == ("broken", "skipped")
