"""Who a page of a line is for: its host, or the party whose place this browser keeps."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core.identifiers import as_uuid
from queues import selectors
from queues.models import Party, Queue
from queues.pages import labels
from queues.permissions import HOST_COOKIE, host_cookies
from venues.authentication import set_proof
from venues.host_pages import HostPages

PLACE_AGE_S = 24 * 3600


class LinePages(HostPages[Queue]):
    """The pages of lines."""

    kind = "queue"
    model = Queue
    find = staticmethod(selectors.line_by_code)
    host_url = "console"
    create_limit = "create"

    def cookies(self, thing: Queue) -> tuple[str, ...]:
        """The line's own, and the contract's."""
        return host_cookies(thing.code)

    def canonical_path(self, request: HttpRequest, thing: Queue, code: str, arguments: Mapping[str, Any]) -> str:
        """As it is where guests go on to an older front end anyway."""
        return request.path if settings.APP_BASE_URL else super().canonical_path(request, thing, code, arguments)

    def refused_action(self, request: HttpRequest, thing: Queue, action: str) -> str:
        """Names the ticket, whose number is public, of the party that the button is about."""
        party = party_in(thing, request.POST.get("party", ""))
        return labels.not_done(action, party.ticket if party else None)

    def keep_token(self, request: HttpRequest, response: HttpResponse, thing: Queue, token: str) -> None:
        """In the line's own cookie too: the contract's is Secure, which browsers drop on plain HTTP in a local network."""
        super().keep_token(request, response, thing, token)
        set_proof(request, response, HOST_COOKIE, token, secure=True)


LINES = LinePages()
of_line, host_only = LINES.page, LINES.host_only


# -------------------------------------------------------------------------------------------------------------- guests
def place_cookie(line: Queue) -> str:
    """The name of the cookie that keeps a place in this line."""
    return f"place_{line.code}"


def _door_cookie(line: Queue) -> str:
    """The name of its copy for the venue's page, which stands at another path."""
    return f"door_place_{line.code}"


def party_of(request: HttpRequest, line: Queue) -> Party | None:
    """The party whose place this browser keeps in the line, or None. The line comes with it, read in one statement."""
    kept = (request.COOKIES.get(name(line), "") for name in (place_cookie, _door_cookie))
    return party_in(line, next(filter(None, kept), ""))


def party_in(line: Queue, party_id: str) -> Party | None:
    """The party with this id, only if it is one of this line."""
    wanted = as_uuid(party_id)
    return Party.objects.select_related("queue__venue").filter(queue=line, pk=wanted).first() if wanted else None


def keep_place(response: HttpResponse, line: Queue, party: Party) -> None:
    """Sets the cookies that keep the place: for the line's pages, and for its venue's, which leads back to it. The id is the
    guest's proof: no script reads it, no other path gets it."""
    paths = {place_cookie(line): f"/queue/{line.code}"}
    if line.venue is not None:
        paths[_door_cookie(line)] = reverse("venue", args=[line.venue.slug])
    for name, path in paths.items():
        response.set_cookie(
            name,
            str(party.pk),
            max_age=PLACE_AGE_S,
            path=path,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
