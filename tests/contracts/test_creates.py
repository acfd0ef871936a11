"""Every create takes an Idempotency-Key: each POST of the OpenAPI document is sent twice, and the rows of all tables are counted.

What a POST makes is found so, not by its name or status: a new create without a key fails here.
"""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.config.test_openapi import Hosts
from tests.contracts.conftest import venue_key as venue_key
from tests.contracts.queueup import http
from tests.contracts.test_idempotency import MAKERS
from tests.installation import Stack

Operation = tuple[str, str, dict[str, Any]]
# What is written about requests or by workers meanwhile: the log, what it causes, what was sent; and tables of Django's.
KEPT_BESIDE = (
    "outbox_%", "push_delivery", "reach_message", "webhooks_attempt", "webhooks_feed", "mail_%", "django_%", "axes_%",
    "usersessions_%", "%_roomticks",
)  # fmt: skip
# Facts of events come from workers; these alone from requests.
REPORTED = "analytics_fact WHERE event_id IS NULL"
# These have their key in the body or the row: sent again it is the same row, and no header is needed.
BY_THEIR_OWN_ID = {
    "/api/polls/{poll}/ballots": "ballotId",
    "/poll/{poll_id}": "a voter's ballot, by the voter's address",
    "/api/push/subscribe": "the browser's endpoint",
    "/api/queue/{code}/actions": "the id of each action",
}
TRIED_ELSEWHERE = {
    "/api/track": "tests/analytics/test_track.py",
    "/api/queue/{code}/send-code": "tests/reach/phones/test_proving.py",
}


@pytest.fixture(scope="module")
def posts(stack: Stack) -> list[Operation]:
    """Path, method and description of each POST."""
    schema = httpx.get(f"{stack.url()}/api/schema", headers={"Accept": "application/json"}).json()
    return [(path, "post", methods["post"]) for path, methods in schema["paths"].items() if "post" in methods]


def takes_key(operation: dict[str, Any]) -> bool:
    return any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))


@pytest.fixture(scope="module")
def rows(stack: Stack) -> Iterator[Callable[[], dict[str, int]]]:
    """Counts the rows of each table."""
    with psycopg.connect(stack.database, autocommit=True) as connection:
        named = connection.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname <> 'analytics_fact' AND NOT relname LIKE ANY(%s)",
            [list(KEPT_BESIDE)],
        )
        tables = [*(name for (name,) in named), REPORTED]
        count = " UNION ALL ".join(f"SELECT '{each}', count(*) FROM {each}" for each in tables)  # noqa: S608 ours
        yield lambda: dict(connection.execute(count).fetchall())


def sent_twice(
    url: str, sent: dict[str, Any], headers: dict[str, str], rows: Callable[[], dict[str, int]]
) -> tuple[list[str], httpx.Response]:
    """The tables that have more rows after the second request than after the first, and the answer to it."""
    http.post(url + sent["path"], json=sent["body"], headers=headers)
    before = rows()
    answer = http.post(url + sent["path"], json=sent["body"], headers=headers)
    return [name for name, now in rows().items() if now > before[name]], answer


def test_whatever_makes_rows_twice_takes_a_key_and_then_does_not(
    stack: Stack, posts: list[Operation], venue_key: str, rows: Callable[[], dict[str, int]]
) -> None:
    host_of = Hosts(stack, venue_key)
    making = set()
    for path, method, operation in posts:
        sent, proof = host_of.request(path, method, operation)
        headers = proof if operation.get("security") else {}
        made, _ = sent_twice(stack.url(), sent, headers, rows)
        if made:
            making.add(path)
            assert takes_key(operation), f"{path} makes rows of {made} each time, and takes no Idempotency-Key"
        if takes_key(operation):
            sent, proof = host_of.request(path, method, operation)
            headers = {**(proof if operation.get("security") else {}), "Idempotency-Key": secrets.token_hex(16)}
            made, answer = sent_twice(stack.url(), sent, headers, rows)
            assert not made, (path, made, answer.text)
    # It is seen: these make things by their names, too.
    assert {
        "/api/queue/create",
        "/api/polls/",
        "/api/vote",
        "/poll",
        "/api/rooms",
        "/api/webhooks",
        "/api/track",
    } <= making


def test_what_answers_that_it_was_made_takes_a_key_or_has_its_own(posts: list[Operation]) -> None:
    for path, _, operation in posts:
        if "201" in operation["responses"] and path not in BY_THEIR_OWN_ID:
            assert takes_key(operation), path


def test_all_that_take_a_key_are_tried_with_another_body(posts: list[Operation]) -> None:
    """Each has a maker in test_idempotency.py, which sends it so."""
    keyed = {path for path, _, operation in posts if takes_key(operation)}
    assert len(keyed - set(TRIED_ELSEWHERE)) == len(MAKERS) and set(TRIED_ELSEWHERE) <= keyed
    assert not keyed & set(BY_THEIR_OWN_ID) and set(BY_THEIR_OWN_ID) <= {path for path, _, _ in posts}
