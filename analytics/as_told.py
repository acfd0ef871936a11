"""What guests are told of a venue's waits: of ten, how many were as told. The figure of its reports (analytics/figures.py)."""

import time
from datetime import timedelta
from uuid import UUID

from analytics.parties import grouped, venue_scope
from analytics.periods import Period
from analytics.reports import ALL, BY_RULES
from core import clock
from core.bounded import Bounded
from venues.days import business_day
from venues.models import Venue

# Of the last four weeks, today's parties not counted.
DAYS = 28
# With fewer seated parties nothing is said.
ENOUGH = 50
# Computed anew after so long; each process knows that many venues.
FRESH_S = 3600.0
MOST_VENUES = 1_000
_known: Bounded[UUID, tuple[float, int | None]] = Bounded(MOST_VENUES)


def of_ten(venue: Venue) -> int | None:
    """The share in whole tenths, rounded down; None while too few parties were seated. May be an hour old."""
    known = _known.get(venue.pk)
    if known is None or known[0] < time.monotonic():
        known = _known[venue.pk] = time.monotonic() + FRESH_S, _of_ten(venue)
    return known[1]


def _of_ten(venue: Venue) -> int | None:
    today = business_day(clock.now(), venue.timezone, venue.day_ends)
    period = Period(today - timedelta(days=DAYS), today - timedelta(days=1))
    total, _ = grouped(venue_scope(venue, period), ALL, BY_RULES)
    figures = total[()]
    return 10 * figures.in_quote // figures.served if figures.served >= ENOUGH else None
