"""What tests of the pages of polls do in browsers without scripts."""

import re
from typing import Any
from uuid import uuid4

from django.test import Client

from polls.models import Poll
from queues.models import Queue
from tests.queues.page_client import hosted, page

ASKED: dict[str, Any] = {
    "title": "Which dessert?",
    "choices": ["Flan", "Cake", "", "Ice cream"],
    "several": "one",
    "visibility": "always",
    "dedupe": "token",
    "ends_unit": "1",
    "open_now": "yes",
}


def asked(host: Client, path: str = "/polls/new", **said: Any) -> Poll:
    """A poll made by form in this browser."""
    answer = host.post(path, {**ASKED, "key": str(uuid4()), **said})
    assert answer.status_code == 303, answer.content.decode()
    code = re.fullmatch(r"/polls/(\w{6})/host", answer["Location"])
    assert code
    return Poll.objects.get(code=code[1])


def address(poll: Poll) -> str:
    """Where its voters vote."""
    return f"/queue/{poll.queue.code}/vote/{poll.code}" if poll.queue else f"/vote/{poll.code}"


def ballot_in(html: str) -> str:
    """The hidden ballot id of a form."""
    found = re.search(r'name="ballot" value="([0-9a-f-]{36})"', html)
    assert found, html
    return found[1]


def vote(voter: Client, poll: Poll, *choices: object, status: int = 303, **said: object) -> str:
    """Opens the page, votes by form; the page it leads to."""
    ballot = said.pop("ballot", None) or ballot_in(page(voter, address(poll)))
    answer = voter.post(address(poll), {"ballot": ballot, "choices": list(choices), **said})
    assert answer.status_code == status, answer.content.decode()
    if status != 303:
        return str(answer.content.decode())
    assert answer["Location"] == address(poll)
    return page(voter, answer["Location"])


def state(html: str) -> str:
    """Which of the voting page's states is shown."""
    found = re.search(r'data-vote="(\w+)"', html)
    assert found, html
    return found[1]


def act(host: Client, poll: Poll, action: str, **said: str) -> str:
    """Presses a button of the host's page; the page it leads to."""
    answer = host.post(f"/polls/{poll.code}/host/{action}", said, follow=True)
    assert answer.redirect_chain[0][1] == 303, answer.content.decode()
    return str(answer.content.decode())


def line_poll(host: Client, **said: Any) -> tuple[Queue, Poll]:
    """A line opened by this browser, and a poll for the people in it."""
    line = hosted(host)
    return line, asked(host, f"/polls/new?line={line.code}", **said)
