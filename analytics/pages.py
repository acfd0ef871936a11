"""The report page of a line and its CSV file. Rendered by the server: it needs no script, and can be printed."""

from datetime import time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from analytics import charts, exports, quotes, reports, timeline
from analytics.answers import answers
from analytics.clocks import Clock
from analytics.labels import minutes, percent
from analytics.parties import Scope, line_scope
from core import clock
from core.actors import Actor
from queues import replayed
from queues.models import Queue
from queues.pages.access import host_only
from venues.models import User
from venues.roles import Right, may


@require_safe
@host_only
def line_report(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """GET /queue/CODE/report, for hosts of the line."""
    now = clock.now()
    scope = line_scope(line)
    lengths = timeline.lengths(line)
    if lengths and not line.is_closed:
        lengths.append(timeline.Length(now.astimezone(scope.clock.zone), lengths[-1].parties))
    report = reports.of_line(line)
    context = {
        "line": line,
        "opened": replayed.began_at(line, now),
        "closed": line.closed_at,
        "length": charts.length_chart(lengths, scope.clock.told),
        "by_time": _by_time(lengths, scope.clock),
        "csv": reverse("line-report-csv", args=[line.code]),
        "sees_venue": isinstance(request.user, User)
        and line.venue_id is not None
        and may(request.user, line.venue_id, Right.REPORTS),
        **shared_context(report, timeline.slots_of_line(line, scope), scope),
    }
    return render(request, "host/report.html", context)


@require_safe
@host_only
def line_csv(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """GET /queue/CODE/report.csv: a row per party."""
    return exports.of_line(line_scope(line), line.code)


def shared_context(report: reports.Report, slots: list[timeline.Slot], scope: Scope) -> dict[str, Any]:
    """What reports of lines and of venues both show."""
    total = report.total
    errors = [(words, report.errors.get(number, 0)) for number, words in enumerate(timeline.ERRORS)]
    return {
        "total": total,
        "hours": [(scope.clock.told(time(each.hour)), each.figures) for each in report.hours],
        "joins": charts.joins_chart(report.hours, scope.clock.told),
        "waits": charts.waits_chart(slots),
        "off": charts.errors_chart(errors),
        "errors": errors,
        "slots": [
            (
                slot.label,
                each.served,
                _quote(each.median_quote_low_ms, each.median_quote_high_ms),
                minutes(each.median_wait_ms),
            )
            for slot in slots
            for each in [slot.figures]
        ],
        "median": minutes(total.median_wait_ms),
        "p90": minutes(total.p90_wait_ms),
        "quote": _quote(total.median_quote_low_ms, total.median_quote_high_ms),
        "mean_error": minutes(total.mean_error_ms),
        "in_quote": percent(total.in_quote_share),
        "quotes": quotes.tables(report, scope.clock.told),
        "answers": answers(scope),
        "zone": scope.clock.name,
    }


def _quote(low_ms: int | None, high_ms: int | None) -> str:
    return f"{minutes(low_ms)} to {minutes(high_ms)}"


def _by_time(lengths: list[timeline.Length], by: Clock) -> list[tuple[str, int]]:
    """The line's length at each half hour (of long lines each four hours), for the table beside its graph."""
    if not lengths:
        return []
    first, last = lengths[0].at, lengths[-1].at
    step = timedelta(minutes=30 if last - first <= timedelta(hours=12) else 240)
    moment = first.replace(minute=first.minute // 30 * 30, second=0, microsecond=0) + timedelta(minutes=30)
    found, index = [], 0
    while moment <= last:
        while index + 1 < len(lengths) and lengths[index + 1].at <= moment:
            index += 1
        found.append((by.told(moment), lengths[index].parties))
        moment += step
    return found
