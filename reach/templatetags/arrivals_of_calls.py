"""Whether calls have arrived, on the host's pages, which know no way to a guest (decision 0045)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django import template

from core.json_types import View
from reach import arrival as arrivals_of

register = template.Library()


@register.simple_tag
def arrivals(called: Sequence[View]) -> dict[str, str]:
    """By id, of these called parties: how far the newest call has come."""
    found = arrivals_of.of_calls([UUID(party["id"]) for party in called])
    return {str(pk): state for pk, state in found.items()}


@register.inclusion_tag("host/_arrival.html")
def arrival(party: View, known: Mapping[str, str]) -> View:
    """How far this party's call has come; nothing where none was or will be sent, and where its guest has answered it."""
    return {"arrival": known.get(party["id"])}
