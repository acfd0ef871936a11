"""Any accent colour can be read, on light pages and on dark ones (WCAG 2 AA)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import colours
from tests.installation import ROOT

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
# Grounds on which pages put text in the accent colour (frontend/design/contrast.test.ts).
GROUNDS = ("paper", "card", "ok-soft", "rule", "notice")


def grounds() -> tuple[list[str], list[str]]:
    """Those of the stylesheet, for light pages and for dark ones."""
    css = (ROOT / "frontend/design/tokens.css").read_text()
    found = dict(
        (name, (light, dark)) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    )
    light, dark = zip(*(found[name] for name in GROUNDS), strict=True)
    return list(light), list(dark)


def test_the_arithmetic_is_wcags() -> None:
    assert colours.contrast("#ffffff", "#000000") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(COLOURS)
def test_text_in_any_accent_and_on_it_can_be_read(colour: str) -> None:
    for tone, on in zip(colours.tones(colour), grounds(), strict=True):
        for ground in on:
            assert colours.contrast(tone.accent, ground) >= 4.5
            assert colours.contrast(tone.strong, ground) >= 4.5
        for under in (tone.accent, tone.strong):
            assert colours.contrast(tone.on, under) >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert colours.tones("#0c4a8a")[0].accent == "#0c4a8a"
    assert colours.tones("#ffd54a")[1].accent == "#ffd54a"


@pytest.mark.parametrize("text", ["", "#fff", "0c6251", "#0c625g", "#0c6251;}", "red", "#0C6251"])
def test_only_rrggbb_is_a_colour(text: str) -> None:
    assert not colours.is_colour(text)
