"""Compare ways to redact phone numbers on the labelled corpus, as the tables of docs/redaction.md.

    uv run --no-project --python 3.11 --with phonenumberslite==9.0.42 scripts/redaction_benchmark.py

Without phonenumberslite only the pipeline's own redaction is measured.
"""

import argparse
import gc
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LAMBDAS = ROOT / "lambdas"
REDACTED = "[REDACTED]"
# A character that an editor would not show, as the corpus spells it: <U+200B>
SPELLED = re.compile("<U\\+([0-9A-F]{4,5})>")

Redact = Callable[[str], str]
Span = tuple[int, int]


class Line(NamedTuple):
    text: str
    numbers: list[Span]


class Score(NamedTuple):
    numbers: int
    found: int
    replacements: int
    right_replacements: int
    lines: int
    exact_lines: int

    @property
    def recall(self) -> float:
        return self.found / self.numbers

    @property
    def precision(self) -> float:
        return self.right_replacements / self.replacements


def read_corpus(path: Path) -> list[Line]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [parse_line(line) for line in lines if line and not line.startswith("#")]


def parse_line(marked: str) -> Line:
    text, numbers = "", []
    marked = SPELLED.sub(lambda spelled: chr(int(spelled[1], 16)), marked)
    for index, part in enumerate(re.split("[«»]", marked)):
        if index % 2:
            numbers.append((len(text), len(text) + len(part)))
        text += part
    return Line(text, numbers)


def score(redact: Redact, lines: Iterable[Line]) -> Score:
    totals = [0] * len(Score._fields)
    for line in lines:
        redacted = redact(line.text)
        spans = replaced_spans(line.text, redacted)
        found = [n for n in line.numbers if any(s <= n[0] and n[1] <= e for s, e in spans)]
        right = [s for s in spans if any(s[0] < e and b < s[1] for b, e in line.numbers)]
        exact = redacted == expected(line)
        counts = (len(line.numbers), len(found), len(spans), len(right), 1, exact)
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    return Score(*totals)


def expected(line: Line) -> str:
    pieces, done = [], 0
    for start, end in line.numbers:
        pieces += [line.text[done:start], REDACTED]
        done = end
    return "".join([*pieces, line.text[done:]])


def replaced_spans(text: str, redacted: str) -> list[Span]:
    """Where `redacted` differs from `text`, found by the pieces between its replacements.

    Numbers without anything between them count as one. No line of the corpus holds "[REDACTED]"
    itself.
    """
    head, *pieces = re.split(rf"(?:{re.escape(REDACTED)})+", redacted)
    spans, end = [], len(head)
    for number, piece in enumerate(pieces, start=1):
        start = end
        last = number == len(pieces)
        found = len(text) - len(piece) if last else text.index(piece, start + 1)
        spans.append((start, found))
        end = found + len(piece)
    return spans


def microseconds_a_line(redact: Redact, lines: list[Line], repeat: int) -> float:
    """The best of several runs: what the machine does beside them only adds."""
    texts = [line.text for line in lines]
    best = float("inf")
    gc.disable()
    for _ in range(repeat):
        start = time.perf_counter()
        for text in texts:
            redact(text)
        best = min(best, time.perf_counter() - start)
    gc.enable()
    return best / len(texts) * 1e6


def import_milliseconds(module: str, repeat: int) -> float:
    code = f"import re,time;t=time.perf_counter();import {module};print(time.perf_counter()-t)"
    command = [sys.executable, "-c", code]
    runs = [
        subprocess.run(command, cwd=LAMBDAS, capture_output=True, check=True, text=True)  # noqa: S603
        for _ in range(repeat)
    ]
    return min(float(run.stdout) for run in runs) * 1000


def own_redaction() -> Redact:
    sys.path.insert(0, str(LAMBDAS))
    redact: Redact = import_module("pipeline.redaction").redact
    return redact


def library_redaction(phonenumbers: Any, leniency: str) -> Redact:
    def redact(text: str) -> str:
        matcher = phonenumbers.PhoneNumberMatcher(
            text, "US", getattr(phonenumbers.Leniency, leniency), max_tries=sys.maxsize
        )
        pieces, end = [], 0
        for match in matcher:
            pieces += [text[end : match.start], REDACTED]
            end = match.end
        return "".join([*pieces, text[end:]])

    return redact


def find_library() -> Any | None:
    try:
        return import_module("phonenumbers")
    except ImportError:
        return None


def example_lines(phonenumbers: Any) -> Iterator[tuple[str, Line]]:
    """The library's own example of a fixed line and a mobile for every region, three formats each.

    Numbers that neither the corpus nor the expressions were written from.
    """
    formats = phonenumbers.PhoneNumberFormat
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in kinds:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            for name in ("E164", "INTERNATIONAL", "NATIONAL"):
                shown = phonenumbers.format_number(number, getattr(formats, name))
                yield name, parse_line(f"2026-11-22T21:47:15Z INFO reached «{shown}» in 212 ms")
                if name == "NATIONAL":
                    line = parse_line(f"2026-11-22T21:47:15Z INFO phone: «{shown}» in 212 ms")
                    yield "NATIONAL, labelled", line


def table(header: list[str], rows: Iterable[list[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def corpus_row(name: str, redact: Redact, module: str, lines: list[Line], repeat: int) -> list[str]:
    result = score(redact, lines)
    return [
        name,
        f"{result.precision:.3f}",
        f"{result.recall:.3f}",
        f"{result.exact_lines}/{result.lines}",
        f"{microseconds_a_line(redact, lines, repeat):.0f}",
        f"{import_milliseconds(module, repeat):.1f}",
    ]


def examples_rows(candidates: dict[str, Redact], phonenumbers: Any) -> Iterator[list[str]]:
    by_format: dict[str, list[Line]] = {}
    for name, line in example_lines(phonenumbers):
        by_format.setdefault(name, []).append(line)
    for name, lines in by_format.items():
        recalls = (f"{score(redact, lines).recall:.3f}" for redact in candidates.values())
        yield [f"{name} ({len(lines)})", *recalls]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        default=ROOT / "tests/lambdas/pipeline/redaction",
        help="folder of positive.txt and negative.txt (default: %(default)s)",
    )
    parser.add_argument(
        "--repeat", type=int, default=5, help="timed runs, of which the best counts (default: 5)"
    )
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    lines = [
        *read_corpus(arguments.corpus / "positive.txt"),
        *read_corpus(arguments.corpus / "negative.txt"),
    ]
    phonenumbers = find_library()
    candidates = {"pipeline.redaction": own_redaction()}
    modules = {"pipeline.redaction": "pipeline.redaction"}
    if phonenumbers:
        for leniency in ("POSSIBLE", "VALID", "STRICT_GROUPING"):
            name = f"phonenumberslite {phonenumbers.__version__}, US, {leniency}"
            candidates[name] = library_redaction(phonenumbers, leniency)
            modules[name] = "phonenumbers"

    header = ["corpus", "precision", "recall", "exact lines", "µs a line", "import ms"]
    rows = [
        corpus_row(name, redact, modules[name], lines, arguments.repeat)
        for name, redact in candidates.items()
    ]
    print(table(header, rows))  # noqa: T201
    if phonenumbers:
        print()  # noqa: T201
        header = ["recall on the library's examples", *candidates]
        print(table(header, examples_rows(candidates, phonenumbers)))  # noqa: T201


if __name__ == "__main__":
    main()
