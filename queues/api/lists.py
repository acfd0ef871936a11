"""Lists for a venue's programs: its lines, and the parties of one."""

from rest_framework.request import Request

from core import rate_limits
from core.actors import Actor
from core.api_paths import api_path as path
from core.scopes import Scope
from queues import lists
from queues.api.list_answers import ListedLines, ListedParties, ListedParty, line_view
from queues.api.views import for_hosts
from queues.selectors import Identity
from venues.lists import newest_first
from web import paging
from web.endpoints import Answer, endpoint
from web.openapi import KEY


@endpoint(
    "get", "list_lines", answers=ListedLines, proof=KEY, scopes=[Scope.READ], parameters=[*paging.PAGED, paging.OPEN]
)
def list_lines(request: Request) -> Answer:
    """The venue's lines, the newest first, open or closed."""
    found = newest_first(request, "lines", lists.lines_of, "opened_at")
    counts = lists.counts_in(found.rows)
    return {"lines": [line_view(row, counts.get(row.pk, {})) for row in found.rows], "next": found.next}


@for_hosts("get", "list_parties", answers=ListedParties, refuses=(404,), parameters=paging.PAGED)
def list_parties(request: Request, line: Identity, actor: Actor) -> Answer:
    """The line's parties by their tickets, in line or out of it."""
    rate_limits.check(request, rate_limits.LOOK, "list", str(line.pk))
    page = paging.asked(request, f"parties:{line.pk}")
    rows = lists.parties_of(line.pk, after=page.after[0] if page.after else 0, most=page.limit + 1)
    found = page.page(rows, lambda row: [row.ticket])
    return {"parties": ListedParty(found.rows, many=True).data, "next": found.next}


urlpatterns = [path("api/lines", list_lines), path("api/queue/<str:code>/parties", list_parties)]
