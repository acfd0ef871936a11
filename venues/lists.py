"""Lists of what a venue has (its lines, polls, rooms), for programs with its API key."""

from collections.abc import Callable

from django.db.models import QuerySet
from rest_framework.request import Request

from core import rate_limits
from venues.authentication import venue_of_key
from web import paging
from web.paging import Kept, Page


def newest_first(request: Request, name: str, rows_of: Callable[..., QuerySet[Kept]], by: str) -> Page[Kept]:
    """The page that the request asks for, the newest first by the time `by`. `rows_of(venue_id, open_only=)` selects the rows;
    `name` is the list's in its cursors. Raises Unproven, Invalid, TooMany.
    """
    venue = venue_of_key(request)
    rate_limits.check(request, rate_limits.LOOK, "list", str(venue.pk))
    open_only = paging.open_only(request)
    page = paging.asked(request, f"{name}:{venue.pk}:{open_only}")
    return page.newest_first(rows_of(venue.pk, open_only=open_only), by)
