"""What a benchmark's runs are turned into: ratios, verdicts, tables, the page."""

from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import table
from benchmarks.figures import Failed, Figure, Goal, Spread
from tests.installation import ROOT


def figure(ours: list[float], theirs: list[float], goal: Goal, **more: object) -> Figure:
    fields = {"number": "S1", "what": "a | b", "unit": "/s", "reference": "bare" if theirs else "", **more}
    return Figure(goal=goal, ours=ours, theirs=theirs, **fields)  # type: ignore[arg-type]


def test_the_ratio_is_of_runs_side_by_side() -> None:
    """A machine that is slow for a while is slow for both."""
    found = figure([80.0, 8.0, 90.0], [100.0, 10.0, 100.0], Goal(least=0.8))
    assert found.ratio == Spread(0.8, 0.8, 0.9)
    assert found.reached


@pytest.mark.parametrize(
    ("goal", "ours", "theirs", "reached"),
    [
        (Goal(least=4), [400.0], [100.0], True),
        (Goal(least=4), [399.0], [100.0], False),
        (Goal(most=1.3), [13.0], [10.0], True),
        (Goal(most=1.3), [14.0], [10.0], False),
        (Goal(most=50, absolute=True), [49.0], [1.0], True),
        (Goal(most=50, absolute=True), [51.0], [100.0], False),
        (Goal(most=50, absolute=True), [10.0, 49.0, 400.0], [], True),
        (Goal(least=4), [400.0], [], False),
    ],
)
def test_a_goal_is_reached_by_the_middle_run(goal: Goal, ours: list[float], theirs: list[float], reached: bool) -> None:
    assert figure(ours, theirs, goal).reached is reached


def test_the_terminal_shows_every_column_and_every_note() -> None:
    good = figure([12_345.0, 11_000.0, 13_000.0], [10_000.0] * 3, Goal(least=0.8), notes=["by the way"])
    text = table.for_terminal([good, Failed("S4", "AssertionError: 3 ballots are lost\nmore")])
    lines = text.splitlines()
    assert len({line.find("target") for line in lines if "target" in line}) == 1
    assert "12,345 /s (11,000-13,000)" in lines[2]
    assert "1.23× (1.10-1.30)" in lines[2]
    assert lines[2].endswith("yes")
    assert "FAILED: AssertionError: 3 ballots are lost" in lines[3]
    assert lines[3].endswith("no")
    assert lines[-1] == "S1: by the way"


def test_the_page_keeps_what_stands_around_the_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n")
    for _ in range(2):
        table.write_into(page, table.for_docs([figure([1.0], [2.0], Goal(least=0.8))], about="Then and there."))
    text = page.read_text()
    assert text.startswith(f"before\n{table.BEGIN}\nThen and there.\n\n| figure |")
    assert text.endswith(f"\n{table.END}\nafter\n")
    assert "a \\| b" in text
    assert "old" not in text


def test_figures_that_were_not_measured_stay_on_the_page_with_their_day(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{table.BEGIN}\n{table.END}\n")
    first = [figure([n], [2.0], Goal(least=0.8), number=f"S{n}", notes=[f"note {n}"]) for n in (1, 2, 11)]
    again = [figure([4.0], [2.0], Goal(least=0.8), number="S2", notes=["anew"])]
    for figures, day in ((first, "2026-01-01"), (again, "2026-01-02")):
        written = table.for_docs(figures, about=f"On {day}.", before=table.between(page), day=day)
        table.write_into(page, written)
    lines = table.between(page).splitlines()
    assert lines[1] == "On 2026-01-02."
    days = [(line.split(" | ")[0], line[:-2].split(" | ")[-1]) for line in lines if line.startswith("| S")]
    assert days == [("| S1", "2026-01-01"), ("| S2", "2026-01-02"), ("| S11", "2026-01-01")]
    assert lines[-3:] == ["- S1: note 1", "- S2: anew", "- S11: note 11"]


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{table.END}\n{table.BEGIN}\n")
    with pytest.raises(ValueError, match="markers"):
        table.write_into(page, "text")
    assert page.read_text() == f"{table.END}\n{table.BEGIN}\n"


def test_every_script_is_there_and_explained() -> None:
    page = (ROOT / "docs/performance.md").read_text()
    assert table.BEGIN in page and table.END in page
    scripts = {path.stem for path in (ROOT / "benchmarks").glob("s[0-9]*.py")}
    assert scripts == set(command.SCRIPTS.values())
    for name in command.SCRIPTS:
        assert name.upper() in page, name
