"""Mails to those who may change what a venue connects to: its keys, its webhooks, its provider of texts."""

from datetime import date
from uuid import UUID

from core.actors import SYSTEM
from core.hashing import digest
from mail.commands import post
from venues.models import Membership, Venue
from venues.roles import Right, roles_with


def mail_owners(
    venue: Venue, *, kind: str, reason: str, origin: str, about: UUID | None = None, day: date | None = None
) -> None:
    """Posts a letter of this kind to each of them, once for the `reason`. Needs a transaction; it is sent after the commit."""
    people = Membership.objects.filter(venue=venue, role__in=roles_with(Right.KEYS), user__is_active=True)
    for to in people.exclude(user__email="").values_list("user__email", flat=True):
        once = f"{reason}:{digest(to)[:32]}"
        post(kind=kind, to=to, origin=origin, once=once, about=about, day=day, actor=SYSTEM)
