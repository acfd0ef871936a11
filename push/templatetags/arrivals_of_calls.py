"""Whether calls have arrived on phones, on the host's pages, which know no push (decision 0045)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django import template

from core.json_types import View
from push import receipts
from push.receipts import Arrival

register = template.Library()


@register.simple_tag
def arrivals(called: Sequence[View]) -> dict[str, Arrival]:
    """By id, of these called parties: what became of the newest call."""
    found = receipts.arrivals([UUID(party["id"]) for party in called])
    return {str(pk): arrival for pk, arrival in found.items()}


@register.inclusion_tag("push/_arrival.html")
def arrival(party: View, known: Mapping[str, Arrival]) -> View:
    """What became of this party's call; nothing where it has no phone that messages go to."""
    return {"arrival": known.get(party["id"])}
