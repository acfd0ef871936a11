"""The running program, asked by tests that walk every route in every spelling: requests, what is there, and what is free."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
from redis import Redis

from config.edge import ROUTES
from core.api_paths import is_api
from tests import routes
from tests.installation import FULL, Stack, wait_until

METHODS = ("GET", "POST", "PUT", "DELETE")
FOREIGN = "https://evil.example"
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def plain(route: str) -> str:
    """A route with {} where an id or a code goes."""
    return re.sub(r"<[^>]+>|{[^}]+}", "{}", route)


PAGE = "a page that people open"
FEW = "one row by its key"
# Of Django's routes. All others are limited (429 once the limit is spent), or refuse without a proof before they do anything.
DJANGO_FREE = {
    **dict.fromkeys(
        (
            "GET /", "GET /queue/{}", "GET /queue/{}/wall", "GET /vote/{}", "GET /vote/{}/results", "GET /vote/{}/receipt",
            "GET /vote/{}/own", "GET /queue/{}/vote/{}/own", "GET /queue/{}/vote/{}", "GET /queue/{}/vote/{}/receipt",
            "GET /rooms/{}", "GET /rooms/{}/wall", "GET /polls/new",
            "GET /rooms/new", "GET /sign-in", "GET /password/forgotten", "GET /password/sent", "GET /password/chosen",
            "GET /host-key", "GET /help/proxies", "GET /design",
            "GET /offline", "GET /admin/login/", "GET /api/docs",
            "GET /queue/{}/ticket", "GET /queue/{}/look", "GET /queue/{}/leave", "GET /queue/{}/let-pass",
            "GET /queue/{}/take", "GET /queue/{}/reach", "GET /queue/{}/change", "GET /queue/{}/tell-ahead",
            "GET /queue/{}/visit", "GET /queue/{}/reach/code",
            "GET /queue/{}/data", "GET /queue/{}/erase",
            "GET /v/{}", "GET /v/{}/wall",
        ),
        PAGE,
    ),
    **dict.fromkeys(
        (
            "GET /api/polls/{}", "GET /api/vote/{}", "GET /api/rooms/{}", "GET /queue/{}/place.json",
            "GET /vote/{}/results.json", "GET /queue/{}/vote/{}/results.json", "POST /queue/{}/restore",
            "POST /vote/{}", "POST /queue/{}/vote/{}",  # led on to this browser's page
            "POST /queue/{}/reach", "POST /queue/{}/reach/code", "POST /queue/{}/reach/code/send",
            "POST /queue/{}/change", "POST /queue/{}/tell-ahead", "POST /queue/{}/erase",  # without a place nothing is done
            "POST /queue/{}/visit",
            "GET /queue", "POST /queue", "GET /password/{}/{}", "GET /invitation",
            "GET /v/{}/lines.json", "GET /queue/{}/wall/names", "GET /logo/{}", "GET /mail/weekly/{}/{}",
            "GET /mail/reach/{}/{}",
        ),
        FEW,
    ),
    **dict.fromkeys(
        ("GET /queue/{}/qr.svg", "GET /queue/{}/poster", "GET /vote/{}/qr.svg", "GET /rooms/{}/qr.svg", "GET /rooms/{}/poster",
            "GET /v/{}/qr.svg", "GET /v/{}/poster"),
        "a drawing of a few ms",
    ),
    **dict.fromkeys(
        ("GET /manifest.webmanifest", "GET /sw.js", "GET /api/push/vapid", "GET /look/1/{}"), "the same for all clients"
    ),
    **dict.fromkeys(
        (
            *(f"{method} {path}" for method in METHODS for path in ("/language", "/admin/logout/")),
            "POST /sign-out", "POST /host-key/kept",
        ),
        "sets or takes a cookie",
    ),
    **dict.fromkeys(("GET /venues/{}/report", "GET /venues/{}/report.csv"), "leads to where reports are now"),
    **dict.fromkeys(
        ("GET /sign-in/with/{}", "GET /sign-in/with/{}/back"), "404 where no other service signs people in; else limited"
    ),
    "GET /sign-up": "404 unless SIGN_UP is on; a page",
    "POST /account/sessions": "leads strangers to the sign-in",
    **dict.fromkeys(
        (f"{method} {path}" for method in ("GET", "POST") for path in ("/tablet", "/kiosk/start", "/kiosk/leave")),
        "leads a browser that is no device of a venue to where it becomes one"),
    "POST /lines": "leads strangers to the sign-in; what it opens for others counts as everywhere",
}  # fmt: skip
# The table of hot paths names its reasons; where a view counts, the plain path may be free (COSTLY).
FREE = DJANGO_FREE | {f"{each.method} {plain(each.path)}": each.limit for each in ROUTES if isinstance(each.limit, str)}
# The event loop answers any spelling of these at once; other pages lead to their own path, for cookies belong to paths.
IN_PLACE = {plain(each.path) for each in ROUTES}
# Where a parameter makes a path cost something, or chooses its limit.
COSTLY = {
    "GET /api/polls/{}/results": "?cache=false",
    "GET /poll/{}": "?cache=false",
    "GET /poll/{}/results": "?cache=false",
    "GET /api/rooms/{}/history": "?points=100",
    "GET /v/{}/poster.pdf": "?sheet=tent",
    "GET /api/polls/{}/export": "?format=image",
    "GET /api/vote/{}/export": "?format=image",
    "GET /api/rooms/{}/export": "?format=image",
}
QUERY = {
    "/api/polls/{}/export": "?format=csv",
    "/api/vote/{}/export": "?format=json",
    "/api/rooms/{}/export": "?format=csv",
}


@dataclass
class Program:
    """The program with things in it, and the counters of its limits."""

    base: str
    client: httpx.Client
    redis: Redis
    csrf: str
    known: dict[str, str] = field(default_factory=dict)

    def values(self, route: str) -> list[str]:
        """What stands for this route's parameters."""
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
        """Deletes all counters."""
        for key in self.redis.scan_iter("tl:limit:*", count=1000):
            self.redis.delete(key)

    def spend(self) -> None:
        """Uses up the limits of what was tried since the last reset."""
        for key in self.redis.scan_iter("tl:limit:*", count=1000):
            for address in self.redis.hkeys(key):
                self.redis.hincrby(key, address, 1_000_000)

    def send(self, method: str, path: str, *, json: Any = None, form: Any = None, **headers: str) -> tuple[int, str]:
        """Status and text; of a redirect its address, of a stream nothing."""
        page = {"X-CSRFToken": self.csrf, "Cookie": f"csrftoken={self.csrf}", "X-Fragment": "1"}
        sent = {"Origin": self.base, **(page if form is not None else {}), **headers}
        with self.client.stream(method, path, json=json, data=form, headers=sent) as answer:
            self.client.cookies.clear()
            if "event-stream" in answer.headers.get("content-type", ""):
                return answer.status_code, ""
            if answer.is_redirect and method == "GET":
                return 302, answer.headers["location"]
            return answer.status_code, answer.read().decode(errors="replace")

    def ask(self, method: str, route: str, path: str, **headers: str) -> tuple[int, str]:
        """The status, and where a page was led to."""
        if is_api(route) or route in IN_PLACE or route.endswith("/ballot"):
            status, _ = self.send(method, quote(path) + QUERY.get(route, ""), json=body_of(route, self), **headers)
            return status, ""
        form = body_of(route, self) if method == "POST" else None
        at = quote(path)
        for _ in range(4):
            status, content = self.send(method, at, form=form, **headers)
            if status == 400 and "Too many requests" in content:
                return 429, ""  # beside the form
            if status != 302 or method != "GET":
                return status, at if method == "GET" and status != 404 else ""
            at = urlsplit(content).path
        return status, at

    def settled(self, method: str, route: str, path: str, wanted: int) -> int:
        """The status, once it is the wanted one: for a second after Redis was slow nothing is limited."""
        statuses: list[int] = []

        def is_wanted() -> bool:
            statuses.append(self.ask(method, route, path)[0])
            return statuses[-1] == wanted

        with suppress(AssertionError):
            wait_until(is_wanted, timeout_s=3)
        return statuses[-1]


def program_of(stack: Stack, client: httpx.Client) -> Program:
    """With a line, polls, a session and a room, of which other clients are hosts."""
    client.get("/sign-in")
    program = Program(stack.url(), client, Redis.from_url(stack.env["REDIS_URL"]), client.cookies["csrftoken"])
    client.cookies.clear()

    def made(path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        status, content = program.send("POST", path, json=body, **headers)
        assert status in {200, 201}, content
        return httpx.Response(200, text=content).json()

    poll = {"title": "?", "choices": ["a", "b"], "open": True}
    line = made("/api/queue/create", {"eventName": "Friday", "maxGuests": 100})
    asked = made("/api/polls/", poll)
    below = made(
        "/api/polls/", {**poll, "line": line["code"], "dedupe": "ticket"}, **{"x-host-auth": line["hostAuthToken"]}
    )
    session = made("/api/vote", {"question": "?", "voteType": "single", "choices": [{"text": "a"}, {"text": "b"}]})
    room = made("/api/rooms", {"title": "?"})
    ballot = str(uuid4())
    stack.manage(
        "create_host",
        "owner@example.com",
        "--owner",
        "--venue",
        "Casa Azul",
        "--timezone",
        "Europe/Madrid",
        "--password",
        "a long pass phrase",
    )
    made(f"/api/polls/{asked['id']}/ballots", {"ballotId": ballot, "choices": [0]})
    program.known = {
        "line": line["code"], "poll": asked["id"], "poll_code": asked["code"], "line_poll_code": below["code"],
        "session": session["sessionId"], "room": room["room"], "room_code": room["code"], "ballot": ballot,
        "venues": str(uuid4()), "people": "1", "invitations": str(uuid4()), "mail": str(uuid4()), "passkeys": "1",
        "weekly": str(uuid4()), "reach": str(uuid4()), "texts": "1", "twilio": str(uuid4()), "gateway": str(uuid4()),
        "services": str(uuid4()), "dates": "1", "keys": "1", "devices": "1", "tables": "1",
        "v": "casa-azul", "ticket": "1", "party": "1", "guest": "1", "data": "1", "guests": str(uuid4()),
    }  # fmt: skip
    return program


def body_of(route: str, program: Program) -> dict[str, Any]:
    """What a client that means it sends."""
    vote = {"ballotId": str(uuid4()), "choices": [0]}
    page_vote = {"ballot": str(uuid4()), "choices": ["0"]}
    bodies: dict[str, dict[str, Any]] = {
        "/api/polls/{}/ballots": vote,
        "/vote/{}/ballot": vote,
        "/queue/{}/vote/{}/ballot": vote,
        "/api/vote/{}": {"choiceIds": ["1"]},
        "/poll/{}": {"id": "0"},
        **dict.fromkeys(("/vote/{}", "/vote/{}/own", "/queue/{}/vote/{}", "/queue/{}/vote/{}/own"), page_vote),
        "/vote/{}/receipt": {"ballot": program.known["ballot"]},
        "/queue/{}/vote/{}/receipt": {"ballot": str(uuid4())},
        "/queue/{}": {"size": "1", "key": str(uuid4())},
        "/queue/{}/take": {"code": "1-ABC234"},
        "/queue/{}/change": {"size": "2"},
        "/queue/{}/tell-ahead": {"parties": "2"},
        "/queue/{}/visit": {"answer": "4"},
        "/queue/{}/let-pass": {"parties": "1", "key": str(uuid4())},
        "/": {"event_name": "Friday", "max_guests": "9", "call_window_s": "120", "key": str(uuid4())},
        "/polls/new": {
            "title": "?", "choices": ["a", "b"], "several": "one", "visibility": "always", "dedupe": "token",
            "starts_unit": "1", "ends_unit": "1", "open_now": "yes", "key": str(uuid4()),
        },
        "/rooms/new": {"title": "?", "ends_in": "3", "key": str(uuid4())},
        "/password/forgotten": {"email": "a@example.com"},
        "/sign-in": {"username": "a@example.com", "password": "x"},
        "/admin/login/": {"username": "a@example.com", "password": "x"},
        "/language": {"language": "en"},
        "/queue": {"code": program.known["line"]},
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


def some(route: str, values: list[str]) -> list[str]:
    """All spellings in `make faults`; else a fifth of them, another fifth for a route of another length."""
    return list(spellings(route, values))[0 if FULL else len(route) % 5 :: 1 if FULL else 5]


def operations() -> Iterator[tuple[str, str]]:
    """Every method of every route; of the staff admin, all of which is behind one sign-in, that."""
    for route in sorted({plain(template) for template in routes.all_routes()}):
        if not route.startswith("/admin/") or route in {"/admin/login/", "/admin/logout/"}:
            yield from ((method, route) for method in METHODS)
