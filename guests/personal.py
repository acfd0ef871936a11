"""Guests who come again, for retention (decision 0088): an erased one is unknown to the venue afterwards; a forgotten line ends
those whom the venue does not keep any more (decision 0087)."""

from collections.abc import Sequence
from uuid import UUID

from core.clock import milliseconds
from core.json_types import View
from guests import commands, selectors
from queues.models import Party, Queue


def forget(line: UUID, parties: Sequence[UUID] | None) -> dict[str, int]:
    """Forgets the guests who came with these parties; None: those of the whole line whose time is over."""
    if parties is None:
        return {"guests": commands.forget([line])}
    venue_id = Queue.objects.values_list("venue_id", flat=True).get(pk=line)
    return {"guests": commands.forget_guests_of(venue_id, parties)}


def export(party: Party) -> View:
    """What the venue knows of the party's guest."""
    known = selectors.of_party(party.pk)
    if known is None:
        return {}
    guest = known.guest
    return {
        "number": guest.number,
        "notes": guest.notes,
        "vip": guest.vip,
        "notWelcome": guest.not_welcome,
        "visits": known.visits,
        "noShows": known.no_shows,
        "firstAt": milliseconds(guest.first_at),
        "seenAt": milliseconds(guest.seen_at),
    }
