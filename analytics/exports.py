"""Reports as spreadsheets: a row per party. Facts hold no names."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse

from analytics import facts
from analytics.answers import ANSWERS
from analytics.parties import Scope, ask
from analytics.periods import Period
from queues.waits import BY_HAND
from venues.models import NO_ZONE
from web.exports import csv_file, harmless

_COLUMNS = (
    "line", "joined", "guests", "quoted from (min)", "quoted to (min)", "waited (min)", "outcome", "called after (min)",
    "quoted by", "before: from (min)", "before: to (min)", "answer (1-5)", "words",
)  # fmt: skip
_OUTCOMES = {facts.SERVED: "seated", facts.LEFT: "left", facts.KICKED: "removed", facts.DROPPED: "no-show"}
_ROWS = f"""
SELECT q.code, parties.at AT TIME ZONE %(zone)s, size, quoted_low_ms, quoted_high_ms, waited_ms, outcome, over,
       told_ms, model, older_low_ms, older_high_ms, visit.answer, visit.answer_words{{more}}
  FROM parties JOIN queues_queue q ON q.id = parties.queue_id{ANSWERS} {{joined}} ORDER BY parties.at, party_id
"""  # noqa: S608 — contains no input of a request
_OF_DAYS = _ROWS.format(
    more=", day, coalesce(service.name, '')",
    joined="LEFT JOIN venues_service service ON service.id = parties.service_id",
)


def of_line(scope: Scope, code: str) -> HttpResponse:
    """The parties of one line."""
    rows = (_cells(row, scope) for row in ask(_ROWS.format(more="", joined=""), scope))
    return csv_file(_header(scope), rows, name=f"tallyline-{code}.csv")


def of_venue(scope: Scope, period: Period) -> HttpResponse:
    """The parties of a venue's lines of these days, each with its business day and service."""
    return csv_file(
        ["day", "service", *_header(scope)],
        _rows_of_days(scope, period),
        name=f"tallyline-{period.first}-{period.last}.csv",
    )


def _rows_of_days(scope: Scope, period: Period) -> Iterator[list[object]]:
    days = period.days
    for *row, day, service in ask(_OF_DAYS, scope):
        yield [days[day].isoformat(), harmless(service), *_cells(tuple(row), scope)]


def _header(scope: Scope) -> list[str]:
    by = {NO_ZONE: "joined (UTC)", "": "joined (h:mm after opening)"}.get(scope.clock.name, "joined")
    return [by if name == "joined" else name for name in _COLUMNS]


def _cells(row: tuple[Any, ...], scope: Scope) -> list[object]:
    code, joined, size, low, high, waited, outcome, over, called, model, older_low, older_high, answer, words = row
    shape = "%Y-%m-%d %H:%M" if scope.clock.name else "%H:%M"
    ended = _OUTCOMES.get(outcome)
    what = ended or ("line closed" if over else "in line")
    quoted_by = "host" if model == BY_HAND else f"version {model}"
    return [
        code, joined.strftime(shape), size, _minutes(low), _minutes(high), _minutes(waited) if ended else "", what,
        _minutes(called) if outcome == facts.SERVED else "", quoted_by, _minutes(older_low), _minutes(older_high),
        "" if answer is None else answer, harmless(words or ""),
    ]  # fmt: skip


def _minutes(ms: int | None) -> object:
    return "" if ms is None else round(ms / 60_000, 1)
