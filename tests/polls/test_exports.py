"""Results and histories as files: what a program, a spreadsheet and an eye make of them."""

import csv
import io
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from limits import parse
from PIL import Image

from core import rate_limits
from polls import exports
from polls.pages import labels
from polls.rules import percentage
from rooms.exports import MOST_DRAWN, room_csv
from rooms.ticks import WHOLE_S, Tick, for_live_graph, thinned
from tests.polls.api_client import Maker, refused
from web.exports import harmless

START = 1_780_000_000
EVENING = [Tick(START + second, second % 700, second % 300) for second in range(43_200)]


def table_of(answer: Any) -> list[list[str]]:
    """The cells of a CSV file."""
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def picture_of(content: bytes) -> Image.Image:
    """A PNG, decoded to its last pixel."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def view_of(*choices: tuple[str, int | None], **more: Any) -> dict[str, Any]:
    """A results view."""
    hidden = any(count is None for _, count in choices)
    ballots = more.pop("ballots", sum(count or 0 for _, count in choices))
    return {
        "id": "x", "code": "ABC123", "title": "Which?", "status": "open", "maxPicks": 1, "hidden": hidden,
        "ballots": None if hidden else ballots,
        "choices": [
            {"number": n, "text": text, "count": count, "percentage": None if count is None else percentage(count, ballots)}
            for n, (text, count) in enumerate(choices)
        ],
    } | more  # fmt: skip


def export(kind: str, view: dict[str, Any]) -> Any:
    return exports.export(view, kind=kind, exported_at=datetime.fromisoformat("2026-06-01T20:00:00+00:00"))


# ------------------------------------------------------------------------------------------------------------ the own API
@pytest.mark.thorough
@pytest.mark.django_db
def test_one_poll_as_three_files() -> None:
    maker = Maker(choices=["Red", "White", "Rosé"], maxPicks=2)
    for picks in ((0, 1), (0,), (2, 0)):
        assert maker.vote(*picks).status_code == 201
    told = Client().get(f"{maker.url}/export?format=json").json()
    assert datetime.fromisoformat(told.pop("exportedAt")).tzinfo
    results = maker.results()
    assert [choice["percentage"] for choice in told["choices"]] == [100.0, 33.3, 33.3]
    assert told.pop("percentageOf") == "ballots"
    assert told == results
    answer = Client().get(f"/api/polls/{maker.made['code'].lower()}/export?format=csv", headers={"Accept": "text/csv"})
    assert table_of(answer)[1:] == [["Red", "3", "100.0"], ["White", "1", "33.3"], ["Rosé", "1", "33.3"]]
    assert answer["Content-Disposition"] == f'attachment; filename="poll-{maker.made["code"]}.csv"'
    picture = Client().get(f"{maker.url}/export?format=image")
    assert picture["Content-Type"] == "image/png"
    assert {file["Cache-Control"] for file in (answer, picture)} == {"no-store"}
    before = picture_of(picture.content)
    maker.vote(1)
    after = picture_of(Client().get(f"{maker.url}/export?format=image").content)
    assert (before.size, before.tobytes()) != (after.size, after.tobytes())


@pytest.mark.django_db
def test_what_cannot_be_exported() -> None:
    maker = Maker()
    for wrong in ("", "?format=", "?format=pdf", "?format=JSON", "?kind=csv"):
        refused(Client().get(f"{maker.url}/export{wrong}"), 400, "format")
    refused(Client().get("/api/polls/NOSUCH/export?format=csv"), 404)


@pytest.mark.thorough
@pytest.mark.django_db
def test_hidden_counts_are_in_no_file() -> None:
    few, many = Maker(visibility="host_only", title="Same"), Maker(visibility="host_only", title="Same")
    few.vote(0)
    for _ in range(9):
        many.vote(1)

    def file(maker: Maker, kind: str, client: Client | None = None) -> Any:
        return (client or Client()).get(f"{maker.url}/export", {"format": kind})

    for maker in (few, many):
        told = file(maker, "json").json()
        assert {choice[key] for choice in told["choices"] for key in ("count", "percentage")} == {None}
        assert (told["ballots"], told["version"], told["hidden"]) == (None, None, True)
        assert table_of(file(maker, "csv"))[1:] == [["Red", "", ""], ["White", "", ""]]
    # The two pictures differ by the code below them; with one code, they must be the same.
    views = [file(maker, "json").json() | {"code": "ABC123"} for maker in (few, many)]
    assert export("image", views[0]).packed() == export("image", views[1]).packed()
    assert table_of(file(many, "csv", many.client))[2] == ["White", "9", "100.0"]


@pytest.mark.django_db
def test_pictures_are_limited(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    maker, settings.RATE_LIMITS = Maker(), True
    monkeypatch.setattr(rate_limits, "DRAW", parse("1 per minute"))
    one = Client(REMOTE_ADDR="203.0.113.77")
    statuses = [one.get(f"{maker.url}/export?format={kind}").status_code for kind in ("image", "image", "csv")]
    assert statuses == [200, 429, 200]


# -------------------------------------------------------------------------------------------------------------------- CSV
RUN = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u3000=1",
    "\xa0@x",
    "\ufeff=1",
    "\u200b=1",
    "\u200f-1",
]
WIDE = ["＝1+1", "＋1", "－1", "＠x", "﹦1", " ＝1"]
HARMLESS = ["plain", "1=1", "a-b", "'=1", "", " ", "−1", "5 @ home", "寿司", "سلطة"]


@pytest.mark.parametrize("cell", [*RUN, *WIDE])
def test_a_formula_becomes_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_text_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_csv_gives_back_every_text() -> None:
    texts = [*RUN, *WIDE, *HARMLESS, 'He said "so", twice', "two\nlines", "a;=1+1", "x\r\ny", '","', "tab\there"]
    answer = export("csv", view_of(*((text, n) for n, text in enumerate(texts))))
    header, *rows = table_of(answer)
    assert header == ["choice: Which?", f"votes ({sum(range(len(texts)))} ballots)", "percent of ballots"]
    assert [row[0].removeprefix("'") for row in rows] == [text.removeprefix("'") for text in texts]
    assert [row[1] for row in rows] == [str(n) for n in range(len(texts))]
    # Where cells are parted by semicolons, no part begins with a formula either.
    assert b'"a;=1+1"' in answer.content


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((1, 2), [33.3, 66.7]),
        ((0, 0), [0.0, 0.0]),
        ((1, 0), [100.0, 0.0]),
        ((1, 1_999), [0.1, 100.0]),
        ((5_000_000, 3_000_000), [62.5, 37.5]),
        ((1, 7), [12.5, 87.5]),
        ((669, 1_331), [33.5, 66.6]),
    ],
)
def test_percentages_have_one_decimal(counts: tuple[int, int], expected: list[float]) -> None:
    view = view_of(("a", counts[0]), ("b", counts[1]))
    assert [row["percentage"] for row in exports.rows(view)] == expected
    assert [row[2] for row in table_of(export("csv", view))[1:]] == [f"{each:.1f}" for each in expected]


@pytest.mark.thorough
@pytest.mark.django_db
def test_every_way_out_says_the_same_percentages_and_what_they_are_of() -> None:
    """The page, the API, the stream's view, CSV, JSON of both APIs; the picture has the same rows."""
    maker = Maker(choices=["Red", "White", "Rosé"], maxPicks=3, title="Which wine?")
    for picks in ((0, 1), (0,), (0,), (1, 0), (0, 1, 2), (1,), (2, 1)):
        assert maker.vote(*picks).status_code == 201
    expected = [71.4, 71.4, 28.6]
    results, own = maker.results(), Client().get(f"{maker.url}/export?format=json").json()
    session = Client().get(f"/api/vote/{maker.made['id']}/export?format=json").json()
    header, *rows = table_of(Client().get(f"{maker.url}/export?format=csv"))
    assert [[choice["percentage"] for choice in each["choices"]] for each in (results, own, session)] == [expected] * 3
    assert [row[2] for row in rows] == [str(each) for each in expected]
    assert header == ["choice: Which wine?", "votes (7 ballots)", "percent of ballots"]
    assert {(each["percentageOf"], each.get("ballots", each.get("totalBallots"))) for each in (own, session)} == {
        ("ballots", 7)
    }
    assert (own["title"], session["question"], session["totalVotes"]) == ("Which wine?", "Which wine?", 12)
    page = Client().get(f"/vote/{maker.made['code']}/results").content.decode()
    assert [page.count(f"data-percent>{whole}%") for whole in (71, 29)] == [2, 1]


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_one_rounding_rule(picked: int, others: int) -> None:
    """Half a tenth up, and pages half of a whole up, of any counts."""
    ballots = picked + others
    exact = Decimal(100 * picked) / ballots if ballots else Decimal(0)
    tenths = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert Decimal(str(percentage(picked, ballots))) == tenths
    assert labels.percent(picked, ballots) == tenths.quantize(Decimal(1), ROUND_HALF_UP)


def test_a_rooms_history_as_csv() -> None:
    answer = room_csv("ABC123", [Tick(START, 0, 0), Tick(START + 1, 2, 5)])
    header, *rows = table_of(answer)
    assert header == ["time", "ts", "yes", "no", "yes_minus_no"]
    assert rows[1] == ["2026-05-28T20:26:41+00:00", str(START + 1), "2", "5", "-3"]
    assert answer["Content-Disposition"] == 'attachment; filename="room-ABC123.csv"'
    assert table_of(room_csv("ABC123", []))[1:] == []
    assert len(table_of(room_csv("ABC123", EVENING))) == 43_201


# --------------------------------------------------------------------------------------------------------------- thinning
def test_thinning_keeps_the_ends_the_order_and_every_peak() -> None:
    ticks = [Tick(second, second % 50, 0) for second in range(43_200)]
    ticks[20_001], ticks[30_003] = Tick(20_001, 9_999, 0), Tick(30_003, 0, 9_999)
    kept = thinned(ticks, MOST_DRAWN)
    assert len(kept) <= MOST_DRAWN
    assert kept == sorted(kept)
    assert {ticks[0], ticks[-1], ticks[20_001], ticks[30_003]} <= set(kept)
    assert thinned(ticks[:1_000], MOST_DRAWN) == ticks[:1_000]
    live = for_live_graph(ticks, 400)
    assert live[-WHOLE_S:] == ticks[-WHOLE_S:], "whole where a reader zooms in"
    assert len(live) <= 400 + WHOLE_S
    assert {ticks[0], ticks[20_001], ticks[30_003]} <= set(live)
    assert for_live_graph([], 400) == []
