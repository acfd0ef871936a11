"""Texts and shapes as SVG, and the PNG made of them (web/charts/posters.py makes a PDF).

HarfBuzz makes glyphs of texts and we place their outlines, so that a line may change its script and direction as often as
it likes; resvg only fills shapes and knows no fonts. Its own way with several fonts in one line loses letters.
"""

from collections.abc import Sequence
from typing import NamedTuple

import resvg_py

from web.charts import bidi, labels
from web.charts.fonts import Typeface

INK, QUIET = "#1d2421", "#5c6763"


class Placed(NamedTuple):
    """A glyph of a line: its outline and position, in em."""

    outline: str
    x: float
    y: float


class Canvas:
    """A white picture, `width` pixels (in a PDF: points) wide, drawn from back to front."""

    def __init__(self, typeface: Typeface, width: float) -> None:
        self._typeface = typeface
        self._width = width
        self._parts: list[str] = []
        self._outlines: dict[str, str] = {}

    def lines(self, text: str, *, size: int, room: float, most: int) -> list[str]:
        """The text as drawable lines in letters of `size` px: at most `most`, each at most `room` px wide."""
        drawable = labels.in_words(bidi.without_marks(text), self._typeface.has)
        return labels.fitted(drawable, room=room / size, lines=most, width=self._typeface.width_em)

    def width_of(self, lines: Sequence[str], size: int) -> float:
        """The width of the widest line, in px."""
        return size * max((self._typeset(line, to_the_left=False)[1] for line in lines), default=0.0)

    def text(
        self,
        line: str,
        x: float,
        y: float,
        *,
        size: int,
        anchor: float = 0.0,
        colour: str = INK,
        turn: int = 0,
        to_the_left: bool = False,
    ) -> None:
        """Draws a line with its baseline at `y`. `anchor`: the part of it at `x`, from 0 (left end) to 1 (right end)."""
        placed, width = self._typeset(line, to_the_left=to_the_left)
        uses = "".join(
            f'<use href="#{self._outlines.setdefault(outline, f"g{len(self._outlines)}")}" x="{at:.3f}" y="{up:.3f}"/>'
            for outline, at, up in placed
        )
        turned = f" rotate({turn})" if turn else ""
        moved = f"translate({x:.2f} {y:.2f}){turned} scale({size} -{size}) translate({-width * anchor:.4f} 0)"
        self.add(f'<g transform="{moved}" fill="{colour}">{uses}</g>')

    def paragraph(self, lines: Sequence[str], x: float, y: float, *, size: int, gap: float, anchor: float) -> None:
        """Draws the lines of one text below each other, all in the direction of the whole."""
        to_the_left = labels.is_right_to_left("".join(lines))
        for number, line in enumerate(lines):
            self.text(line, x, y + number * gap, size=size, anchor=anchor, to_the_left=to_the_left)

    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Draws a filled rectangle."""
        self.add(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draws a thin grey line."""
        self.add(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{QUIET}" stroke-width="1.2"/>')

    def add(self, part: str) -> None:
        """Adds an SVG element."""
        self._parts.append(part)

    def svg(self, height: float) -> str:
        """The picture as SVG."""
        shapes = "".join(f'<path id="{name}" d="{outline}"/>' for outline, name in self._outlines.items())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self._width}" height="{height}">'
            f'<defs>{shapes}</defs><rect width="{self._width}" height="{height}" fill="#ffffff"/>{"".join(self._parts)}</svg>'
        )

    def png(self, height: float) -> bytes:
        """The picture as PNG."""
        return bytes(resvg_py.svg_to_bytes(svg_string=self.svg(round(height)), skip_system_fonts=True))

    def _typeset(self, line: str, *, to_the_left: bool) -> tuple[list[Placed], float]:
        """The glyphs of a line and its width, in em."""
        placed: list[Placed] = []
        x = 0.0
        for piece, turned in bidi.pieces(line, to_the_left=to_the_left):
            runs = list(self._typeface.runs(piece))
            for face, run in reversed(runs) if turned else runs:
                for glyph in face.shaped(run, to_the_left=turned):
                    if outline := face.outline(glyph.number):
                        placed.append(Placed(outline, x + glyph.x, glyph.y))
                    x += glyph.advance
        return placed, x
