"""A live room's history as CSV and as a picture, "the worm"."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from rooms.ticks import Tick, balance, thinned
from web.charts.labels import signed
from web.charts.orders import Order
from web.exports import Picture, csv_file

# More points than a picture has columns cannot be seen.
MOST_DRAWN = 1_000


def room_csv(code: str, ticks: Iterable[Tick], *, zone: str = "") -> HttpResponse:
    """One row a tick, oldest first; `time` as ISO 8601 with the offset of `zone`, of UTC where no zone is known."""
    clock = ZoneInfo(zone) if zone else UTC
    table = ((datetime.fromtimestamp(ts, clock).isoformat(), ts, yes, no, yes - no) for ts, yes, no in ticks)
    return csv_file(("time", "ts", "yes", "no", "yes_minus_no"), table, name=f"room-{code}.csv")


def worm(title: str, code: str, ticks: Sequence[Tick], *, zone: str = "") -> Picture:
    """The order of yes minus no over time, around zero."""
    points = tuple((tick.ts, balance(tick)) for tick in thinned(ticks, MOST_DRAWN))
    return Picture(Order("worm", title, points, note_of(code, ticks, zone=zone)), f"room-{code}.png")


def note_of(code: str, ticks: Sequence[Tick], *, zone: str = "") -> str:
    """The line below the picture: when it began (where the `zone` is known; else how long it is), how it ended, its extremes."""
    if not ticks:
        return f"Nobody has voted yet · {code}"
    (first, *_), (last, yes, no) = ticks[0], ticks[-1]
    if zone:
        when = f"Since {datetime.fromtimestamp(first, ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"
    else:
        minutes = -(-(last - first) // 60)
        when = f"{minutes} minute{'' if minutes == 1 else 's'}"
    balances = [yes - no for _, yes, no in ticks]
    return (
        f"{when} · at the end {yes:,} yes, {no:,} no · "
        f"highest {signed(max(balances))}, lowest {signed(min(balances))} · {code}"
    )
