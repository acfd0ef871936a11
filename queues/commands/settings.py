"""Editing an open line: its name and place, its hours, its call window, how many guests it holds."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from core.actors import HOST, Actor
from core.errors import Invalid
from core.visible import shown
from queues import rules, seen
from queues.change import locked_line
from queues.commands.line import require_room_for
from queues.models import Queue
from venues.models import LONGEST_WINDOW_S, SHORTEST_WINDOW_S, Service

EDITABLE = {
    "event_name",
    "location",
    "open_time",
    "close_time",
    "call_window_s",
    "max_guests",
    "auto_advance",
    "auto_no_show",
    "on_my_way_s",
    "here_only",
}


def edit_line(line: str | UUID, *, saw: str = "", actor: Actor = HOST, **wanted: Any) -> None:
    """Sets some of event_name, location, open_time, close_time (of day, in the line's zone; only shown where it has none; None:
    no such hour), call_window_s, max_guests, auto_advance, auto_no_show, on_my_way_s (0: no more time) and here_only. Parties
    that are called already keep their deadline, and who is late stays so.

    The closing time of a service's line moves its last entry and its end along.

    Raises Conflict when the line is closed or its rules are not those that the host `saw` (seen.settings); Invalid, naming the
    field, for a name or place of which nothing can be seen, a closing time that is over or comes before the opening, and numbers
    out of bounds.
    """
    if unknown := wanted.keys() - EDITABLE:
        raise TypeError(f"edit_line cannot set {unknown}")
    with locked_line(line, actor=actor, action="edit_line") as change:
        change.require_open()
        queue = change.queue
        if "event_name" in wanted:
            wanted["event_name"] = shown(wanted["event_name"], "eventName", required=True)
        if "location" in wanted:
            wanted["location"] = shown(wanted["location"], "location")
        changed = {name: value for name, value in wanted.items() if getattr(queue, name) != value}
        if not changed:
            return
        seen.require_settings(queue, saw)
        new = {name: wanted.get(name, getattr(queue, name)) for name in EDITABLE}
        require_room_for(new["max_guests"], of_venue=queue.venue_id is not None)
        if not SHORTEST_WINDOW_S <= new["call_window_s"] <= LONGEST_WINDOW_S:
            bounds = f"between {SHORTEST_WINDOW_S} and {LONGEST_WINDOW_S}"
            raise Invalid(f"callWindowSeconds must be {bounds}.", field="callWindowSeconds")
        if not 0 <= new["on_my_way_s"] <= LONGEST_WINDOW_S:
            raise Invalid(f"onMyWaySeconds must be between 0 and {LONGEST_WINDOW_S}.", field="onMyWaySeconds")
        problem = rules.hours_problem(
            open_time=new["open_time"], close_time=new["close_time"], over_midnight=_goes_over_midnight(queue)
        )
        # A service may have opened it for a whole day: from midnight to midnight.
        if problem and not changed.keys().isdisjoint({"open_time", "close_time"}):
            raise Invalid(f"closeTime {problem}", field="closeTime")
        if "close_time" in changed and queue.has_zone:
            changed |= _new_end(queue, new["close_time"], now=change.at)
        change.set(**changed)
        change.emit("QUEUE_EDITED")


def _new_end(queue: Queue, close_time: time | None, *, now: datetime) -> dict[str, Any]:
    """What a new closing time changes of when the line ends. Raises Invalid for one that is over, and for one after the next
    opening of the line's service."""
    if queue.service_id is None or close_time is None:
        closes = rules.closes_at(opened_at=queue.opened_at, close_time=close_time, timezone=queue.timezone)
        ends: dict[str, Any] = {"closes_at": closes}
        if queue.service_id is not None:
            ends |= {"last_entry_at": None, "closing_at": None, "entry_over": False}
    else:
        closes = rules.next_time(close_time, after=queue.opened_at, timezone=queue.timezone)
        service = Service.objects.get(pk=queue.service_id)
        if service.opens_next_at is not None and closes > service.opens_next_at > now:
            raise Invalid("closeTime is after the next opening: this service opens a new line then.", field="closeTime")
        ends = rules.service_ends(closes, last_entry_min=service.last_entry_min)
        ends["entry_over"] = rules.entry_is_over(ends["last_entry_at"], now=now)
    if closes <= now:
        raise Invalid("closeTime is over already. Close the line if it should end now.", field="closeTime")
    return ends


def _goes_over_midnight(queue: Queue) -> bool:
    """Whether its hours may end on the next day: a venue's may, and those that do already. For others it is taken for a slip."""
    if queue.venue_id is not None or queue.open_time is None or queue.close_time is None:
        return queue.venue_id is not None
    return queue.has_zone and queue.close_time < queue.open_time
