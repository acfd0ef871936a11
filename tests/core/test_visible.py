"""Which texts can be seen, and which look the same."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import Invalid
from core.visible import is_visible, looks, shown, trimmed

INVISIBLE = [
    "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u115f", "\u1160", "\u3164", "\uffa0",
    "\u2800", "\u180e", "\u17b4", "\u200e", "\u200f", "\u061c", "\u202a", "\u202e", "\u2066", "\u2069", "\ufe0f",
    "\ufe00", "\U000e0100", "\U000e0001", "\U000e0041", "\U000e007f", "\u2061", "\u206a", "\ufff9", "\ufffc",
    "\u00a0", "\u3000", "\u2003", "\u202f", "\u205f", "\u1680", "\u2028", "\u0085", "\U0001d159", "\U0001d173",
]  # fmt: skip
MARKS = ["\u0301", "\u0488", "\u20dd", "\u093e", "\u05b4", "\u064e", "\u3099"]
LEGAL = [
    "👨‍👩‍👧‍👦", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "🇯🇵", "👍🏽", "می‌خواهم", "שָׁלוֹם", "سلطة", "\u2067שלום\u2069", "ต้มยำกุ้ง", "हिन्दी",
    "Å", "e\u0301", "日本", "한국", "?", "−", ".", "\U0001fae8", "A\u200bB", "क्‍ष", "é",
]  # fmt: skip


@pytest.mark.parametrize("letter", [*INVISIBLE, *MARKS])
def test_what_cannot_be_seen(letter: str) -> None:
    for text in (letter, letter * 3, f" {letter}\t", f"\u200b{letter}"):
        assert not is_visible(text), f"{text!r}"
        with pytest.raises(Invalid) as refused:
            shown(text, "title", required=True)
        assert (refused.value.field, "title" in refused.value.message) == ("title", True)


def test_nothing_is_fine_where_nothing_is_asked_for() -> None:
    assert shown(" \n", "note") == ""
    with pytest.raises(Invalid, match="note"):
        shown("\u3164", "note")


@pytest.mark.parametrize("text", LEGAL)
def test_what_can_be_seen_stays_as_it_was_written(text: str) -> None:
    assert is_visible(text)
    assert shown(f" {text}\u3000", "name", required=True) == text.strip() == trimmed(f"\u200b{text}\u2060\u00a0")


@pytest.mark.parametrize(
    "twin",
    [
        "Red  wine", " Red wine ", "Red\u00a0wine", "Red\u200bwine", "Re\u00add wine", "\u200eRed wine", "Red wine\ufe0f",
        "Red\u2003wine", "Red\u2800wine", "Ｒｅｄ wine", "Red\u3164wine\u3164", "R\u034fed wine", "Red wine\U000e0041",
        "\u2067Red wine\u2069", "Red\twine",
    ],
)  # fmt: skip
def test_twins_look_the_same(twin: str) -> None:
    assert looks(twin) == looks("Red wine")


@pytest.mark.parametrize(("one", "other"), [("é", "e\u0301"), ("ﬁsh", "fish"), ("ｶﾞ", "ガ"), ("❤", "❤️"), ("ﻼ", "لا")])
def test_one_letter_written_in_two_ways(one: str, other: str) -> None:
    assert looks(one) == looks(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"), ("🏴", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"), ("👨‍👩‍👧", "👨👩👧"), ("👍", "👍🏽"), ("m²", "m2"), ("IT", "It"), ("①", "1"),
        ("a", "á"), ("1.5", "15"), ("ガ", "カ"), ("🇯🇵", "🇯🇴"), ("❤️‍🔥", "❤️🔥"),
    ],
)  # fmt: skip
def test_what_looks_different(one: str, other: str) -> None:
    assert looks(one) != looks(other)


@given(st.text(), st.text(alphabet=[*INVISIBLE, " "]))
@example("≠\u200d☺", "")
@example("㈱\u200d☺", "")
@example("☺\u200d⑴ ♥\u200b\u0301", "")
def test_looks_and_trimming_settle(text: str, around: str) -> None:
    assert looks(looks(text)) == looks(text)
    assert trimmed(trimmed(text)) == trimmed(text)
    assert is_visible(trimmed(text)) == is_visible(text)
    assert is_visible(text) == is_visible(f"{around}{text}{around}")
    assert looks(unicodedata.normalize("NFD", text)) == looks(text)


@given(st.text(alphabet=INVISIBLE))
def test_no_text_of_invisible_letters_is_seen(text: str) -> None:
    assert not is_visible(text)
