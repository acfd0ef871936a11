"""How service went: reports of one line, or of a venue over some days, as plain values counted from facts by Postgres.

A party is counted in the hour and on the day it joined, by the last thing that happened to it: put back after a no-show
and seated later, it is served. What was undone is left out.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models.expressions import RawSQL

from analytics import facts
from queues.models import Queue
from venues.models import Venue

# Pages show waits in whole minutes, so a wait within a minute of the quoted range is what was promised.
QUOTE_TOLERANCE_MS = 60_000
_OUTCOMES = [facts.SERVED, facts.LEFT, facts.KICKED, facts.DROPPED, facts.PUT_BACK]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """Who joined in one hour of the day (0 to 23, local)."""

    hour: int
    parties: int
    guests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One line, or one venue over some days. Waits are ms from joining to being seated, None when nobody was.

    `closed_out` were still in line when it closed; `waiting` still are. `in_quote` of the `served` waited as long as
    they were told, within a minute.
    """

    parties: int
    guests: int
    served: int
    served_guests: int
    no_shows: int
    left: int
    kicked: int
    closed_out: int
    waiting: int
    median_wait_ms: int | None
    p90_wait_ms: int | None
    median_quote_low_ms: int | None
    median_quote_high_ms: int | None
    in_quote: int
    hours: tuple[Hour, ...]

    @property
    def in_quote_share(self) -> float | None:
        """0 to 1; None when nobody was served."""
        return self.in_quote / self.served if self.served else None


_STANDS = "NOT EXISTS (SELECT 1 FROM analytics_fact u WHERE u.queue_id = {0}.queue_id AND u.undoes = {0}.version)"
# One party per row: as it joined, and the last that happened to it (for each party by index fact_of_party).
_PARTIES = f"""
WITH parties AS (
  SELECT j.at, j.size, j.quoted_low_ms, j.quoted_high_ms, o.type AS outcome, o.waited_ms,
         EXISTS (SELECT 1 FROM analytics_fact c
                  WHERE c.queue_id = j.queue_id AND c.type = %(closed)s AND c.version IS NOT NULL
                    AND {_STANDS.format("c")}) AS over
    FROM analytics_fact j
    LEFT JOIN LATERAL (
      SELECT f.type, f.waited_ms FROM analytics_fact f
       WHERE f.party_id = j.party_id AND f.version IS NOT NULL AND f.type = ANY(%(outcomes)s) AND {_STANDS.format("f")}
       ORDER BY f.version DESC, f.seq DESC LIMIT 1) o ON true
   WHERE j.type = %(joined)s AND j.version IS NOT NULL AND {{scope}}
     -- a walk-in that was undone is no guest, unless a host put it back by hand
     AND (o.type IS NOT NULL OR {_STANDS.format("j")})
)
"""  # noqa: S608 — no word of it comes from a request
_TOTALS = """
SELECT count(*), coalesce(sum(size), 0),
       count(*) FILTER (WHERE outcome = %(served)s), coalesce(sum(size) FILTER (WHERE outcome = %(served)s), 0),
       count(*) FILTER (WHERE outcome = %(dropped)s),
       count(*) FILTER (WHERE outcome = %(left)s),
       count(*) FILTER (WHERE outcome = %(kicked)s),
       count(*) FILTER (WHERE over AND (outcome IS NULL OR outcome = %(put_back)s)),
       count(*) FILTER (WHERE NOT over AND (outcome IS NULL OR outcome = %(put_back)s)),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_ms) FILTER (WHERE outcome = %(served)s),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY waited_ms) FILTER (WHERE outcome = %(served)s),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY quoted_low_ms) FILTER (WHERE outcome = %(served)s),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY quoted_high_ms) FILTER (WHERE outcome = %(served)s),
       count(*) FILTER (WHERE outcome = %(served)s AND waited_ms BETWEEN quoted_low_ms - %(tolerance)s
                                                                     AND quoted_high_ms + %(tolerance)s)
  FROM parties
"""
_HOURS = """
SELECT date_trunc('hour', at AT TIME ZONE %(zone)s) AS hour, count(*), sum(size)
  FROM parties GROUP BY 1 ORDER BY 1
"""


def of_line(queue: Queue) -> Report:
    """The report of one line, its hours in the order of the evening, in the line's time zone."""
    totals, by_hour = _ask("j.queue_id = %(queue)s", {"queue": queue.pk, "zone": queue.timezone})
    return Report(**totals, hours=_evening(by_hour))


def of_venue(venue: Venue, *, first: date, last: date) -> Report:
    """The report of all lines of a venue, of parties that joined from `first` to `last` (local days, both included).

    The hours are hours of the day, all days together.
    """
    begin, end = _days(venue, first=first, last=last)
    scope = "j.venue_id = %(venue)s AND j.at >= %(begin)s AND j.at < %(end)s"
    totals, by_hour = _ask(scope, {"venue": venue.pk, "begin": begin, "end": end, "zone": venue.timezone})
    return Report(**totals, hours=_day(by_hour))


def lines_of(venue: Venue, *, first: date, last: date) -> list[tuple[Queue, int]]:
    """The venue's lines that somebody joined on those days, newest first, with how many parties joined then."""
    begin, end = _days(venue, first=first, last=last)
    joined = RawSQL(  # noqa: S611 — no word of it comes from a request
        f"""
        (SELECT count(*) FROM analytics_fact f
          WHERE f.queue_id = queues_queue.id AND f.type = %s AND f.version IS NOT NULL AND f.at >= %s AND f.at < %s
            AND {_STANDS.format("f")})
        """,  # noqa: S608
        [facts.JOINED, begin, end],
    )
    lines = Queue.objects.filter(venue=venue).annotate(joined=joined).filter(joined__gt=0).order_by("-opened_at")
    return [(line, line.joined) for line in lines]


def _days(venue: Venue, *, first: date, last: date) -> tuple[datetime, datetime]:
    """From the first instant of `first` to that of the day after `last`, by the venue's clock."""
    zone = ZoneInfo(venue.timezone)
    return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)


def _ask(
    scope: str, values: dict[str, UUID | datetime | str]
) -> tuple[dict[str, Any], list[tuple[datetime, int, int]]]:
    parameters = {
        **values,
        "outcomes": _OUTCOMES,
        "joined": facts.JOINED,
        "served": facts.SERVED,
        "dropped": facts.DROPPED,
        "left": facts.LEFT,
        "kicked": facts.KICKED,
        "put_back": facts.PUT_BACK,
        "closed": facts.CLOSED,
        "tolerance": QUOTE_TOLERANCE_MS,
    }
    parties = _PARTIES.format(scope=scope)
    with connection.cursor() as cursor:
        cursor.execute(parties + _TOTALS, parameters)
        row = cursor.fetchone()
        cursor.execute(parties + _HOURS, parameters)
        by_hour = cursor.fetchall()
    names = (
        "parties", "guests", "served", "served_guests", "no_shows", "left", "kicked", "closed_out", "waiting",
        "median_wait_ms", "p90_wait_ms", "median_quote_low_ms", "median_quote_high_ms", "in_quote",
    )  # fmt: skip
    return {name: None if value is None else round(value) for name, value in zip(names, row, strict=True)}, by_hour


def _evening(by_hour: list[tuple[datetime, int, int]]) -> tuple[Hour, ...]:
    """Every hour from the first join to the last, also those in which nobody came."""
    if not by_hour:
        return ()
    counted = {moment: (parties, guests) for moment, parties, guests in by_hour}
    first, last = min(counted), max(counted)
    moments = [first + timedelta(hours=n) for n in range((last - first) // timedelta(hours=1) + 1)]
    found = [(moment.hour, *counted.get(moment, (0, 0))) for moment in moments]
    return tuple(Hour(hour=hour, parties=parties, guests=guests) for hour, parties, guests in found)


def _day(by_hour: list[tuple[datetime, int, int]]) -> tuple[Hour, ...]:
    """The hours of the day from the earliest to the latest that anybody joined in, all days together."""
    parties, guests = [0] * 24, [0] * 24
    for moment, some_parties, some_guests in by_hour:
        parties[moment.hour] += some_parties
        guests[moment.hour] += some_guests
    busy = [hour for hour in range(24) if parties[hour]]
    hours = range(busy[0], busy[-1] + 1) if busy else range(0)
    return tuple(Hour(hour=hour, parties=parties[hour], guests=guests[hour]) for hour in hours)
