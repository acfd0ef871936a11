"""X6: requests to the polls', sessions' and rooms' APIs generated from our own OpenAPI schema; no answer may be a 5xx."""

import random
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode

from tests.contracts.conformance import conforms
from tests.contracts.queueup import http
from tests.installation import FULL, Stack

EXAMPLES = 25 if FULL else 2
OURS = ("/api/polls", "/api/vote", "/api/rooms", "/poll")
# They answer for as long as one listens, or not by HTTP at all.
UNENDING = {"/api/polls/{poll}/stream", "/api/vote/{session_id}/stream", "/api/polls/{poll}/connect", "/api/vote_ws/"}


@pytest.fixture(scope="module")
def schema(stack: Stack) -> Any:
    return schemathesis.openapi.from_url(f"{stack.url()}/api/schema")


@pytest.fixture(scope="module")
def listed(stack: Stack) -> dict[str, Any]:
    """The schema's paths of these APIs, with their methods."""
    paths = httpx.get(f"{stack.url()}/api/schema", headers={"Accept": "application/json"}).json()["paths"]
    return {path: methods for path, methods in paths.items() if path.startswith(OURS)}


@pytest.mark.faults
@pytest.mark.timeout(900 if FULL else 240)
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.name)
def test_no_generated_request_is_a_server_error(
    mode: GenerationMode, schema: Any, listed: dict[str, Any], stack: Stack, venue_key: str
) -> None:
    operations = [(path, method) for path, methods in listed.items() for method in methods if path not in UNENDING]
    for path, method in operations if FULL else operations[mode is GenerationMode.NEGATIVE :: 2]:
        operation = schema[path][method.upper()]
        if mode is GenerationMode.POSITIVE or can_be_wrong(operation):
            ask_as(operation, mode, stack, venue_key)
    assert http.get(f"{stack.url()}/healthz").status_code == 200


def can_be_wrong(operation: Any) -> bool:
    """Whether a request can break what the schema says of its query or body. Of any other operation Hypothesis would draw 459
    requests, 3 s of CPU, before it gave up: every text is a path's parameter or a header."""
    return bool(list(operation.query) or list(operation.body))


def ask_as(operation: Any, mode: GenerationMode, stack: Stack, venue_key: str) -> None:
    """A few requests to one operation, mostly about a poll and room that exist, by a host."""
    poll, room = stack.open_poll(), stack.open_room()
    known = {"poll": poll["id"], "poll_id": poll["id"], "session_id": poll["id"], "room": room["room"]}
    chance = random.Random(1)

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        if chance.random() < 0.8:
            case.path_parameters.update({name: pk for name, pk in known.items() if name in case.path_parameters})
        headers = {}
        if chance.random() < 0.6:
            token = room["hostToken"] if "room" in case.path_parameters else poll["hostToken"]
            headers = chance.choice([{"x-host-auth": token}, {"api-key": venue_key}])
        sent = case.as_transport_kwargs(base_url=stack.url())
        answer = case.call(base_url=stack.url(), headers=headers)
        assert answer.status_code < 500, (sent, answer.text)
        conforms(case, answer, mode, sent)

    ask()
