"""What our own API refuses has the code of its reason; the older contracts say a sentence and nothing more."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.polls.api_client import JSON, Maker

pytestmark = pytest.mark.django_db


def said(answer: Any) -> tuple[int, str]:
    """The status and the code of a refusal."""
    body = answer.json()
    assert set(body) == {"error", "code"}, body
    return answer.status_code, body["code"]


def test_polls_are_refused_by_code() -> None:
    maker, stranger, wrong = Maker(), Client(), Client(headers={"x-host-auth": "wrong"})
    assert said(maker.vote(9)) == (400, "no_such_choice")
    assert said(stranger.post(f"{maker.url}/ballots", "{", JSON)) == (400, "invalid")
    assert said(stranger.post("/api/polls/", {}, JSON)) == (400, "invalid")
    assert said(stranger.post(f"{maker.url}/close")) == (401, "hosts_only")
    assert said(wrong.post(f"{maker.url}/close")) == (403, "wrong_host_token")
    assert said(stranger.get(f"/api/polls/{uuid4()}/results")) == (404, "no_such_poll")
    assert said(stranger.get(f"/api/polls/{uuid4()}")) == (404, "no_such_poll")
    maker.act("close")
    assert said(maker.vote(0)) == (409, "poll_closed")
    assert said(maker.act("codes")) == (400, "invalid")


def test_rooms_are_refused_by_code() -> None:
    client = Client()
    room = client.post("/api/rooms", {"title": "?"}, JSON).json()
    client.post(f"/api/rooms/{room['room']}/close", headers={"x-host-auth": room["hostToken"]})
    assert said(client.post(f"/api/rooms/{room['room']}/participants", {}, JSON)) == (409, "room_closed")
    assert said(client.get(f"/api/rooms/{uuid4()}")) == said(client.get(f"/api/rooms/{uuid4()}/history")) == (
        404, "no_such_room",
    )  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "/poll/{}",
        "/api/vote/{}",
        "/api/queue/ABCDEF/join",
        "/api/queue/ABCDEF/pause",
        "/api/queue/create",
        "/api/track",
    ],
)
def test_the_older_contracts_have_no_code(path: str) -> None:
    answer = Client().post(path.format(uuid4()), "{}", JSON)
    assert answer.status_code >= 400 and set(answer.json()) == {"error"}
