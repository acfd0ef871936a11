"""Where guests are reached, written under the line's lock together with the party."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actors import GUEST, Actor
from queues import contacts
from queues.change import LineChange, locked_line
from queues.models import Party
from reach import channels, choosing
from reach.commands import proofs
from reach.commands.spending import has_stopped
from reach.models import Contact

_FIELDS = ("number", "email", "ways", "language", "origin")
_UPDATED = (*_FIELDS, "verified_at", "needs_proof", "changed_at")


def keep(chosen: Sequence[tuple[UUID, contacts.Contact]], *, at: datetime) -> None:
    """Stores the contacts of parties, by their ids; one that is there is replaced. Needs the line's lock (queues/contacts.py)."""
    before = Contact.objects.in_bulk([party_id for party_id, _ in chosen])
    asking = proofs.venues_that_ask(party_id for party_id, each in chosen if each.number)
    rows = []
    for party_id, each in chosen:
        row = Contact(
            party_id=party_id,
            number=each.number,
            email=each.email,
            ways=list(each.ways),
            language=each.language,
            origin=each.origin,
            changed_at=at,
        )
        kept = before.get(party_id)
        if kept is not None and kept.number == each.number:  # a number that was proven is so for as long as it stays
            row.verified_at, row.needs_proof = kept.verified_at, kept.needs_proof
        elif party_id in asking:
            row.needs_proof = True
            proofs.begin(party_id, asking[party_id], each.number, at=at)
        rows.append(row)
    Contact.objects.bulk_create(rows, update_conflicts=True, unique_fields=["party"], update_fields=_UPDATED)


def choose(line: str | UUID, *, party_id: UUID | str, contact: contacts.Contact, actor: Actor = GUEST) -> None:
    """Sets where and by which ways a party in line is reached; without a number and an address nothing is kept for it.

    The same again changes nothing. Raises NotFound when it is not in line; Conflict or TooMany, for the field `number`, when the
    venue wants numbers to be proven and no code may be sent to this one.
    """
    with locked_line(line, actor=actor, action="choose_ways") as change:
        party = change.party(party_id)
        _set(change, party, Contact.objects.filter(party=party).first(), contact)


def change_contact(
    line: str | UUID,
    *,
    party_id: UUID | str,
    number: str | None = None,
    email: str | None = None,
    ways: Sequence[str] | None = None,
    language: str,
    origin: str,
    actor: Actor = GUEST,
) -> None:
    """Does what `choose` does, with what a guest typed; what is None stays. Raises also Invalid, which names the field."""
    with locked_line(line, actor=actor, action="choose_ways") as change:
        party = change.party(party_id)
        before = Contact.objects.filter(party=party).first()
        sent = {"number": number, "email": email, "ways": ways}
        typed = _still_offered(before, change) | {name: each for name, each in sent.items() if each is not None}
        contact = choosing.checked(change.queue, **typed, language=language, origin=origin)
        _set(change, party, before, contact)


def _still_offered(kept: Contact | None, change: LineChange) -> dict[str, Any]:
    """What is kept of the party, as far as the venue still offers such a way."""
    if kept is None:
        return {}
    offered = channels.of_venue(change.queue.venue_id).ways
    needed = channels.addresses(offered)
    return {
        "number": kept.number if "number" in needed else "",
        "email": kept.email if "email" in needed else "",
        "ways": [name for name in kept.ways if name in offered],
    }


def _set(change: LineChange, party: Party, before: Contact | None, contact: contacts.Contact) -> None:
    confirm = False
    if contact.kept:
        if before and all(_plain(getattr(before, name)) == _plain(getattr(contact, name)) for name in _FIELDS):
            return
        confirm = _is_confirmed(change, party, before, contact)
        change.keep_contact(party, contact)
    elif before is None:
        return
    else:
        before.delete()
    stopped = has_stopped(change.queue.venue_id, contact.number)
    change.set_party(party, has_contact=contact.kept, texts_stopped=stopped)
    change.emit("QUEUE_MEMBER_CHOSE_WAYS", party, confirm=confirm)


def _is_confirmed(change: LineChange, party: Party, before: Contact | None, contact: contacts.Contact) -> bool:
    """Whether a confirmation goes to what is new; the order of ways needs none, and a number to be proven gets a code instead."""
    number, email = (before.number, before.email) if before else ("", "")
    if contact.number and contact.number != number and proofs.require_may_send(party, contact.number, at=change.at):
        return contact.email != email
    return (number, email) != (contact.number, contact.email)


def forget_email(line: str | UUID, *, party_id: UUID | str, actor: Actor = GUEST) -> None:
    """Forgets the party's address, also after its place has ended. Idempotent. Raises NotFound for a party of another line."""
    with locked_line(line, actor=actor, action="forget_email") as change:
        party = change.party(party_id, *Party.Status.values)
        found = Contact.objects.filter(party=party).exclude(email="").first()
        if found is None:
            return
        if found.number:
            Contact.objects.filter(pk=found.pk).update(email="", changed_at=change.at)
        else:
            found.delete()
        change.set_party(party, has_contact=bool(found.number))
        change.emit("QUEUE_MEMBER_CHOSE_WAYS", party, confirm=False)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
