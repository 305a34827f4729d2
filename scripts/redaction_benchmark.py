"""Compare ways to redact phone numbers on the labelled corpus, as the tables of docs/redaction.md.

.venv/bin/python -m scripts.redaction_benchmark
"""

import argparse
import gc
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import phonenumbers

ROOT = Path(__file__).resolve().parent.parent
LAMBDAS = ROOT / "lambdas"
REDACTED = "[REDACTED]"
LIBRARY = f"phonenumberslite {phonenumbers.__version__}, US, "
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
    """In processor time. The best of several runs: what the machine does beside them only adds."""
    texts = [line.text for line in lines]
    best = float("inf")
    gc.disable()
    for _ in range(repeat):
        start = time.process_time()
        for text in texts:
            redact(text)
        best = min(best, time.process_time() - start)
    gc.enable()
    return best / len(texts) * 1e6


def start_milliseconds(statement: str, repeat: int) -> float:
    code = f"import re,time;t=time.process_time();{statement};print(time.process_time()-t)"
    command = [sys.executable, "-c", code]
    runs = [
        subprocess.run(command, cwd=LAMBDAS, capture_output=True, check=True, text=True)  # noqa: S603
        for _ in range(repeat)
    ]
    return min(float(run.stdout) for run in runs) * 1000


class Candidate(NamedTuple):
    name: str
    redact: Redact
    start: str
    """A statement that makes it ready."""


def own(name: str, regions: tuple[str, ...]) -> Candidate:
    start = f"from pipeline.redaction import redact;redact('a',{regions})"
    return Candidate(name, partial(pipeline_redaction().redact, regions=regions), start)


def pipeline_redaction() -> Any:
    sys.path.insert(0, str(LAMBDAS))
    return import_module("pipeline.redaction")


def library(leniency: str) -> Candidate:
    def redact(text: str) -> str:
        matcher = phonenumbers.PhoneNumberMatcher(
            text, "US", getattr(phonenumbers.Leniency, leniency), max_tries=sys.maxsize
        )
        pieces, end = [], 0
        for match in matcher:
            pieces += [text[end : match.start], REDACTED]
            end = match.end
        return "".join([*pieces, text[end:]])

    return Candidate(f"{LIBRARY}{leniency}", redact, "import phonenumbers")


class Example(NamedTuple):
    region: str
    shown: str
    """Its format."""
    line: Line


def examples() -> Iterator[Example]:
    """The library's own example of a fixed line and a mobile for every region, three formats each.

    Numbers that neither the corpus nor the expressions were written from.
    """
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in kinds:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            for name in ("E164", "INTERNATIONAL", "NATIONAL"):
                number_format = getattr(phonenumbers.PhoneNumberFormat, name)
                shown = phonenumbers.format_number(number, number_format)
                line = parse_line(f"2026-11-22T21:47:15Z INFO reached «{shown}» in 212 ms")
                yield Example(region, name, line)
                if name == "NATIONAL":
                    line = parse_line(f"2026-11-22T21:47:15Z INFO phone: «{shown}» in 212 ms")
                    yield Example(region, "NATIONAL, labelled `phone:`", line)


def table(header: list[str], rows: Iterable[list[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def corpus_row(candidate: Candidate, lines: list[Line], repeat: int) -> list[str]:
    result = score(candidate.redact, lines)
    return [
        candidate.name,
        f"{result.precision:.3f}",
        f"{result.recall:.3f}",
        f"{result.exact_lines}/{result.lines}",
        f"{microseconds_a_line(candidate.redact, lines, repeat):.0f}",
        f"{start_milliseconds(candidate.start, repeat):.0f}",
    ]


def part_row(path: Path, redact: Redact) -> list[str]:
    result = score(redact, read_corpus(path))
    return [
        f"{path.name} ({result.lines} lines)",
        f"{result.right_replacements}/{result.replacements}",
        f"{result.found}/{result.numbers}",
        f"{result.exact_lines}/{result.lines}",
    ]


def examples_rows(candidates: list[Candidate]) -> Iterator[list[str]]:
    redact = pipeline_redaction().redact
    by_format: dict[str, list[Example]] = {}
    for example in examples():
        by_format.setdefault(example.shown, []).append(example)
    for name, found in by_format.items():
        lines = [example.line for example in found]
        region_of = {example.line.text: (example.region,) for example in found}
        own_region = sum(
            redact(example.line.text, region_of[example.line.text]) == expected(example.line)
            for example in found
        )
        plain, *others = (
            f"{score(candidate.redact, lines).recall:.3f}" for candidate in candidates
        )
        yield [f"{name} ({len(lines)})", plain, f"{own_region / len(lines):.3f}", *others]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        default=ROOT / "tests/lambdas/pipeline/redaction",
        help="folder of text files (default: %(default)s)",
    )
    parser.add_argument(
        "--repeat", type=int, default=5, help="timed runs, of which the best counts (default: 5)"
    )
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    paths = sorted(arguments.corpus.glob("*.txt"))
    lines = [line for path in paths for line in read_corpus(path)]
    every_region = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))
    plain = own("pipeline.redaction", ())
    with_regions = [
        own(f"with {','.join(codes)}", codes) for codes in (("US",), ("US", "PL", "DE"))
    ]
    of_library = [library(leniency) for leniency in ("POSSIBLE", "VALID", "STRICT_GROUPING")]
    with_regions.append(own(f"with all {len(every_region)} regions", every_region))
    candidates = [plain, *with_regions, *of_library]

    header = ["corpus", "precision", "recall", "exact lines", "µs a line", "start ms"]
    rows = [corpus_row(candidate, lines, arguments.repeat) for candidate in candidates]
    print(table(header, rows), end="\n\n")  # noqa: T201
    header = ["part of the corpus", "right replacements", "numbers found", "exact lines"]
    print(table(header, [part_row(path, plain.redact) for path in paths]), end="\n\n")  # noqa: T201
    names = [candidate.name.removeprefix(LIBRARY) for candidate in (*with_regions, *of_library)]
    header = ["recall on the library's examples", plain.name, "with the example's region", *names]
    print(table(header, examples_rows(candidates)))  # noqa: T201


if __name__ == "__main__":
    main()
