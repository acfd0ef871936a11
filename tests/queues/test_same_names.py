"""Names may repeat in a line: tickets tell parties apart. Only the older API's join refuses one (decision 0038)."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.errors import Conflict
from core.tokens import host_token
from queues import commands
from queues.commands import NewParty
from queues.models import Party
from tests.page_client import page
from tests.queues.database_lines import Floor
from tests.queues.page_client import join

Post = Callable[..., Any]


@pytest.fixture
def floor(db: None) -> Floor:
    """Ben waits, and so does Ada."""
    return Floor.opened("Ben", "Ada")


@pytest.fixture
def post(floor: Floor) -> Post:
    """The API, asked by the line's host."""

    def post(action: str, **body: Any) -> Any:
        return Client().post(
            f"/api/queue/{floor.queue.code}/{action}",
            json.dumps(body),
            content_type="application/json",
            headers={"x-host-auth": host_token(floor.pk)},
        )

    return post


def removed_and_joined(floor: Floor) -> None:
    commands.kick(floor.pk, party_id=floor.id("Ada"))
    commands.join(floor.pk, name="Ada")


def renamed_and_joined(floor: Floor) -> None:
    commands.edit_party(floor.pk, party_id=floor.id("Ada"), name="Adele")
    commands.join(floor.pk, name="Ada")


# What brings a name into line that is there already: what has happened, and what the host then asks of the first Ada.
BRINGS: dict[str, tuple[Callable[[Floor], None] | None, str, dict[str, Any]]] = {
    "walk-in": (None, "walk-in", {"name": " Ada ", "size": 2}),
    "edit": (None, "edit", {"name": "Ben"}),
    "put back": (removed_and_joined, "put-back", {}),
    "undo of a removal": (removed_and_joined, "undo", {}),
    "undo of a new name": (renamed_and_joined, "undo", {}),
}


@pytest.mark.parametrize(("before", "action", "body"), BRINGS.values(), ids=BRINGS.keys())
def test_a_host_may_have_two_of_one_name_in_line(
    before: Callable[[Floor], None] | None, action: str, body: dict[str, Any], floor: Floor, post: Post
) -> None:
    ada = {"partyId": str(floor.id("Ada"))} if action in {"edit", "put-back"} else {}
    if before:
        before(floor)
    answer = post(action, **ada, **body)
    assert answer.status_code == 200, answer.content
    named = [party.name for party in floor.queue.parties.filter(status__in=Party.IN_LINE)]
    assert len(named) == len(set(named)) + 1, named


def test_guests_of_one_name_join_on_our_pages_and_are_told_apart_by_their_tickets(floor: Floor) -> None:
    second, third = join(Client(), floor.queue, name="Ben"), join(Client(), floor.queue, name="Ben", size=5)
    assert floor.waiting() == ["Ben", "Ada", "Ben", "Ben"]
    commands.call(floor.pk, party_id=second.pk)
    commands.kick(floor.pk, party_id=floor.id("Ada"))
    host = Client()
    host.cookies[f"queue_host_{floor.queue.code}"] = host_token(floor.pk)
    html = page(host, f"/queue/{floor.queue.code}/host/list")
    rows = list(re.finditer(r'<li [^>]*data-party="(?P<party>[^"]+)".*?</li>', html, re.DOTALL))
    assert len(rows) == 4
    for row in rows:
        ticket = f"#{Party.objects.get(pk=row['party']).ticket}"
        buttons = re.findall(r"<(?:button|summary).*?</(?:button|summary)>", row[0], re.DOTALL)
        assert buttons and all(ticket in button for button in buttons), buttons
    assert f'data-what="#{third.ticket} Ben"' in html


@pytest.mark.parametrize("called", [False, True])
def test_the_contracts_join_refuses_a_name_in_line_and_no_other_command_does(called: bool, floor: Floor) -> None:
    commands.join(floor.pk, name="Ben")
    if called:
        commands.call(floor.pk)
    before = floor.version
    for name in ("Ben", " Ben "):
        with pytest.raises(Conflict, match="already in this queue"):
            commands.join(floor.pk, name=name, unique_name=True)
    assert floor.version == before
    for name in ("", "ben", "Eve"):
        commands.join(floor.pk, name=name, unique_name=True)
    commands.join(floor.pk, name="", unique_name=True)
    outcomes: list[Any] = commands.join_all(floor.pk, [NewParty(name="Gus"), NewParty(name="Gus", unique_name=True)])
    assert isinstance(outcomes[1], Conflict)


def test_the_contracts_join_over_http_refuses(post: Post, floor: Floor) -> None:
    answer = post("join", name="Ben")
    assert answer.status_code == 409 and "already in this queue" in answer.json()["error"]
    assert post("join", name="Eve").status_code == 200
