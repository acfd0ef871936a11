"""The pages on which people look after their venue (/venue/...): who may open them, and which venue they are about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core.actors import Actor
from core.errors import Refused
from core.identifiers import as_uuid
from core.languages import in_english
from venues.models import User, Venue
from venues.roles import Right, rights_of, venues_where
from web import unsent
from web.redirects import SeeOther

# The navigation of a venue's pages: the name of the route, what it is called, the right that the page asks for.
TABS = (
    ("venue-settings", "Venue", Right.SET_UP),
    ("services", "Services and hours", Right.RUN),
    ("tables", "Tables", Right.SET_UP),
    ("venue-reach", "Messages", Right.SET_UP),
    ("texts", "SMS and WhatsApp", Right.KEYS),
    ("venue-reports", "Reports", Right.REPORTS),
    ("guests", "Guests", Right.GUESTS),
    ("privacy", "Privacy", Right.SET_UP),
    ("people", "People", Right.PEOPLE),
    ("devices", "Devices", Right.SET_UP),
    ("api-keys", "API keys", Right.KEYS),
    ("webhooks", "Webhooks", Right.KEYS),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """A signed-in person at the pages of one venue. `venues`: all in which they have the page's right."""

    person: User
    venue: Venue
    venues: Sequence[Venue]

    @property
    def actor(self) -> Actor:
        """Who acts in commands."""
        return Actor("host", self.person.pk)

    def path(self, page: str, *arguments: object) -> str:
        """The address of a page of this venue, by the name of its route."""
        return f"{reverse(page, args=arguments)}?{urlencode({'venue': self.venue.pk})}"

    @property
    def tabs(self) -> list[tuple[str, str, str]]:
        """The pages that the person may open, in the order of the navigation: name of the route, label, path."""
        rights = rights_of(self.person, self.venue.pk)
        return [(name, label, self.path(name)) for name, label, right in TABS if right in rights]

    @property
    def home(self) -> str:
        """The path of the first of them."""
        return self.tabs[0][2]


DeskPage = Callable[Concatenate[HttpRequest, Desk, ...], HttpResponse]


def at_desk(right: Right) -> Callable[[DeskPage], Callable[..., HttpResponse]]:
    """Calls the page for people whose role has the right, in English. `?venue=ID` names the venue; without it, the first by name.

    Strangers are led to the sign-in, a form of theirs is offered again. Raises PermissionDenied (403) for all others.
    """

    def decorate(page: DeskPage) -> Callable[..., HttpResponse]:
        @wraps(page)
        def view(request: HttpRequest, **arguments: Any) -> HttpResponse:
            person = request.user
            if not isinstance(person, User):
                if request.method == "POST":
                    return unsent.signed_out(request, back=reverse("lines"))
                return redirect_to_login(request.get_full_path())
            venues = list(venues_where(person, right))
            asked = request.GET.get("venue", "")
            wanted = as_uuid(asked) if asked else None
            venue = next((each for each in venues if not asked or each.pk == wanted), None)
            if venue is None:
                raise PermissionDenied
            response = page(request, Desk(person, venue, venues), **arguments)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return in_english(view)

    return decorate


def pressed(request: HttpRequest, desk: Desk, page: str, command: Callable[[], object], *, done: str) -> HttpResponse:
    """Does what a button of the page asks; the page says what came of it."""
    try:
        command()
    except Refused as refused:
        messages.error(request, refused.message)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, done)
    return SeeOther(desk.path(page))
