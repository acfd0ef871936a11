"""What operators watch of messages and texts (config/gauges.py). Counts only; nothing personal."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import clock
from reach.commands.spending import CAP_REACHED, QUIET, SAID_STOP, WARNED_AT
from reach.models import Message
from reach.text_models import Provider, Spent
from reach.ways import WAYS
from venues.days import business_day

State = Message.State
# Messages that are looked at: made in this span, which ends a little before now, for a receipt takes its time.
SPAN, SETTLES = timedelta(minutes=15), timedelta(minutes=2)
# The newest of these, so that a large installation costs no more than this.
MOST = 2_000
# A provider that takes nothing for so long is told; one failed text is not.
FAILING_FOR = timedelta(minutes=5)
# Refused by us, as it should be: no fault of a way.
_BY_RULE = frozenset({CAP_REACHED, QUIET, SAID_STOP})
NEAR_CAP, HELD_BACK, FAILING = "near_cap", "held_back", "failing"


@dataclass(frozen=True, slots=True)
class Figures:
    """`outcomes`: newest messages by way and state, of all ways but push. `lag_s`: how long the oldest due one has waited.
    `texts`: venues by what is wrong with their texts now."""

    outcomes: dict[tuple[str, str], int]
    lag_s: float
    texts: dict[str, int]


def now() -> Figures:
    """The figures at this instant."""
    at = clock.now()
    settled = at - SETTLES
    newest = Message.objects.filter(made_at__gt=settled - SPAN, made_at__lte=settled).exclude(way="push")
    rows = newest.order_by("-made_at", "-pk").values_list("way", "state", "detail")[:MOST]
    found = Counter((way, State.SKIPPED if detail in _BY_RULE else state) for way, state, detail in rows)
    ways = [name for name in WAYS if name != "push"]
    due = Message.objects.filter(state=State.DUE, due_at__lte=at).order_by("due_at", "pk")
    oldest = due.values_list("due_at", flat=True).first()
    return Figures(
        outcomes={(way, state): found[way, state] for way in ways for state in State.values},
        lag_s=(at - oldest).total_seconds() if oldest else 0.0,
        texts=_texts(at),
    )


def _texts(at: datetime) -> dict[str, int]:
    failing = Provider.objects.filter(failing_since__lte=at - FAILING_FOR).count()
    days = {
        provider.venue_id: (business_day(at, provider.venue.timezone, provider.venue.day_ends), provider.cap_micros)
        for provider in Provider.objects.exclude(cap_micros=None).select_related("venue")
    }
    near = held_back = 0
    for spent in Spent.objects.filter(venue__in=days, day__in={day for day, _ in days.values()}):
        day, cap = days[spent.venue_id]
        if spent.day == day:
            held_back += spent.held_back > 0
            near += not spent.held_back and spent.micros >= (cap or 0) * WARNED_AT
    return {NEAR_CAP: near, HELD_BACK: held_back, FAILING: failing}
