"""Put the results of `rdp bench` side by side into a page, between its markers.

Usage: python -m rdp.bench.page PAGE NAME=RESULTS.json...

$STARTS holds more rows of the first, one a line: NAME=FIGURES.
"""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

BEGIN, END = "<!-- bench -->\n", "<!-- /bench -->\n"


def main() -> None:
    page, results = Path(sys.argv[1]), dict(argument.split("=", 1) for argument in sys.argv[2:])
    columns = {name: json.loads(Path(path).read_text()) for name, path in results.items()}
    first = next(iter(columns.values()))
    starts = [line.split("=", 1) for line in os.environ.get("STARTS", "").splitlines()]
    first |= dict(starts)
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}{table(columns)}{END}{after}")


def table(columns: dict[str, dict[str, str]]) -> str:
    rows = [f"| {datetime.now(UTC):%d %B %Y} | {' | '.join(columns)} |"]
    rows.append("| --- |" + " --- |" * len(columns))
    for name in next(iter(columns.values())):
        figures = [column.get(name, "-") for column in columns.values()]
        rows.append(f"| {name} | {' | '.join(figures)} |")
    return "".join(f"{row}\n" for row in rows)


if __name__ == "__main__":
    main()
