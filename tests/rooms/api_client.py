"""Requests to the API of rooms, and people who send them."""

from typing import Any

from django.test import Client

from core import clock
from tests.polls.api_client import JSON
from venues.models import Membership, User, Venue

GOOD = {"title": "Stay open?"}
HOUR_MS = 3_600_000


def post(path: str, body: Any = None, client: Client | None = None, **headers: str) -> Any:
    """POST to the API."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return (client or Client()).post(f"/api/rooms{path}", {} if body is None else body, JSON, headers=sent)


def opened(client: Client | None = None, **fields: Any) -> dict[str, Any]:
    """A room made over the API."""
    answer = post("", {**GOOD, **fields}, client)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def from_now(ms: int) -> int:
    """A moment in ms since 1970."""
    return int(clock.now().timestamp() * 1000) + ms


def person(venue: Venue | None = None, email: str = "ada@blue.example") -> User:
    """A person with an account, and with a role in the venue if one is given."""
    user = User.objects.create_user(email, password="correct horse battery")
    if venue is not None:
        Membership.objects.create(user=user, venue=venue)
    return user


def browser(user: User) -> tuple[Client, dict[str, str]]:
    """A browser in which the person has signed in, and the headers that our pages send."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, {"x_csrftoken": client.get("/").cookies["csrftoken"].value}
