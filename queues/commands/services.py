"""Lines that services open: by the sweep at the opening of a span, or by a host, early or once more."""

from datetime import datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from core.actors import HOST, SYSTEM, Actor
from core.codes import with_free_code
from core.errors import Conflict
from queues import rules
from queues.commands.line import NewLine, insert_line
from queues.models import Queue
from venues import commands as venues
from venues.days import business_day
from venues.hours import Hours, Opening, next_opening, open_at
from venues.models import Service
from venues.schedules import hours_of


def open_if_due(service_id: UUID, *, wait: bool = True) -> bool:
    """Opens the service's line for the span that is on by the clock read under the service's lock (law 5), unless one was opened
    for it; returns whether it did. What opens next is looked at then. Spans that are over open nothing.

    Raises NotFound; Busy when another transaction holds the service (at once without `wait`).
    """
    return bool(with_free_code(partial(_open_if_due, service_id, wait), known=lambda: None))


def open_service(service_id: UUID, *, actor: Actor = HOST) -> Queue:
    """Opens the service's line now: for the span that is on, or early for the next one of this business day. When a line was
    opened for it before, this one closes with it and stands for itself; without a span it has no closing time.

    Raises NotFound; Conflict when the service is archived, or has a line that guests can still join.
    """
    return with_free_code(partial(_open_service, service_id, actor), known=lambda: None)


def _open_if_due(service_id: UUID, wait: bool, code: str) -> bool:
    with venues.locked_service(service_id, skip_locked=not wait) as (service, at):
        if service.opens_next_at is None or service.opens_next_at > at:
            return False
        plan = hours_of(service)
        span = open_at(plan, at) if plan is not None else None
        opens = span is not None and not _lines_for(service, span).exists()
        if opens:
            _insert(service, plan, span, at=at, opens_at=span.opens if span else at, actor=SYSTEM, code=code)
        venues.schedule(service, at, opened=True)
        return opens


def _open_service(service_id: UUID, actor: Actor, code: str) -> Queue:
    with venues.locked_service(service_id) as (service, at):
        if service.archived_at is not None:
            raise Conflict(f"{service} is not in use any more.")
        if _running(service, at).exists():
            raise Conflict(f"{service} is open already.")
        plan = hours_of(service)
        span = _span_to_open(service, plan, at) if plan is not None else None
        new = span is not None and not _lines_for(service, span).exists()
        return _insert(service, plan, span, at=at, opens_at=span.opens if span and new else at, actor=actor, code=code)


def _span_to_open(service: Service, plan: Hours, at: datetime) -> Opening | None:
    """The span that is on, or the next one if it begins on this business day."""
    if (on := open_at(plan, at)) is not None:
        return on
    following = next_opening(plan, at)
    ends = service.venue.day_ends
    if following is None or business_day(following.opens, plan.zone, ends) != business_day(at, plan.zone, ends):
        return None
    return following


def _running(service: Service, at: datetime) -> QuerySet[Queue]:
    """Its lines that guests can still join."""
    return service.queues.filter(Q(last_entry_at=None) | Q(last_entry_at__gt=at), closed_at=None)


def _lines_for(service: Service, span: Opening) -> QuerySet[Queue]:
    """Its lines that were opened for this span, also where its hours have moved since."""
    over_it = Q(opens_at__lt=span.closes) & (Q(closing_at__gt=span.opens) | Q(closing_at=None, closed_at=None))
    return service.queues.filter(over_it | Q(opens_at=span.opens))


def _insert(
    service: Service,
    plan: Hours | None,
    span: Opening | None,
    *,
    at: datetime,
    opens_at: datetime,
    actor: Actor,
    code: str,
) -> Queue:
    zone = ZoneInfo(plan.zone) if plan is not None else None
    new = NewLine(
        event_name=service.name,
        max_guests=service.max_guests,
        open_time=span.opens.astimezone(zone).time() if span else None,
        close_time=span.closes.astimezone(zone).time() if span else None,
        call_window_s=service.call_window_s,
        auto_advance=service.auto_advance,
        auto_no_show=service.auto_no_show,
        on_my_way_s=service.on_my_way_s,
    )
    ends = rules.service_ends(span.closes, last_entry_min=service.last_entry_min) if span else {}
    return insert_line(new, actor, venue=service.venue, at=at, code=code, service=service, opens_at=opens_at, **ends)
