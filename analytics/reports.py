"""How service went: reports of one line, or of a venue over some days, as plain values counted from facts by Postgres.

Times of a replayed line are shifted so that its evening ends when the line was closed (queues/replayed.py); facts count
them from its opening.

A party counts in the hour it joined and on the business day its line began (venues/days.py). Its last event is its
outcome: put back after a no-show and seated later, it is served. Undone events are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.db import connection

from analytics import clocks, facts
from analytics.clocks import Clock
from core import clock
from queues.models import Queue
from venues.days import hour_in_day, span_of
from venues.models import Venue

# Pages show whole minutes, so a wait within a minute of the quoted range counts as inside it.
QUOTE_TOLERANCE_MS = 60_000
_OUTCOMES = [facts.SERVED, facts.LEFT, facts.KICKED, facts.DROPPED, facts.PUT_BACK]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """Parties and guests that joined in one hour of the day (0 to 23, local), and how many parties were served, were
    no-shows, or left. The others were removed, closed out, or are still in line."""

    hour: int
    parties: int
    guests: int
    served: int = 0
    no_shows: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Figures of one line, or of one venue over some days. Waits are ms from join to seat, None when no party was seated.

    `closed_out`: in line when it closed. `waiting`: still in line. `in_quote`: of the `served`, those whose wait was within
    a minute of the quoted range. `mean_error_ms`: mean distance of a wait from the middle of its range.
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
    mean_error_ms: int | None
    hours: tuple[Hour, ...]

    @property
    def in_quote_share(self) -> float | None:
        """0 to 1; None when no party was served."""
        return self.in_quote / self.served if self.served else None


_STANDS = "NOT EXISTS (SELECT 1 FROM analytics_fact u WHERE u.queue_id = {0}.queue_id AND u.undoes = {0}.version)"
# One row per party: its join, the host's quote if there is one, and its last event (a lookup per party in the index
# fact_of_party).
# By how much a replayed line's times are shifted back, as in queues/replayed.py.
_SHIFT = "(coalesce({0}.closed_at, %(now)s) - {0}.opened_at) * ({0}.time_scale - 1)"
_PARTIES = f"""
WITH parties AS (
  SELECT j.queue_id, j.party_id, j.at - {_SHIFT.format("line")} AS at, j.size,
         coalesce(q.quoted_low_ms, j.quoted_low_ms) AS quoted_low_ms,
         coalesce(q.quoted_high_ms, j.quoted_high_ms) AS quoted_high_ms, o.type AS outcome, o.waited_ms,
         EXISTS (SELECT 1 FROM analytics_fact c
                  WHERE c.queue_id = j.queue_id AND c.type = %(closed)s AND c.version IS NOT NULL
                    AND {_STANDS.format("c")}) AS over
    FROM analytics_fact j JOIN queues_queue line ON line.id = j.queue_id
    LEFT JOIN LATERAL (
      SELECT f.type, f.waited_ms FROM analytics_fact f
       WHERE f.party_id = j.party_id AND f.version IS NOT NULL AND f.type = ANY(%(outcomes)s) AND {_STANDS.format("f")}
       ORDER BY f.version DESC, f.seq DESC LIMIT 1) o ON true
    LEFT JOIN LATERAL (
      SELECT f.quoted_low_ms, f.quoted_high_ms FROM analytics_fact f
       WHERE f.party_id = j.party_id AND f.version IS NOT NULL AND f.type = %(quoted)s AND {_STANDS.format("f")}
       ORDER BY f.version DESC, f.seq DESC LIMIT 1) q ON true
   WHERE j.type = %(joined)s AND j.version IS NOT NULL AND {{scope}}
     -- a walk-in that was undone is no guest, unless a host put it back by hand
     AND (o.type IS NOT NULL OR {_STANDS.format("j")})
)
"""  # noqa: S608 — contains no input of a request
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
                                                                     AND quoted_high_ms + %(tolerance)s),
       avg(abs(waited_ms - (quoted_low_ms + quoted_high_ms) / 2)) FILTER (WHERE outcome = %(served)s)
  FROM parties
"""
_HOURS = """
SELECT date_trunc('hour', at AT TIME ZONE %(zone)s) AS hour, count(*), sum(size),
       count(*) FILTER (WHERE outcome = %(served)s), count(*) FILTER (WHERE outcome = %(dropped)s),
       count(*) FILTER (WHERE outcome = %(left)s)
  FROM parties GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which parties: an SQL condition on `j`, the fact of a party's join, its parameters, and the clock of the report."""

    condition: str
    values: dict[str, Any]
    clock: Clock


def line_scope(queue: Queue) -> Scope:
    """All parties of one line."""
    return Scope("j.queue_id = %(queue)s", {"queue": queue.pk}, clocks.of_line(queue, clock.now()))


def venue_scope(venue: Venue, *, first: date, last: date) -> Scope:
    """All parties of the venue's lines that began from `first` to `last` (business days, inclusive)."""
    begin, end = span_of(first, last, venue.timezone, venue.day_ends)
    began = f"line.opened_at - {_SHIFT.format('line')}"
    condition = f"line.venue_id = %(venue)s AND {began} >= %(begin)s AND {began} < %(end)s"
    return Scope(condition, {"venue": venue.pk, "begin": begin, "end": end}, clocks.of_venue(venue))


def of_line(queue: Queue) -> Report:
    """The report of one line; hours in chronological order, by the line's clock (clocks.of_line)."""
    scope = line_scope(queue)
    return Report(**_totals(scope), hours=_evening(ask(_HOURS, scope)))


def of_venue(venue: Venue, *, first: date, last: date) -> Report:
    """The report of a venue's lines over these business days. An hour sums that hour of all days."""
    scope = venue_scope(venue, first=first, last=last)
    return Report(**_totals(scope), hours=_day(ask(_HOURS, scope), venue.day_ends))


def lines_of(venue: Venue, *, first: date, last: date) -> list[tuple[Queue, int]]:
    """The venue's lines of those days that have parties, newest first, each with its number of parties."""
    rows = ask("SELECT queue_id, count(*) FROM parties GROUP BY 1", venue_scope(venue, first=first, last=last))
    joined = dict(rows)
    lines = Queue.objects.filter(pk__in=joined).order_by("-opened_at", "pk")
    return [(line, joined[line.pk]) for line in lines]


def ask(query: str, scope: Scope, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of a query of `parties`: one row per party of the scope (_PARTIES)."""
    parameters = {
        **scope.values,
        "now": clock.now(),
        "zone": scope.clock.sql,
        "outcomes": _OUTCOMES,
        "joined": facts.JOINED,
        "quoted": facts.QUOTED,
        "served": facts.SERVED,
        "dropped": facts.DROPPED,
        "left": facts.LEFT,
        "kicked": facts.KICKED,
        "put_back": facts.PUT_BACK,
        "closed": facts.CLOSED,
        "tolerance": QUOTE_TOLERANCE_MS,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PARTIES.format(scope=scope.condition) + query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _totals(scope: Scope) -> dict[str, Any]:
    names = (
        "parties", "guests", "served", "served_guests", "no_shows", "left", "kicked", "closed_out", "waiting",
        "median_wait_ms", "p90_wait_ms", "median_quote_low_ms", "median_quote_high_ms", "in_quote", "mean_error_ms",
    )  # fmt: skip
    (row,) = ask(_TOTALS, scope)
    return {name: None if value is None else round(value) for name, value in zip(names, row, strict=True)}


def _evening(by_hour: list[tuple[Any, ...]]) -> tuple[Hour, ...]:
    """Every hour from the first join to the last, empty ones included."""
    if not by_hour:
        return ()
    counted = {moment: counts for moment, *counts in by_hour}
    first, last = min(counted), max(counted)
    moments = [first + timedelta(hours=n) for n in range((last - first) // timedelta(hours=1) + 1)]
    return tuple(_hour(moment.hour, counted.get(moment, _NOBODY)) for moment in moments)


def _day(by_hour: list[tuple[Any, ...]], day_ends: time) -> tuple[Hour, ...]:
    """The hours of the business day from the earliest to the latest join, summed over all days."""
    counted = [list(_NOBODY) for _ in range(24)]
    for moment, *counts in by_hour:
        counted[moment.hour] = [have + more for have, more in zip(counted[moment.hour], counts, strict=True)]
    in_order = sorted(range(24), key=lambda hour: hour_in_day(hour, day_ends))
    busy = [index for index, hour in enumerate(in_order) if counted[hour][0]]
    return tuple(_hour(hour, counted[hour]) for hour in (in_order[busy[0] : busy[-1] + 1] if busy else ()))


_NOBODY = (0, 0, 0, 0, 0)


def _hour(hour: int, counts: Sequence[int]) -> Hour:
    parties, guests, served, no_shows, left = counts
    return Hour(hour=hour, parties=parties, guests=guests, served=served, no_shows=no_shows, left=left)
