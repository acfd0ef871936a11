"""What guests change while they wait: the size and note of their party, and when they are told that it is near."""

from uuid import UUID

from core.actors import GUEST, Actor
from core.errors import Conflict, Invalid
from core.visible import shown
from queues import refusals, rules, seen
from queues.change import LineChange, locked_line
from queues.commands.guests import require_one_party
from queues.models import Party
from queues.occupancy import occupancy


def change_party(
    line: str | UUID,
    *,
    party_id: UUID | str,
    size: int | None = None,
    note: str | None = None,
    saw: str = "",
    actor: Actor = GUEST,
) -> Party:
    """Changes a waiting party's size and note; None leaves a field as it is. It keeps its place.

    Raises NotFound when the party is not in line; Conflict when it is called, when a host changed it since the guest `saw` it
    (seen.own_details) or wrote its note, or when the line has no room for more guests; Invalid for a size under 1 or over the
    venue's largest party.
    """
    with locked_line(line, actor=actor, action="change_party") as change:
        party = _waiting(change, party_id)
        if saw and saw != seen.own_details(party):
            raise Conflict(refusals.CHANGED_SINCE)
        if note is not None and party.note_by_host:  # also for the same text: a guess must not be confirmed
            raise Conflict(refusals.NOTE_OF_HOST, field="note")
        new: dict[str, int | str] = {}
        if size is not None and size != party.size:
            _require_room(change, party, size)
            new["size"] = size
        if note is not None and (written := shown(note, "note")) != party.note:
            new["note"] = written
        if new:
            change.set_party(party, **new)
            change.emit("QUEUE_MEMBER_EDITED", party)
        return party


def tell_ahead(line: str | UUID, *, party_id: UUID | str, parties: int, actor: Actor = GUEST) -> None:
    """Has a waiting guest told, once, when no more than so many parties wait before it; 0: not any more. A new choice is told
    anew, at once if the party is that near.

    Raises Invalid for more than MOST_AHEAD, NotFound when the party is not in line, Conflict when it is called.
    """
    if not 0 <= parties <= rules.MOST_AHEAD:
        raise Invalid(f"parties must be a whole number from 0 to {rules.MOST_AHEAD}.", field="parties")
    with locked_line(line, actor=actor, action="tell_ahead") as change:
        party = _waiting(change, party_id)
        if party.tell_ahead != (parties or None):
            change.set_party(party, tell_ahead=parties or None, told_ahead=False)
            change.emit("QUEUE_MEMBER_ASKED_NOTICE", party, parties=parties)


def _waiting(change: LineChange, party_id: UUID | str) -> Party:
    """The waiting party. Raises NotFound, Conflict."""
    party = change.party(party_id)
    if party.status != rules.WAITING:
        raise Conflict(refusals.CALLED_ALREADY)
    return party


def _require_room(change: LineChange, party: Party, size: int) -> None:
    """Raises Invalid for a size that no party may have, Conflict when the line has no room for it."""
    if size < 1:
        raise Invalid("size must be a whole number, 1 or more.", field="size")
    if size < party.size:
        return
    require_one_party(size, change.queue)
    if occupancy(change.queue.pk).guests - party.size + size > change.queue.max_guests:
        raise Conflict(refusals.LINE_FULL, field="size")
