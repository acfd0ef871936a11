"""Every route in every spelling, before the edge and in Django alone: whatever an id or a code looks like in a path, the
answer is the same and so is the limit; and a route that has no limit is in the list of those that need none, with the reason.

The routes come from Django's URLconf and the edge's table (tests/routes.py), so that a new one is asked for its limit.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from redis import Redis
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.api_paths import is_api
from core.cache import breaker, sync_redis
from core.identifiers import canonical, canonical_id, read_id
from tests import routes
from tests.installation import FULL, NewStack, wait_until

METHODS = ("GET", "POST", "PUT", "DELETE")
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})

PAGE = "a page that people open"
POLLED = "answered from memory, nearly always 304"
FEW = "one row by its key"
# Everything else is limited (429 once the limit is spent), or refuses without a proof before it does anything.
FREE = {
    **dict.fromkeys(
        (
            "GET /", "GET /queue/{}", "GET /queue/{}/wall", "GET /vote/{}", "GET /vote/{}/results", "GET /vote/{}/receipt",
            "GET /queue/{}/vote/{}", "GET /queue/{}/vote/{}/receipt", "GET /rooms/{}", "GET /rooms/{}/wall", "GET /polls/new",
            "GET /rooms/new", "GET /sign-in", "GET /host-key", "GET /help/proxies", "GET /design",
            "GET /offline", "GET /admin/login/", "GET /api/docs",
            "GET /queue/{}/ticket", "GET /queue/{}/look", "GET /queue/{}/leave", "GET /queue/{}/let-pass",
        ),
        PAGE,
    ),
    **dict.fromkeys(
        (
            "GET /api/queue/{}/snapshot", "GET /api/polls/{}/results", "GET /poll/{}", "GET /poll/{}/results",
            "GET /api/rooms/{}/history", "GET /healthz", "GET /readyz", "GET /metrics", "GET /healthz/proxy/tag",
        ),
        POLLED,
    ),
    **dict.fromkeys(
        (
            "GET /api/polls/{}", "GET /api/vote/{}", "GET /api/rooms/{}", "GET /queue/{}/place.json",
            "GET /vote/{}/results.json", "GET /queue/{}/vote/{}/results.json", "POST /queue/{}/restore",
            "GET /queue", "POST /queue",
        ),
        FEW,
    ),
    **dict.fromkeys(
        ("GET /queue/{}/qr.svg", "GET /queue/{}/poster", "GET /vote/{}/qr.svg", "GET /rooms/{}/qr.svg", "GET /rooms/{}/poster"),
        "a drawing of a few ms",
    ),
    **dict.fromkeys(("GET /manifest.webmanifest", "GET /sw.js", "GET /api/push/vapid"), "the same for everybody"),
    **dict.fromkeys(
        (
            *(f"{method} {path}" for method in METHODS for path in ("/language", "/admin/logout/")),
            "POST /sign-out", "POST /host-key/kept",
        ),
        "sets or takes a cookie",
    ),
    **dict.fromkeys(("GET /venues/{}/report", "GET /venues/{}/report.csv"), "404 for strangers, before anything is read"),
    "POST /lines": "leads strangers to the sign-in; what it opens for others counts as everywhere",
}  # fmt: skip
# Where the plain path is free, and a parameter makes it cost something.
COSTLY = {
    "GET /api/polls/{}/results": "?cache=false",
    "GET /poll/{}": "?cache=false",
    "GET /poll/{}/results": "?cache=false",
    "GET /api/rooms/{}/history": "?points=100",
    "GET /api/polls/{}/export": "?format=image",
    "GET /api/vote/{}/export": "?format=image",
    "GET /api/rooms/{}/export": "?format=image",
}
QUERY = {
    "/api/polls/{}/export": "?format=csv",
    "/api/vote/{}/export": "?format=json",
    "/api/rooms/{}/export": "?format=csv",
}


def plain(route: str) -> str:
    """A route with {} where an id or a code goes."""
    return re.sub(r"<[^>]+>|{[^}]+}", "{}", route)


@dataclass
class Way:
    """The program behind one of its two doors: a request, and the counters of its limits."""

    send: Callable[..., tuple[int, str]]
    redis: Redis
    templates: list[str]
    known: dict[str, str] = field(default_factory=dict)

    def values(self, route: str) -> list[str]:
        """What stands in this route's places."""
        parts, api = route.split("/"), route.startswith("/api/")
        below_a_line = route.startswith("/queue/{}/vote")
        values = []
        for before, part in zip(parts, parts[1:], strict=False):
            if part != "{}":
                continue
            kind = before if before != "vote" or not api else "session"
            name = {"polls": "poll" if api else "poll_code", "vote": "line_poll_code" if below_a_line else "poll_code"}
            name |= {"rooms": "room" if api else "room_code", "queue": "line"} | {"receipt": "ballot"}
            values.append(self.known.get(name.get(kind, kind), "close"))
        return values

    def reset(self) -> None:
        """Nobody has tried anything."""
        for key in self.redis.scan_iter("tl:limit:*"):
            self.redis.delete(key)

    def spend(self) -> None:
        """Whoever has tried something has used the limit up."""
        for key in self.redis.scan_iter("tl:limit:*"):
            self.redis.incrby(key, 1_000_000)


def body_of(route: str, way: Way) -> dict[str, Any]:
    """What a client that means it sends."""
    vote = {"ballotId": str(uuid4()), "choices": [0]}
    page_vote = {"ballot": str(uuid4()), "choices": ["0"]}
    bodies: dict[str, dict[str, Any]] = {
        "/api/polls/{}/ballots": vote,
        "/vote/{}/ballot": vote,
        "/queue/{}/vote/{}/ballot": vote,
        "/api/vote/{}": {"choiceIds": ["1"]},
        "/poll/{}": {"id": "0"},
        "/vote/{}": page_vote,
        "/queue/{}/vote/{}": page_vote,
        "/vote/{}/receipt": {"ballot": way.known["ballot"]},
        "/queue/{}/vote/{}/receipt": {"ballot": str(uuid4())},
        "/queue/{}": {"size": "1", "key": str(uuid4())},
        "/queue/{}/let-pass": {"parties": "1", "key": str(uuid4())},
        "/": {"event_name": "Friday", "max_guests": "9", "call_window_s": "120", "key": str(uuid4())},
        "/polls/new": {
            "title": "?", "choices": ["a", "b"], "several": "one", "visibility": "always", "dedupe": "token",
            "starts_unit": "1", "ends_unit": "1", "open_now": "yes", "key": str(uuid4()),
        },
        "/rooms/new": {"title": "?", "ends_in": "3", "key": str(uuid4())},
        "/sign-in": {"username": "a@example.com", "password": "x"},
        "/admin/login/": {"username": "a@example.com", "password": "x"},
        "/language": {"language": "en"},
        "/queue": {"code": way.known["line"]},
        "/host-key": {"key": "x"},
        "/host-key/kept": {"mark": "link_queue_ABCDEF"},
    }  # fmt: skip
    return bodies.get(route, {})


def fill(route: str, values: list[str]) -> str:
    """The path of a route."""
    return route.replace("{}", "%s") % tuple(values)


def spellings(route: str, values: list[str]) -> Iterator[str]:
    """The same path, written otherwise: one value at a time, then all."""

    def written(value: str) -> list[str]:
        if re.fullmatch("[0-9a-f-]{36}", value):
            bare = value.replace("-", "")
            braced, urn = f"{{{value}}}", f"urn:uuid:{value}"
            forms = [value.upper(), bare, bare.upper(), braced, f"{{{bare.upper()}}}", urn, urn.upper(), f" {value}"]
            return [*forms, value.translate(WIDE), bare.translate(WIDE), f"{value}."]
        if value.isupper() or value.isalnum() and len(value) == 6:
            return [value.lower(), value.translate(WIDE), value.lower().translate(WIDE), f"{value}.", f" {value}"]
        return []

    for at, value in enumerate(values):
        for form in written(value):
            yield fill(route, [*values[:at], form, *values[at + 1 :]])
    if values:
        yield fill(route, values) + ("" if route.endswith("/") else "/")


def prepared(way: Way) -> Way:
    """With a line, polls, a session and a room that are there, and whose hosts others are."""

    def made(path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        status, said = way.send("POST", path, json=body, headers=headers)
        assert status in {200, 201}, said
        return httpx.Response(200, text=said).json()

    poll = {"title": "?", "choices": ["a", "b"], "open": True}
    line = made("/api/queue/create", {"eventName": "Friday", "maxGuests": 100})
    asked = made("/api/polls/", poll)
    below = made(
        "/api/polls/", {**poll, "line": line["code"], "dedupe": "ticket"}, **{"x-host-auth": line["hostAuthToken"]}
    )
    session = made("/api/vote", {"question": "?", "voteType": "single", "choices": [{"text": "a"}, {"text": "b"}]})
    room = made("/api/rooms", {"title": "?"})
    ballot = str(uuid4())
    made(f"/api/polls/{asked['id']}/ballots", {"ballotId": ballot, "choices": [0]})
    way.known = {
        "line": line["code"], "poll": asked["id"], "poll_code": asked["code"], "line_poll_code": below["code"],
        "session": session["sessionId"], "room": room["room"], "room_code": room["code"], "ballot": ballot,
        "venues": str(uuid4()),
    }  # fmt: skip
    return way


@pytest.fixture(params=["edge", "django"])
def way(
    request: pytest.FixtureRequest, own_stack: NewStack, settings: Settings, transactional_db: None
) -> Iterator[Way]:
    """Both doors, with limits on."""
    if request.param == "edge":
        yield from _through_the_edge(own_stack)
    else:
        settings.RATE_LIMITS = True
        settings.REDIS_TIMEOUT_S = 10
        breaker._until = 0.0
        yield from _in_django()
        breaker._until = 0.0


def _through_the_edge(own_stack: NewStack) -> Iterator[Way]:
    stack = own_stack("ways", 14, RATE_LIMITS="on").start("web")
    base = stack.url()
    with httpx.Client(base_url=base, timeout=30) as opened:
        opened.get("/sign-in")
        csrf = opened.cookies["csrftoken"]
        opened.cookies.clear()

        def send(method: str, path: str, *, json: Any = None, form: Any = None, headers: Any = None) -> tuple[int, str]:
            pages = {"X-CSRFToken": csrf, "Cookie": f"csrftoken={csrf}", "X-Fragment": "1"} if form is not None else {}
            sent = {"Origin": base, **pages, **(headers or {})}
            with opened.stream(method, path, json=json, data=form, headers=sent) as answer:
                opened.cookies.clear()
                if "event-stream" in answer.headers.get("content-type", ""):
                    return answer.status_code, ""
                if answer.is_redirect and method == "GET":
                    return 302, answer.headers["location"]
                return answer.status_code, answer.read().decode(errors="replace")

        templates = [*routes.all_routes()]
        yield prepared(Way(send, Redis.from_url(stack.env["REDIS_URL"]), templates))


def _in_django() -> Iterator[Way]:
    def send(method: str, path: str, *, json: Any = None, form: Any = None, headers: Any = None) -> tuple[int, str]:
        client = Client(headers={"Origin": "http://testserver", "X-Fragment": "1", **(headers or {})})
        if form is not None and method == "POST":
            answer: Any = client.post(path, form)
        else:
            answer = client.generic(
                method, path, httpx.Request("POST", "http://x", json=json or {}).content, "application/json"
            )
        if answer.status_code in {301, 302} and method == "GET":
            return 302, answer.headers["Location"]
        return answer.status_code, b"".join(answer).decode(errors="replace")

    way = Way(send, sync_redis(), [*routes.django_routes()])
    yield prepared(way)
    way.reset()


def ask(way: Way, method: str, route: str, path: str) -> tuple[int, str]:
    """The status, and where a page was led to."""
    if is_api(route) or route.endswith("/ballot"):
        status, said = way.send(method, quote(path) + QUERY.get(route, ""), json=body_of(route, way))
        return status, ""
    form = body_of(route, way) if method == "POST" else None
    at = quote(path)
    for _ in range(4):
        status, said = way.send(method, at, form=form)
        if status == 400 and "Too many requests" in said:
            return 429, ""  # beside the form
        if status != 302 or method != "GET":
            return status, at if method == "GET" else ""
        at = urlsplit(said).path
    return status, at


def ways(way: Way) -> Iterator[tuple[str, str]]:
    """Every method of every route; of the staff admin, all of which is behind one sign-in, that."""
    for route in sorted({plain(template) for template in way.templates}):
        if route.startswith("/admin/") and route not in {"/admin/login/", "/admin/logout/"}:
            continue
        for method in METHODS:
            yield method, route


def needs_proof(status: int, at: str) -> bool:
    """Whether a stranger was refused before anything was done."""
    return status in {401, 403} or at == "/sign-in"


def settled(way: Way, method: str, route: str, path: str, wanted: int) -> int:
    """The status, once it is the wanted one: for a second after Redis was slow the program turns nobody away."""
    statuses: list[int] = []

    def is_wanted() -> bool:
        statuses.append(ask(way, method, route, path)[0])
        return statuses[-1] == wanted

    with suppress(AssertionError):
        wait_until(is_wanted, timeout_s=3)
    return statuses[-1]


def some(route: str, values: list[str]) -> list[str]:
    """All spellings in `make faults`; else a third of them, another one for the next route."""
    return list(spellings(route, values))[0 if FULL else len(route) % 3 :: 1 if FULL else 3]


@pytest.mark.faults
def test_every_route_has_a_limit_or_a_reason_to_have_none_in_every_spelling(way: Way) -> None:
    wrong, limited = [], set()
    for method, route in ways(way):
        values = way.values(route)
        path, name = fill(route, values), f"{method} {route}"
        way.reset()
        status, at = ask(way, method, route, path)
        if status == 405 or status == 404 and method != "GET":
            continue
        assert status < 500, (name, status)
        way.spend()
        may_be_free = needs_proof(status, at) or name in FREE
        spent = ask(way, method, route, path)[0] if may_be_free else settled(way, method, route, path, 429)
        if spent == 429:
            limited.add(name)
        elif not may_be_free:
            wrong.append(f"{name} has no limit and no reason ({status})")
        for spelled in some(route, values):
            if (answered := settled(way, method, route, spelled, spent)) != spent:
                wrong.append(f"{name} as {spelled!r}: {answered}, not {spent}, once the limit is spent")
        way.reset()
        for spelled in some(route, values):
            if (answer := ask(way, method, route, spelled)) != (status, at):
                wrong.append(f"{name} as {spelled!r}: {answer}, not {(status, at)}")
    assert not wrong, "\n".join(wrong)
    assert not limited & set(FREE) - set(COSTLY), "these have a limit"


def spent(way: Way, method: str, path: str) -> bool:
    """Whether the limit is used up. As long as the program takes Redis for away, nobody is turned away."""
    return way.send(method, path)[0] == 429


def test_a_parameter_that_makes_a_path_costly_is_limited(way: Way) -> None:
    for name, query in COSTLY.items():
        method, route = name.split()
        if route not in {plain(template) for template in way.templates}:
            continue  # Django knows nothing of it
        path = fill(route, way.values(route))
        way.reset()
        assert way.send(method, quote(path) + query)[0] == 200, path
        way.spend()
        for each in [path, *spellings(route, way.values(route))]:
            wait_until(partial(spent, way, method, quote(each) + query), what=each)


def test_sockets_know_one_path_for_one_thing(own_stack: NewStack) -> None:
    stack = own_stack("sockets", 15, RATE_LIMITS="on").start("web")
    base = stack.url()
    poll = httpx.post(f"{base}/api/polls/", json={"title": "?", "choices": ["a", "b"], "open": True}).json()["id"]
    line = httpx.post(f"{base}/api/queue/create", json={"eventName": "Friday", "maxGuests": 9}).json()["code"]
    party = httpx.post(f"{base}/api/queue/{line}/join", json={}).json()["partyId"]

    def opened(path: str) -> int:
        try:
            with connect(base.replace("http", "ws") + quote(path, safe="/?=")):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    for path in spellings("/api/polls/{}/connect", [poll]):
        assert opened(path) == 101, path
    for path in spellings("/api/queue/{}/connect", [line]):
        assert opened(path) == 401, path
    for spelled in [party, *(path[1:] for path in spellings("/{}", [party]) if not path.endswith("/"))]:
        assert opened(f"/api/queue/{line}/connect?partyId={spelled}") == 101, spelled
        snapshot = httpx.get(f"{base}/api/queue/{line}/snapshot", params={"partyId": spelled})
        assert (snapshot.status_code, snapshot.json().get("position")) == (200, 1), spelled


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/queue/ABC234/snapshot",
        "/api/polls/9b2f1f4e-58a6-4a5e-9a43-0c6d7d1f7a11/ballots",
        "/static/assets/x-0Ab_-1.js",
    ],
)
def test_a_path_in_its_one_spelling_stays(path: str) -> None:
    assert canonical(path) == path


@given(
    st.uuids(),
    st.lists(st.booleans(), min_size=36, max_size=36),
    st.sampled_from(["{}", "{{{}}}", "urn:uuid:{}", "{}."]),
)
def test_an_id_in_mixed_case_is_one_id(wanted: UUID, capital: list[bool], form: str) -> None:
    mixed = "".join(letter.upper() if up else letter for letter, up in zip(str(wanted), capital, strict=True))
    for written in (mixed, mixed.replace("-", "")):
        assert canonical(f"/api/polls/{form.format(written)}/ballots") == f"/api/polls/{wanted}/ballots"
        assert canonical_id(form.format(written)) == str(wanted)


@given(st.text())
def test_only_an_id_is_read_as_one(text: str) -> None:
    found = read_id(text)
    assert found is None or str(found) == text.lower()


def test_no_spelling_leads_to_another_site(db: None) -> None:
    """A browser takes // for the beginning of a host."""
    for path in ("//other.example/queue/ABC234.", "//other.example/", "/\\other.example/queue/ABC234./"):
        answer = Client().get(quote(path))
        assert not answer.headers.get("Location", "").startswith(("//", "/%5C", "/\\")), answer.headers
