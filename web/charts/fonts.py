"""The fonts of the charts: which one draws a letter, and how wide it is.

Those of FONTS come with the program (decision 0025). What none of them has is looked for among the machine's own fonts,
as they are at that moment: nothing remembers a list of them.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import uharfbuzz as hb

REGULAR = 400
# Package, file, families in it. The first that has a letter draws it.
FONTS = (
    ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),
    ("fontpkg_open_sans", "files/OpenSans[wdth,wght].ttf"),  # Hebrew
    ("fontpkg_noto_sans_devanagari", "files/NotoSansDevanagari[wdth,wght].ttf"),
    ("fontpkg_noto_sans_thai", "files/NotoSansThai[wdth,wght].ttf"),
    ("fontpkg_noto_sans_tamil", "files/NotoSansTamil[wdth,wght].ttf"),
    ("fontpkg_noto_sans_telugu", "files/NotoSansTelugu[wdth,wght].ttf"),
    ("fontpkg_noto_sans_khmer", "files/NotoSansKhmer[wdth,wght].ttf"),
    ("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc"),
    ("web.charts", "fonts/NotoEmoji-Regular.ttf"),
)
# Han characters look different in each; in the order of the file.
CJK = {"jp": "Noto Sans CJK JP", "kr": "Noto Sans CJK KR", "sc": "Noto Sans CJK SC", "tc": "Noto Sans CJK TC"}
EMOJI = "Noto Emoji"
MACHINES = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts")
EMOJI_SELECTOR, KEYCAP = "\ufe0f", "\u20e3"


class Glyph(NamedTuple):
    """A glyph of a font and its position, in em."""

    number: int
    x: float
    y: float
    advance: float


class Face:
    """One font of a font file."""

    def __init__(self, path: Path, index: int = 0) -> None:
        self.path = str(path)
        self._face = hb.Face(hb.Blob.from_file_path(self.path), index)
        self.family = _family(self._face)
        self._font = hb.Font(self._face)
        self._font.set_variations({"wght": REGULAR})
        self._letters = self._face.unicodes
        self._em = self._face.upem
        self._outlines: dict[int, str] = {}

    def has(self, letter: str) -> bool:
        """Whether it has a glyph for this letter."""
        return ord(letter) in self._letters

    def width_em(self, letter: str) -> float:
        """The advance width of a letter by itself, in em."""
        glyph = self._font.get_nominal_glyph(ord(letter))
        return self._font.get_glyph_h_advance(glyph) / self._em if glyph else 0.0

    def shaped(self, text: str, *, to_the_left: bool) -> list[Glyph]:
        """The glyphs of a run of one direction, from left to right; glyph 0 is the box of a missing letter."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if to_the_left else "ltr"
        hb.shape(self._font, buffer)
        placed = zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        em = self._em
        return [Glyph(info.codepoint, at.x_offset / em, at.y_offset / em, at.x_advance / em) for info, at in placed]

    def outline(self, glyph: int) -> str:
        """The glyph's outline as an SVG path, in em, y upwards."""
        if glyph not in self._outlines:
            parts: list[str] = []
            self._font.draw_glyph(glyph, _PEN, (parts, self._em))
            self._outlines[glyph] = "".join(parts)
        return self._outlines[glyph]


class Typeface:
    """The fonts of one picture. All of its texts decide which East Asian font it takes."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._cjk = CJK[_region("".join(texts))]
        # Cached for one picture only: a font may be installed before the next.
        self._found: dict[str, Face | None] = {}

    def face_of(self, letter: str) -> Face | None:
        """The font that draws this letter, or None."""
        if letter not in self._found:
            self._found[letter] = _face_of(letter, self._cjk) or _of_the_machine(letter)
        return self._found[letter]

    def has(self, letter: str) -> bool:
        """Whether one of the fonts has this letter; true for white space."""
        return letter.isspace() or self.face_of(letter) is not None

    def width_em(self, letter: str) -> float:
        """The advance width of a letter by itself, in em."""
        face = self.face_of(letter)
        return face.width_em(letter) if face else 0.0

    def runs(self, text: str) -> Iterator[tuple[Face, str]]:
        """The text in runs of one font each, in logical order. Marks, joiners and selectors stay with the letter before."""
        current, piece = _first(), ""
        for at, letter in enumerate(text):
            face = self._next(current, letter, text[at + 1 : at + 3])
            if face is not current and piece:
                yield current, piece
                piece = ""
            current, piece = face, piece + letter
        if piece:
            yield current, piece

    def _next(self, current: Face, letter: str, after: str) -> Face:
        if after.startswith(EMOJI_SELECTOR) and (not letter.isascii() or after[1:] == KEYCAP):
            return _emoji()
        if letter.isspace():
            return _first() if current.family == EMOJI else current
        follows = unicodedata.category(letter) in {"Mn", "Mc", "Me", "Cf", "Sk"}
        return current if follows else self.face_of(letter) or current


def _pen() -> Any:
    """HarfBuzz draw functions that write SVG path commands."""

    def writer(command: str) -> Any:
        def write(*arguments: Any) -> None:
            *points, (parts, em) = arguments
            parts.append(command + " ".join(f"{point / em:.4f}" for point in points))

        return write

    pen = hb.DrawFuncs()
    pen.set_move_to_func(writer("M"))
    pen.set_line_to_func(writer("L"))
    pen.set_quadratic_to_func(writer("Q"))
    pen.set_cubic_to_func(writer("C"))
    pen.set_close_path_func(writer("Z"))
    return pen


_PEN = _pen()


def faces() -> list[Face]:
    """The fonts that come with the program."""
    return [face for package, file in FONTS for face in _of_file(Path(str(files(package) / file)))]


def _region(text: str) -> str:
    """The East Asian font for these texts: by kana or hangul beside the Han characters, else the first that has all of them."""
    if any("\u3040" <= letter <= "\u30ff" for letter in text):
        return "jp"
    if any("\uac00" <= letter <= "\ud7a3" or "\u1100" <= letter <= "\u11ff" for letter in text):
        return "kr"
    signs = "".join(letter for letter in text if "\u3400" <= letter <= "\u9fff")
    for region, encoding in (("jp", "shift_jis"), ("sc", "gb2312"), ("tc", "big5")):
        if signs.encode(encoding, "ignore").decode(encoding) == signs:
            return region
    return "sc"


@cache
def _of_file(path: Path) -> list[Face]:
    wanted = range(4) if path.suffix == ".ttc" and path.name.startswith("NotoSansCJK") else range(1)
    return [Face(path, index) for index in wanted]


@cache
def _known() -> dict[str, Face]:
    return {face.family: face for face in faces()}


def _first() -> Face:
    return next(iter(_known().values()))


def _emoji() -> Face:
    return _known()[EMOJI]


@lru_cache(maxsize=8192)
def _face_of(letter: str, cjk: str) -> Face | None:
    ours = (face for face in _known().values() if face.family == cjk or face.family not in CJK.values())
    return next((face for face in ours if face.has(letter)), None)


def _of_the_machine(letter: str) -> Face | None:
    """A regular font of this machine that has the letter."""
    return next((face for face in map(_read, _installed()) if face is not None and face.has(letter)), None)


def _installed() -> list[tuple[str, int]]:
    """Path and modification time of each font file, regular ones first."""
    found = []
    for root in MACHINES:
        for folder, _, names in os.walk(Path(root).expanduser()):
            paths = (os.path.join(folder, name) for name in names if name.lower().endswith((".ttf", ".otf", ".ttc")))
            found += [(path, os.stat(path).st_mtime_ns) for path in paths]
    return sorted(found, key=lambda font: ("Regular" not in font[0], "Sans" not in font[0], font))


@lru_cache(maxsize=1024)
def _read(font: tuple[str, int]) -> Face | None:
    try:
        face = Face(Path(font[0]))
    except (OSError, ValueError, hb.HarfBuzzError):
        return None
    return face if face.family else None


def _family(face: hb.Face) -> str:
    """The family name that the renderer knows: the typographic one where there is one."""
    names = (hb.OTNameIdPredefined.TYPOGRAPHIC_FAMILY, hb.OTNameIdPredefined.FONT_FAMILY)
    return next((name for each in names if (name := face.get_name(each))), "")
