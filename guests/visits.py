"""The effect `guests`: a party whose guest gave a number is a visit of that guest."""

from collections.abc import Sequence

from guests import commands
from outbox.models import Event


def keep(events: Sequence[Event]) -> None:
    """Brings the visits of these events' parties up to date."""
    commands.recognise({event.party_id for event in events if event.party_id})
