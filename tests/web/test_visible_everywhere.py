"""No way in takes a text of which nothing can be seen, nor two choices that look the same."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any, get_args
from uuid import uuid4

import msgspec
import orjson
import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory

from core.errors import Invalid
from polls import commands as polls
from polls.bodies import BallotBody
from queues import commands as queues
from queues.commands import NewLine
from reach.call_bodies import Words
from rooms import commands as rooms
from tests.polls.api_client import Maker, refused
from tests.sources import FOLDERS
from venues import commands as venues
from web import bodies, body_types
from web.bodies import read
from web.forms import ShortText

NOTHING = "\u200b\u3164\u2800\u00a0"
TWINS = ["Red\u00a0wine", "Red  wine", "Red wine\u200b", "\u200eRed wine", "Ｒed wine", "Red\u3164wine"]
JSON = "application/json"


def _below(base: Any) -> Iterator[Any]:
    for each in base.__subclasses__():
        yield each
        yield from _below(each)


def _ours() -> None:
    """Imports every module of our apps, so that every serializer and form is there."""
    for app in apps.get_app_configs():
        if not app.name.startswith(("django", "rest_", "unfold", "drf", "axes", "csp", "allauth")):
            package = importlib.import_module(app.name)
            for found in pkgutil.walk_packages(package.__path__, f"{app.name}."):
                if "migrations" not in found.name and "management" not in found.name:
                    importlib.import_module(found.name)


def _is_ours(found: type) -> bool:
    return found.__module__.split(".")[0] in FOLDERS


def _types_in(annotation: Any) -> Iterator[Any]:
    """The types that a list, a union or a field with metadata is made of."""
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for each in inner:
        yield from _types_in(each)


def test_each_text_of_each_body() -> None:
    _ours()
    looked_at = 0
    for declared in {found for found in _below(bodies.Body) if _is_ours(found)}:
        for each in msgspec.structs.fields(declared):
            for kind in _types_in(each.type):
                # Words of a guest or a gateway are cleaned, never refused: a refused text would be lost.
                if isinstance(kind, type) and issubclass(kind, body_types.Text) and kind is not Words:
                    looked_at += 1
                    with pytest.raises(ValueError):
                        kind.parse(NOTHING)
    assert looked_at > 20


def test_each_line_of_each_form() -> None:
    _ours()
    looked_at = 0
    for form in {found for found in _below(forms.Form) if _is_ours(found)}:
        for field in form.base_fields.values():
            if isinstance(field, ShortText):
                looked_at += 1
                with pytest.raises(forms.ValidationError):
                    field.clean(NOTHING)
    assert looked_at > 10


@pytest.mark.django_db(transaction=True)
def test_each_text_of_the_admin() -> None:
    request = RequestFactory().get("/admin/")
    request.user = venues.create_user(email="a@b.example", password=None)
    looked_at = 0
    for model, page in admin.site._registry.items():
        for column in model._meta.fields:
            field = page.formfield_for_dbfield(column, request) if column.editable and not column.choices else None
            if _is_ours(model) and type(field) is forms.CharField:
                looked_at += 1
                with pytest.raises(ValidationError):
                    field.run_validators(NOTHING)
    assert looked_at > 5


COMMANDS: list[Callable[[], Any]] = [
    lambda: polls.create(polls.NewPoll(title=NOTHING, choices=["a", "b"])),
    lambda: polls.create(polls.NewPoll(title="Q", choices=["a", NOTHING])),
    lambda: polls.create(polls.NewPoll(title="Q", choices=["a", "b"], description=NOTHING)),
    lambda: rooms.create(rooms.NewRoom(title=NOTHING)),
    lambda: queues.open_line(NewLine(event_name=NOTHING, max_guests=9)),
    lambda: queues.open_line(NewLine(event_name="L", max_guests=9, location=NOTHING)),
    lambda: venues.create_venue(name=NOTHING, timezone_name="UTC"),
    lambda: venues.create_user(email="a@b.example", password=None, last_name=NOTHING),
    lambda: read(BallotBody, orjson.dumps({"ballotId": str(uuid4()), "choices": [0], "token": NOTHING})),
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.django_db(transaction=True)
def test_commands(command: Callable[[], Any]) -> None:
    with pytest.raises((Invalid, ValidationError)):
        command()


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.django_db
def test_choices_that_look_the_same(twin: str) -> None:
    def ask(path: str, body: dict[str, Any]) -> Any:
        return Client().post(path, body, JSON)

    refused(ask("/api/polls/", {"title": "Q", "choices": ["Red wine", twin]}), 400, "choices")
    session = {"question": "Q", "voteType": "single", "choices": [{"text": "Red wine"}, {"text": twin}]}
    refused(ask("/api/vote", session), 400, "choices")
    fields = {"title": "Q", "choices": ["Red wine", twin], "several": "one", "visibility": "always", "ends_unit": "1"}
    page = Client().post("/polls/new", fields | {"open_now": "yes", "dedupe": "token"})
    assert page.status_code == 400
    assert "A choice is there twice." in page.content.decode()
    draft = Maker(choices=["a", "b"])
    refused(draft.client.put(draft.url, {"title": "Q", "choices": [twin, "Red wine"]}, JSON), 400, "choices")


@pytest.mark.django_db
def test_guests_have_names_that_are_seen() -> None:
    line = Client().post("/api/queue/create", {"eventName": "Dinner", "maxGuests": 30}, JSON).json()
    url = f"/api/queue/{line['code']}/join"
    refused(Client().post(url, {"name": NOTHING}, JSON), 400, "name")
    refused(Client().post(url, {"name": "Ana", "note": NOTHING}, JSON), 400, "note")
    assert Client().post(url, {"name": "Ana"}, JSON).status_code in {200, 201}
    for same in ("Ana\u200b", "\u3164Ana", "Ana\u00a0", "Ana\u2060 "):
        assert Client().post(url, {"name": same}, JSON).status_code == 409
    assert Client().post(url, {"name": "  "}, JSON).status_code in {200, 201}, "no name at all is fine"


@pytest.mark.django_db
def test_the_contract_of_equal_choices_stays_possible() -> None:
    poll = polls.create(polls.NewPoll(title="Q", choices=["Red", "Red"], any_choices=True))
    assert [choice.text for choice in poll.choices.all()] == ["Red", "Red"]
