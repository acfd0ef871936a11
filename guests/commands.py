"""Every write to guests, under the lock of their venue. Events name guests by id: no number and no note stands in them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from core import clock
from core.actors import SYSTEM, Actor
from core.change import Fields, durable, set_field
from core.errors import Invalid, existing
from guests import marks, refusals
from guests.models import LONGEST_NOTES, Guest, Visit
from outbox.seen import require_seen
from queues.models import Party
from reach.models import Contact
from venues.log import lock_venue, log
from venues.models import Venue
from venues.remembering import MOST_MONTHS

DAYS_OF_MONTH = 30
MOST_AT_ONCE = 500
# Guests whose time is over, each venue's found by the index `guest_newest`: a venue without any costs one probe.
_OLD = """
SELECT found.id FROM venues_venue v CROSS JOIN LATERAL (
    SELECT id FROM guests_guest
     WHERE venue_id = v.id AND seen_at < %(now)s - make_interval(days => v.guest_months * %(days)s)
     ORDER BY seen_at LIMIT %(most)s) AS found
 WHERE v.guest_history LIMIT %(most)s"""


@durable()
def change_history(*, venue_id: UUID, on: bool, months: int | None = None, saw: str = "", actor: Actor = SYSTEM) -> int:
    """Switches the venue's guest history on or off, and says how many months a guest is kept. Switched on, it knows the
    guests of parties that are in line already; switched off, it forgets all guests and returns how many. Raises Invalid;
    Overtaken when what it would change is not as the page showed it (`saw`).
    """
    if months is not None and not 1 <= months <= MOST_MONTHS:
        raise Invalid(f"Keep guests for 1 to {MOST_MONTHS} months.", field="months")
    venue = lock_venue(venue_id)
    changes: Fields = {}
    begun = set_field(venue, "guest_history", on, changes) and on
    if months is not None:
        set_field(venue, "guest_months", months, changes)
    require_seen(venue.pk, saw, changes, by={"change_history"}, actor=actor)
    forgotten = 0 if on else _forget(Guest.objects.filter(venue=venue).values_list("pk", flat=True))
    if changes:
        venue.save(update_fields=list(changes))
        known = _recognise_in_line(venue) if begun else 0
        said = {name: count for name, count in {"forgotten": forgotten, "recognised": known}.items() if count}
        log(
            venue,
            "VENUE_GUEST_HISTORY_CHANGED",
            actor=actor,
            action="change_history",
            changes={"venue": changes},
            **said,
        )
    return forgotten


def recognise(parties: Collection[UUID]) -> None:
    """Brings the visits of these parties up to date with the numbers that are kept for them now. Where their venue keeps a
    history, each is a visit of the guest with its number. Needs a transaction; safe to call again.

    A number that has to be proven counts once it is. Numbers are read under the venue's lock, which an erasure takes as well, so
    an erased guest does not become known again.
    """
    wanted = {"pk__in": list(parties), "queue__venue__guest_history": True}
    rows = Party.objects.filter(**wanted).values_list("pk", "queue__venue_id", "joined_at").order_by("joined_at", "pk")
    by_venue: dict[UUID, list[tuple[UUID, datetime]]] = {}
    for pk, venue_id, joined_at in rows:
        by_venue.setdefault(venue_id, []).append((pk, joined_at))
    for venue_id in sorted(by_venue):
        if not lock_venue(venue_id).guest_history:
            continue  # switched off meanwhile
        pks = [pk for pk, _ in by_venue[venue_id]]
        numbers = dict(Contact.objects.filter(needs_proof=False, party__in=pks).values_list("party", "number"))
        before = marks.of_parties(pks)
        for pk, joined_at in by_venue[venue_id]:
            _visit(venue_id, pk, numbers.get(pk, ""), joined_at)
        after = marks.of_parties(pks)
        marks.draw_again(Party.objects.filter(pk__in=[pk for pk in pks if before.get(pk) != after.get(pk)]))


def _recognise_in_line(venue: Venue) -> int:
    """Knows the guests of the venue's parties in line, from now on; how many. Its history has just begun, so none is known."""
    rows = Contact.objects.filter(
        number__gt="", needs_proof=False, party__queue__venue=venue, party__status__in=Party.IN_LINE
    )
    found = list(rows.order_by("party__joined_at", "party__pk").values_list("party", "number", "party__joined_at"))
    guests: dict[str, Guest] = {}
    for _, number, at in found:
        guest = guests.setdefault(number, Guest(venue=venue, number=number, first_at=at, seen_at=at))
        guest.seen_at = at
    Guest.objects.bulk_create(guests.values())
    Visit.objects.bulk_create([Visit(party_id=pk, guest=guests[number]) for pk, number, _ in found])
    return len(guests)


def _visit(venue_id: UUID, party_id: UUID, number: str, at: datetime) -> None:
    before = Visit.objects.filter(party_id=party_id).select_related("guest").first()
    if before is not None and before.guest.number == number:
        return
    if before is not None:
        before.delete()
        _drop_if_unknown(before.guest)
    if not number:
        return
    guest, made = Guest.objects.get_or_create(
        venue_id=venue_id, number=number, defaults={"first_at": at, "seen_at": at}
    )
    if not made and guest.seen_at < at:
        guest.seen_at = at
        guest.save(update_fields=["seen_at"])
    Visit.objects.create(party_id=party_id, guest=guest)


def _drop_if_unknown(guest: Guest) -> None:
    """Deletes a guest of a mistyped number: nothing is known of it but the visit that it has lost."""
    if not (guest.notes or guest.vip or guest.not_welcome or guest.visits.exists()):
        guest.delete()


@durable()
def change_guest(
    guest_id: UUID,
    *,
    venue_id: UUID,
    notes: str,
    vip: bool,
    not_welcome: bool,
    saw: str = "",
    actor: Actor = SYSTEM,
) -> Guest:
    """Changes what hosts say of a guest. Raises NotFound, Invalid, and Overtaken when what it would change is not as the page
    showed it (`saw`).
    """
    if len(notes) > LONGEST_NOTES:
        raise Invalid(f"Notes have at most {LONGEST_NOTES} letters.", field="notes")
    venue, guest = _locked(guest_id, venue_id)
    changes: Fields = {}
    for name, value in {"notes": notes, "vip": vip, "not_welcome": not_welcome}.items():
        set_field(guest, name, value, changes)
    if changes:
        require_seen(venue.pk, saw, changes, by={"change_guest"}, actor=actor, guestId=str(guest.pk))
        guest.edits += 1
        guest.save(update_fields=[*changes, "edits"])
        # Which fields, not what they say: this stays when the guest is forgotten.
        log(
            venue,
            "VENUE_GUEST_CHANGED",
            actor=actor,
            action="change_guest",
            guestId=str(guest.pk),
            fields=list(changes),
        )
        if changes.keys() - {"notes"}:
            marks.changed(Guest.objects.filter(pk=guest.pk), also=True)
    return guest


@durable()
def forget_guest(guest_id: UUID, *, venue_id: UUID, actor: Actor = SYSTEM) -> None:
    """Deletes all that the venue knows of a guest; the parties stay in the counts. Raises NotFound."""
    venue, guest = _locked(guest_id, venue_id)
    _forget([guest.pk])
    log(venue, "VENUE_GUEST_FORGOTTEN", actor=actor, action="forget_guest", guestId=str(guest.pk))


def forget_guests_of(venue_id: UUID | None, party_ids: Collection[UUID], *, actor: Actor = SYSTEM) -> int:
    """Deletes the guests who came with these parties of the venue: for a guest who asks to be erased. How many. Needs a
    transaction."""
    if venue_id is None:
        return 0
    lock_venue(venue_id)  # first: `recognise` may be about to know one of them
    return _forget_by_venue(Guest.objects.filter(visits__party__in=list(party_ids)), actor, "forget_guests_of")


def part(venue_id: UUID | None, party_id: UUID) -> None:
    """Takes the visit of a party away from its guest, who stays if anything else is known. For a guest who has not proved the
    number: it may be another's. Needs a transaction."""
    if venue_id is None:
        return
    lock_venue(venue_id)
    if (visit := Visit.objects.filter(party_id=party_id).select_related("guest").first()) is not None:
        visit.delete()
        _drop_if_unknown(visit.guest)


def forget(queue_ids: Collection[UUID]) -> int:
    """What retention asks for lines that closed long ago: deletes those of their guests whom the venue does not keep any more.
    How many. Needs a transaction.

    Visits themselves stay as long as the venue keeps the guest, which it has chosen; they hold no name.
    """
    rows = Guest.objects.filter(visits__party__queue__in=list(queue_ids)).select_related("venue").distinct()
    now = clock.now()
    over = [row.pk for row in rows if not row.venue.guest_history or row.seen_at < now - kept_for(row.venue)]
    return _forget_by_venue(Guest.objects.filter(pk__in=over), SYSTEM, "forget")


@durable()
def forget_old() -> int:
    """Deletes guests who have not come for longer than their venue keeps them; at most MOST_AT_ONCE. How many."""
    with connection.cursor() as cursor:
        cursor.execute(_OLD, {"now": clock.now(), "days": DAYS_OF_MONTH, "most": MOST_AT_ONCE})
        over = [pk for (pk,) in cursor]
    return _forget_by_venue(Guest.objects.filter(pk__in=over), SYSTEM, "forget_old") if over else 0


def kept_for(venue: Venue) -> timedelta:
    """How long the venue keeps a guest who does not come any more."""
    return timedelta(days=venue.guest_months * DAYS_OF_MONTH)


def _forget_by_venue(rows: QuerySet[Guest], actor: Actor, action: str) -> int:
    """Deletes the guests, each venue's under its lock and with an event that counts them."""
    by_venue: dict[UUID, list[UUID]] = {}
    for pk, venue_id in rows.order_by("venue_id", "pk").values_list("pk", "venue_id").distinct():
        by_venue.setdefault(venue_id, []).append(pk)
    total = 0
    for venue_id, pks in by_venue.items():
        venue = lock_venue(venue_id)
        if forgotten := _forget(pks):
            log(venue, "VENUE_GUESTS_FORGOTTEN", actor=actor, action=action, forgotten=forgotten)
        total += forgotten
    return total


def _forget(pks: Collection[UUID]) -> int:
    pks = list(pks)
    marks.changed(Guest.objects.filter(pk__in=pks))
    Visit.objects.filter(guest__in=pks).delete()
    return Guest.objects.filter(pk__in=pks).delete()[0]


def _locked(guest_id: UUID, venue_id: UUID) -> tuple[Venue, Guest]:
    venue = lock_venue(venue_id)
    return venue, existing(Guest.objects.filter(pk=guest_id, venue=venue).first(), refusals.NO_GUEST)
