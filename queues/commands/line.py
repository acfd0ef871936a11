"""The line itself: open, pause, resume, end of entry, close."""

from dataclasses import asdict, dataclass
from datetime import datetime, time
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings

from core import clock
from core.actors import HOST, SYSTEM, Actor
from core.change import durable
from core.errors import Invalid
from core.visible import shown
from queues import rules
from queues.change import LineChange, locked_line
from queues.commands.messages import shown_message
from queues.models import Party, Queue
from queues.past import past_of
from queues.quotes import Past, first_flow
from venues.models import MOST_GUESTS, Venue
from web import idempotency


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line to open. Times are of day, in the venue's zone, else in `timezone`. Where neither is named they are only shown and
    do not close the line (contract queueup.md, create).
    """

    event_name: str
    max_guests: int
    location: str = ""
    contact_info: str = ""
    open_time: time | None = None
    close_time: time | None = None
    timezone: str = ""
    call_window_s: int = 120
    auto_advance: bool = True
    auto_no_show: bool = True
    on_my_way_s: int = 0


def open_line(
    new: NewLine, *, actor: Actor = HOST, venue: Venue | None = None, key: str = "", asked: str = ""
) -> Queue:
    """Opens a line with a new code. The same `key` (Idempotency-Key) returns the same line, with another body (`asked`: its
    fingerprint) it raises Conflict.

    Raises Invalid when `max_guests` is more than such a line may hold (contract: 100, or 100,000 for a venue's), or for hours
    that make no sense.
    """
    over_midnight = venue is not None or bool(new.timezone)
    if problem := rules.hours_problem(open_time=new.open_time, close_time=new.close_time, over_midnight=over_midnight):
        raise Invalid(f"closeTime {problem}", field="closeTime")
    require_room_for(new.max_guests, of_venue=venue is not None)
    insert = partial(_insert, new, actor, venue=venue)
    return idempotency.create_once(Queue, "create", key, asked=asked, owner=venue, insert=insert)


def require_room_for(most_guests: int, *, of_venue: bool) -> None:
    """Raises Invalid for more guests than such a line may hold."""
    most = MOST_GUESTS if of_venue else rules.ACCOUNTLESS_MOST_GUESTS
    if not 1 <= most_guests <= most:
        raise Invalid(f"maxGuests must be between 1 and {most}.", field="maxGuests")


@durable()
def _insert(new: NewLine, actor: Actor, *, venue: Venue | None, **fields: Any) -> Queue:
    return insert_line(new, actor, venue=venue, at=clock.now(), **fields)


def insert_line(new: NewLine, actor: Actor, *, venue: Venue | None, at: datetime, **fields: Any) -> Queue:
    """Inserts an open line, with these fields instead of the usual ones. In the caller's transaction; raises IntegrityError
    when the `code` among them is taken."""
    zone = (venue.zone if venue else "") or new.timezone
    timezone = zone or settings.TIME_ZONE
    usual = {
        **asdict(new),
        "event_name": shown(new.event_name, "eventName", required=True),
        "location": shown(new.location, "location"),
        "contact_info": shown(new.contact_info, "contactInfo"),
        "timezone": timezone,
        "has_zone": bool(zone),
        "here_only": venue is not None and venue.here_only,
        "opened_at": at,
        "closes_at": rules.closes_at(opened_at=at, close_time=new.close_time if zone else None, timezone=timezone),
        "last_activity_at": at,
        "pace_ms": rules.DEFAULT_PACE_MS,
        "quote_model": settings.QUOTE_MODEL,
        **_past(venue, zone=timezone, at=at),
    }
    queue = Queue(venue=venue, **usual | fields)
    queue.save(force_insert=True)
    opening = LineChange(queue, at=at, actor=actor, action="open")
    opening.opened()
    opening.emit("QUEUE_OPENED")
    opening.finish()
    return queue


def _past(venue: Venue | None, *, zone: str, at: datetime) -> dict[str, Any]:
    """What the venue's past says, and the flow that a line begins with, as the fields of a line."""
    past = past_of(venue, zone=zone, at=at, model=settings.QUOTE_MODEL) if venue is not None else Past()
    return {"past": past.as_json(), "flow": first_flow(past).as_json()} if past.outcomes or past.turns else {}


def pause(line: str | UUID, *, reason: str | None = None, actor: Actor = HOST) -> None:
    """Lets no guests join until `resume`; the line goes on. Guests read the `reason`; it is public. A paused line gets another
    reason; None leaves it as it is.

    Raises Invalid for a reason of more than 200 characters, Conflict when closed.
    """
    text = shown_message(reason or "", "reason")
    with locked_line(line, actor=actor, action="pause") as change:
        change.require_open()
        queue = change.queue
        if not queue.paused or (reason is not None and queue.pause_reason != text):
            change.set(paused=True, pause_reason=text)
            change.emit("QUEUE_PAUSED")


def resume(line: str | UUID, *, actor: Actor = HOST) -> None:
    """Lets guests join again. Does nothing when not paused. Raises Conflict when closed."""
    with locked_line(line, actor=actor, action="resume") as change:
        change.require_open()
        if change.queue.paused:
            change.set(paused=False, pause_reason="")
            change.emit("QUEUE_RESUMED")


def close(line: str | UUID, *, actor: Actor = HOST) -> None:
    """Closes the line, which ends all its parties' places. Does nothing when closed."""
    with locked_line(line, actor=actor, action="close") as change:
        if not change.queue.is_closed:
            close_now(change, Queue.CloseReason.HOST)


def close_if_over(queue_id: UUID, *, wait: bool = True) -> bool:
    """Closes the line if its time is over by the clock read under the lock (law 5); returns whether it did.

    Raises Busy when another transaction holds the line (at once without `wait`).
    """
    with locked_line(queue_id, actor=SYSTEM, action="close", skip_locked=not wait) as change:
        if change.queue.is_closed:
            return False
        queue = change.queue
        if change.at >= queue.closes_at:
            aged = queue.closing_at is None and queue.closes_at - queue.opened_at >= rules.LONGEST_LIFE
            close_now(change, Queue.CloseReason.AGE if aged else Queue.CloseReason.HOURS)
            return True
        due = rules.closes_when_empty(
            closing_at=queue.closing_at, last_activity_at=queue.last_activity_at, now=change.at
        )
        if due and not queue.parties.filter(status__in=Party.IN_LINE).exists():
            close_now(change, Queue.CloseReason.IDLE if queue.closing_at is None else Queue.CloseReason.HOURS)
            return True
    return False


def end_entry(queue_id: UUID, *, wait: bool = True) -> bool:
    """Shows on all pages that last entry is over, if it is by the clock read under the lock (law 5); returns whether it did.
    Guests are refused from the instant itself, without it. Raises Busy when another transaction holds the line (at once without
    `wait`).
    """
    with locked_line(queue_id, actor=SYSTEM, action="end_entry", skip_locked=not wait) as change:
        queue = change.queue
        if queue.is_closed or queue.entry_over or not rules.entry_is_over(queue.last_entry_at, now=change.at):
            return False
        change.set(entry_over=True)
        change.emit("QUEUE_LAST_ENTRY")
        return True


def close_now(change: LineChange, reason: str) -> None:
    """Closes the line and ends all its parties' places, as one event."""
    parties = list(change.queue.parties.filter(status__in=Party.IN_LINE).order_by("rank", "ticket"))
    change.set_parties(parties, status=rules.CLOSED, ended_at=change.at, call_deadline=None)
    change.set(closed_at=change.at, close_reason=reason, paused=False, pause_reason="")
    change.emit("QUEUE_CLOSED", reason=reason, queueLength=len(parties))
