"""Idempotency-Key on every create: the same request again makes nothing twice; another body with the same key is refused."""

import re
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contracts.queueup import Line, http, refused
from tests.installation import NewStack, Stack

DAY = 86_400_000


@dataclass(frozen=True)
class Create:
    """A path that makes something, a body it takes, another such body, and the headers of who may."""

    path: str
    body: dict[str, Any]
    other: dict[str, Any]
    headers: dict[str, str]
    # What tells one thing made from another.
    identity: str

    def send(self, stack: Stack, key: str, body: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        sent = {**self.headers, "Idempotency-Key": key, **headers}
        return http.post(stack.url() + self.path, json=self.body if body is None else body, headers=sent)


def _line(stack: Stack, key: str) -> Create:
    body = {"eventName": "Friday", "maxGuests": 20}
    return Create("/api/queue/create", body, {**body, "maxGuests": 30}, {}, "code")


def _join(stack: Stack, key: str) -> Create:
    line = Line.open(stack)
    return Create(f"/api/queue/{line.code}/join", {"name": "Ada", "size": 2}, {"name": "Ada", "size": 3}, {}, "partyId")


def _walk_in(stack: Stack, key: str) -> Create:
    line = Line.open(stack)
    proof = {"x-host-auth": line.token}
    return Create(f"/api/queue/{line.code}/walk-in", {"name": "Ada"}, {"name": "Ben"}, proof, "partyId")


def _let_pass(stack: Stack, key: str) -> Create:
    line = Line.open(stack)
    party = line.join("Ada")["partyId"]
    for name in ("Ben", "Cem", "Dora"):
        line.join(name)
    body = {"partyId": party, "parties": 1}
    return Create(f"/api/queue/{line.code}/let-pass", body, {**body, "parties": 2}, {}, "passed")


def _poll(stack: Stack, key: str) -> Create:
    body = {"title": "Which wine?", "choices": ["Red", "White"]}
    return Create("/api/polls/", body, {**body, "choices": ["Red", "Rosé"]}, {}, "id")


def _codes(stack: Stack, key: str) -> Create:
    poll = stack.open_poll(dedupe="code")
    proof = {"x-host-auth": poll["hostToken"]}
    return Create(f"/api/polls/{poll['id']}/codes", {"count": 3}, {"count": 4}, proof, "codes")


def _session(stack: Stack, key: str) -> Create:
    body = {"question": "Tea?", "voteType": "single", "choices": [{"text": "Yes"}, {"text": "No"}]}
    return Create("/api/vote", body, {**body, "voteType": "multiple"}, {}, "sessionId")


def _edge_poll(stack: Stack, key: str) -> Create:
    now = time.time_ns() // 1_000_000
    body = {
        "title": "Tea?", "description": "", "start": now - DAY, "end": now + DAY, "shards": 1, "choices": ["Yes", "No"]
    }  # fmt: skip
    return Create("/poll", body, {**body, "shards": 2}, {"api-key": key}, "id")


def _room(stack: Stack, key: str) -> Create:
    return Create("/api/rooms", {"title": "Live?"}, {"title": "Dead?"}, {}, "room")


def _participant(stack: Stack, key: str) -> Create:
    room = stack.open_room()
    return Create(f"/api/rooms/{room['room']}/participants", {"name": "Ada"}, {"name": "Ben"}, {}, "user_id")


def _message_party(stack: Stack, key: str) -> Create:
    line = Line.open(stack)
    body = {"partyId": line.join("Ada")["partyId"], "text": "Your table is ready."}
    proof = {"x-host-auth": line.token}
    return Create(f"/api/queue/{line.code}/message-party", body, {**body, "text": "Soon."}, proof, "ok")


def _webhook(stack: Stack, key: str) -> Create:
    body = {"url": "https://till.example.com/"}
    return Create("/api/webhooks", body, {**body, "name": "Till"}, {"api-key": key}, "id")


def _session_vote(stack: Stack, key: str) -> Create:
    """Of a client that keeps no cookie: without a key it would be another voter each time."""
    body = {"question": "Tea?", "voteType": "single", "choices": [{"text": "Yes"}, {"text": "No"}]}
    session = http.post(f"{stack.url()}/api/vote", json=body).json()["sessionId"]
    return Create(f"/api/vote/{session}", {"choiceIds": ["1"]}, {"choiceIds": ["2"]}, {}, "receipt")


MAKERS = [
    _session_vote,
    _line, _join, _walk_in, _let_pass, _message_party, _poll, _codes, _session, _edge_poll, _room, _participant, _webhook,
]  # fmt: skip


@pytest.fixture(params=MAKERS, ids=lambda maker: maker.__name__.strip("_"))
def create(request: pytest.FixtureRequest, stack: Stack, venue_key: str) -> Create:
    maker: Callable[[Stack, str], Create] = request.param
    return maker(stack, venue_key)


def test_the_same_request_again_makes_nothing_twice(create: Create, stack: Stack) -> None:
    key = secrets.token_hex(16)
    first, again = create.send(stack, key), create.send(stack, key)
    assert (first.status_code, again.status_code) in {(200, 200), (201, 201)}, (first.text, again.text)
    assert again.json() == first.json()
    other_key = create.send(
        stack, secrets.token_hex(16), {**create.body, **({"name": "Cem"} if "name" in create.body else {})}
    )
    if create.identity not in {"passed", "ok"}:
        assert other_key.json()[create.identity] != first.json()[create.identity]


def test_the_order_of_fields_is_the_same_body(create: Create, stack: Stack) -> None:
    key = secrets.token_hex(16)
    first = create.send(stack, key)
    assert create.send(stack, key, dict(reversed(create.body.items()))).json() == first.json()


def test_another_body_with_the_same_key_is_refused_and_makes_nothing(create: Create, stack: Stack) -> None:
    key = secrets.token_hex(16)
    first = create.send(stack, key)
    refused(create.send(stack, key, create.other), 409, "Idempotency-Key")
    assert create.send(stack, key).json() == first.json()


def test_a_refused_create_leaves_its_key_unused(create: Create, stack: Stack) -> None:
    key = secrets.token_hex(16)
    assert 400 <= create.send(stack, key, {**create.body, **dict.fromkeys(create.body, [])}).status_code < 500
    assert create.send(stack, key).status_code < 300


def test_ten_at_once_are_one(create: Create, stack: Stack) -> None:
    key = secrets.token_hex(16)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: create.send(stack, key), range(10)))
    assert {answer.status_code for answer in answers} <= {200, 201}, [answer.text for answer in answers]
    assert all(answer.json()[create.identity] == answers[0].json()[create.identity] for answer in answers)


def test_keys_of_one_thing_are_not_those_of_another(stack: Stack, venue_key: str) -> None:
    key = secrets.token_hex(16)
    for maker in MAKERS:
        assert maker(stack, venue_key).send(stack, key).status_code in {200, 201}, maker


def test_a_default_that_is_sent_is_the_same_as_one_left_out(line: Line) -> None:
    key = {"Idempotency-Key": secrets.token_hex(16)}
    first = line.post("join", {"name": "Ada"}, sent=key)
    assert line.post("join", {"size": 1, "name": "Ada", "note": ""}, sent=key).json() == first.json()


@pytest.mark.parametrize("key", ["1", "x" * 15, "x" * 201])
def test_a_key_to_guess_or_without_end_is_refused(key: str, create: Create, stack: Stack) -> None:
    refused(create.send(stack, key), 400, "Idempotency-Key")


# ------------------------------------------------------------------------------------------------------- a stranger's key
def _browser(stack: Stack, code: str) -> dict[str, str]:
    """What a browser that opened the line's page shows of itself from then on."""
    with httpx.Client() as browser:
        browser.get(f"{stack.url()}/queue/{code}")
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}


def test_a_sign_in_that_renews_the_proof_leaves_the_key_its_browsers(stack: Stack) -> None:
    line = Line.open(stack)
    browser = _browser(stack, line.code)
    signed_in = {"Cookie": re.sub("csrftoken=[^;]+", f"csrftoken={secrets.token_hex(16)}", browser["Cookie"])}
    create = Create(f"/api/queue/{line.code}/join", {"name": "Ada", "size": 2}, {}, {}, "partyId")
    key = secrets.token_hex(16)
    first = create.send(stack, key, None, **browser)
    assert signed_in != browser
    assert create.send(stack, key, None, **signed_in).json() == first.json()


@pytest.mark.parametrize("create", [_line, _join, _poll, _session, _room, _participant], indirect=True)
def test_a_strangers_key_gives_nothing_of_anothers(create: Create, stack: Stack) -> None:
    """The others ask for a proof besides, in the body or in a header: whose they are, it says."""
    key, code = secrets.token_hex(16), Line.open(stack).code
    mine, theirs = _browser(stack, code), _browser(stack, code)
    body = {name: value for name, value in create.body.items() if create.identity != "partyId" or name != "name"}
    first = create.send(stack, key, body, **mine)
    stranger = create.send(stack, key, body, **theirs)
    assert stranger.status_code == first.status_code < 300
    assert stranger.json()[create.identity] != first.json()[create.identity]
    assert create.send(stack, key, body, **mine).json()[create.identity] == first.json()[create.identity]
    nameless = create.send(stack, key, body)
    assert nameless.json()[create.identity] not in {answer.json()[create.identity] for answer in (first, stranger)}


@pytest.fixture(scope="module")
def strangers_key(stack: Stack) -> str:
    """An API key of another venue."""
    return stack.new_key()


@pytest.mark.parametrize("create", [_line, _poll, _edge_poll, _room, _webhook], indirect=True)
def test_another_programs_key_gives_nothing_of_anothers(
    create: Create, stack: Stack, venue_key: str, strangers_key: str
) -> None:
    """The answer to a create holds host tokens, and secrets of webhooks."""
    key = secrets.token_hex(16)
    mine, theirs, again = (
        create.send(stack, key, None, **{"api-key": each}) for each in (venue_key, strangers_key, venue_key)
    )
    assert mine.status_code == theirs.status_code < 300, theirs.text
    proofs = {create.identity, "hostToken", "hostAuthToken", "secret"} & set(mine.json())
    assert all(mine.json()[name] != theirs.json()[name] for name in proofs)
    assert again.json() == mine.json()


@pytest.fixture(scope="module")
def behind(own_stack: NewStack) -> Stack:
    """An installation behind a proxy."""
    return own_stack("keys", 12, TRUSTED_PROXIES="1").start("web")


def test_without_a_cookie_a_key_belongs_to_its_address_and_with_one_to_the_browser(behind: Stack) -> None:
    line = Line.open(behind)
    key = secrets.token_hex(16)

    def join(address: str, **headers: str) -> str:
        sent = {"Idempotency-Key": key, "x-forwarded-for": address, **headers}
        answer = http.post(f"{behind.url()}/api/queue/{line.code}/join", json={}, headers=sent)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["partyId"])

    first = join("198.51.100.7:1234")
    assert join("198.51.100.7:4321") == first
    assert join("198.51.100.8:1234") != first
    browser = _browser(behind, line.code)
    in_wifi = join("198.51.100.7", **browser)
    assert in_wifi != first
    assert join("203.0.113.9", **browser) == in_wifi, "the same phone over another network"


def test_a_pages_key_is_its_browsers(behind: Stack) -> None:
    line = Line.open(behind)
    url = f"{behind.url()}/queue/{line.code}"

    def join(browser: httpx.Client, key: str, address: str) -> httpx.Response:
        browser.get(url)
        form = {"name": "", "size": "2", "key": key, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        answer = browser.post(url, data=form, headers={"x-forwarded-for": address})
        assert answer.status_code == 303
        return answer

    with httpx.Client() as phone, httpx.Client() as stranger:
        key = str(uuid4())
        first = join(phone, key, "198.51.100.7").headers["location"]
        assert join(stranger, key, "198.51.100.7").headers["location"] != first
        # The answer was lost, and with it the cookie of the place; the phone tries again over another network.
        phone.cookies.delete(f"place_{line.code}")
        assert join(phone, key, "203.0.113.9").headers["location"] == first
