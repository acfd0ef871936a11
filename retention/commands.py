"""Every write of retention: a line or room is forgotten when its time has come, a guest is erased when asked (decision 0088)."""

from uuid import UUID

from core.actors import GUEST, SYSTEM, Actor
from core.change import Fields, durable, set_field
from core.errors import Invalid
from guests import commands as guests
from outbox.seen import require_seen
from queues import rules as line_rules
from queues.change import LineChange, locked_line
from queues.models import Party
from queues.personal import HAS_TEXT
from queues.personal import forget as forget_texts
from retention import rules, selectors, table
from retention.models import FEWEST_DAYS, MOST_DAYS, Keeping
from rooms.change import RoomChange
from rooms.personal import forget as forget_participants
from venues.log import lock_venue, log

# Parties whose rows and events are rewritten under one lock.
MOST_PARTIES = 500


def forget_line(line_id: UUID) -> bool:
    """Forgets a closed line whose time has come: some of its parties, or all that are left and the line itself. Whether it did;
    a line that is forgotten, or not due yet, is left alone. Raises Busy, NotFound.

    Each call is one transaction and leaves events and rows in step, so it may end anywhere and be called again.
    """
    with locked_line(line_id, actor=SYSTEM, action="forget", skip_locked=True) as change:
        line = change.queue
        if line.closed_at is None or line.forgotten_at is not None:
            return False
        if rules.due_at(line.closed_at, line.venue_id) > change.at:
            return False
        some = line.parties.filter(HAS_TEXT).order_by("ticket").values_list("pk", flat=True)
        batch = list(some[: MOST_PARTIES + 1])
        if len(batch) > MOST_PARTIES:
            counts = forget_texts(line_id, batch[:MOST_PARTIES])
        else:
            _end_contacts(change)
            counts = table.forget(line_id, None)
            change.set(forgotten_at=change.at)
        change.emit("QUEUE_FORGOTTEN", **counts)
        return True


def _end_contacts(change: LineChange) -> None:
    """Nothing is kept any more by which a party of the line could be reached."""
    if reached := list(change.queue.parties.filter(has_contact=True)):
        change.set_parties(reached, has_contact=False)


def forget_room(room_id: UUID) -> bool:
    """The same for a closed room. Raises Busy, NotFound."""
    with RoomChange.locked(room_id, actor=SYSTEM, action="forget") as change:
        room = change.row
        if room.closed_at is None or room.forgotten_at is not None:
            return False
        if rules.due_at(room.closed_at, room.venue_id) > change.at:
            return False
        counts = forget_participants(room_id)
        change.set(forgotten_at=change.at)
        change.emit("ROOM_FORGOTTEN", **counts)
        return True


def erase_party(
    line: str | UUID, *, party_id: UUID | str, reason: str = rules.GUEST_ASKED, actor: Actor = GUEST
) -> None:
    """Takes what is personal of one party out of everything at once; a party in line leaves first. A second time does nothing.

    `reason`: one of rules.REASONS, or GUEST_ASKED, which ends what the venue knows of the guest's number only where the guest
    has proved it. It cannot be undone. Raises NotFound, Busy; Invalid for another reason.
    """
    if reason not in rules.REASONS and reason != rules.GUEST_ASKED:
        raise Invalid(f"reason must be one of: {', '.join(rules.REASONS)}.", field="reason")
    with locked_line(line, actor=actor, action="erase") as change:
        party = change.party(party_id, *Party.Status.values)
        if party.erased_at is not None:
            return
        # Its row is the lock of what comes in without the line's: reports of its page, browsers, what a host's text said.
        Party.objects.select_for_update(no_key=True).get(pk=party.pk)
        if party.status in Party.IN_LINE:
            change.set_party(party, status=line_rules.LEFT, ended_at=change.at, call_deadline=None)
            change.emit("QUEUE_MEMBER_LEFT", party, reason="left")
            change.end_command()
        if reason == rules.GUEST_ASKED and not selectors.number_proven(party):
            guests.part(change.queue.venue_id, party.pk)  # what is known of the number may be another's
        table.forget(change.queue.pk, [party.pk])
        change.set_party(party, erased_at=change.at, edits=party.edits + 1, has_contact=False)
        change.emit("QUEUE_MEMBER_ERASED", party, reason=reason)


def erase_guest(line: UUID, *, party_id: UUID | str, reason: str, actor: Actor) -> list[Party]:
    """Erases this party and the venue's other parties with its number, for staff; returns the others.

    Each is a change of its line. This party goes last, because the others are found by its number: after a failure the same call
    erases the rest. Raises as `erase_party`.
    """
    party = selectors.party_of(line, party_id)
    others = selectors.same_number(party)
    for each in (*others, party):
        erase_party(each.queue_id, party_id=each.pk, reason=reason, actor=actor)
    return others


@durable()
def keep_for(*, venue_id: UUID | str, days: int, saw: str = "", actor: Actor = SYSTEM) -> None:
    """Keeps the venue's guests for so many days after the close from now on, also those of lines that are closed already. Raises
    Invalid for a number out of range; Overtaken when the days are not those that the page showed (`saw`)."""
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise Invalid(f"days must be from {FEWEST_DAYS} to {MOST_DAYS}.", field="days")
    venue = lock_venue(venue_id)
    row = Keeping.objects.filter(venue=venue).first() or Keeping(venue=venue, days=rules.days_of(None))
    changes: Fields = {}
    if not set_field(row, "days", days, changes) and not row._state.adding:
        return
    require_seen(venue.pk, saw, changes, by={"keep_for"}, actor=actor)
    row.save()
    log(venue, "VENUE_RETENTION_CHANGED", actor=actor, action="keep_for", changes={"retention": changes})
