"""The score: the result of each behaviour as JSON, and a comparison of scores as Markdown.

python -m conformance.scoreboard "this plugin=plugin.json" "another=another.json"
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from testing.target import NotSupportedError

PASSED, FAILED, NOT_SUPPORTED, SKIPPED = "passed", "failed", "not supported", "skipped"
REASON_CHARACTERS = 160
MARKER = "<!-- Written by `python -m conformance.scoreboard` from here on. -->"


@dataclass
class Behaviour:
    group: str
    title: str
    source: str
    outcome: str
    reason: str = ""


def annotate(report: pytest.TestReport, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Add what the scoreboard needs to the report, which workers of pytest-xdist send to it.

    What a target cannot take down again is an error of the run, but not of the behaviour.
    """
    group, cites = item.get_closest_marker("group"), item.get_closest_marker("cites")
    if not group or not cites or report.when == "teardown":
        return
    error = call.excinfo.value if call.excinfo else None
    behaviour = Behaviour(
        group.args[0], _title(item.name), cites.args[0], _outcome(report, error), _reason(error)
    )
    report.user_properties.append(("behaviour", asdict(behaviour)))


class Recorder:
    """Collects the behaviours of a run, and writes them when it ends."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._behaviours: dict[str, Behaviour] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        noted = dict(report.user_properties).get("behaviour")
        if isinstance(noted, dict):
            # the call's report replaces that of its setup
            self._behaviours[report.nodeid] = Behaviour(**noted)

    def pytest_sessionfinish(self) -> None:
        found = [asdict(behaviour) for _, behaviour in sorted(self._behaviours.items())]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _title(name: str) -> str:
    """`test_batch_is_a_success_with[empty list]`: batch is a success with empty list."""
    return name.removeprefix("test_").replace("_", " ").replace("[", " ").removesuffix("]")


def _outcome(report: pytest.TestReport, error: BaseException | None) -> str:
    if error and report.failed and _is_unsupported(error):
        return NOT_SUPPORTED
    return str(report.outcome)


def _is_unsupported(error: BaseException) -> bool:
    """Whether the target itself reports that it has no such service, operation or runtime."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return bool(status == 501)
    return isinstance(error, NotSupportedError)


def _reason(error: BaseException | None) -> str:
    """The first line of the error, without the addresses and ids of this run."""
    lines = str(error).strip().splitlines() if error else []
    return lines[0][:REASON_CHARACTERS] if lines else type(error).__name__ if error else ""


def compare(scores: dict[str, list[Behaviour]]) -> str:
    """The Markdown of a table with a row for each group, and of each target's shortcomings."""
    return "\n".join([*_table(scores), *(_shortcomings(name, scores[name]) for name in scores)])


def _table(scores: dict[str, list[Behaviour]]) -> list[str]:
    groups = list(dict.fromkeys(item.group for score in scores.values() for item in score))
    lines = [f"| behaviours | {' | '.join(scores)} |", "| --- |" + " --- |" * len(scores)]
    for group in [*groups, ""]:
        cells = (
            _cell([item for item in score if group in ("", item.group)])
            for score in scores.values()
        )
        lines.append(f"| {group or '**all**'} | {' | '.join(cells)} |")
    return lines


def _cell(behaviours: list[Behaviour]) -> str:
    """`passed of all`, and how many of the others the target does not claim to have."""
    counts = Counter(behaviour.outcome for behaviour in behaviours)
    cell = f"{counts[PASSED]} of {len(behaviours)}"
    others = [f"{counts[kind]} {kind}" for kind in (NOT_SUPPORTED, SKIPPED) if counts[kind]]
    return f"{cell} ({', '.join(others)})" if others else cell


def _shortcomings(name: str, behaviours: list[Behaviour]) -> str:
    lines = [f"\n## {name}: what did not pass\n"]
    unsupported = Counter(item.reason for item in behaviours if item.outcome == NOT_SUPPORTED)
    lines += [f"- not supported, {count}: {_text(reason)}" for reason, count in unsupported.items()]
    lines += [
        f"- {item.group}: [{item.title}]({item.source})"
        + (f": {item.outcome}, {_text(item.reason)}" if item.outcome == SKIPPED else "")
        for item in behaviours
        if item.outcome in (FAILED, SKIPPED)
    ]
    return "\n".join(lines if len(lines) > 1 else [*lines, "Nothing."])


def _text(reason: str) -> str:
    return reason.replace("<", "&lt;").replace("|", "\\|")


def load(path: str) -> list[Behaviour]:
    found: list[dict[str, Any]] = json.loads(Path(path).read_text(encoding="utf-8"))
    return [Behaviour(**item) for item in found]


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the scores of several targets.")
    parser.add_argument("scores", nargs="+", metavar="NAME=FILE", help="a target and its summary")
    parser.add_argument(
        "--into", type=Path, help=f"replace what follows {MARKER!r} there, instead of printing"
    )
    arguments = parser.parse_args()
    scores = dict(score.rsplit("=", 1) for score in arguments.scores)
    text = compare({name: load(path) for name, path in scores.items()})
    if arguments.into:
        page = arguments.into.read_text(encoding="utf-8").partition(MARKER)[0]
        arguments.into.write_text(f"{page}{MARKER}\n\n{text}\n", encoding="utf-8")
    else:
        sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
