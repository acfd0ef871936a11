"""The effect `guests`: a party whose guest gave a number is a visit of that guest."""

from collections.abc import Sequence
from uuid import UUID

from guests import commands
from outbox.models import Event
from reach.models import Contact


def keep(events: Sequence[Event]) -> None:
    """Brings the visits of these events' parties up to date with the numbers that are kept for them now. A number that has to be
    proven is nobody's before."""
    numbers: dict[UUID, str] = {event.party_id: "" for event in events if event.party_id}
    numbers |= dict(Contact.objects.filter(party__in=list(numbers), needs_proof=False).values_list("party", "number"))
    commands.recognise(numbers)
