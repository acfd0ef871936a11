"""A service's hours, read from its rows as plain values (venues/hours.py)."""

from collections import defaultdict
from datetime import date, datetime, time

from django.db.models import Q

from venues.days import business_day
from venues.hours import Exceptional, Hours, Opening, Span, Spans, next_opening, openings_of_day
from venues.models import HoursException, Service, Venue


def hours_of(service: Service) -> Hours | None:
    """The service's hours; None for one that opens nothing: it is archived, or its venue has no time zone.

    Reads the venue anew: the caller may have waited for the service's lock.
    """
    venue = Venue.objects.get(pk=service.venue_id)
    if service.archived_at is not None or not venue.zone:
        return None
    return Hours(zone=venue.zone, week=week_of(service), exceptions=_exceptions(service))


def week_of(service: Service) -> tuple[Spans, ...]:
    """The spans of its week, Monday first."""
    days: dict[int, list[Span]] = defaultdict(list)
    for row in service.opening_hours.all():
        days[row.weekday].append(Span(row.opens, row.closes))
    return tuple(tuple(sorted(days[weekday])) for weekday in range(7))


def _exceptions(service: Service) -> dict[date, Exceptional]:
    """By date; the service's own come before those of the whole venue."""
    rows = HoursException.objects.filter(Q(service=service) | Q(service=None), venue_id=service.venue_id)
    found: dict[date, Exceptional] = {}
    for row in sorted(rows, key=lambda row: row.service_id is not None):
        found[row.date] = Exceptional(spans_of(row), row.name)
    return found


def spans_of(exception: HoursException) -> Spans:
    """The spans of an exception; none: closed."""
    return tuple(Span(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in exception.spans)


def openings_today(service: Service, at: datetime) -> list[Opening]:
    """What opens in the business day of this moment, in order; none for a service that opens nothing."""
    plan = hours_of(service)
    if plan is None:
        return []
    return openings_of_day(plan, business_day(at, plan.zone, service.venue.day_ends), service.venue.day_ends)


def opens_next(venue: Venue, at: datetime) -> datetime | None:
    """When one of the venue's services opens next after this moment; None when none will."""
    plans = [plan for service in venue.services.filter(archived_at=None) if (plan := hours_of(service)) is not None]
    return min((each.opens for plan in plans if (each := next_opening(plan, at)) is not None), default=None)
