"""The API of webhooks: a program with a key of the venue makes them, tests them, replays to them; nobody else does."""

from typing import Any

import orjson
import pytest
from django.test import Client

from core import clock
from queues import commands as queue_commands
from queues.models import Queue
from tests.webhooks.conftest import open_line, work
from tests.webhooks.receiver import Receiver, Reply
from venues import commands as venue_commands
from venues.models import Venue
from webhooks import commands
from webhooks.models import Endpoint

API = "/api/webhooks"


@pytest.fixture
def key(venue: Venue) -> str:
    return venue_commands.create_api_key(venue=venue, name="till")[1]


def ask(method: str, path: str, key: str, body: Any = None, **headers: str) -> Any:
    """The answer of the API to a program with this key."""
    return Client().generic(
        method,
        f"{API}{path}",
        orjson.dumps(body or {}),
        content_type="application/json",
        headers={"api-key": key, **headers},
    )


def made(key: str, receiver: Receiver, **more: Any) -> dict[str, Any]:
    answer = ask("POST", "", key, {"url": receiver.url, **more})
    assert answer.status_code == 201, answer.content
    receiver.secrets.append(answer.json()["secret"])
    return dict(answer.json())


def test_a_program_adds_a_webhook_and_is_told(key: str, line: Queue, receiver: Receiver) -> None:
    row = made(key, receiver, name="Till", events=["party.joined"])
    queue_commands.join(line.pk)
    queue_commands.pause(line.pk)
    work()
    assert receiver.types() == ["party.joined"]
    [shown] = ask("GET", "", key).json()["webhooks"]
    assert shown == {name: row[name] for name in row if name != "secret"}
    assert ask("GET", f"/{row['id']}", key).json() == shown
    [sent] = ask("GET", f"/{row['id']}/deliveries", key).json()["deliveries"]
    assert (sent["id"], sent["type"], sent["result"]) == (receiver.received[0].id, "party.joined", "taken")


def test_the_same_key_makes_one_webhook_and_another_body_is_refused(key: str, receiver: Receiver) -> None:
    once = {"Idempotency-Key": "a-key-of-sixteen-letters"}
    first, second = (ask("POST", "", key, {"url": receiver.url}, **once) for _ in range(2))
    assert first.json() == second.json()
    assert ask("POST", "", key, {"url": receiver.url, "name": "Other"}, **once).status_code == 409
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://example.com/x"}, "url"),
        ({"url": "https://user:pass@example.com/"}, "url"),
        ({"url": "https://example.com/#x"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://exam ple.com/"}, "url"),
        ({"url": "https://example.com/" + "x" * 801}, "url"),
        ({"url": 5}, "url"),
        ({"url": "https://example.com/", "events": ["party.born"]}, "events"),
        ({"url": "https://example.com/", "events": "party.joined"}, "events"),
        ({"url": "https://example.com/", "name": "n" * 81}, "name"),
    ],
)
def test_what_is_wrong_is_refused_by_its_name(body: dict[str, Any], field: str, key: str) -> None:
    answer = ask("POST", "", key, body)
    assert (answer.status_code, answer.json()["error"].split(":")[0].split("[")[0]) == (400, field)
    assert not Endpoint.objects.exists()


def test_only_a_key_of_the_venue_proves(key: str, receiver: Receiver) -> None:
    row = made(key, receiver)
    other = venue_commands.create_api_key(
        venue=venue_commands.create_venue(name="Red Door", timezone_name="Europe/Paris"), name="x"
    )[1]
    paths = [
        ("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/deliveries"),
        *(("POST", f"/{action}") for action in ("rotate", "enable", "send")), ("POST", "/replay"),
    ]  # fmt: skip
    for method, path in paths:
        body = {"from": 1_760_000_000_000, "url": receiver.url}
        assert ask(method, f"/{row['id']}{path}", other, body).status_code == 404, path
        assert ask(method, f"/{row['id']}{path}", "tl_unknown", body).status_code == 401, path
        assert ask(method, f"/{row['id']}{path}", "", body).status_code == 401, path
    assert ask("GET", "", other).json() == {"webhooks": []}
    assert Endpoint.objects.count() == 1


@pytest.mark.thorough
def test_a_test_and_one_message_again_are_answered_at_once(key: str, line: Queue, receiver: Receiver) -> None:
    row = made(key, receiver)
    queue_commands.join(line.pk)
    work()
    told = receiver.received[0]
    assert ask("POST", f"/{row['id']}/send", key).json() == {"taken": True, "detail": "HTTP 204"}
    assert ask("POST", f"/{row['id']}/send", key, {"id": told.id}).json()["taken"] is True
    assert receiver.types() == ["party.joined", "webhook.test", "party.joined"]
    assert (receiver.received[2].id, receiver.received[2].body) == (told.id, told.body)
    receiver.reply = Reply(418)
    assert ask("POST", f"/{row['id']}/send", key).json() == {"taken": False, "detail": "HTTP 418"}
    other = open_line(venue_commands.create_venue(name="Red Door", timezone_name="Europe/Paris"))
    for unknown in ("nonsense", told.id + "9", f"msg_{other.pk.hex}_1_0"):
        assert ask("POST", f"/{row['id']}/send", key, {"id": unknown}).status_code == 404


@pytest.mark.thorough
def test_a_replay_by_api_and_its_bad_times(key: str, line: Queue, receiver: Receiver) -> None:
    row = made(key, receiver)
    queue_commands.join(line.pk)
    work()
    since = clock.milliseconds(clock.now()) - 3_600_000
    assert ask("POST", f"/{row['id']}/replay", key, {"from": since}).json() == {"streams": 1}
    work()
    assert receiver.types() == ["party.joined", "line.opened", "party.joined"]
    for body in ({}, {"from": "yesterday"}, {"from": 5}, {"from": clock.milliseconds(clock.now()) + 60_000}):
        answer = ask("POST", f"/{row['id']}/replay", key, body)
        assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, "from")


@pytest.mark.thorough
def test_changed_rotated_enabled_and_removed(key: str, venue: Venue, line: Queue, receiver: Receiver) -> None:
    row = made(key, receiver)
    path = f"/{row['id']}"
    assert ask("PUT", path, key, {"url": receiver.url, "name": "Kitchen", "events": ["line.paused"]}).json()[
        "events"
    ] == ["line.paused"]
    secret = ask("POST", f"{path}/rotate", key).json()["secret"]
    assert secret != row["secret"]
    receiver.secrets.append(secret)
    Endpoint.objects.update(disabled_at=clock.now())
    assert ask("POST", f"{path}/replay", key, {"from": 1_760_000_000_000}).status_code == 409
    assert ask("POST", f"{path}/enable", key).json() == {"ok": True}
    queue_commands.pause(line.pk)
    work()
    assert receiver.types() == ["line.paused"]
    assert ask("DELETE", path, key).json() == {"ok": True}
    assert ask("GET", path, key).status_code == 404
    queue_commands.resume(line.pk)
    work()
    assert len(receiver.received) == 1


@pytest.mark.thorough
def test_a_venue_has_a_bounded_number_of_them(key: str, venue: Venue, receiver: Receiver) -> None:
    for _ in range(commands.endpoints.MOST_ENDPOINTS):
        made(key, receiver)
    assert ask("POST", "", key, {"url": receiver.url}).status_code == 409
