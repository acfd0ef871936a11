"""The poster of a venue as PDF: one sheet, or a table tent to cut out and fold. Pure: texts in, PDF out.

Texts are outlines, as in the charts, so that any script is printed without its font (decision 0025); fpdf2 makes the PDF of them.
"""

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import NamedTuple

import segno
from fpdf import FPDF
from fpdf.svg import SVGObject
from PIL import Image

from web.charts.fonts import Typeface
from web.charts.svg import INK, QUIET, Canvas

# In points.
MM = 72 / 25.4
SHEETS = {"a4": (210 * MM, 297 * MM), "letter": (612.0, 792.0), "tent": (210 * MM, 297 * MM)}
MARGIN = 16 * MM
LINE = 1.2
# A side of the tent: A6, flat.
SIDE_WIDTH, SIDE_HEIGHT = 148 * MM, 105 * MM


class Box(NamedTuple):
    """A part of the sheet, in pt from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


class Texts(NamedTuple):
    """What a poster says. `logo`: a picture, or nothing."""

    lead: str
    title: str
    link: str
    steps: Sequence[str]
    accent: str
    logo: bytes

    def logo_size(self, most_wide: float, most_high: float) -> tuple[float, float]:
        """The logo's width and height, as large as there is room."""
        if not self.logo:
            return 0, 0
        with Image.open(io.BytesIO(self.logo)) as picture:
            scale = min(most_wide / picture.width, most_high / picture.height)
            return picture.width * scale, picture.height * scale


def poster(sheet: str, lead: str, title: str, link: str, steps: Sequence[str], accent: str, logo: str) -> bytes:
    """The PDF. `sheet`: of SHEETS; `accent`: #rrggbb; `logo`: base64 of a picture, or empty."""
    texts = Texts(lead, title, link, steps, accent, base64.b64decode(logo))
    width, height = SHEETS[sheet]
    pdf = FPDF(unit="pt", format=(width, height))
    pdf.set_title(title)
    pdf.set_auto_page_break(False)
    pdf.add_page()
    canvas = Canvas(Typeface([lead, title, link, *steps]), width)
    if sheet == "tent":
        logos = _tent(
            canvas, texts, Box((width - SIDE_WIDTH) / 2, (height - 2 * SIDE_HEIGHT) / 2, SIDE_WIDTH, SIDE_HEIGHT)
        )
    else:
        logos = [(_upright(canvas, texts, Box(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN)), 0)]
    SVGObject(canvas.svg(height)).draw_to_page(pdf)
    for box, turn in logos if texts.logo else ():
        with pdf.rotation(turn, box.x + box.width / 2, box.y + box.height / 2):
            pdf.image(io.BytesIO(texts.logo), *box)
    pdf.link(0, 0, width, height, link)
    return bytes(pdf.output())


def _upright(canvas: Canvas, texts: Texts, box: Box) -> Box:
    """Draws all of it below one another; returns where the logo goes."""
    canvas.rect(box.x, box.y, box.width, 6, texts.accent)
    y = box.y + 24
    wide, high = texts.logo_size(box.width, 72)
    logo = Box(box.x + (box.width - wide) / 2, y, wide, high)
    y += 86 if texts.logo else 0
    y = _centred(canvas, [texts.lead], box, y, size=20)
    lines, size = _fitted(canvas, texts.title, box.width, sizes=(54, 46, 38, 32, 26), most=3)
    y = _centred(canvas, lines, box, y, size=size)
    steps = [_numbered(canvas, texts.steps, box.width, size=17), _numbered(canvas, texts.steps, box.width, size=14)]
    below, small = (steps[0], 17) if len(steps[0]) <= len(texts.steps) else (steps[1], 14)
    foot = 24 + small * 1.6 * len(below) + 34
    side = min(box.width * 0.86, box.y + box.height - foot - y)
    _qr(canvas, texts.link, box.x + (box.width - side) / 2, y, side)
    y += side + 12
    left = box.x + (box.width - canvas.width_of(below, small)) / 2
    for line in below:
        y += small * 1.6
        canvas.text(line, left, y, size=small)
    _centred(canvas, canvas.lines(texts.link, size=13, room=box.width, most=1), box, y + 14, size=13, colour=QUIET)
    return logo


def _tent(canvas: Canvas, texts: Texts, side: Box) -> list[tuple[Box, int]]:
    """Draws both sides, the upper one upside down, and where to cut and fold; returns where the logos go, and their turn."""
    lower = side._replace(y=side.y + side.height)
    logo = _side(canvas, texts, lower)
    middle_x, fold = side.x + side.width / 2, lower.y
    with _turned(canvas, middle_x, fold):
        _side(canvas, texts, lower)
    edges = f"M{side.x} {side.y}h{side.width}v{2 * side.height}h{-side.width}zM{side.x} {fold}h{side.width}"
    canvas.add(f'<path d="{edges}" fill="none" stroke="{QUIET}" stroke-width="0.6" stroke-dasharray="4 4"/>')
    mirrored = logo._replace(x=2 * middle_x - logo.x - logo.width, y=2 * fold - logo.y - logo.height)
    return [(logo, 0), (mirrored, 180)]


def _side(canvas: Canvas, texts: Texts, box: Box) -> Box:
    """Draws the code on the left, what is written on the right; returns where the logo goes."""
    pad = 8 * MM
    qr = box.height * 0.64
    _qr(canvas, texts.link, box.x + pad, box.y + (box.height - qr) / 2, qr)
    x = box.x + 2 * pad + qr
    right = Box(x, box.y + pad, box.x + box.width - pad - x, box.height - 2 * pad)
    wide, high = texts.logo_size(right.width, 44)
    lines, size = _fitted(canvas, texts.title, right.width, sizes=(26, 22, 18, 15), most=3)
    steps = _numbered(canvas, texts.steps, right.width, size=9)
    height = 14 + size * LINE * len(lines) + 8 + 13 * len(steps) + (54 if texts.logo else 0)
    y = right.y + max((right.height - height) / 2 - 8, 0)
    logo = Box(x, y, wide, high)
    y += (54 if texts.logo else 0) + 12
    canvas.text(texts.lead, x, y, size=12)
    for line in lines:
        y += size * LINE
        canvas.text(line, x, y, size=size)
    y += 8
    for line in steps:
        y += 13
        canvas.text(line, x, y, size=9)
    for line in canvas.lines(texts.link, size=7, room=right.width, most=2):
        y += 11
        canvas.text(line, x, y + 4, size=7, colour=QUIET)
    return logo


@contextmanager
def _turned(canvas: Canvas, x: float, y: float) -> Iterator[None]:
    """What is drawn meanwhile stands upside down, turned round this point."""
    canvas.add(f'<g transform="rotate(180 {x:.2f} {y:.2f})">')
    yield
    canvas.add("</g>")


def _fitted(canvas: Canvas, text: str, room: float, *, sizes: Sequence[int], most: int) -> tuple[list[str], int]:
    """The text in the largest letters in which it takes `most` lines; cut where even the smallest are too large."""
    for size in sizes:
        lines = canvas.lines(text, size=size, room=room, most=most + 1)
        if len(lines) <= most and canvas.width_of(lines, size) <= room:
            return lines, size
    return canvas.lines(text, size=sizes[-1], room=room, most=most), sizes[-1]


def _numbered(canvas: Canvas, steps: Sequence[str], room: float, *, size: int) -> list[str]:
    return [
        line
        for number, step in enumerate(steps, start=1)
        for line in canvas.lines(f"{number}. {step}", size=size, room=room, most=3)
    ]


def _centred(canvas: Canvas, lines: Sequence[str], box: Box, y: float, *, size: int, colour: str = INK) -> float:
    """Draws the lines in the middle; returns the y below them."""
    for line in lines:
        y += size * LINE
        canvas.text(line, box.x + box.width / 2, y, size=size, anchor=0.5, colour=colour)
    return y + size * 0.5


def _qr(canvas: Canvas, link: str, x: float, y: float, side: float) -> None:
    """Draws the QR code of the link with its quiet zone."""
    rows = [*segno.make(link, error="m", micro=False).matrix_iter(border=4)]
    module = side / len(rows)
    # A little higher than a module, so that no printer leaves a white line between two.
    squares = "".join(
        f"M{across} {down}h{wide}v1.02h-{wide}z" for down, row in enumerate(rows) for across, wide in _runs(row)
    )
    canvas.add(
        f'<g transform="translate({x:.2f} {y:.2f}) scale({module:.4f})" fill="#000000"><path d="{squares}"/></g>'
    )


def _runs(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules stand beside each other in a row: the first, and how many."""
    across = 0
    for dark, run in groupby(row):
        wide = len([*run])
        if dark:
            yield across, wide
        across += wide
