"""Finding a line, and proof of its hosts (contract queueup.md, host proof)."""

from django.conf import settings
from rest_framework.request import Request

from core.actors import Actor
from core.errors import existing
from queues import selectors
from queues.models import Queue
from queues.refusals import NO_LINE
from queues.selectors import Identity
from venues import authentication
from venues.proofs import Subject

HOST_COOKIE = "queue_host_auth"


def host_cookies(code: str) -> tuple[str, str]:
    """The names of the cookies that may prove a host of the line with this code: its own, and the contract's, which holds the
    line opened last.
    """
    return authentication.host_cookie("queue", code), HOST_COOKIE


def front_end(code: str) -> str:
    """Where an older front end has its page of the line with this code; empty when guests come to our own pages."""
    base = settings.APP_BASE_URL.rstrip("/")
    return f"{base}?code={code}" if base else ""


def line_or_404(code: str) -> Identity:
    """The id and code of the line with this code. Raises NotFound."""
    return existing(selectors.identity(code), NO_LINE)


def host_of(request: Request, line: Identity | Queue) -> Actor:
    """Who asks, as a host of `line`. Raises Unproven (401), Forbidden (403)."""
    return authentication.host_of(request, subject_of(line), cookie_names=host_cookies(line.code))


def subject_of(line: Identity | Queue) -> Subject:
    """The line as proofs of its hosts see it (venues/proofs.py), with its present token version."""
    version = line.token_version if isinstance(line, Queue) else selectors.token_version(line.pk)
    return Subject(line.pk, version, line.venue_id)
