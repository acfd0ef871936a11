"""Browsers without scripts, for tests of any slice's pages: they sign in, read pages, send forms, and follow where these lead."""

import re
from typing import Any
from uuid import uuid4

from django.test import Client

from venues.models import Membership, User, Venue

# Texts that pages must show as written: markup, and right-to-left text whose override is not closed.
MARKUP = "<img src=x onerror=alert(1)>&\"'"
OPEN_RTL = "\u202eשלום 🥟"


def signed_in(name: str, *venues: Venue) -> Client:
    """A browser in which a new member of these venues has signed in."""
    user = User.objects.create_user(f"{name}@example.com", "long enough")
    for venue in venues:
        Membership.objects.create(venue=venue, user=user)
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def page(client: Client, path: str, status: int = 200) -> str:
    """The page's HTML."""
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def created_code(host: Client, path: str, fields: dict[str, Any]) -> str:
    """Sends a form that creates a line, poll or room; its code, from the address of the host's page that follows."""
    answer = host.post(path, {"key": str(uuid4()), **fields})
    assert answer.status_code == 303, answer.content.decode()
    code = re.fullmatch(r"/(?:queue|polls|rooms)/(\w{6})/host", answer["Location"])
    assert code, answer["Location"]
    return code[1]


def press_button(host: Client, path: str, fields: dict[str, Any], leads_to: str = "") -> str:
    """Presses a button of a host's page; the page that follows, at `leads_to` if that is given."""
    answer = host.post(path, fields, follow=True)
    assert answer.redirect_chain, answer.content.decode()
    address, status = answer.redirect_chain[0]
    assert status == 303 and leads_to in {"", address}, (status, address)
    return str(answer.content.decode())
