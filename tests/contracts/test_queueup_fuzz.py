"""X6: requests generated from our own OpenAPI schema, right and wrong ones; no answer may be a 5xx."""

import random
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode

from reach.api.urls import urlpatterns as reach_paths
from retention.api import urlpatterns as retention_paths
from tests.contracts.conformance import conforms
from tests.contracts.queueup import ACTIONS, READS, Line, http
from tests.installation import FULL, Stack

EXAMPLES = 50 if FULL else 3
# Paths of a line in other slices: of a party's contact and of its data.
OF_PARTIES = [str(each.pattern).rpartition("/")[2] for each in [*reach_paths, *retention_paths]]


@pytest.fixture(scope="module")
def schema(stack: Stack) -> Any:
    return schemathesis.openapi.from_url(f"{stack.url()}/api/schema")


@pytest.fixture(scope="module")
def target(stack: Stack) -> Line:
    line = Line.open(stack)
    for index in range(5):
        line.join(f"Guest {index}")
    return line


def test_the_schema_lists_every_path_of_the_api(stack: Stack) -> None:
    listed = httpx.get(f"{stack.url()}/api/schema", headers={"Accept": "application/json"}).json()["paths"]
    expected = {"/api/queue/create"} | {f"/api/queue/{{code}}/{action}" for action in ACTIONS if action != "create"}
    views = {
        f"/api/queue/{{code}}/{view}" for view in ("snapshot", "console", "connect", "versions", *READS, *OF_PARTIES)
    }
    assert {path for path in listed if path.startswith("/api/queue")} == expected | views


@pytest.mark.faults
@pytest.mark.parametrize(
    ("action", "mode"),
    [
        (action, mode)
        for action in [*ACTIONS, *OF_PARTIES, "snapshot", "console", "connect", *READS]
        for mode in GenerationMode
        # A wrong request needs something that can be wrong.
        if action not in {"pause", "resume", "close", "console", "renew-token", "clear-wait", *READS}
        or mode is GenerationMode.POSITIVE
    ],
)
def test_no_generated_request_is_a_server_error(
    action: str, mode: GenerationMode, schema: Any, target: Line, stack: Stack
) -> None:
    path = f"/api/queue/{'create' if action == 'create' else '{code}/' + action}"
    operation = schema[path]["GET" if action in {"snapshot", "console", "connect", *READS} else "POST"]
    if action == "renew-token":  # which ends the token that all others ask with
        target = Line.open(stack)
    parties = [party["id"] for party in target.snapshot(host=True).json()["queue"]]
    chance = random.Random(1)

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        # Mostly a line that exists and a host that may, or nothing would come further than the door.
        if "code" in case.path_parameters and chance.random() < 0.8:
            case.path_parameters["code"] = target.code
        if isinstance(case.body, dict) and parties and chance.random() < 0.5:
            for field in {"partyId", "nextParty", "servedParty"} & set(case.body):
                case.body[field] = chance.choice(parties)
        sent = case.as_transport_kwargs(base_url=stack.url())
        headers = {"x-host-auth": target.token} if chance.random() < 0.8 else {}
        answer = case.call(base_url=stack.url(), headers=headers)
        assert answer.status_code < 500, (sent, answer.text)
        if action != "connect":  # which is a socket
            conforms(case, answer, mode, sent)

    ask()
    if target.snapshot().json()["closed"]:  # closing is one of the things a fuzzer does
        target.host("undo")
    assert http.get(f"{stack.url()}/healthz").status_code == 200
