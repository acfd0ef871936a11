"""Who a page of a line is for: its host, or the party whose place this browser keeps."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from core.identifiers import as_uuid
from queues import places, selectors
from queues.models import Party, Queue
from queues.pages import labels
from queues.permissions import HOST_COOKIE, host_cookies
from venues.authentication import set_proof
from venues.host_pages import HostPages
from web.redirects import SeeOther

PLACE_AGE_S = 24 * 3600
# The parameter, in addresses and forms, that names a ticket by its number, which is public.
TICKET = "ticket"


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
of_line, guest_page, host_only = LINES.page, LINES.guest_page, LINES.host_only


# -------------------------------------------------------------------------------------------------------------- guests
def _door_cookie(line: Queue) -> str:
    """The name of the cookie's copy for the venue's page, which stands at another path."""
    return f"door_{places.cookie_of(line.code)}"


def places_of(request: HttpRequest, line: Queue) -> list[Party]:
    """The parties whose places this browser keeps in the line, the one shown last first. The line comes with each, read in one
    statement."""
    names = (places.cookie_of(line.code), _door_cookie(line))
    kept = next(filter(None, (request.COOKIES.get(name, "") for name in names)), "")
    wanted = places.read(kept)
    found = {party.pk: party for party in _of_line(line).filter(pk__in=wanted)} if wanted else {}
    return [found[pk] for pk in dict.fromkeys(wanted) if pk in found]


def party_of(request: HttpRequest, line: Queue) -> Party | None:
    """The party of the ticket that the request names, else the one shown last; None when this browser does not keep its place."""
    return named_in(request, places_of(request, line))


def named_in(request: HttpRequest, kept: Sequence[Party]) -> Party | None:
    """Of the places that this browser keeps, the one whose ticket the request names; else the first. None without any."""
    named = request.POST.get(TICKET, request.GET.get(TICKET))
    if named is None:
        return kept[0] if kept else None
    return next((party for party in kept if str(party.ticket) == named), None)


def party_at(line: Queue, ticket: int) -> Party:
    """The party with this ticket of the line, for a host. Raises Http404."""
    if (party := _of_line(line).filter(ticket=ticket).first()) is None:
        raise Http404("no such ticket")
    return party


def party_in(line: Queue, party_id: str) -> Party | None:
    """The party with this id, only if it is one of this line."""
    wanted = as_uuid(party_id)
    return _of_line(line).filter(pk=wanted).first() if wanted else None


def _of_line(line: Queue) -> QuerySet[Party]:
    return Party.objects.select_related("queue__venue").filter(queue=line)


def keep_place(request: HttpRequest, response: HttpResponse, line: Queue, party: Party) -> None:
    """Sets the cookies that keep the place: for the line's pages, and for its venue's, which leads back to it. The id is the
    guest's proof: no script reads it, no other path gets it. Other places in line are kept, too."""
    others = [each.pk for each in places_of(request, line) if each.status in Party.IN_LINE and each.pk != party.pk]
    paths = {places.cookie_of(line.code): f"/queue/{line.code}"}
    if line.venue is not None:
        paths[_door_cookie(line)] = reverse("venue", args=[line.venue.slug])
    for name, path in paths.items():
        response.set_cookie(
            name,
            places.written([party.pk, *others]),
            max_age=PLACE_AGE_S,
            path=path,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )


def ticket_address(request: HttpRequest, line: Queue, party: Party | None) -> SeeOther:
    """Redirects to the party's page. The id stands in the fragment, which no server or log sees, and gives the place to another
    browser that opens the address. Without a party there is no fragment. The ticket is named where this browser keeps others.
    """
    address = reverse("ticket", args=[line.code])
    if party is None:
        return SeeOther(address)
    others = any(each.pk != party.pk and each.status in Party.IN_LINE for each in places_of(request, line))
    return SeeOther(f"{address}{f'?{TICKET}={party.ticket}' if others else ''}#place={party.pk}")
