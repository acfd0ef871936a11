"""Pictures of results: every script is drawn, in its own order, whole; and in a separate process."""

import io
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from web.charts import bidi, charts, fonts, labels
from web.charts.fonts import Typeface
from web.charts.orders import Order

START = 1_780_000_000
SCRIPTS = {
    "latin": "Crème brûlée, ñandú, Grüße, Łódź, tiếng Việt",
    "greek": "Σαλάτα χωριάτικη",
    "cyrillic": "Щи да каша, їжак",
    "japanese": "寿司とラーメン、日替わり（税込）",
    "simplified chinese": "宫保鸡丁和麻婆豆腐",
    "traditional chinese": "宮保雞丁與麻婆豆腐",
    "korean": "비빔밥과 김치찌개",
    "thai": "ต้มยำกุ้ง ผัดไทย น้ำ",
    "devanagari": "क्षेत्र हिन्दी नमस्ते मसाला",
    "arabic": "سلطة وحمص ٣ قطع",
    "persian": "می‌خواهم گ چ پ",
    "hebrew": "שקשוקה שָׁלוֹם",
    "tamil": "மசாலா தோசை",
    "telugu": "మసాలా దోస",
    "khmer": "អាម៉ុកត្រី",
    "emoji": "🍣 😀 👨‍👩‍👧 🇯🇵 ❤️ 👍🏽 1️⃣ ☕",
    "signs": "€ £ ¥ № → ✓ ½ ² ™ © … “x” — &<>\"'",
}
LABELS = SCRIPTS | {
    "mixed": "日本語 عربي English Ω Ж ñ ไทย",
    "lines": "two\nlines\tand a tab",
    "words": "word " * 51,
    "one word": "W" * 255,
    "long japanese": "本日のおすすめ" * 36,
    "long arabic": "حمص وفلافل مع السلطة " * 12,
    "marks of direction": "\u2067שלום\u2069 \u202eabc\u202c \u200f1",
    "unknown": "\U000e0fff \ue000 \uffff \ufdd0 \U0010fffe x",
    "nothing": " \u200b ",
}


def picture_of(content: bytes) -> Image.Image:
    """A PNG, decoded to its last pixel."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def glyphs_of(text: str) -> list[tuple[str, int]]:
    """What a text becomes: (family, glyph), from left to right."""
    typeface = Typeface([text])
    return [
        (face.family, glyph.number)
        for piece, to_the_left in bidi.pieces(bidi.without_marks(text), to_the_left=labels.is_right_to_left(text))
        for face, run in typeface.runs(piece)
        for glyph in face.shaped(run, to_the_left=to_the_left)
    ]


# ------------------------------------------------------------------------------------------------------------- each script
@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_each_script_is_drawn_by_fonts_that_come_with_the_program(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No letter is the empty box, glyph 0, and none is put in words, even on a machine without fonts."""
    monkeypatch.setattr(fonts, "MACHINES", ())
    typeface = Typeface([text])
    assert "[" not in labels.in_words(text, typeface.has)
    found = glyphs_of(labels.in_words(text, typeface.has))
    assert found
    assert 0 not in {number for _, number in found}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_each_letter_looks_like_itself(text: str) -> None:
    """Boxes would all look alike, and like that of a letter that no font has."""
    letters = [letter for letter in dict.fromkeys(text) if unicodedata.category(letter)[0] in "LS"][:6]
    drawn = [charts.bars("Q", [(letter, 1, 1.0)], "n") for letter in [*letters, "\uffff", " "]]
    boxes = [letter for letter, picture in zip(letters, drawn, strict=False) if picture in drawn[-2:]]
    assert not [letter for letter in boxes if unicodedata.category(letter) != "Sk"]
    assert len(set(drawn[: len(letters)])) == len(letters)


def test_letters_are_shaped() -> None:
    """Arabic letters are joined, Devanagari's are stacked, Thai marks move, a family of emoji is one picture."""
    joined = {number for _, number in glyphs_of("سلم")}
    assert joined.isdisjoint(number for letter in "سلم" for _, number in glyphs_of(letter))
    assert len(glyphs_of("क्ष")) == 1 < len("क्ष")
    assert len(glyphs_of("👨‍👩‍👧")) == len(glyphs_of("🇯🇵")) == len(glyphs_of("👍🏽")) == 1
    thai = Typeface(["ต้"]).face_of("ต")
    assert thai is not None
    assert thai.shaped("ป้", to_the_left=False)[-1] != thai.shaped("ต้", to_the_left=False)[-1], "moved aside"


def test_east_asian_signs_are_those_of_the_language_they_stand_in() -> None:
    families = {
        text: {family for family, _ in glyphs_of(text)} for text in ("直す", "直播간", "简体直", "你們嗎直", "直")
    }
    names = ["Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans CJK JP"]
    assert [found - {"Noto Sans"} for found in families.values()] == [{name} for name in names]


@pytest.mark.parametrize(
    ("text", "to_the_left", "expected"),
    [
        ("abc", False, ["abc"]),
        ("אבג", True, ["אבג"]),
        ("abc אבג 12 def", False, ["abc ", "12", "אבג ", " def"]),
        ("אבג abc 12", True, ["abc 12", "אבג "]),
        ("سلم (x) ٣", True, ["٣", ") ", "x", "سلم ("]),
        ("a\u200dא\u200d", False, ["a\u200d", "א\u200d"]),
        ("", False, []),
    ],
)
def test_pieces_of_a_line_stand_in_their_order(text: str, to_the_left: bool, expected: list[str]) -> None:
    assert [piece for piece, _ in bidi.pieces(text, to_the_left=to_the_left)] == expected


def test_a_font_installed_a_moment_ago_is_found(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing keeps a list of the machine's fonts: what was boxes once is letters as soon as there is a font."""
    thai = next(face for face in fonts.faces() if face.family == "Noto Sans Thai")
    monkeypatch.setattr(fonts, "MACHINES", (str(tmp_path),))
    monkeypatch.setattr(fonts, "_face_of", lambda letter, cjk: None)
    assert not Typeface(["ก"]).has("ก")
    (tmp_path / "NewlyInstalled-Regular.ttf").write_bytes(Path(thai.path).read_bytes())
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    assert Typeface(["ก"]).has("ก")


# ------------------------------------------------------------------------------------------------------------ whole pictures
@pytest.mark.parametrize("text", LABELS.values(), ids=LABELS)
def test_nothing_is_cut_off(text: str) -> None:
    picture = picture_of(charts.bars(text, [(text, 3_456_789, 99.9), ("b", 0, 0.0)], "Ballots: 3,456,789"))
    assert picture.width == 1080
    grey = picture.convert("L")
    edges = [(0, 0, grey.width, 4), (0, grey.height - 4, grey.width, grey.height), (0, 0, 4, grey.height)]
    edges.append((grey.width - 4, 0, grey.width, grey.height))
    assert [grey.crop(edge).getextrema() for edge in edges] == [(255, 255)] * 4


def test_pictures_show_the_counts() -> None:
    pictures = {charts.bars("Q", [("a", count, 1.0), ("b", 5, 1.0)], "n") for count in (0, 1, 5, 1_000_000)}
    pictures.add(charts.bars("Q", [("a", None, None), ("b", None, None)], "n"))
    assert len(pictures) == 5


@pytest.mark.thorough
def test_a_hundred_choices_are_all_there() -> None:
    picture = picture_of(charts.bars("Q", [(f"Choice {n}", 1, 1.0) for n in range(100)], "n"))
    column = picture.convert("L").crop((picture.width // 2, 0, picture.width // 2 + 1, picture.height)).tobytes()
    dark = [shade < 128 for shade in column]
    assert sum(now and not before for before, now in zip(dark, dark[1:], strict=False)) == 100


@pytest.mark.parametrize("count", [0, 1, 2, 61, 1_000])
def test_a_worm_of_any_length(count: int) -> None:
    points = [(START + n, n % 700 - n % 300) for n in range(count)]
    assert picture_of(charts.worm("賛成？ בעד? Should we?", points, "note")).size == (1080, 600)


@pytest.mark.thorough
def test_a_worm_is_green_above_zero_and_red_below() -> None:
    def shares(*balances: int) -> tuple[int, int]:
        worm = charts.worm("Q", [(START + n, balances[n % len(balances)]) for n in range(60)], "n")
        red, green, _ = picture_of(worm).convert("RGB").split()
        return brighter(green, red), brighter(red, green)

    def brighter(one: Image.Image, other: Image.Image) -> int:
        return sum(ImageChops.subtract(one, other).histogram()[21:])

    for_it, against_it, even, crossing = shares(7), shares(-7), shares(0), shares(7, -7)
    assert for_it[0] > 10_000 > 100 > for_it[1]
    assert against_it[1] > 10_000 > 100 > against_it[0]
    assert max(even) < 100
    assert min(crossing) > 5_000


# --------------------------------------------------------------------------------------------------------------- the process
def test_the_process_draws_until_its_input_ends() -> None:
    """An order that cannot be drawn ends neither the process nor the next picture; its text is not logged."""
    good = Order("bars", "寿司?", (("a", 1, 100.0),), "n").packed()
    orders = [good, b'["bars", "secret"]', b"\xff", good]
    sent = b"".join(len(order).to_bytes(4, "big") + order for order in orders)
    done = subprocess.run([sys.executable, "-m", "web.charts.process"], input=sent, capture_output=True, check=True)
    assert done.stderr == b""
    answers, left = [], io.BytesIO(done.stdout)
    while head := left.read(5):
        answers.append((head[0], left.read(int.from_bytes(head[1:], "big"))))
    assert [drawn for drawn, _ in answers] == [1, 0, 0, 1]
    assert answers[0][1] == answers[3][1] == charts.bars("寿司?", [("a", 1, 100.0)], "n")
    assert b"secret" not in answers[1][1]


@pytest.mark.program
def test_neither_django_nor_the_renderer_is_loaded_where_it_is_not_needed() -> None:
    drawing = "import sys, web.charts.charts; sys.exit('django' in sys.modules)"
    serving = "import django, sys; django.setup(); import config.urls; sys.exit('uharfbuzz' in sys.modules)"
    for program in (drawing, serving):
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
    assert labels.fitted(text, room=room, lines=lines, width=columns) == expected


def test_signs_without_a_font_are_named() -> None:
    def has(letter: str) -> bool:
        return letter in "a "

    assert labels.in_words("a 🍕👍🏽\ufe0f 🇯🇵 กข aก", has) == "a [slice of pizza][thumbs up sign] JP [Thai] a[Thai]"
    assert labels.in_words("a \x00\u200d", has) == "a "
