"""A restaurant in Madrid with services, for the tests of lines that open by their hours."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from queues.models import Queue
from venues import commands as venue_commands
from venues.hours import Span, Spans
from venues.models import Service, Venue

MADRID = ZoneInfo("Europe/Madrid")
LUNCH, DINNER, NIGHT = Span(time(12), time(15, 30)), Span(time(20), time(23, 30)), Span(time(20), time(2, 30))


def at(text: str) -> datetime:
    """A moment by the clock of Madrid, as "2026-03-23 19:59"."""
    return datetime.fromisoformat(text).replace(tzinfo=MADRID).astimezone(UTC)


def restaurant() -> Venue:
    """A venue in Madrid."""
    return venue_commands.create_venue(name="Casa Ana", timezone_name="Europe/Madrid")


def service(venue: Venue, *days: Spans, name: str = "Dinner", **settings: Any) -> Service:
    """A service with the hours of these days, Monday first; the last one's are those of the rest of the week."""
    week = [*days, *[days[-1] if days else ()] * (7 - len(days))]
    return venue_commands.create_service(venue_id=venue.pk, name=name, week=week, **settings)


def told(line: Queue) -> str:
    """A line by Madrid's clock: its name, day, span, when it was opened and closed."""
    times = [line.opens_at, line.opened_at, line.closing_at, line.closed_at]
    opens, opened, closing, closed = (each.astimezone(MADRID) if each else None for each in times)
    text = f"{line.event_name} {opens:%a} {opens:%H:%M}-{closing:%H:%M}" if closing else f"{line.event_name}"
    return f"{text}: {opened:%H:%M}-{closed:%H:%M}" if closed else f"{text}: {opened:%H:%M}-"


def lines() -> list[str]:
    """All lines, in the order they were opened."""
    return [told(line) for line in Queue.objects.order_by("opened_at", "pk")]


def only() -> Queue:
    """The one line there is."""
    return Queue.objects.get()
