"""Commands on services and their hours. Each locks the venue, then the service, and sets anew when the service opens next."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from core import clock
from core.actors import SYSTEM, Actor
from core.change import Fields, durable, set_field
from core.errors import Busy, existing
from outbox.seen import require_seen
from venues import hours
from venues.commands.made import create_key, made_with, visible
from venues.log import lock_venue, log
from venues.models import HoursException, OpeningHours, Service, Venue
from venues.schedules import hours_of, spans_of, week_of

MOST_NAMES, LONGEST_NAME = 12, 40
OVERLAP = "On {day} this begins before an earlier one has ended."
NO_SERVICE = "There is no such service."
NEEDS_ZONE = "Set the venue’s time zone first: hours are read by its clock."
# What a service is made of, besides its hours.
SETTINGS = frozenset(
    [
        "name", "position", "max_guests", "call_window_s", "auto_advance", "auto_no_show", "on_my_way_s",
        "last_entry_min", "note_fields", "sections",
    ]
)  # fmt: skip


@durable()
def create_service(
    *,
    venue_id: UUID | str,
    key: str = "",
    week: Sequence[hours.Spans] | None = None,
    actor: Actor = SYSTEM,
    **settings: Any,
) -> Service:
    """Makes a service of the venue, the last in its list, with these SETTINGS and the hours of a `week` (Monday first); with a
    known `key` (Idempotency-Key) returns the one it made.

    Raises ValidationError, naming the field, as `change_service`.
    """
    venue = lock_venue(venue_id)
    if known := made_with(Service, key):
        return known
    service = Service(venue=venue, create_key=create_key(Service, key), position=venue.services.count())
    changes = _set(service, settings)
    service.save(force_insert=True)
    changes |= _set_week(service, week)
    schedule(service, clock.now())
    _log(service, "VENUE_SERVICE_MADE", actor, "create_service", changes)
    return service


@durable()
def change_service(
    *,
    service_id: UUID | str,
    week: Sequence[hours.Spans] | None = None,
    saw: str = "",
    actor: Actor = SYSTEM,
    **settings: Any,
) -> Service:
    """Changes some SETTINGS, and the hours where a `week` is given. Lines that are open keep what they were opened with.

    Raises NotFound; ValidationError, naming the field, for a blank name, a number out of bounds, hours that overlap
    (`monday` …), or hours at a venue without a time zone; Overtaken when what it would change is not as the page showed it
    (`saw`).
    """
    service = _locked_with_venue(service_id)
    if changes := _set(service, settings) | _set_week(service, week):
        about = {"serviceId": str(service.pk)}
        require_seen(service.venue_id, saw, changes, by={"change_service"}, actor=actor, **about)
        service.save()
        schedule(service, clock.now())
        _log(service, "VENUE_SERVICE_CHANGED", actor, "change_service", changes)
    return service


@durable()
def archive_service(*, service_id: UUID | str, actor: Actor = SYSTEM) -> Service:
    """Takes the service out of use: it opens no more lines. Does nothing when it is. Raises NotFound."""
    service = _locked_with_venue(service_id)
    if service.archived_at is None:
        _archive(service, clock.now(), "VENUE_SERVICE_ARCHIVED", actor, "archive_service")
    return service


@durable()
def restore_service(*, service_id: UUID | str, actor: Actor = SYSTEM) -> Service:
    """Takes an archived service into use again. Does nothing when it is. Raises NotFound."""
    service = _locked_with_venue(service_id)
    if service.archived_at is not None:
        _archive(service, None, "VENUE_SERVICE_RESTORED", actor, "restore_service")
    return service


@durable()
def set_exception(
    *,
    venue_id: UUID | str,
    service_id: UUID | str | None,
    day: date,
    spans: hours.Spans = (),
    name: str = "",
    key: str = "",
    saw: str = "",
    actor: Actor = SYSTEM,
) -> HoursException:
    """Says what opens on that date instead of the weekday's hours (no spans: closed), of one service or of the whole venue.
    Replaces what was set for that date before. `key` (Idempotency-Key) is kept with a new one (made_with).

    Raises NotFound; ValidationError, naming the field, for spans that overlap each other; Overtaken when what was set for that
    date is not what the page showed (`saw`).
    """
    venue = lock_venue(venue_id)
    service = existing(venue.services.filter(pk=service_id).first(), NO_SERVICE) if service_id else None
    if hours.overlaps(spans):
        raise ValidationError({"spans": "These hours overlap."})
    if spans and not venue.zone:
        raise ValidationError({"spans": NEEDS_ZONE})
    exception = HoursException.objects.filter(venue=venue, service=service, date=day).first() or HoursException(
        venue=venue, service=service, date=day, create_key=create_key(HoursException, key)
    )
    before = told_of_date(exception) if exception.pk is not None else None
    changes: Fields = {}
    set_field(exception, "spans", [[f"{span.opens:%H:%M}", f"{span.closes:%H:%M}"] for span in sorted(spans)], changes)
    set_field(exception, "name", visible(name, "name"), changes)
    exception.full_clean(validate_unique=False, validate_constraints=False)
    if changes or exception.pk is None:
        about = {"serviceId": str(service.pk) if service else None, "date": day.isoformat()}
        both: Fields = {name_of_date(exception): [before, told_of_date(exception)]}
        require_seen(venue.pk, saw, both, by={"set_exception", "remove_exception"}, actor=actor, **about)
        exception.save()
        schedule_all(venue)
        _log_date(exception, "VENUE_DATE_SET", actor, "set_exception")
    return exception


@durable()
def remove_exception(*, venue_id: UUID | str, exception_id: int, actor: Actor = SYSTEM) -> None:
    """The weekday's hours are good on that date again. Does nothing when they are."""
    venue = lock_venue(venue_id)
    exception = HoursException.objects.filter(venue=venue, pk=exception_id).first()
    if exception is not None:
        _log_date(exception, "VENUE_DATE_REMOVED", actor, "remove_exception")
        exception.delete()
        schedule_all(venue)


# -------------------------------------------------------------------------------------------------------- for the sweep
@contextmanager
def locked_service(service_id: UUID | str, *, skip_locked: bool = False) -> Iterator[tuple[Service, datetime]]:
    """The service under its lock, and the clock read then, in one durable transaction.

    Raises NotFound; Busy when the lock takes longer than law 2 allows, or, with `skip_locked`, when another transaction holds it.
    """
    with durable():
        yield _locked(service_id, skip_locked=skip_locked), clock.now()


def schedule(service: Service, at: datetime, *, opened: bool = False) -> None:
    """Sets when the sweep looks at the service next: the opening of the span that is on (unless its line was just `opened`), else
    of the next. In the caller's transaction, under the service's lock.
    """
    plan = hours_of(service)
    due = None
    if plan is not None:
        due = (None if opened else hours.open_at(plan, at)) or hours.next_opening(plan, at)
    service.opens_next_at = due.opens if due else None
    service.save(update_fields=["opens_next_at"])


def schedule_all(venue: Venue) -> None:
    """The same for all services of a venue whose lock the caller holds."""
    services = list(venue.services.select_for_update(no_key=True).order_by("pk"))
    now = clock.now()
    for service in services:
        schedule(service, now)


# ---------------------------------------------------------------------------------------------- parts of several commands
def _locked_with_venue(service_id: UUID | str) -> Service:
    """The service, its venue locked first: neither the venue's zone nor the order of its events changes until the end."""
    found = existing(Service.objects.filter(pk=service_id).first(), NO_SERVICE)
    lock_venue(found.venue_id)
    return _locked(service_id)


def _locked(service_id: UUID | str, *, skip_locked: bool = False) -> Service:
    # The default order joins the venue, whose row is then locked after the service: a deadlock with _locked_with_venue.
    rows = Service.objects.filter(pk=service_id).order_by("pk")
    service = rows.select_for_update(no_key=True, skip_locked=skip_locked).first()
    if service is None and skip_locked and rows.exists():
        raise Busy("Somebody else is changing this service.")
    return existing(service, NO_SERVICE)


def _set(service: Service, settings: dict[str, Any]) -> Fields:
    """Sets them, and returns what that changed. Raises ValidationError."""
    if unknown := settings.keys() - SETTINGS:
        raise TypeError(f"a service has no {unknown}")
    checked: dict[str, Any] = {"name": visible(settings.get("name", service.name), "name")}
    checked |= {name: _names(settings[name], name) for name in ("note_fields", "sections") if name in settings}
    changes: Fields = {}
    for name, value in (settings | checked).items():
        set_field(service, name, value, changes)
    service.full_clean()
    return changes


def _names(names: Sequence[str], field: str) -> list[str]:
    """The names, trimmed, without blank ones. Raises ValidationError for too many, or a long one."""
    found = [name for name in (visible(str(each), field) for each in names) if name]
    if len(found) > MOST_NAMES:
        raise ValidationError({field: f"At most {MOST_NAMES}."})
    if any(len(name) > LONGEST_NAME for name in found):
        raise ValidationError({field: f"At most {LONGEST_NAME} characters each."})
    return list(dict.fromkeys(found))


def _set_week(service: Service, week: Sequence[hours.Spans] | None) -> Fields:
    """Sets the hours of the week, and returns what that changed. Raises ValidationError."""
    before = week_of(service)
    if week is None or (after := tuple(tuple(sorted(spans)) for spans in week)) == before:
        return {}
    begins = next((weekday for weekday, spans in enumerate(week) if spans), None)
    if begins is not None and not service.venue.zone:
        raise ValidationError({hours.DAYS[begins].lower(): NEEDS_ZONE})
    if (weekday := hours.overlapping(week)) is not None:
        day = hours.DAYS[weekday]
        raise ValidationError({day.lower(): OVERLAP.format(day=day)})
    service.opening_hours.all().delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(service=service, weekday=weekday, opens=span.opens, closes=span.closes)
        for weekday, spans in enumerate(week)
        for span in spans
    )
    return {"week": [[hours.text_of(spans) for spans in each] for each in (before, after)]}


def week_as_told(service: Service) -> list[str]:
    """Its hours as an event tells them: a text a day, Monday first."""
    return [hours.text_of(spans) for spans in week_of(service)]


def name_of_date(said: HoursException) -> str:
    """By what name pages and commands speak of a date's hours, of one service or of the whole venue."""
    return f"{said.service_id or 'venue'}/{said.date.isoformat()}"


def told_of_date(said: HoursException) -> list[Any]:
    """What pages show of it: its hours, and why."""
    return [said.spans, said.name]


def _archive(service: Service, at: datetime | None, event: str, actor: Actor, action: str) -> None:
    changes: Fields = {}
    set_field(service, "archived_at", at, changes)
    service.save(update_fields=["archived_at"])
    schedule(service, clock.now())
    _log(service, event, actor, action, changes)


def _log(service: Service, event: str, actor: Actor, action: str, changes: Fields) -> None:
    log(service.venue, event, actor=actor, action=action, serviceId=str(service.pk), changes={"service": changes})


def _log_date(said: HoursException, event: str, actor: Actor, action: str) -> None:
    """`hours`: those of the date that was set or removed; empty: closed."""
    data: dict[str, Any] = {
        "serviceId": str(said.service_id) if said.service_id else None,
        "date": said.date.isoformat(),
    }
    log(said.venue, event, actor=actor, action=action, hours=hours.text_of(spans_of(said)), **data)
