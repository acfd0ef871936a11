"""The state of one party's ticket, read from Postgres for its page: counts, never the whole line."""

from datetime import datetime

from core import clock
from core.clock import milliseconds
from core.json_types import View
from queues import rules
from queues.models import Party
from queues.occupancy import wait_of
from queues.pages import labels


def ticket_state(party: Party) -> View:
    """What the party's own page shows, as JSON under the names of the snapshots. `party` comes with its line, both read in one
    statement (access.party_of), so that `version` is never newer than the rest and a newer snapshot wins.
    """
    now = clock.now()
    now_ms = milliseconds(now)
    return {
        "state": party.status,
        "version": party.queue.version,
        "now": now_ms,
        "ticket": party.ticket,
        "nearby": party.nearby,
        "onMyWay": _on_my_way(party),
        "late": party.late_at is not None,
        "message": party.message,
        "deadline": milliseconds(party.call_deadline),
        "moreTime": party.more_time,
        "name": party.name,
        "guests": labels.guests(party.size),
        "edits": party.edits,
        "visit": _visit(party, now),
        **_place(party, now_ms),
    }


def _visit(party: Party, now: datetime) -> str:
    """Whether its guest is asked how the visit was: `asked`, `answered` while that may be changed; else empty."""
    if party.status != rules.SERVED or not party.may_answer(now):
        return ""
    return "asked" if party.answer is None else "answered"


def _on_my_way(party: Party) -> bool:
    """Whether a called guest has said all that "On my way" says: who is nearby need not say it, unless it gives more time."""
    said_before = party.nearby and not party.queue.on_my_way_s
    return party.status == rules.CALLED and (party.on_my_way_at is not None or said_before)


def range_of(state: View) -> str:
    """Its wait in words, in the active language."""
    return labels.wait_range(state["waitLowMs"], state["waitHighMs"], known=not state["waitUnknown"])


def _place(party: Party, now_ms: int) -> View:
    """`position`: its number among those waiting (rules.Place), 0 if it does not wait."""
    if party.status != rules.WAITING:
        return {"position": 0, "waitLowMs": 0, "waitHighMs": 0, "waitUnknown": False, "promised": None, "behind": 0}
    wait = wait_of(party, now_ms=now_ms)
    return {
        "position": wait.place.number,
        "waitLowMs": wait.low_ms,
        "waitHighMs": wait.high_ms,
        "waitUnknown": not wait.known,
        "promised": wait.promised,
        "behind": max(wait.place.queue_length - wait.place.position, 0),
    }
