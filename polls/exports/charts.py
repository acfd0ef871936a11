"""The pictures themselves, drawn by matplotlib. Pure: texts and numbers in, PNG out."""

import io
from functools import lru_cache
from threading import Lock

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator

from polls.exports import labels, typeface

WIDTH_IN, MARGIN_IN, DPI = 9.0, 0.2, 120
GREEN, RED, INK, QUIET = "#0b6350", "#b3261e", "#1d2421", "#5c6763"
BODY_PT, TITLE_PT, NOTE_PT = 10, 14, 9

# Set once, for all: `rc_context` would change them under the feet of other threads.
matplotlib.rcParams.update({
    "backend": "agg", "font.family": typeface.FONTS, "font.size": BODY_PT, "text.parse_math": False,
    "text.color": INK, "ytick.labelcolor": INK,
    "axes.edgecolor": QUIET, "axes.labelcolor": QUIET, "xtick.color": QUIET, "ytick.color": QUIET,
})  # fmt: skip
# matplotlib promises nothing to threads; and two pictures at once would not be ready any sooner (one interpreter lock).
_drawing = Lock()

Bar = tuple[str, int | None, float | None]
Point = tuple[int, int]


# The same file is often fetched many times, and drawing takes a tenth of a second or more.
@lru_cache(maxsize=8)
def bars(title: str, rows: tuple[Bar, ...], note: str) -> bytes:
    """A bar for each (text, count, percentage), None where hidden."""
    with _drawing:
        texts = [_label(text, BODY_PT, inches=WIDTH_IN / 3, lines=3) for text, _, _ in rows]
        row_in = 0.28 + 0.17 * max((text.count("\n") + 1 for text in texts), default=1)
        figure = Figure(figsize=(WIDTH_IN, 1.6 + row_in * len(rows)), layout="constrained")
        axes = figure.subplots()
        counts = [count or 0 for _, count, _ in rows]
        drawn = axes.barh(range(len(rows)), counts, height=0.7, color=GREEN)
        told = ["hidden" if count is None else f"{count:,} ({percentage} %)" for _, count, percentage in rows]
        axes.bar_label(drawn, labels=told, padding=4)
        axes.set_yticks(range(len(rows)), texts)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, max(counts, default=0) * 1.01 or 1)
        axes.xaxis.set_visible(False)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        return _picture(figure, axes, title, note)


@lru_cache(maxsize=8)
def worm(title: str, points: tuple[Point, ...], note: str) -> bytes:
    """A line through the (unix seconds, balance), green above zero, red below."""
    minutes = [(ts - points[0][0]) / 60 for ts, _ in points]
    balances = [balance for _, balance in points]
    reach = 1.1 * max([1, *map(abs, balances)])
    with _drawing:
        figure = Figure(figsize=(WIDTH_IN, 5.0), layout="constrained")
        axes = figure.subplots()
        for colour, above in ((GREEN, True), (RED, False)):
            where = [(balance > 0) == above for balance in balances]
            axes.fill_between(minutes, balances, where=where, interpolate=True, color=colour, alpha=0.55, linewidth=0)
        dot = "o" if len(points) == 1 else ""
        axes.plot(minutes, balances, color=INK, linewidth=1.2, marker=dot, clip_on=False)
        axes.axhline(0, color=QUIET, linewidth=1)
        axes.set_ylim(-reach, reach)
        axes.set_xlim(0, max([1, *minutes]))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda balance, _: labels.signed(round(balance))))
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel("minutes since the start")
        axes.set_ylabel("yes minus no")
        return _picture(figure, axes, title, note)


def _picture(figure: Figure, axes: Axes, title: str, note: str) -> bytes:
    """Title above, note below, and the whole as PNG."""
    edge = MARGIN_IN / WIDTH_IN
    side, x = ("right", 1 - edge) if labels.is_right_to_left(title) else ("left", edge)
    text = _label(title, TITLE_PT, inches=WIDTH_IN - 2 * MARGIN_IN, lines=5)
    figure.suptitle(text, x=x, ha=side, multialignment=side, fontsize=TITLE_PT)
    figure.supxlabel(note, x=edge, ha="left", fontsize=NOTE_PT, color=QUIET)
    layout = figure.get_layout_engine()
    assert isinstance(layout, ConstrainedLayoutEngine)  # noqa: S101 — as both figures were made
    layout.set(w_pad=MARGIN_IN, h_pad=MARGIN_IN / 2)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DPI)
    return picture.getvalue()


def _label(text: str, size_pt: int, *, inches: float, lines: int) -> str:
    """The text as it can be drawn: with letters that there are, and on lines that fit."""
    drawable = labels.in_words(text, typeface.has)
    return labels.fitted(drawable, room=inches * 72 / size_pt, lines=lines, width=typeface.width_em)
