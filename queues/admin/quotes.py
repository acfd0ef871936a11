"""A page for staff: what a line told its parties and what came, and the same by another version of the rules."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from queues import quotes, waits
from queues.admin.pages import events_of_line
from queues.models import Queue
from queues.quotes.outcomes import MINUTE_MS
from queues.retold import Retold, Score, compared, retold

# The picture's size, in its own units, with room for its scales.
WIDTH, HEIGHT, LEFT, BOTTOM = 900, 320, 40, 290


@dataclass(frozen=True, slots=True)
class Mark:
    """A party in the picture: its range as an upright bar, its wait as a dot; `held`: the dot is on the bar."""

    x: float
    top: float
    bottom: float
    dot: float
    held: bool
    title: str


def quotes_page(request: HttpRequest, line: Queue, context: dict[str, Any]) -> HttpResponse:
    """GET .../quotes/?model=N. For an unknown version, the line's own."""
    asked = request.GET.get("model", "")
    model = int(asked) if asked.isdecimal() and len(asked) < 4 and int(asked) in quotes.MODELS else line.quote_model
    events = events_of_line(line).order_by("version", "seq")
    parties = retold(events.only("type", "at", "changes").iterator(), model=model)
    zone = ZoneInfo(line.timezone)
    most = max((max(p.waited_ms, p.told[1], p.range[1]) for p in parties if p.waited_ms is not None), default=0)
    pictures = [
        ("As told" if kind == "told" else f"By version {model}", _marks(parties, kind, most))
        for kind in ("told", "range")
    ]
    tables = [
        (group, [_row(each.label, each.told, each.retold) for each in rows]) for group, rows in compared(parties, zone)
    ]
    return render(
        request,
        "admin/tallyline/quotes.html",
        {
            **context,
            "title": f"Waits of {line}",
            "line": line,
            "model": model,
            "models": sorted(quotes.MODELS),
            "pictures": pictures if most else [],
            "scale": _scale(most),
            "width": WIDTH,
            "height": HEIGHT,
            "left": LEFT,
            "bottom": BOTTOM,
            "tables": [(group, rows) for group, rows in tables if rows],
        },
    )


def _marks(parties: list[Retold], kind: str, most: int) -> list[Mark]:
    called = [party for party in parties if party.waited_ms is not None]
    step = (WIDTH - LEFT) / max(len(called), 1)
    return [_mark(party, getattr(party, kind), LEFT + step * (n + 0.5), most) for n, party in enumerate(called)]


def _mark(party: Retold, told: waits.Range, x: float, most: int) -> Mark:
    low, high = told
    waited = party.waited_ms or 0
    said = f"#{party.ticket}, {party.size}: {low // MINUTE_MS}–{high // MINUTE_MS} min, waited {waited / MINUTE_MS:.0f} min"  # noqa: RUF001
    return Mark(round(x, 1), _up(high, most), _up(low, most), _up(waited, most), low <= waited <= high, said)


def _up(ms: int, most: int) -> float:
    return round(BOTTOM - (BOTTOM - 10) * ms / max(most, 1), 1)


def _scale(most: int) -> list[tuple[float, int]]:
    """(height, minutes) of some round numbers."""
    step = next((each for each in (5, 10, 15, 30, 60, 120) if most / MINUTE_MS / each <= 6), 240)
    return [(_up(minutes * MINUTE_MS, most), minutes) for minutes in range(0, most // MINUTE_MS + 1, step)]


def _row(label: str, *scores: Score) -> list[str]:
    cells = [[f"{100 * each.held:.0f} %", f"{each.error_min:.1f} min", f"{each.winkler_min:.1f}"] for each in scores]
    return [label, str(scores[0].parties), *(cell for each in cells for cell in each)]
