"""The fonts of the pictures: which letters they have and how wide each is.

Latin, Greek, Cyrillic, Hebrew and Arabic are in the first font, Japanese in the second, both of which come with the
packages; matplotlib (3.11, with libraqm) shapes and orders them. Other scripts are drawn where the machine has a font.
"""

from functools import cache

import matplotlib_fontja  # noqa: F401 — its import makes the Japanese font known
from matplotlib.font_manager import findfont, fontManager
from matplotlib.ft2font import FT2Font, LoadFlags

_ALWAYS = ("DejaVu Sans", "IPAexGothic")
_IF_THERE = ("Noto Sans CJK JP", "Noto Sans Thai", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Emoji")
FONTS = [*_ALWAYS, *(name for name in _IF_THERE if name in {font.name for font in fontManager.ttflist})]


@cache
def _faces() -> list[FT2Font]:
    """Of our own: those matplotlib draws with have a size set."""
    paths = [findfont(name) for name in FONTS]
    return [FT2Font(path, face_index=getattr(path, "face_index", 0)) for path in paths]


@cache
def has(letter: str) -> bool:
    """Whether one of the fonts has this letter. White space is no matter of fonts."""
    return letter.isspace() or any(face.get_char_index(ord(letter)) for face in _faces())


@cache
def width_em(letter: str) -> float:
    """How far a letter by itself moves the line on, as a part of the font's size."""
    for face in _faces():
        if index := face.get_char_index(ord(letter)):
            face.set_size(1, 72 * 64)
            return face.load_glyph(index, LoadFlags.NO_HINTING).linearHoriAdvance / 65_536 / 64
    return 1.0
