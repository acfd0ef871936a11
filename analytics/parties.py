"""One row per party, made of facts by Postgres: what every report counts.

Times of a replayed line are shifted so that its evening ends when the line was closed (queues/replayed.py); facts count
them from its opening.

A party counts in the hour it joined and on the business day its line began (venues/days.py). Its last event is its
outcome: put back after a no-show and seated later, it is served. Undone events are left out.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from analytics import clocks, facts
from analytics.clocks import Clock
from analytics.figures import COUNTS, MEDIANS, QUOTE_TOLERANCE_MS, Figures, read_counts, with_medians
from analytics.periods import Period
from core import clock
from queues.models import Queue
from venues.days import begin_of, span_of
from venues.models import Venue

# A party of this many guests or more counts as this many in reports by size.
LARGEST_SIZE = 9
_OUTCOMES = [facts.SERVED, facts.LEFT, facts.KICKED, facts.DROPPED, facts.PUT_BACK]
# By how much a replayed line's times are shifted back, as in queues/replayed.py.
_SHIFT = "(coalesce(line.closed_at, %(now)s) - line.opened_at) * (line.time_scale - 1)"
_BEGAN = f"line.opened_at - {_SHIFT}"
# The newest fact of some types per party, undone ones left out.
_NEWEST = """
  SELECT DISTINCT ON (f.party_id) f.* FROM lines JOIN analytics_fact f USING (queue_id)
   WHERE f.version IS NOT NULL AND f.type {types}
     AND NOT EXISTS (SELECT FROM undone u WHERE u.queue_id = f.queue_id AND u.undoes = f.version)
   ORDER BY f.party_id, f.version DESC, f.seq DESC
"""
# One row per party: its join, the host's quote if there is one, and its last event. All are read from the index fact_of_reports,
# line by line. `told_ms`: what its quote is compared with, the wait until the call. `off`: how that differs from its quote, a
# number of timeline.ERRORS. `model`: the version of the rules that quoted, 0 for a host. `older`: as the first would have quoted.
_PARTIES = f"""
WITH lines AS (
  SELECT line.id AS queue_id, line.service_id, line.closed_at IS NOT NULL AS over, {_SHIFT} AS shift, {{day}} AS day
    FROM queues_queue line WHERE {{condition}}),
undone AS (
  SELECT queue_id, undoes FROM lines JOIN analytics_fact USING (queue_id) WHERE undoes IS NOT NULL),
ended AS ({_NEWEST.format(types="= ANY(%(outcomes)s)")}),
promised AS ({_NEWEST.format(types="= %(quoted)s")}),
parties AS (
  SELECT queue_id, service_id, over, day, j.party_id, j.at - shift AS at, j.size,
         quote.low AS quoted_low_ms, quote.high AS quoted_high_ms, ended.type AS outcome, ended.waited_ms, told.ms AS told_ms,
         CASE WHEN ended.type <> %(served)s THEN NULL
              WHEN told.ms BETWEEN quote.low - %(tolerance)s AND quote.high + %(tolerance)s THEN 3
              WHEN told.ms < quote.low - 900000 THEN 0
              WHEN told.ms < quote.low - 300000 THEN 1
              WHEN told.ms < quote.low THEN 2
              WHEN told.ms > quote.high + 900000 THEN 6
              WHEN told.ms > quote.high + 300000 THEN 5
              WHEN told.ms > quote.high THEN 4 END AS off,
         CASE WHEN promised.party_id IS NULL THEN coalesce(j.quote_model, 1) ELSE 0 END AS model,
         CASE WHEN coalesce(j.quote_model, 1) = 1 THEN j.quoted_low_ms ELSE j.older_low_ms END AS older_low_ms,
         CASE WHEN coalesce(j.quote_model, 1) = 1 THEN j.quoted_high_ms ELSE j.older_high_ms END AS older_high_ms
    FROM lines JOIN analytics_fact j USING (queue_id)
    LEFT JOIN ended USING (queue_id, party_id) LEFT JOIN promised USING (queue_id, party_id)
   CROSS JOIN LATERAL (SELECT coalesce(promised.quoted_low_ms, j.quoted_low_ms) AS low,
                              coalesce(promised.quoted_high_ms, j.quoted_high_ms) AS high) AS quote
   CROSS JOIN LATERAL (SELECT coalesce(ended.called_ms, ended.waited_ms) AS ms) AS told
   WHERE j.type = %(joined)s AND j.version IS NOT NULL
     -- a walk-in that was undone is no guest, unless a host put it back by hand
     AND (ended.type IS NOT NULL
          OR NOT EXISTS (SELECT FROM undone u WHERE u.queue_id = j.queue_id AND u.undoes = j.version)))
"""  # noqa: S608 — contains no input of a request

# What parties are grouped by. `business_day` and `week` (from Monday) count from 0, those of the first day of a scope of days.
# `slot`: `width` minutes that begin on round times of the local clock.
KEYS = {
    "slot": "date_bin(make_interval(mins => %(width)s), at AT TIME ZONE %(zone)s, TIMESTAMP '2000-01-01')",
    "clock_hour": "date_trunc('hour', at AT TIME ZONE %(zone)s)",
    "hour": "extract(hour FROM at AT TIME ZONE %(zone)s)::int",
    "business_day": "day",
    "weekday": "(day + %(first_weekday)s) %% 7",
    "week": "(day + %(first_weekday)s) / 7",
    "guests_of_party": f"least(size, {LARGEST_SIZE})",
    "service": "service_id",
    "line": "queue_id",
    "error": "off",
    "rules": "model",
}
Grouping = tuple[str, ...]
# The figures of each group, by the values of its keys.
Groups = dict[tuple[Any, ...], Figures]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which parties: an SQL condition on `line`, which day a line belongs to (from 0), parameters of both, and the clock of the
    report."""

    condition: str
    day: str
    values: dict[str, Any]
    clock: Clock


def line_scope(queue: Queue) -> Scope:
    """All parties of one line."""
    return Scope("line.id = %(queue)s", "0", {"queue": queue.pk}, clocks.of_line(queue, clock.now()))


def venue_scope(venue: Venue, period: Period) -> Scope:
    """All parties of the venue's lines that began in the period (business days)."""
    begin, end = span_of(period.first, period.last, venue.timezone, venue.day_ends)
    values = {
        "venue": venue.pk,
        "begin": begin,
        "end": end,
        "days": [begin_of(day, venue.timezone, venue.day_ends) for day in period.days],
        "first_weekday": period.first.weekday(),
    }
    condition = f"line.venue_id = %(venue)s AND {_BEGAN} >= %(begin)s AND {_BEGAN} < %(end)s"
    day = f"width_bucket({_BEGAN}, %(days)s::timestamptz[]) - 1"
    return Scope(condition, day, values, clocks.of_venue(venue))


def grouped(scope: Scope, *groupings: Grouping) -> list[Groups]:
    """The figures of the scope's parties in several groupings at once, each by some of KEYS; by none of them: all parties.

    One pass over the parties, so that all groupings count the same ones.
    """
    keys = sorted({key for grouping in groupings for key in grouping})
    names = ", ".join(keys)
    sets = ", ".join(f"({', '.join(grouping)})" for grouping in groupings)
    columns = "".join(f", {KEYS[key]} AS {key}" for key in keys)
    no_counts, no_medians = ", ".join(["NULL"] * len(COUNTS)), ", ".join(["NULL"] * len(MEDIANS))
    query = f""", keyed AS MATERIALIZED (SELECT *{columns} FROM parties)
        SELECT grouping({names}), {names}, {", ".join(COUNTS)}, {no_medians} FROM keyed GROUP BY GROUPING SETS ({sets})
         UNION ALL
        SELECT grouping({names}), {names}, {no_counts}, {", ".join(MEDIANS)} FROM keyed WHERE outcome = %(served)s
         GROUP BY GROUPING SETS ({sets})"""  # noqa: S608 — contains no input of a request
    # A bit of grouping() is set for each key by which a row is not grouped, the last key's being the lowest.
    masks = [sum(1 << bit for bit, key in enumerate(reversed(keys)) if key not in each) for each in groupings]
    found: dict[int, Groups] = {mask: {} for mask in masks}
    for mask, *row in ask(query, scope):
        values, figures = dict(zip(keys, row, strict=False)), row[len(keys) :]
        group = tuple(values[key] for key in groupings[masks.index(mask)])
        counts, medians = figures[: len(COUNTS)], figures[len(COUNTS) :]
        if medians[0] is None:
            found[mask].setdefault(group, read_counts(counts))
        else:
            found[mask][group] = with_medians(found[mask][group], medians)
    return [found[mask] for mask in masks]


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
        "tolerance": QUOTE_TOLERANCE_MS,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PARTIES.format(condition=scope.condition, day=scope.day) + query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
