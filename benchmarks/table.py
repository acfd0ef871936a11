"""Figures as a table: for the terminal, and as Markdown between two markers of docs/performance.md."""

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.figures import Failed, Figure, Spread

COLUMNS = ("figure", "what", "reference", "ours", "reference's", "ratio", "target", "reached")
BEGIN = "<!-- figures: begin (make bench ARGS=--write-docs) -->"
END = "<!-- figures: end -->"


def cells(figure: Figure | Failed) -> tuple[str, ...]:
    """One line of the table, a word a column."""
    if isinstance(figure, Failed):
        return (figure.number, f"FAILED: {figure.problem.splitlines()[0][:90]}", "", "", "", "", "", "no")
    return (
        figure.number,
        figure.what,
        figure.reference or "—",
        spread(Spread.of(figure.ours), figure.unit),
        spread(Spread.of(figure.theirs), figure.unit) if figure.theirs else "—",
        spread(figure.ratio, "×") if figure.ratio else "—",
        str(figure.goal) + (f" {figure.unit}" if figure.goal.absolute else ""),
        "yes" if figure.reached else "no",
    )


def spread(values: Spread, unit: str) -> str:
    """`12,000 (11,000-13,000) /s`: the middle, then the lowest and highest."""
    space = "" if unit in {"×", "%"} else " "
    if values.low == values.high:
        return f"{number(values.middle)}{space}{unit}"
    return f"{number(values.middle)}{space}{unit} ({number(values.low)}-{number(values.high)})"


def number(value: float) -> str:
    """Three digits that count, thousands with a comma."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def for_terminal(figures: Sequence[Figure | Failed]) -> str:
    """Columns as wide as their widest word, and the notes below."""
    lines = [COLUMNS, *(cells(figure) for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    text = ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*text, "", *notes(figures)]).rstrip() + "\n"


def for_docs(figures: Sequence[Figure | Failed], *, about: str, before: str = "", day: str = "") -> str:
    """A Markdown table with the `day` of each row, and `about` (where and when) above it. Of the text that stood there `before`,
    rows and notes of figures that were not measured now stay."""
    measured = {figure.number for figure in figures}
    kept = [line for line in before.splitlines() if (found := _NUMBERED.match(line)) and found[1] not in measured]
    rows = [_row([*cells(figure), day]) for figure in figures] + [line for line in kept if line.startswith("|")]
    told = [f"- {note}" for note in notes(figures)] + [line for line in kept if line.startswith("-")]
    table = "\n".join([markdown([*COLUMNS, "measured"], []), *sorted(rows, key=_order)])
    return f"{about}\n\n{table}\n\n" + "\n".join(sorted(told, key=_order))


# A row or a note of docs/performance.md.
_NUMBERED = re.compile(r"(?:\| |- )(S(\d+))\b")


def _order(line: str) -> int:
    found = _NUMBERED.match(line)
    return int(found[2]) if found else 0


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join(_row(line) for line in (head, ["---"] * len(head), *lines))


def _row(words: Sequence[str]) -> str:
    return "| " + " | ".join(word.replace("|", "\\|") for word in words) + " |"


def where_and_when(length: str) -> str:
    """What was measured when and on which machine, as the beginning of a sentence. `length`: of the runs."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"Measured {today()}, {length}, on {os.cpu_count()} cores ({platform.machine()}), "
        f"{memory:.0f} GiB, Python {platform.python_version()}; load, servers and databases on the same machine"
    )


def today() -> str:
    """The day in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def notes(figures: Sequence[Figure | Failed]) -> list[str]:
    """What the reader should know besides."""
    return [f"{each.number}: {note}" for each in figures if isinstance(each, Figure) for note in each.notes]


def between(page: Path, *, begin: str = BEGIN, end: str = END) -> str:
    """The text between the page's markers."""
    return page.read_text().partition(begin)[2].partition(end)[0]


def write_into(page: Path, text: str, *, begin: str = BEGIN, end: str = END) -> None:
    """Puts the text between the page's markers. Raises ValueError when it has none, or not in this order."""
    before, found, rest = page.read_text().partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise ValueError(f"{page} has no markers {begin} ... {end}")
    page.write_text(f"{before}{begin}\n{text.rstrip()}\n{end}{after}")
