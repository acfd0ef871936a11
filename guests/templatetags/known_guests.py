"""Marks of known guests for the host's list, whose pages know no guests (decision 0045)."""

from collections.abc import Iterable
from uuid import UUID

from django import template

from core.json_types import View
from guests import marks
from guests.models import Guest
from queues.models import Queue

register = template.Library()


@register.simple_tag
def marked_guests(line: Queue, parties: Iterable[View]) -> dict[str, Guest]:
    """The marked guests of these parties, by the party's id. Reads nothing where the venue keeps no history."""
    if line.venue is None or not line.venue.guest_history:
        return {}
    found = marks.of_parties([UUID(party["id"]) for party in parties if party.get("hasContact")])
    return {str(pk): guest for pk, guest in found.items()}


@register.inclusion_tag("host/_guest_marks.html")
def guest_marks(party: View, marked: dict[str, Guest]) -> View:
    """VIP and *not welcome*, in words."""
    return {"guest": marked.get(party["id"])}
