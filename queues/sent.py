"""What a host's device sends again, or late: each press happens once, and only while it makes sense (decision 0076)."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from core.actors import Press
from core.clock import milliseconds
from core.errors import Busy, Conflict, Refused, TooMany
from queues import seen
from queues.happened import NOTHING, events_since, explained, sentence
from queues.models import Party, Queue, SentAction

if TYPE_CHECKING:
    from queues.change import LineChange

# How long outcomes are kept, and how old an action may be that comes for the first time: after that it could happen twice.
KEPT_FOR = timedelta(hours=48)
OLDEST = timedelta(hours=24)
# From then on an event tells when it was pressed.
LATE = timedelta(seconds=10)
# Actions that a guest hears of at once. A call is good for as long as the called party would have had to come.
CALLS = frozenset({"call", "call-again"})
SAID = frozenset({"message", "message-party"})
SAID_WITHIN = timedelta(minutes=10)

_MINUTE = timedelta(minutes=1)


class AlreadySent(Exception):
    """The press was here before: `row` has its outcome."""

    def __init__(self, row: SentAction) -> None:
        self.row = row
        super().__init__(str(row))


def once(change: "LineChange", press: Press) -> Generator["LineChange", None, Refused | None]:
    """Runs a command's block as the one for this press, under the line's lock; returns why it was refused, or None.

    Raises AlreadySent when the press has an outcome. What the block wrote is rolled back when it refuses, and the refusal is
    kept; the caller raises it after the commit.
    """
    line, version = change.queue, change.queue.version
    if known := find(line, press.id):
        raise AlreadySent(known)
    kept = {"asked": press.asked, "action": press.action[:24], "pressed_at": press.at, "at": change.at}
    try:
        with transaction.atomic():
            yield change
            _require_timely(change, press)
            change.finish()
    except (Busy, TooMany):  # says nothing of the action: it is sent again
        raise
    except Refused as refused:
        said = explained(line, refused, party_id=press.party, now=change.at, version=press.version, own=press.own)
        code = said.reason.code or said.kind
        line.sent_actions.create(action_id=press.id, party_id=press.party, refusal=said.message, code=code, **kept)
        return said
    party = change.the_party(press.party)
    line.sent_actions.create(
        action_id=press.id,
        party_id=party.pk if party else press.party,
        version=line.version if line.version > version else None,
        state=seen.state(party) if party else "",
        details=seen.details(party) if party else "",
        **kept,
    )
    return None


def pressed_before(change: "LineChange") -> dict[str, int]:
    """What the events of a press that came late keep: when it was pressed, in ms since 1970."""
    press = change.actor.press
    return {"pressedAt": milliseconds(press.at)} if press is not None and is_late(press, change.at) else {}


def is_late(press: Press, now: datetime) -> bool:
    """Whether it comes so long after it was pressed that its device had no network."""
    return now - press.at >= LATE


def find(line: Queue, action_id: UUID) -> SentAction | None:
    """The action with this id, if its device has sent it before."""
    return SentAction.objects.filter(queue=line, action_id=action_id).first()


def find_in_venue(line: Queue, action_id: UUID) -> SentAction | None:
    """The same, also where it has changed another line of the venue: whoever sits at a table may be of any of them."""
    known = find(line, action_id)
    if known is None and line.venue_id is not None:
        known = SentAction.objects.filter(queue__venue_id=line.venue_id, action_id=action_id).first()
    return known


# ------------------------------------------------------------------------------------------------------ what makes sense
def _require_timely(change: "LineChange", press: Press) -> None:
    """Raises Conflict for what makes no sense any more, although the party is as the host saw it."""
    age = change.at - press.at
    if age > OLDEST:
        raise Conflict(f"This was pressed more than a day ago. {NOTHING}")
    party = change.the_party(press.party)
    if press.action in CALLS and party is not None:
        _require_uncalled(change, press, party)
        if age > timedelta(seconds=change.queue.call_window_s):
            raise Conflict(
                f"{party} was to be called {age // _MINUTE} min ago, longer than a called party has to come. "
                "It was not called: call it now if its table is still free."
            )
    if press.action in SAID and age > SAID_WITHIN:
        raise Conflict(f"This was written {age // _MINUTE} min ago and may be wrong by now. It was not sent.")


def _require_uncalled(change: "LineChange", press: Press, party: Party) -> None:
    """Raises Conflict when the party was called since the host saw the line, and waits again or is called again: they would call
    it a second time and not know of the first."""
    if press.version is None:
        return
    calls = events_since(change.queue, press.version).filter(type="QUEUE_MEMBER_CALLED", party_id=party.pk)
    if call := calls.exclude(version__in=press.own).order_by("-version").first():
        raise Conflict(f"{sentence(change.queue, party, call, now=change.at)} It was not called a second time.")
