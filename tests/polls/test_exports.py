"""Results and histories as files: what a program, a spreadsheet and an eye make of them."""

import csv
import io
import subprocess
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from limits import parse
from matplotlib._text_helpers import layout
from matplotlib.font_manager import findfont, get_font
from PIL import Image, ImageChops

from config import limits
from polls import exports
from polls.exports import charts, labels
from polls.exports.rooms import MOST_DRAWN
from polls.pages import words
from polls.rooms.ticks import WHOLE_S, Tick, for_live_graph, thinned
from polls.rules import percentage
from tests.polls.maker import Maker, refused

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


def export(kind: str, view: dict[str, Any]) -> HttpResponse:
    return exports.export(view, kind=kind, exported_at=datetime.fromisoformat("2026-06-01T20:00:00+00:00"))


@pytest.fixture
def each_glyph() -> Iterator[None]:
    """Fails when a letter is drawn as an empty box: matplotlib warns then."""
    charts.bars.cache_clear()
    charts.worm.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# ------------------------------------------------------------------------------------------------------------ the own API
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
    assert export("image", views[0]).content == export("image", views[1]).content
    assert table_of(file(many, "csv", many.client))[2] == ["White", "9", "100.0"]


@pytest.mark.django_db
def test_pictures_are_limited(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    maker, settings.RATE_LIMITS = Maker(), True
    monkeypatch.setattr(limits, "DRAW", parse("1 per minute"))
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
    assert exports.harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_text_stays_as_it_is(cell: str) -> None:
    assert exports.harmless(cell) == cell


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


@pytest.mark.django_db
def test_every_way_out_says_the_same_percentages_and_what_they_are_of() -> None:
    """A10: the page, the API, the stream's view, CSV, JSON of both APIs; the picture has the same rows."""
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
    assert words.percent(picked, ballots) == tenths.quantize(Decimal(1), ROUND_HALF_UP)


def test_a_rooms_history_as_csv() -> None:
    answer = exports.room_csv("ABC123", [Tick(START, 0, 0), Tick(START + 1, 2, 5)])
    header, *rows = table_of(answer)
    assert header == ["time", "ts", "yes", "no", "yes_minus_no"]
    assert rows[1] == ["2026-05-28T20:26:41+00:00", str(START + 1), "2", "5", "-3"]
    assert answer["Content-Disposition"] == 'attachment; filename="room-ABC123.csv"'
    assert table_of(exports.room_csv("ABC123", []))[1:] == []
    assert len(table_of(exports.room_csv("ABC123", EVENING))) == 43_201


# --------------------------------------------------------------------------------------------------------------- pictures
LABELS = {
    "japanese": "寿司とラーメン、日替わり（税込）",
    "arabic": "حمص وفلافل ٣ قطع",
    "hebrew": "שקשוקה (חריף) with salad 2",
    "mixed": "日本語 عربي English Ω Ж ñ",
    "emoji": "🍣 😀 👨‍👩‍👧 🇯🇵 ❤️ 👍🏽",
    "signs": "$x$ ^ { \\alpha & <b> #1 100%",
    "lines": "two\nlines\tand a tab",
    "words": "word " * 51,
    "one word": "W" * 255,
    "long japanese": "本日のおすすめ" * 36,
    "long arabic": "حمص وفلافل مع السلطة " * 12,
}


@pytest.mark.usefixtures("each_glyph")
@pytest.mark.parametrize("text", LABELS.values(), ids=LABELS)
def test_every_letter_is_drawn_and_nothing_is_cut_off(text: str) -> None:
    picture = picture_of(export("image", view_of((text, 3_456_789), ("b", 0), title=text)).content)
    assert picture.width == 1080
    grey = picture.convert("L")
    edges = [(0, 0, grey.width, 4), (0, grey.height - 4, grey.width, grey.height), (0, 0, 4, grey.height)]
    edges.append((grey.width - 4, 0, grey.width, grey.height))
    assert [grey.crop(edge).getextrema() for edge in edges] == [(255, 255)] * 4


def test_letters_are_shaped_and_run_to_the_left() -> None:
    """What matplotlib makes of a text, glyph by glyph: Arabic letters joined, Hebrew turned round."""
    font = get_font(findfont("DejaVu Sans"))

    def glyphs(text: str) -> list[int]:
        return [item.glyph_index for item in layout(text, font)]

    assert set(glyphs("سلم")).isdisjoint({glyphs(letter)[0] for letter in "سلم"})
    assert glyphs("אב") == [*glyphs("ב"), *glyphs("א")]


def test_pictures_show_the_counts() -> None:
    pictures = {export("image", view_of(("a", count), ("b", 5))).content for count in (0, 1, 5, 1_000_000)}
    pictures.add(export("image", view_of(("a", None), ("b", None))).content)
    assert len(pictures) == 5


def test_a_hundred_choices_are_all_there() -> None:
    picture = picture_of(export("image", view_of(*((f"Choice {n}", 1) for n in range(100)))).content)
    column = picture.convert("L").crop((picture.width // 2, 0, picture.width // 2 + 1, picture.height)).tobytes()
    dark = [shade < 128 for shade in column]
    assert sum(now and not before for before, now in zip(dark, dark[1:], strict=False)) == 100


@pytest.mark.usefixtures("each_glyph")
@pytest.mark.parametrize("count", [0, 1, 2, 61, 43_200])
def test_a_worm_of_any_length(count: int) -> None:
    answer = exports.worm("賛成？ בעד? Should we?", "ABC123", EVENING[:count])
    assert answer["Content-Disposition"] == 'attachment; filename="room-ABC123.png"'
    assert picture_of(answer.content).size == (1080, 600)


def test_a_worm_is_green_above_zero_and_red_below() -> None:
    def shares(yes: int, no: int) -> tuple[int, int]:
        worm = exports.worm("Q", "ABC123", [Tick(START + n, yes, no) for n in range(60)])
        red, green, _ = picture_of(worm.content).convert("RGB").split()
        return brighter(green, red), brighter(red, green)

    def brighter(one: Image.Image, other: Image.Image) -> int:
        return sum(ImageChops.subtract(one, other).histogram()[21:])

    for_it, against_it, even = shares(9, 2), shares(2, 9), shares(4, 4)
    assert for_it[0] > 10_000 > 100 > for_it[1]
    assert against_it[1] > 10_000 > 100 > against_it[0]
    assert max(even) < 100


def test_thinning_keeps_the_ends_the_order_and_every_peak() -> None:
    ticks = [Tick(second, second % 50, 0) for second in range(43_200)]
    ticks[20_001], ticks[30_003] = Tick(20_001, 9_999, 0), Tick(30_003, 0, 9_999)
    kept = thinned(ticks, MOST_DRAWN)
    assert len(kept) <= MOST_DRAWN
    assert kept == sorted(kept)
    assert {ticks[0], ticks[-1], ticks[20_001], ticks[30_003]} <= set(kept)
    assert thinned(ticks[:1_000], MOST_DRAWN) == ticks[:1_000]
    live = for_live_graph(ticks, 400)
    assert live[-WHOLE_S:] == ticks[-WHOLE_S:], "whole where somebody looks closer"
    assert len(live) <= 400 + WHOLE_S
    assert {ticks[0], ticks[20_001], ticks[30_003]} <= set(live)
    assert for_live_graph([], 400) == []


def test_threads_draw_what_one_thread_draws() -> None:
    titles = [
        f"{LABELS[name]} {n}" for n, name in enumerate(("japanese", "arabic", "mixed", "signs", "words", "emoji"))
    ]
    rows = tuple((LABELS[name], 1, 1.0) for name in ("hebrew", "japanese", "emoji"))
    ticks = tuple((n, n % 7 - 3) for n in range(100))

    def both(title: str) -> tuple[bytes, bytes]:
        return charts.bars.__wrapped__(title, rows, "n"), charts.worm.__wrapped__(title, ticks, "n")

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(both, titles))
    assert together == [both(title) for title in titles]


def test_starting_does_not_wait_for_matplotlib() -> None:
    """It takes up to a second; only the first picture waits for it."""
    program = "import django, sys; django.setup(); import config.urls; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# ----------------------------------------------------------------------------------------------------------------- labels
def columns(letter: str) -> float:
    """As on a terminal: a Japanese letter takes two."""
    return 2 if unicodedata.east_asian_width(letter) == "W" else 1


@pytest.mark.parametrize(
    ("text", "room", "lines", "expected"),
    [
        ("short", 10, 2, ["short"]),
        ("one two three", 9, 2, ["one two", "three"]),
        ("one two three four", 9, 2, ["one two", "three…"]),
        ("one two three four", 11, 2, ["one two", "three four"]),
        ("日本語日本語", 6, 3, ["日本語", "日本語"]),
        ("日本語日本語", 6, 1, ["日本…"]),
        ("e\u0301e\u0301e\u0301", 2, 2, ["e\u0301e\u0301", "e\u0301"]),
        ("אבג דהו abc", 7, 2, ["אבג דהו", "abc"]),
        ("日本", 1, 2, ["日", "本"]),
        ("  ", 5, 2, []),
    ],
)
def test_labels_fit(text: str, room: int, lines: int, expected: list[str]) -> None:
    found = labels.fitted(text, room=room, lines=lines, width=columns)
    mark = "" if len(expected) < 2 else labels.RIGHT_TO_LEFT if "א" in text else labels.LEFT_TO_RIGHT
    assert found.split("\n") == [f"{mark}{line}" for line in expected or [""]]


def test_signs_without_a_font_are_named() -> None:
    def has(letter: str) -> bool:
        return letter in "a "

    assert labels.in_words("a 🍕👍🏽\ufe0f 🇯🇵 ก", has) == "a [slice of pizza][thumbs up sign] JP ก"
    assert labels.in_words("a \x00\u200d", has) == "a "
