"""A live room's history as CSV and as a picture, "the worm"."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import orjson
from django.http import HttpResponse

from polls.exports.files import Picture, attachment, csv_file
from polls.pictures.labels import signed
from polls.pictures.orders import Order
from polls.rooms.ticks import Tick, balance, thinned
from queues.shapes import View

# More points than a picture has columns cannot be seen.
MOST_DRAWN = 1_000


def room_json(code: str, view: View) -> HttpResponse:
    """The history as the API gives it, and what room it is of."""
    return attachment(orjson.dumps(view), kind="application/json", name=f"room-{code}.json")


def room_csv(code: str, ticks: Iterable[Tick]) -> HttpResponse:
    """One row a tick, oldest first; `time` as ISO 8601 in UTC."""
    table = ((datetime.fromtimestamp(ts, UTC).isoformat(), ts, yes, no, yes - no) for ts, yes, no in ticks)
    return csv_file(("time", "ts", "yes", "no", "yes_minus_no"), table, name=f"room-{code}.csv")


def worm(title: str, code: str, ticks: Sequence[Tick]) -> Picture:
    """The order of yes minus no over time, around zero."""
    points = tuple((tick.ts, balance(tick)) for tick in thinned(ticks, MOST_DRAWN))
    return Picture(Order("worm", title, points, note_of(code, ticks)), f"room-{code}.png")


def note_of(code: str, ticks: Sequence[Tick]) -> str:
    """The line below the picture: when it began, how it ended, its extremes."""
    if not ticks:
        return f"Nobody has voted yet · {code}"
    began = datetime.fromtimestamp(ticks[0][0], UTC)
    _, yes, no = ticks[-1]
    balances = [yes - no for _, yes, no in ticks]
    return (
        f"Since {began:%Y-%m-%d %H:%M} UTC · at the end {yes:,} yes, {no:,} no · "
        f"highest {signed(max(balances))}, lowest {signed(min(balances))} · {code}"
    )
