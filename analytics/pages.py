"""The two report pages and their CSV files. Rendered by the server: they need no script, and can be printed."""

import csv
import io
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analytics import charts, reports, timeline
from analytics.clocks import Clock
from core import clock
from core.actors import Actor
from core.languages import in_english
from queues import replayed
from queues.models import Queue
from queues.pages.access import host_only
from venues.authentication import works_for
from venues.days import business_day
from venues.devices import host_device
from venues.models import User, Venue
from web.exports import attachment

DEFAULT_DAYS = 7
MOST_DAYS = 366


@require_safe
@host_only
def line_report(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """GET /queue/CODE/report, for hosts of the line."""
    now = clock.now()
    scope = reports.line_scope(line)
    lengths = timeline.lengths(line)
    if lengths and not line.is_closed:
        lengths.append(timeline.Length(now.astimezone(scope.clock.zone), lengths[-1].parties))
    shown = {
        "title": line.event_name,
        "line": line,
        "opened": replayed.began_at(line, now),
        "closed": line.closed_at,
        "length": charts.length_chart(lengths, scope.clock.told),
        "by_time": _by_time(lengths, scope.clock),
        "csv": reverse("line-report-csv", args=[line.code]),
    }
    return _page(request, reports.of_line(line), scope, timeline.slots_of_line(line, scope), shown)


@require_safe
@host_only
def line_csv(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """GET /queue/CODE/report.csv: a row per party."""
    return _csv(reports.line_scope(line), line.code)


@in_english
@require_safe
@never_cache
def venue_report(request: HttpRequest, venue_id: UUID) -> HttpResponse:
    """GET /venues/ID/report?from=YYYY-MM-DD&to=YYYY-MM-DD, for people of the venue; the last seven business days by default."""
    venue = get_object_or_404(Venue, pk=venue_id)
    if refusal := _refusal(request, venue.pk):
        return refusal
    first, last, problem = _days(request, venue)
    scope = reports.venue_scope(venue, first=first, last=last)
    shown: dict[str, Any] = {"title": venue.name, "venue": venue, "first": first, "last": last, "problem": problem}
    now = clock.now()
    shown["lines"] = [
        (line, business_day(replayed.began_at(line, now), venue.timezone, venue.day_ends), joined)
        for line, joined in reports.lines_of(venue, first=first, last=last)
    ]
    shown["begins"] = venue.day_ends
    shown["csv"] = f"{reverse('venue-report-csv', args=[venue.pk])}?from={first}&to={last}"
    report = reports.of_venue(venue, first=first, last=last)
    return _page(
        request, report, scope, timeline.slots_of_day(scope, venue.day_ends), shown, status=400 if problem else 200
    )


@in_english
@require_safe
@never_cache
def venue_csv(request: HttpRequest, venue_id: UUID) -> HttpResponse:
    """GET /venues/ID/report.csv: a row per party that joined on those days."""
    venue = get_object_or_404(Venue, pk=venue_id)
    if refusal := _refusal(request, venue.pk):
        return refusal
    first, last, _ = _days(request, venue)
    return _csv(reports.venue_scope(venue, first=first, last=last), f"{first}-{last}")


def _days(request: HttpRequest, venue: Venue) -> tuple[date, date, str]:
    """The requested days; or the last seven, and the sentence that says what was wrong with the request."""
    today = business_day(clock.now(), venue.timezone, venue.day_ends)
    try:
        return *asked_days(request.GET.get("from", ""), request.GET.get("to", ""), today=today), ""
    except ValueError as mistake:
        return *asked_days("", "", today=today), str(mistake)


def asked_days(first: str, last: str, *, today: date) -> tuple[date, date]:
    """The requested days; a blank one is derived from the other. Raises ValueError with a sentence for the person."""
    try:
        to = date.fromisoformat(last) if last else None
        since = date.fromisoformat(first) if first else None
        end = to or max(today, since or today)
        begin = since or end - timedelta(days=DEFAULT_DAYS - 1)
        too_long = end - begin >= timedelta(days=MOST_DAYS)
        end + timedelta(days=2), begin - timedelta(days=2)  # the last day of the calendar has no next one
    except (ValueError, OverflowError):
        raise ValueError("Dates look like 2026-05-31.") from None
    if begin > end:
        raise ValueError("The first day comes after the last.")
    if too_long:
        raise ValueError("At most a year at a time, please.")
    return begin, end


def _refusal(request: HttpRequest, venue_id: UUID) -> HttpResponse | None:
    """None for members and devices of the venue, a redirect to the sign-in for anonymous visitors. Raises PermissionDenied (403)
    for others."""
    user = request.user
    if host_device(request, venue_id) is not None:
        return None
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path())
    if not user.is_active or not works_for(user, venue_id):
        raise PermissionDenied
    return None


def minutes(ms: int | None) -> str:
    """A wait as shown on pages: `25 min`, `under 1 min`, or a dash when there is none."""
    if ms is None:
        return "–"  # noqa: RUF001
    whole = round(ms / 60_000)
    return f"{whole} min" if whole else "under 1 min"


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


def _csv(scope: reports.Scope, name: str) -> HttpResponse:
    out = io.StringIO()
    csv.writer(out).writerows(timeline.parties(scope))
    return attachment(out.getvalue().encode(), kind="text/csv; charset=utf-8", name=f"tallyline-{name}.csv")


def _page(
    request: HttpRequest,
    report: reports.Report,
    scope: reports.Scope,
    slots: list[timeline.Slot],
    shown: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    share = report.in_quote_share
    errors = timeline.errors(scope)
    figures = {
        "report": report,
        "joins": charts.joins_chart(report.hours, scope.clock.told),
        "hours": [(scope.clock.told(time(hour.hour)), hour) for hour in report.hours],
        "waits": charts.waits_chart(slots),
        "off": charts.errors_chart(errors),
        "errors": errors,
        "slots": [
            (slot.label, slot.served, f"{minutes(slot.low_ms)} to {minutes(slot.high_ms)}", minutes(slot.waited_ms))
            for slot in slots
        ],
        "median": minutes(report.median_wait_ms),
        "p90": minutes(report.p90_wait_ms),
        "quote": f"{minutes(report.median_quote_low_ms)} to {minutes(report.median_quote_high_ms)}",
        "mean_error": minutes(report.mean_error_ms),
        "in_quote_percent": None if share is None else round(100 * share),
        "drop_offs": report.no_shows + report.left,
        "zone": scope.clock.name,
    }
    return render(request, "host/report.html", {**figures, **shown}, status=status)
