"""realtime/door.py before the running program: no route, and no method of one, lets in a foreign page or a foreign Host."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from core.api_paths import is_api
from tests import routes
from tests.contracts.queueup import Line
from tests.installation import LISTED_ORIGIN, Stack

EVIL = "https://evil.example"
# Everything that a request might change.
COUNTED = (
    "queues_party",
    "queues_queue",
    "polls_poll",
    "polls_ballot",
    "polls_room",
    "polls_participant",
    "outbox_event",
)
CHANGED = "SELECT sum(version) AS n FROM queues_queue UNION ALL SELECT sum(version) FROM polls_poll UNION ALL "


@pytest.fixture(scope="module")
def client(site: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url(), timeout=20) as made:
        yield made


@pytest.fixture(scope="module")
def key(site: Stack) -> str:
    """A valid API key."""
    return site.new_key()


def old_poll(client: httpx.Client, key: str) -> str:
    """A fresh poll of contract edge-poll.md; its path."""
    body = {
        "title": "?",
        "description": "",
        "start": 1_000_000_000_000,
        "end": 4_000_000_000_000,
        "shards": 1,
        "choices": ["a", "b"],
    }
    made = client.post("/poll", json=body, headers={"api-key": key})
    assert made.status_code == 200, made.text
    return f"/poll/{made.json()['id']}"


def counts(client: httpx.Client, path: str) -> list[int]:
    """The counts of a poll, exactly."""
    shown = client.get(f"{path}/results", params={"cache": "false"}).json()
    return [choice["count"] for choice in shown["choices"].values()]


def rows(site: Stack) -> list[Any]:
    """How many rows there are of everything, and how often lines were changed."""
    return site.sql(CHANGED + " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in COUNTED))  # noqa: S608


def test_no_route_lets_a_foreign_page_change_anything(site: Stack, client: httpx.Client, key: str) -> None:
    """Simple requests, as any site makes its visitors send them: no preflight, text/plain, cookies that the browser adds."""
    line = Line.open(site)
    poll = site.open_poll()
    room = site.open_room()["code"]
    session = client.post(
        "/api/vote", json={"question": "?", "voteType": "single", "choices": [{"text": "a"}, {"text": "b"}]}
    )
    known = {
        "code": line.code, "line": line.code, "poll": poll["id"], "room": room, "id": session.json()["sessionId"],
        "session_id": session.json()["sessionId"], "poll_id": old_poll(client, key).removeprefix("/poll/"),
    }  # fmt: skip
    everything = {
        "id": "0", "choices": [0], "choiceIds": ["1"], "ballotId": str(uuid.uuid4()), "title": "?", "name": "Eve", "size": 1,
        "eventName": "?", "maxGuests": 5, "type": "t", "question": "?", "voteType": "single",
    }  # fmt: skip
    cookies = f"queue_host_auth={line.token}; poll_host_{poll['code']}={poll['hostToken']}"
    before = rows(site)
    foreign = [{"Origin": EVIL}, {"Origin": "null"}]
    for route in routes.all_routes():
        api = is_api(route)
        for method in routes.UNSAFE if api else ("POST",):
            for sent in [*foreign, {"Sec-Fetch-Site": "cross-site"}] if api else foreign:
                for path in (
                    {routes.filled(route, **known), routes.filled(route, **known) + "/"}
                    if api
                    else {routes.filled(route)}
                ):
                    answer = client.request(
                        method, path, headers={**sent, "Content-Type": "text/plain", "Cookie": cookies},
                        content=json.dumps(everything),
                    )  # fmt: skip
                    refused = {403} if api else {403, 404, 405}
                    assert answer.status_code in refused, (method, path, sent, answer.status_code, answer.text[:200])
                    assert "access-control-allow-origin" not in answer.headers
                    if api:
                        assert answer.json()["error"] == "This origin is not allowed."
    assert rows(site) == before


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_vote_of_a_foreign_page_is_refused_and_others_count(method: str, client: httpx.Client, key: str) -> None:
    path = old_poll(client, key)

    def vote(**headers: str) -> int:
        return client.request(
            method, path, content=b'{"id": "1"}', headers={"Content-Type": "text/plain", **headers}
        ).status_code

    assert vote(Origin=EVIL) == vote(Origin="null") == vote(**{"Origin": EVIL, "api-key": "tl_wrong"}) == 403
    assert counts(client, path) == [0, 0]
    assert vote(**{"Origin": EVIL, "api-key": key}) == 200, "a key is shown"
    assert counts(client, path) == [0, 1]
    path = old_poll(client, key)
    assert vote(Origin=LISTED_ORIGIN) == 200
    path = old_poll(client, key)
    assert vote(Origin=str(client.base_url).rstrip("/")) == 200
    path = old_poll(client, key)
    assert vote() == 200, "a program"
    assert counts(client, path) == [0, 1]


@pytest.mark.parametrize(
    "path", ["/poll", "/poll/{}", "/poll/{}/results", "/api/polls/{}", "/api/polls/{}/ballots", "/api/vote"]
)
def test_pages_of_listed_origins_may_use_polls(path: str, client: httpx.Client, key: str) -> None:
    path = path.format(old_poll(client, key).removeprefix("/poll/"))
    asked = {
        "Origin": LISTED_ORIGIN,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "api-key",
    }
    answer = client.options(path, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    allowed = {word.strip() for word in answer.headers["access-control-allow-methods"].split(",")}
    assert allowed >= {"GET", "POST", "PUT", "DELETE"}
    shown = client.get(path, headers={"Origin": LISTED_ORIGIN})
    assert shown.headers["access-control-allow-origin"] == LISTED_ORIGIN
    assert "retry-after" in shown.headers["access-control-expose-headers"]
    assert client.options(path, headers={**asked, "Origin": EVIL}).status_code == 403
    assert client.get(path, headers={"Origin": EVIL}).status_code == 403
