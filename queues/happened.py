"""What has happened to a party since a host looked at it: a refusal says who did what, and when."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from core.errors import Conflict, Refused
from core.times_of_day import time_of_day
from outbox.models import Event
from queues import seen
from queues.fields import STREAM
from queues.models import Party, Queue
from queues.refusals import NOT_IN_LINE

NOTHING = "Nothing was done."
_HAPPENED = {
    "QUEUE_MEMBER_CALLED": "was called",
    "QUEUE_MEMBER_SERVED": "was seated",
    "QUEUE_MEMBER_LEFT": "has left",
    "QUEUE_MEMBER_KICKED": "was removed",
    "QUEUE_MEMBER_DROPPED": "was marked as a no-show",
    "QUEUE_MEMBER_PUT_BACK": "was put back in line",
    "QUEUE_MEMBER_GIVEN_TIME": "was given more time",
    "QUEUE_ACTION_UNDONE": "was changed by an undo",
    "QUEUE_CLOSED": "has no place any more: the line was closed",
}
_MINUTE = timedelta(minutes=1)


def explained(
    line: Queue,
    refused: Refused,
    *,
    party_id: UUID | None,
    now: datetime,
    version: int | None = None,
    own: Collection[int] = (),
) -> Refused:
    """The refusal of an action on a party that has changed since the host saw the line at `version`. Other refusals stay as they
    are.

    `own`: versions that the same device has made. Without a version, as of a form without scripts, it is what made the
    party as it is now, and may have been the same host.
    """
    is_about_it = isinstance(refused, seen.Changed) or refused.reason is NOT_IN_LINE
    if party_id is None or not is_about_it:
        return refused
    party = Party.objects.filter(queue=line, pk=party_id).first()
    mine = Q(party_id=party_id) | Q(type="QUEUE_CLOSED") | Q(changes__parties__has_key=str(party_id))
    newest = events_since(line, version).filter(mine, type__in=_HAPPENED).order_by("-version", "-seq").first()
    if party is None or newest is None:
        return refused
    by_host = " by a host" if version is None else " from this device" if newest.version in own else " by another host"
    return Conflict(f"{sentence(line, party, newest, now=now, by_host=by_host)} {NOTHING}")


def events_since(line: Queue, version: int | None) -> QuerySet[Event]:
    """The line's events after that version; all without one."""
    return Event.objects.filter(stream=STREAM, stream_id=line.pk, version__gt=version or 0)


def sentence(line: Queue, party: Party, event: Event, *, now: datetime, by_host: str = " by another host") -> str:
    """E.g. "#12 was seated by another host at 7:42 PM."."""
    who = {"system": " by the clock", "guest": ""}.get(event.actor, by_host)
    if line.zone:
        when = f" at {time_of_day(event.at, line.zone)}"
    else:
        minutes = (now - event.at) // _MINUTE
        when = f" {minutes} min ago" if minutes > 0 else " just now"
    again = " again" if event.data.get("round", 1) > 1 else ""
    return f"{party} {_HAPPENED[event.type]}{again}{who}{when}."
