"""The two report pages, made by the server alone: they work without scripts and print well."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analytics import facts, reports
from outbox import clock
from outbox.actors import Actor
from queues.models import Queue
from queues.pages.access import host_only
from venues.access import works_for
from venues.models import User, Venue

DEFAULT_DAYS = 7
MOST_DAYS = 366
BAR_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour as it is drawn: `width` of BAR_WIDTH."""

    label: str
    parties: int
    guests: int
    width: int


@require_safe
@host_only
def line_report(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """GET /queue/CODE/report, for hosts of the line."""
    closed = facts.line_time(line, line.closed_at) if line.closed_at else None
    return _page(
        request, reports.of_line(line), line.timezone, {"title": line.event_name, "line": line, "closed": closed}
    )


@require_safe
@never_cache
def venue_report(request: HttpRequest, venue_id: UUID) -> HttpResponse:
    """GET /venues/ID/report?from=YYYY-MM-DD&to=YYYY-MM-DD, for people of the venue; the last seven days by default."""
    venue = get_object_or_404(Venue, pk=venue_id)
    if refusal := _refusal(request, venue.pk):
        return refusal
    today = clock.now().astimezone(ZoneInfo(venue.timezone)).date()
    problem = ""
    try:
        first, last = asked_days(request.GET.get("from", ""), request.GET.get("to", ""), today=today)
    except ValueError as mistake:
        problem = str(mistake)
        first, last = asked_days("", "", today=today)
    report = reports.of_venue(venue, first=first, last=last)
    shown: dict[str, Any] = {"title": venue.name, "venue": venue, "first": first, "last": last, "problem": problem}
    shown["lines"] = reports.lines_of(venue, first=first, last=last)
    return _page(request, report, venue.timezone, shown, status=400 if problem else 200)


def asked_days(first: str, last: str, *, today: date) -> tuple[date, date]:
    """The days a person asked for; what is blank follows from the other. Raises ValueError with a sentence for them."""
    try:
        to = date.fromisoformat(last) if last else None
        since = date.fromisoformat(first) if first else None
        end = to or max(today, since or today)
        begin = since or end - timedelta(days=DEFAULT_DAYS - 1)
        too_long = end - begin >= timedelta(days=MOST_DAYS)
        end + timedelta(days=2), begin - timedelta(days=2)  # a day at the end of the calendar has no next one
    except (ValueError, OverflowError):
        raise ValueError("Dates look like 2026-05-31.") from None
    if begin > end:
        raise ValueError("The first day comes after the last.")
    if too_long:
        raise ValueError("At most a year at a time, please.")
    return begin, end


def _refusal(request: HttpRequest, venue_id: UUID) -> HttpResponse | None:
    """None for people of the venue; whoever is not signed in is sent there. Raises PermissionDenied (403) for others."""
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path())
    if not user.is_active or not works_for(user, venue_id):
        raise PermissionDenied
    return None


def bars(hours: tuple[reports.Hour, ...]) -> list[Bar]:
    """The hours as bars; the fullest is as wide as there is room."""
    most = max((hour.parties for hour in hours), default=0) or 1
    return [
        Bar(f"{hour.hour:02}:00", hour.parties, hour.guests, round(hour.parties * BAR_WIDTH / most)) for hour in hours
    ]


def minutes(ms: int | None) -> str:
    """A wait as people say it: `25 min`, `under 1 min`, or a dash when there is none."""
    if ms is None:
        return "–"  # noqa: RUF001
    whole = round(ms / 60_000)
    return f"{whole} min" if whole else "under 1 min"


def _page(
    request: HttpRequest, report: reports.Report, zone: str, shown: dict[str, Any], status: int = 200
) -> HttpResponse:
    share = report.in_quote_share
    figures = {
        "report": report,
        "bars": bars(report.hours),
        "bar_width": BAR_WIDTH,
        "median": minutes(report.median_wait_ms),
        "p90": minutes(report.p90_wait_ms),
        "quote": f"{minutes(report.median_quote_low_ms)} to {minutes(report.median_quote_high_ms)}",
        "in_quote_percent": None if share is None else round(100 * share),
        "zone": zone,
    }
    return render(request, "host/report.html", {**figures, **shown}, status=status)
