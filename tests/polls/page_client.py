"""What hosts and voters do on the pages of polls, in browsers without scripts."""

import re
from typing import Any

from django.test import Client

from polls.models import Poll
from queues.models import Queue
from tests.page_client import created_code, page, press_button
from tests.queues.page_client import line_by_form

POLL_FORM: dict[str, Any] = {
    "title": "Which dessert?",
    "choices": ["Flan", "Cake", "", "Ice cream"],
    "several": "one",
    "visibility": "always",
    "dedupe": "token",
    "ends_unit": "1",
    "open_now": "yes",
}


def poll_by_form(host: Client, path: str = "/polls/new", **fields: Any) -> Poll:
    """A poll that this browser makes by the form."""
    return Poll.objects.get(code=created_code(host, path, {**POLL_FORM, **fields}))


def line_poll(host: Client, **fields: Any) -> tuple[Queue, Poll]:
    """A line that this browser opens, and a poll for the parties in it."""
    line = line_by_form(host)
    return line, poll_by_form(host, f"/polls/new?line={line.code}", **fields)


def vote_path(poll: Poll) -> str:
    """The path of the voting page."""
    return f"/queue/{poll.queue.code}/vote/{poll.code}" if poll.queue else f"/vote/{poll.code}"


def own_path(poll: Poll) -> str:
    """The path of the voting page that is made for one browser, and needs no script."""
    return f"{vote_path(poll)}/own"


def ballot_in(html: str) -> str:
    """The hidden ballot id of a form."""
    found = re.search(r'name="ballot" value="([0-9a-f-]{36})"', html)
    assert found, html
    return found[1]


def vote(voter: Client, poll: Poll, *choices: object, status: int = 303, **fields: object) -> str:
    """Opens this browser's voting page and sends its form; the page that follows."""
    ballot = fields.pop("ballot", None) or ballot_in(page(voter, own_path(poll)))
    answer = voter.post(own_path(poll), {"ballot": ballot, "choices": list(choices), **fields})
    assert answer.status_code == status, answer.content.decode()
    if status != 303:
        return str(answer.content.decode())
    assert answer["Location"] == own_path(poll)
    return page(voter, answer["Location"])


def vote_state(html: str) -> str:
    """The state of the voting page."""
    found = re.search(r'data-vote="(\w+)"', html)
    assert found, html
    return found[1]


def press(host: Client, poll: Poll, action: str, **fields: str) -> str:
    """Presses a button of the host's page; the page that follows."""
    return press_button(host, f"/polls/{poll.code}/host/{action}", fields)
