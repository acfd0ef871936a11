"""The OpenAPI page says what the program does: the same paths, examples that are accepted, no status or type untold."""

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from config.sockets import SOCKETS
from core.api_paths import is_api
from tests.contracts.conftest import venue_key as venue_key
from tests.contracts.queueup import Line, http
from tests.installation import Stack
from tests.routes import django_routes, edge_routes
from web.openapi import SECURITY_SCHEMES

OF_A_VENUE = ("/api/lines", "/api/events", "/api/reports")
# Lists at the path that also makes one.
LISTS = ("/api/polls/", "/api/rooms")
METHODS = ("get", "put", "post", "delete")
# Ids by their names in paths, their host's token, the parties of a line.
Things = tuple[dict[str, str], str, list[str]]


@pytest.fixture(scope="module")
def schema(stack: Stack) -> dict[str, Any]:
    answer = httpx.get(f"{stack.url()}/api/schema", headers={"Accept": "application/json"})
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture(scope="module")
def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation) for path, methods in schema["paths"].items() for method, operation in methods.items()
    ]


# --------------------------------------------------------------------------------------------------------- the same paths
def shape(path: str) -> str:
    """A path without the names of its parameters and without a slash at the end."""
    return re.sub(r"\{[^}]*\}|<[^>]*>", "{}", "/" + path.strip("/"))


def test_the_schema_and_the_routes_are_the_same(schema: dict[str, Any]) -> None:
    listed = {shape(path): set(methods) for path, methods in schema["paths"].items()}
    docs = {"/api/schema", "/api/docs"}
    served: dict[str, set[str]] = {}
    for path, pattern in django_routes().items():
        view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
        if is_api(path) and view is not None and shape(path) not in docs:
            served.setdefault(shape(path), set()).update(method for method in METHODS if hasattr(view, method))
    for path, methods in served.items():
        assert listed.get(path) is not None and methods <= listed[path], path
    before_django = {shape(path) for path in edge_routes() if is_api(path)}
    sockets = {shape(socket.path) for socket in SOCKETS if is_api(socket.path)}
    assert set(listed) == set(served) | before_django | sockets


def test_every_operation_has_a_unique_name(operations: list[tuple[str, str, dict[str, Any]]]) -> None:
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in names), names
    assert "create" not in next(o["operationId"] for p, m, o in operations if (p, m) == ("/poll/{poll_id}", "post"))


def test_bodies_are_json_and_answers_are_typed(schema: dict[str, Any]) -> None:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation:
                assert list(operation["requestBody"]["content"]) == ["application/json"], (path, method)
            for status, answer in operation["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    free = content["schema"].get("additionalProperties") == {} or content["schema"] == {
                        "type": "object"
                    }
                    assert not free, (path, method, status)
                    if status >= "400":
                        assert (kind, content["schema"]) == (
                            "application/json",
                            {"$ref": "#/components/schemas/Problem"},
                        )


# ------------------------------------------------------------------------------------------------------------ who may ask
def test_what_asks_for_a_proof_says_so(schema: dict[str, Any], stack: Stack, host_of: "Hosts") -> None:
    """Each operation is asked without any proof: it answers 401 exactly where the schema names schemes."""
    assert schema["components"]["securitySchemes"] == SECURITY_SCHEMES
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if "101" in operation["responses"] or "text/event-stream" in str(operation["responses"]):
                continue
            sent, _ = host_of.refused(path, method, operation)
            answer = http.request(method, stack.url() + sent["path"], json=sent["body"], params=sent["query"])
            assert (answer.status_code == 401) == bool(operation.get("security")), (method, path, answer.text)


class Hosts:
    """Things that exist for each operation to be asked about, and their hosts' tokens."""

    def __init__(self, stack: Stack, key: str) -> None:
        self.stack, self.key = stack, key
        self._kept: dict[tuple[str, ...], Things] = {}

    def refused(self, path: str, method: str, operation: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The same for who shows no proof. What asks for one is refused, and what reads changes nothing: many are about the same
        things. Other requests have things of their own."""
        if not operation.get("security") and method != "get":
            return self.request(path, method, operation)
        alike = (*path.split("/")[:3], *(part for part in ("/open", "/codes", "receipt") if part in path), method)
        things = self._kept[alike] = self._kept.get(alike) or self._made(path, method)
        return self._example(path, method, operation, things)

    def request(self, path: str, method: str, operation: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Path, body and query of a good request by the schema's example, with ids of things that exist; and the proof."""
        known, token, parties = things = self._made(path, method)
        if path.endswith(("/serve", "/more-time", "/no-show", "/ask-more-time", "/undo", "/put-back")):
            http.post(
                f"{self.stack.url()}/api/queue/{known['code']}/call",
                json={"partyId": parties[0]},
                headers={"x-host-auth": token},
            ).raise_for_status()
        return self._example(path, method, operation, things)

    def _example(
        self, path: str, method: str, operation: dict[str, Any], things: Things
    ) -> tuple[dict[str, Any], dict[str, str]]:
        known, token, parties = things
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        examples = list(content.get("examples", {}).values())
        body = json.loads(json.dumps(examples[0]["value"])) if examples else None
        if isinstance(body, dict):
            body |= {name: parties[0] for name in ("partyId",) if name in body}
            body |= {name: parties[1] for name in ("otherId",) if name in body}
            body |= {name: known["line"] for name in ("sessionId",) if name in body}
        wanted = {"format": "json"} if path.endswith("/export") else {}
        of_key = path.startswith(("/poll", "/api/webhooks", *OF_A_VENUE)) or method == "get" and path in LISTS
        proof = {"api-key": self.key} if of_key else {"x-host-auth": token}
        return {"path": re.sub(r"\{(\w+)\}", lambda name: known[name[1]], path), "body": body, "query": wanted}, proof

    def _made(self, path: str, method: str) -> Things:
        """What an operation is about, and no more: the ids by their names in paths, its host's token, a line's parties."""
        base = self.stack.url()
        if path in OF_A_VENUE:
            return {}, "", []
        if path.startswith(("/api/queue", "/api/push")):
            line = Line.open(self.stack)
            parties = [line.join(name)["partyId"] for name in ("One", "Two", "Three")]
            return {"code": line.code, "line": line.session_id}, line.token, parties
        if path.startswith("/api/rooms"):
            room = http.post(f"{base}/api/rooms", json={"title": "?"}).json()
            return {"room": room["room"]}, room["hostToken"], []
        if path.startswith("/poll"):
            old = {
                "title": "Tea?", "description": "", "start": 1_767_225_600_000, "end": 4_070_908_800_000, "shards": 1,
                "choices": ["Yes", "No"],
            }  # fmt: skip
            poll = http.post(f"{base}/poll", json=old, headers={"api-key": self.key}).json()
            return {"poll_id": poll["id"]}, "", []
        if path.startswith("/api/webhooks"):
            sent = {"url": "https://till.example.com/"}
            made = http.post(f"{base}/api/webhooks", json=sent, headers={"api-key": self.key})
            return {"webhook": made.json()["id"]}, "", []
        new = {"title": "?", "choices": ["a", "b"], "open": method != "put" and "/open" not in path}
        poll = http.post(f"{base}/api/polls/", json=new | ({"dedupe": "code"} if "/codes" in path else {})).json()
        ballot = str(uuid4())
        if "receipt" in path:
            http.post(f"{base}/api/polls/{poll['id']}/ballots", json={"ballotId": ballot, "choices": [0]})
        known = {"poll": poll["id"], "session_id": poll["id"], "ballot_id": ballot}
        return known, poll["hostToken"], []


@pytest.fixture
def host_of(stack: Stack, venue_key: str) -> Hosts:
    return Hosts(stack, venue_key)


# --------------------------------------------------------------------------------------------------------------- examples
def test_every_example_is_accepted(schema: dict[str, Any], stack: Stack, host_of: Hosts) -> None:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if "requestBody" not in operation:
                continue
            sent, proof = host_of.request(path, method, operation)
            assert sent["body"] is not None, f"{method} {path} has no example"
            headers = proof if operation.get("security") else {}
            answer = http.request(method, stack.url() + sent["path"], json=sent["body"], headers=headers)
            if path == "/api/push/test":
                assert answer.status_code == 404 and "subscription" in answer.text  # no browser has subscribed
            elif path == "/api/push/received":
                assert answer.status_code == 404 and "no such message" in answer.text  # nothing was sent
            elif path.endswith("-table"):
                assert answer.status_code == 404 and "not in line" in answer.text  # the line has no venue, so no tables
            elif path.endswith(("/send-code", "/prove-number")):
                assert answer.status_code == 409 and "no number to prove" in answer.text  # nor numbers
            else:
                assert answer.status_code in {200, 201}, (method, path, sent["body"], answer.text)
                assert str(answer.status_code) in operation["responses"], (method, path)
