"""Who may act on a line as its host (contract queueup.md, host proof)."""

from rest_framework.request import Request

from config.errors import NotFound
from outbox.actors import Actor
from queues import selectors
from queues.models import Queue
from queues.selectors import Identity
from venues import access

HOST_COOKIE = "queue_host_auth"
NO_LINE = "There is no line with this code."


def line_or_404(code: str) -> Identity:
    """Which line has this code. Raises NotFound."""
    line = selectors.identity(code)
    if line is None:
        raise NotFound(NO_LINE)
    return line


def host_of(request: Request, line: Identity | Queue) -> Actor:
    """Who asks, as a host of `line`. Raises Unproven (401), Forbidden (403)."""
    return access.host_of(request, line.pk, venue_id=line.venue_id, cookie_name=HOST_COOKIE)
