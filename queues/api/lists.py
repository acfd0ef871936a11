"""Lists for a venue's programs: its lines, and the parties of one."""

from datetime import datetime
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from core import rate_limits
from core.actors import Actor
from core.api_paths import api_path as path
from core.errors import Invalid
from core.scopes import Scope
from queues import lists
from queues.api.list_answers import ListedLines, ListedParties, line_view, party_view
from queues.api.views import for_hosts
from queues.selectors import Identity
from venues.authentication import venue_of_key
from web import paging
from web.endpoints import Answer, endpoint
from web.openapi import KEY

_OPEN = OpenApiParameter("open", bool, OpenApiParameter.QUERY, description="`true`: only those that are open.")


@endpoint("get", "list_lines", answers=ListedLines, proof=KEY, scopes=[Scope.READ], parameters=[*paging.PAGED, _OPEN])
def list_lines(request: Request) -> Answer:
    """The venue's lines, the newest first, open or closed."""
    venue = venue_of_key(request)
    rate_limits.check(request, rate_limits.LOOK, "list", str(venue.pk))
    open_only = _flag(request, "open")
    page = paging.asked(request, f"lines:{venue.pk}:{open_only}")
    after = None if page.after is None else (datetime.fromisoformat(page.after[0]), UUID(page.after[1]))
    rows = lists.lines_of(venue.pk, open_only=open_only, after=after, most=page.limit + 1)
    found = page.page(rows, lambda row: [row.opened_at.isoformat(), str(row.pk)])
    counts = lists.counts_in(found.rows)
    return {"lines": [line_view(row, counts.get(row.pk, {})) for row in found.rows], "next": found.next}


@for_hosts("get", "list_parties", answers=ListedParties, refuses=(404,), parameters=paging.PAGED)
def list_parties(request: Request, line: Identity, actor: Actor) -> Answer:
    """The line's parties by their tickets, in line or out of it."""
    rate_limits.check(request, rate_limits.LOOK, "list", str(line.pk))
    page = paging.asked(request, f"parties:{line.pk}")
    rows = lists.parties_of(line.pk, after=page.after[0] if page.after else 0, most=page.limit + 1)
    found = page.page(rows, lambda row: [row.ticket])
    return {"parties": [party_view(row) for row in found.rows], "next": found.next}


def _flag(request: Request, name: str) -> bool:
    sent = request.query_params.get(name, "false")
    if sent not in {"true", "false"}:
        raise Invalid(f"{name}: must be true or false.", field=name)
    return sent == "true"


urlpatterns = [path("api/lines", list_lines), path("api/queue/<str:code>/parties", list_parties)]
