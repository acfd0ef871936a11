"""The page of a venue's reports and its CSV file. Rendered by the server: it needs no script, and can be printed."""

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from analytics import exports, labels, reports, tables, timeline
from analytics.forms import PeriodForm
from analytics.mail_pages import form_for, mail_of
from analytics.pages import shared_context
from analytics.parties import venue_scope
from analytics.periods import Period, ready_made
from core import clock
from core.languages import in_english, named
from mail.kept import are_kept
from queues import replayed
from venues.days import business_day
from venues.hours import DAYS
from venues.models import Venue
from venues.owner_pages import Desk, at_desk
from venues.roles import Right, may
from web.redirects import SeeOther


@require_safe
@at_desk(Right.REPORTS)
def venue_reports(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET /venue/reports: the period that is asked for, beside another. 400 with the form where that names none."""
    today = _today(desk.venue)
    form = PeriodForm(request.GET, today=today)
    context: dict[str, Any] = {
        "desk": desk,
        "venue": desk.venue,
        "form": form,
        "begins": desk.venue.day_ends,
        "weekly_mail": mail_of(desk),
        "mail_form": form_for(desk, language=named(request)),
        "mail_path": desk.path("choose-weekly-mail"),
        "kept_mail": are_kept() and may(desk.person, desk.venue.pk, Right.PEOPLE),
    }
    chosen = form.cleaned_data["period"] if form.is_valid() else None
    context["ready_made"] = [
        (label, f"{desk.path('venue-reports')}&{urlencode({'first': each.first, 'last': each.last})}", each == chosen)
        for label, each in ready_made(today)
    ]
    if chosen is None:
        return render(request, "host/reports.html", context, status=400)
    return render(request, "host/reports.html", context | _figures(desk, chosen, form.cleaned_data["other"]))


@require_safe
@at_desk(Right.REPORTS)
def venue_csv(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET /venue/reports.csv: a row per party of the period. A period that is wrong is said on the page."""
    form = PeriodForm(request.GET, today=_today(desk.venue))
    if not form.is_valid():
        return SeeOther(f"{reverse('venue-reports')}?{request.GET.urlencode()}")
    period = form.cleaned_data["period"]
    return exports.of_venue(venue_scope(desk.venue, period), period)


@in_english
@require_safe
def earlier_address(request: HttpRequest, venue_id: UUID, now: str) -> HttpResponse:
    """GET /venues/ID/report?from=&to=, where reports were before, and report.csv. `now`: the name of today's route."""
    days = {new: request.GET[old] for old, new in (("from", "first"), ("to", "last")) if request.GET.get(old)}
    return SeeOther(f"{reverse(now)}?{urlencode({'venue': venue_id, **days})}")


def _today(venue: Venue) -> date:
    return business_day(clock.now(), venue.timezone, venue.day_ends)


def _figures(desk: Desk, period: Period, other: Period | None) -> dict[str, Any]:
    venue, at = desk.venue, clock.now()
    scope = venue_scope(venue, period)
    by_week = period.is_long or (other is not None and other.is_long)
    now = reports.of_venue(venue, period, by_week=by_week)
    then = reports.of_venue(venue, other, by_week=by_week) if other else None
    dates, sizes = tables.of_dates(now, then), tables.of_sizes(now, then)
    return {
        "period": period,
        "other": other,
        "figures": list(labels.compared(now.total, then.total if then else None)),
        "any": now.total.parties or (then and then.total.parties),
        "by_week": by_week,
        "dates": dates,
        "dates_chart": tables.chart(dates),
        "dates_rows": tables.rows(dates),
        "sizes_chart": tables.chart(sizes),
        "sizes_rows": tables.rows(sizes),
        "services_rows": tables.rows(tables.of_services(now, then)),
        "weekdays": [day[:3] for day in DAYS],
        "grids": tables.grids(now, then, venue.day_ends, scope.clock),
        "lines": [
            (line, business_day(replayed.began_at(line, at), venue.timezone, venue.day_ends), found.parties)
            for line, found in now.lines
        ],
        "csv": f"{desk.path('venue-reports-csv')}&{urlencode({'first': period.first, 'last': period.last})}",
        **shared_context(now, timeline.slots_of_hours(now.hours, scope.clock), scope),
    }
