"""How often waits were as told at a venue, on pages of queues, which does not import analytics (decision 0045)."""

from django import template

from analytics.as_told import of_ten
from core.json_types import View
from venues.models import Venue

register = template.Library()


@register.inclusion_tag("guest/_as_told.html")
def waits_as_told(venue: Venue | None) -> View:
    """For guests: "9 of 10 waits here were as told"; nothing while too few parties were seated to say so."""
    return {"of_ten": of_ten(venue) if venue is not None else None}
