"""The limit of ballots counts every try, also one whose body cannot be read (docs/contracts/README.md, rate limits)."""

from collections.abc import Callable

import pytest
from django.test import Client
from limits import parse
from pytest_django.fixtures import Settings

from core import rate_limits
from polls import commands
from polls.models import Poll

WAYS: dict[str, Callable[[Poll], str]] = {
    "own API": lambda poll: f"/api/polls/{poll.pk}/ballots",
    "page with a script": lambda poll: f"/vote/{poll.code}/ballot",
    "page without one": lambda poll: f"/vote/{poll.code}/own",
    "edge-poll.md": lambda poll: f"/poll/{poll.pk}",
    "voting-session.md": lambda poll: f"/api/vote/{poll.pk}",
}


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS)
def test_a_ballot_that_cannot_be_read_is_a_try(way: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(rate_limits, "BALLOT", parse("3 per minute"))
    poll = commands.create(commands.NewPoll(title="Which wine?", choices=["Red", "White"]), open_now=True)
    client, path = Client(REMOTE_ADDR="203.0.113.78", HTTP_ORIGIN="http://testserver"), WAYS[way](poll)

    def status(body: str) -> int:
        if way == "page without one":
            return client.post(path, {"ballot": body}).status_code
        return client.post(path, body, content_type="application/json").status_code

    assert [status(body) for body in ("{", "[7]", '{"ballotId": 7}', "{}")] == [400, 400, 400, 429]
