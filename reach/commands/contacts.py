"""Where guests are reached, written under the line's lock together with the party."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.actors import GUEST, Actor
from queues import contacts
from queues.change import locked_line
from queues.models import Party
from reach.models import Contact

_FIELDS = ("number", "email", "ways", "language", "origin")


def keep(chosen: Sequence[tuple[UUID, contacts.Contact]], *, at: datetime) -> None:
    """Stores the contacts of parties, by their ids; one that is there is replaced. Needs the line's lock (queues/contacts.py)."""
    rows = [
        Contact(
            party_id=party_id,
            number=each.number,
            email=each.email,
            ways=list(each.ways),
            language=each.language,
            origin=each.origin,
            changed_at=at,
        )
        for party_id, each in chosen
    ]
    # A number that was proven is so for as long as it stays; `verify` sets it again.
    Contact.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["party"], update_fields=[*_FIELDS, "verified_at", "changed_at"]
    )


def choose(line: str | UUID, *, party_id: UUID | str, contact: contacts.Contact, actor: Actor = GUEST) -> None:
    """Sets where and by which ways a party in line is reached; without a number and an address nothing is kept for it.

    The same again changes nothing. Raises NotFound when it is not in line.
    """
    with locked_line(line, actor=actor, action="choose_ways") as change:
        party = change.party(party_id)
        before = Contact.objects.filter(party=party).first()
        if contact.kept:
            if before and all(_plain(getattr(before, name)) == _plain(getattr(contact, name)) for name in _FIELDS):
                return
            change.keep_contact(party, contact)
        elif before is None:
            return
        else:
            before.delete()
        # The confirmation is for an address that is new; the order of ways needs none.
        is_new = contact.kept and (before is None or (before.number, before.email) != (contact.number, contact.email))
        change.set_party(party, has_contact=contact.kept)
        change.emit("QUEUE_MEMBER_CHOSE_WAYS", party, confirm=is_new)


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
