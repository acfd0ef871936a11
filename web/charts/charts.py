"""The two charts. Pure: texts and numbers in, PNG out."""

from collections.abc import Sequence
from itertools import pairwise

from web.charts import labels
from web.charts.fonts import Typeface
from web.charts.svg import INK, QUIET, Canvas

WIDTH, MARGIN = 1080, 24
GREEN, RED = "#0b6350", "#b3261e"
BODY, TITLE, NOTE = 17, 24, 15
LINE = 1.25
WORM_HEIGHT = 600

Bar = tuple[str, int | None, float | None]
Point = tuple[int, int]


def bars(title: str, rows: Sequence[Bar], note: str, width: int = WIDTH) -> bytes:
    """A bar chart of (text, count, percentage); a count and percentage of None are hidden. `width` in px."""
    canvas = Canvas(Typeface([title, *(text for text, _, _ in rows), note]), width)
    y = _title(canvas, title, width)
    texts = [canvas.lines(text, size=BODY, room=width / 3, most=3) for text, _, _ in rows]
    figures = ["hidden" if count is None else f"{count:,} ({percentage} %)" for _, count, percentage in rows]
    most = max((count or 0 for _, count, _ in rows), default=0)
    left = MARGIN + max((canvas.width_of(lines, BODY) for lines in texts), default=0) + 12
    room = width - MARGIN - canvas.width_of(figures, BODY) - 10 - left
    for lines, figure, (_, count, _) in zip(texts, figures, rows, strict=True):
        height = BODY * LINE * max(len(lines), 1) + 16
        long = room * (count or 0) / (most or 1)
        canvas.rect(left, y + 5, long, height - 10, GREEN)
        middle = y + height / 2 + BODY * 0.36
        first = middle - BODY * LINE * (len(lines) - 1) / 2
        canvas.paragraph(lines, left - 12, first, size=BODY, gap=BODY * LINE, anchor=1)
        canvas.text(figure, left + long + 8, middle, size=BODY)
        y += height
    canvas.line(left, y - sum(16 + BODY * LINE * max(len(lines), 1) for lines in texts), left, y)
    return canvas.png(_note(canvas, note, y))


def worm(title: str, points: Sequence[Point], note: str) -> bytes:
    """A line chart of (Unix seconds, yes minus no), filled green above zero and red below."""
    canvas = Canvas(Typeface([title, note]), WIDTH)
    top = _title(canvas, title, WIDTH) + 10
    bottom, left, right = WORM_HEIGHT - 90, 96, WIDTH - MARGIN - 10
    reach = max([1, *(abs(balance) for _, balance in points)])
    zero, scale = (top + bottom) / 2, (bottom - top) / 2 / (1.1 * reach)
    minutes = max(1.0, (points[-1][0] - points[0][0]) / 60) if points else 1.0
    across = (right - left) / minutes
    for balance in _ticks(reach, 4):
        for each in {balance, -balance}:
            canvas.line(left - 6, zero - each * scale, left, zero - each * scale)
            at = zero - each * scale + NOTE * 0.36
            canvas.text(labels.signed(each), left - 10, at, size=NOTE, anchor=1, colour=QUIET)
    for minute in _ticks(int(minutes), 10):
        canvas.line(left + minute * across, bottom, left + minute * across, bottom + 6)
        canvas.text(f"{minute:,}", left + minute * across, bottom + 24, size=NOTE, anchor=0.5, colour=QUIET)
    place = [(left + (ts - points[0][0]) / 60 * across, zero - balance * scale) for ts, balance in points]
    _areas(canvas, place, zero)
    canvas.line(left, zero, right, zero)
    canvas.line(left, top, left, bottom)
    canvas.line(left, bottom, right, bottom)
    path = "L".join(f"{x:.2f} {y:.2f}" for x, y in place)
    canvas.add(
        f'<path d="M{path}" fill="none" stroke="{INK}" stroke-width="2" stroke-linejoin="round"/>' if path else ""
    )
    if len(place) == 1:
        canvas.add(f'<circle cx="{place[0][0]:.1f}" cy="{place[0][1]:.1f}" r="5" fill="{INK}"/>')
    canvas.text("minutes since the start", (left + right) / 2, bottom + 46, size=NOTE, anchor=0.5, colour=QUIET)
    canvas.text("yes minus no", MARGIN + 12, zero, size=NOTE, anchor=0.5, colour=QUIET, turn=-90)
    _note(canvas, note, WORM_HEIGHT - 40)
    return canvas.png(WORM_HEIGHT)


def _areas(canvas: Canvas, place: Sequence[tuple[float, float]], zero: float) -> None:
    """The areas between the line and zero, divided where it crosses."""
    for colour, above in ((GREEN, True), (RED, False)):
        shapes = []
        for (x1, y1), (x2, y2) in pairwise(place):
            one, other = (min(y1, zero), min(y2, zero)) if above else (max(y1, zero), max(y2, zero))
            if one == other == zero:
                continue
            cross = x1 + (x2 - x1) * (zero - y1) / (y2 - y1) if (y1 - zero) * (y2 - zero) < 0 else None
            if cross is None:
                shapes.append(f"M{x1:.2f} {zero:.2f}V{one:.2f}L{x2:.2f} {other:.2f}V{zero:.2f}Z")
            elif one != zero:
                shapes.append(f"M{x1:.2f} {zero:.2f}V{one:.2f}L{cross:.2f} {zero:.2f}Z")
            else:
                shapes.append(f"M{cross:.2f} {zero:.2f}L{x2:.2f} {other:.2f}V{zero:.2f}Z")
        if shapes:
            canvas.add(
                f'<path d="{"".join(shapes)}" fill="{colour}" fill-opacity="0.55" shape-rendering="crispEdges"/>'
            )


def _title(canvas: Canvas, title: str, width: int) -> float:
    """Draws the title; returns the y below it, in px."""
    lines = canvas.lines(title, size=TITLE, room=width - 2 * MARGIN, most=5)
    right = labels.is_right_to_left("".join(lines))
    x = width - MARGIN if right else MARGIN
    canvas.paragraph(lines, x, MARGIN + TITLE, size=TITLE, gap=TITLE * LINE, anchor=float(right))
    return MARGIN + TITLE * LINE * max(len(lines), 1) + 14


def _note(canvas: Canvas, note: str, y: float) -> float:
    """Draws the note at the bottom; returns the height of the picture, in px."""
    canvas.text(note, MARGIN, y + 28, size=NOTE, colour=QUIET)
    return y + 28 + MARGIN


def _ticks(reach: int, most: int) -> list[int]:
    """Round numbers from 0 to `reach`, at most `most` steps."""
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if reach <= step * most:
                return list(range(0, reach + 1, step))
        unit *= 10
