"""API keys with scopes: keys are sent to every operation of the OpenAPI document, and to every socket."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.scopes import BEFORE_SCOPES, Scope
from tests.config.test_openapi import Hosts
from tests.contracts.conftest import venue_key as venue_key
from tests.contracts.queueup import http
from tests.installation import Stack

NOWHERE = {
    "code": "ABCDEF", "poll": "ABCDEF", "room": "ABCDEF", "poll_id": str(uuid4()), "session_id": str(uuid4()),
    "ballot_id": str(uuid4()), "webhook": str(uuid4()),
}  # fmt: skip


@pytest.fixture(scope="module")
def operations(stack: Stack) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each operation that is answered over HTTP."""
    schema = httpx.get(f"{stack.url()}/api/schema", headers={"Accept": "application/json"}).json()
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "101" not in operation["responses"]
    ]


@pytest.fixture(scope="module")
def keys(stack: Stack) -> dict[str, str]:
    """The id of a `venue`, and its keys: one of each scope by its name, of `none`, of `all`, one `expired`, one `ended`."""
    code = """
import json
from datetime import timedelta
from core import clock
from venues import commands as c
from venues.models import ApiKey
venue = c.create_venue(name="Scopes", timezone_name="UTC")
made = {"venue": str(venue.pk)} | {scope: c.create_api_key(venue=venue, name=scope, scopes=[scope])[1] for scope in %r}
for name in ("none", "all", "expired", "ended"):
    row, made[name] = c.create_api_key(venue=venue, name=name, expires_in=timedelta(days=9))
    found = ApiKey.objects.filter(pk=row.pk)
    if name == "none":
        found.update(scopes=[])
    if name == "expired":
        found.update(expires_at=clock.now() - timedelta(seconds=1))
    if name == "ended":
        c.revoke_api_key(key_id=row.pk)
print("KEYS", json.dumps(made))
"""
    printed = stack.manage("shell", "-c", code % [scope.value for scope in Scope]).stdout
    found: dict[str, str] = json.loads(next(row[5:] for row in printed.splitlines() if row.startswith("KEYS")))
    return found


def ask(stack: Stack, path: str, method: str, key: str, about: dict[str, str] = NOWHERE) -> httpx.Response:
    """The answer to an operation, as a rule about nothing that exists, so that nothing is made by it."""
    headers = {"api-key": key} if key else {}
    with http.stream(method, stack.url() + path.format_map(about), headers=headers, json={}) as answer:
        if not answer.headers["content-type"].startswith("text/event-stream"):
            answer.read()
        return answer


def test_a_key_without_the_scope_is_refused_by_its_name(
    stack: Stack, operations: list[tuple[str, str, dict[str, Any]]], keys: dict[str, str]
) -> None:
    """Also of things that do not exist: the door is before the view."""
    taking = [each for each in operations if "x-scopes" in each[2]]
    assert len(taking) > 50
    for path, method, operation in taking:
        needed = operation["x-scopes"]
        lacking = ["none", *(scope for scope in Scope if scope not in needed)]
        for name in lacking:
            answer = ask(stack, path, method, keys[name])
            assert answer.status_code == 403, (method, path, name, answer.text)
            assert answer.json()["error"] == f"This API key does not have the scope {' or '.join(needed)}."
            assert answer.json().get("code", "scope_missing") == "scope_missing"
        for name in [*needed, "all"]:
            answer = ask(stack, path, method, keys[name])
            assert "the scope" not in answer.text, (method, path, name, answer.text)


def test_an_expired_key_is_told_when_it_expired(
    stack: Stack, operations: list[tuple[str, str, dict[str, Any]]], keys: dict[str, str]
) -> None:
    for path, method, operation in operations:
        answer = ask(stack, path, method, keys["expired"])
        if "x-scopes" in operation:
            assert answer.status_code == 401 and "This API key expired on 2" in answer.text, (method, path, answer.text)
        else:
            assert answer.status_code == ask(stack, path, method, "").status_code, (method, path, answer.text)


def test_a_key_that_was_ended_is_as_good_as_one_that_never_was(
    stack: Stack, operations: list[tuple[str, str, dict[str, Any]]], keys: dict[str, str]
) -> None:
    never = keys["all"][:-4] + "XXXX"
    for path, method, operation in operations:
        if "x-scopes" in operation:
            ended, unknown = (ask(stack, path, method, key) for key in (keys["ended"], never))
            assert ended.status_code in {400, 401, 403, 404}, (method, path, ended.text)
            assert (ended.status_code, ended.text) == (unknown.status_code, unknown.text), (method, path)


def test_a_key_opens_nothing_of_another_venue(
    stack: Stack, operations: list[tuple[str, str, dict[str, Any]]], keys: dict[str, str], venue_key: str
) -> None:
    mine = {"api-key": keys["all"]}
    line = http.post(f"{stack.url()}/api/queue/create", json={"eventName": "A", "maxGuests": 9}, headers=mine).json()
    hook = http.post(f"{stack.url()}/api/webhooks", json={"url": "https://till.example.com/"}, headers=mine).json()
    poll, room = stack.open_poll(headers=mine), stack.open_room(headers=mine)
    there = {"code": line["code"], "poll": poll["id"], "room": room["room"], "webhook": hook["id"]}
    asked = set()
    for path, method, operation in operations:
        of_key = any("apiKey" in each for each in operation.get("security", []))
        if of_key and "{" in path and not path.startswith("/poll"):
            asked.add(path.split("/{")[0])
            answer = ask(stack, path, method, venue_key, NOWHERE | there)
            assert answer.status_code in {403, 404}, (method, path, answer.text)
    assert {"/api/queue", "/api/polls", "/api/rooms", "/api/webhooks"} <= asked
    for path in ("/api/queue/{code}/parties", "/api/polls/{poll}/ballots", "/api/webhooks/{webhook}"):
        assert ask(stack, path, "get", keys["all"], there).status_code == 200, "its own"


def test_where_no_scope_is_declared_a_key_opens_nothing(
    stack: Stack, operations: list[tuple[str, str, dict[str, Any]]], keys: dict[str, str]
) -> None:
    """Things of the venue are asked for with a good key that no operation declares, and without: it makes no difference. Where a
    key proves that its sender is a foreign program, the answer is a refusal."""
    host_of = Hosts(stack, keys["all"])
    for path, method, operation in operations:
        if "x-scopes" in operation or "text/event-stream" in str(operation["responses"]):
            continue
        sent, _ = host_of.refused(path, method, operation)
        asked = {"json": sent["body"], "params": sent["query"]}
        with_key = http.request(method, stack.url() + sent["path"], headers={"api-key": keys["all"]}, **asked)
        if with_key.status_code == 403:
            continue
        sent, _ = host_of.refused(path, method, operation)
        asked = {"json": sent["body"], "params": sent["query"]}
        without = http.request(method, stack.url() + sent["path"], **asked)
        assert with_key.status_code == without.status_code, (method, path, with_key.text)


def test_the_document_says_which_scopes_there_are(
    stack: Stack, operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    schema = httpx.get(f"{stack.url()}/api/schema", headers={"Accept": "application/json"}).json()
    told = schema["components"]["securitySchemes"]["apiKey"]["x-scopes"]
    assert set(told) == set(Scope) and all(told.values())
    used: set[str] = set()
    for path, method, operation in operations:
        may_send = any("apiKey" in each for each in operation.get("security", [])) or any(
            each["name"] == "api-key" for each in operation.get("parameters", [])
        )
        assert may_send == ("x-scopes" in operation), (method, path)
        used |= set(operation.get("x-scopes", ()))
        assert all(f"`{scope}`" in operation["description"] for scope in operation.get("x-scopes", ()))
    assert used == set(Scope), "a scope that opens nothing"


def test_a_host_token_of_a_program_ends_with_its_key(stack: Stack, keys: dict[str, str]) -> None:
    code = """
import json
from datetime import timedelta
from venues import commands as c
from venues.models import Venue
venue = Venue.objects.get(pk=%r)
row, key = c.create_api_key(venue=venue, name="short", scopes=["line"], expires_in=timedelta(days=1))
print("KEY", row.pk, key)
"""
    printed = stack.manage("shell", "-c", code % keys["venue"]).stdout
    _, pk, key = next(row for row in printed.splitlines() if row.startswith("KEY")).split()
    body = {"eventName": "Dinner", "maxGuests": 9}
    line = http.post(f"{stack.url()}/api/queue/create", json=body, headers={"api-key": key}).json()
    pause = f"{stack.url()}/api/queue/{line['code']}/pause"
    token = {"x-host-auth": line["hostAuthToken"]}
    assert http.post(pause, json={}, headers=token).status_code == 200
    assert http.post(pause, json={}, headers={"api-key": key}).status_code == 200
    end = f"from venues.models import ApiKey; from core import clock; ApiKey.objects.filter(pk={pk}).update(expires_at=clock.NOW)"
    stack.manage("shell", "-c", end)
    assert http.post(pause, json={}, headers=token).status_code == 403
    assert http.post(pause, json={}, headers={"api-key": key}).status_code == 401


def test_keys_of_before_can_do_what_they_could() -> None:
    assert set(Scope) - set(BEFORE_SCOPES) == {Scope.REPORTS}, "there was no API of reports then"


def test_a_socket_is_refused_to_a_key_without_the_scope(stack: Stack, keys: dict[str, str]) -> None:
    poll = stack.open_poll(headers={"api-key": keys["polls"]})
    url = f"{stack.url()}/api/polls/{poll['id']}/connect".replace("http", "ws", 1)

    def connected(name: str) -> int:
        try:
            with connect(url, additional_headers={"api-key": keys[name]}, proxy=None) as socket:
                socket.recv(timeout=10)
            return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    told = {name: connected(name) for name in ("polls", "line", "none", "expired")}
    assert told == {"polls": 101, "line": 403, "none": 403, "expired": 401}
