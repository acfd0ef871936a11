"""A venue's accent colour, made readable: WCAG 2 contrast, and its tones for light and for dark pages. Pure."""

import re
from dataclasses import dataclass

_HEX = re.compile("#[0-9a-f]{6}")
# Text in the accent colour stands on these, and must be readable there: `rule` and `ok-soft` of frontend/design/tokens.css, the
# grounds nearest to the middle. A test compares.
LIGHT_GROUNDS, DARK_GROUNDS = ("#dcd8cc", "#e3f2ea", "#fdf4d8"), ("#2c3833", "#15352b", "#37301a")
WHITE, BLACK = "#ffffff", "#0b0f0d"
# WCAG 2, AA, for text of any size.
TEXT = 4.5
_STRONGER = 0.25


def is_colour(text: str) -> bool:
    """Whether it is written as #rrggbb, in lower case."""
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@dataclass(frozen=True, slots=True)
class Tone:
    """The accent on pages of one kind: itself, stronger (under the pointer), and the colour of text on either."""

    accent: str
    strong: str
    on: str


def tones(colour: str) -> tuple[Tone, Tone]:
    """Its tone for light pages and for dark ones: itself where it can be read on all their grounds, else as near as can be."""
    return _tone(colour, LIGHT_GROUNDS, BLACK), _tone(colour, DARK_GROUNDS, WHITE)


def stylesheet(colour: str) -> str:
    """The CSS that gives a page this accent."""
    light, dark = tones(colour)
    return (
        f":root{{--accent:light-dark({light.accent},{dark.accent});"
        f"--accent-strong:light-dark({light.strong},{dark.strong});--on-accent:light-dark({light.on},{dark.on})}}"
    )


def _tone(colour: str, grounds: tuple[str, ...], towards: str) -> Tone:
    mixed = (_mixed(colour, towards, percent / 100) for percent in range(101))
    accent = next(each for each in mixed if all(contrast(each, ground) >= TEXT for ground in grounds))
    strong = _mixed(accent, towards, _STRONGER)
    on = max((WHITE, BLACK), key=lambda text: min(contrast(text, accent), contrast(text, strong)))
    return Tone(accent, strong, on)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _mixed(one: str, other: str, share: float) -> str:
    """`share` of the other colour in this one, 0 to 1."""
    parts = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(mine + (theirs - mine) * share):02x}" for mine, theirs in parts)


def _luminance(colour: str) -> float:
    shares = (part / 255 for part in _parts(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
