"""Write the results of `rdp bench` into a page, between its markers, one column for each file.

Usage: python -m rdp.bench.page PAGE NAME=RESULTS.json...

$STARTS has more rows of the first column, one a line: NAME=FIGURES.
"""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

BEGIN, END = "<!-- bench -->\n", "<!-- /bench -->\n"


class MarkersMissingError(Exception):
    """The page does not have both markers, in order."""


def main() -> None:
    page, results = Path(sys.argv[1]), dict(argument.split("=", 1) for argument in sys.argv[2:])
    columns = {name: json.loads(Path(path).read_text()) for name, path in results.items()}
    starts = [line.split("=", 1) for line in os.environ.get("STARTS", "").splitlines()]
    next(iter(columns.values())).update(dict(starts))
    try:
        page.write_text(replaced(page.read_text(), table(columns)))
    except MarkersMissingError as error:
        sys.exit(f"{page}: {error}")


def replaced(page: str, table: str) -> str:
    """The page with this table between its markers.

    :raises MarkersMissingError: without them, the rest of the page would be lost
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise MarkersMissingError(f"needs the lines {BEGIN.strip()} and {END.strip()}, in order")
    return f"{before}{BEGIN}{table}{END}{after}"


def table(columns: dict[str, dict[str, str]]) -> str:
    rows = [f"| {datetime.now(UTC):%d %B %Y} | {' | '.join(columns)} |"]
    rows.append("| --- |" + " --- |" * len(columns))
    for name in next(iter(columns.values())):
        figures = [column.get(name, "-") for column in columns.values()]
        rows.append(f"| {name} | {' | '.join(figures)} |")
    return "".join(f"{row}\n" for row in rows)


if __name__ == "__main__":
    main()
