"""Words that the contract tests of the queue API share."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from queues.api.urls import urlpatterns
from queues.edge.routes import ROUTES
from tests.installation import Attached, LiveLine, Stack, wait_until

# How the paths of the older contracts begin.
OLDER = ("/api/queue", "/api/push", "/api/track", "/api/vote", "/poll")
GUEST_PATHS = {"create", "join", "declare-nearby", "leave", "let-pass", "ask-more-time", "change-party", "tell-ahead"}
# Paths of our own API that only read.
READS = ("parties", "tables")
# Every path of the API that changes something, taken from the program, so that a new one cannot be forgotten here.
ACTIONS = [
    *(name for each in urlpatterns if (name := str(each.pattern).removeprefix("<str:code>/")) not in READS),
    *(route.path.rpartition("/")[2] for route in ROUTES if route.method == "POST"),
]
HOST_ACTIONS = [action for action in ACTIONS if action not in GUEST_PATHS]
PARTY_KEYS = {"id", "name", "size", "status", "nearby", "joinedAt"}
ALPHABET = set("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")

# Hundreds of requests: a line of log for each would bury what went wrong.
logging.getLogger("httpx").setLevel(logging.WARNING)

# One client with kept connections, for these tests ask often; it keeps no cookies, for each request says who it is.
http = httpx.Client(timeout=20, cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])))


Headers = dict[str, str]


class Line(LiveLine):
    """A line asked over kept connections. Headers whose names are no Python names come as a dict, `sent`."""

    @classmethod
    def open(cls, stack: Stack, server: str = "web", **fields: Any) -> "Line":
        """Opens one through the API of `server`."""
        answer = http.post(
            f"{stack.url(server)}/api/queue/create", json={"eventName": "Friday", "maxGuests": 100, **fields}
        )
        assert answer.status_code == 200, answer.text
        return cls(stack, answer.json(), server)

    def sql(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows straight from Postgres."""
        return self.stack.sql(query, *parameters)

    def at(self, server: str) -> "Line":
        """The same line, asked of another process."""
        return Line(self.stack, self.created, server)

    def post(  # type: ignore[override]
        self, action: str, body: Any = None, *, host: bool = False, sent: Headers | None = None, **headers: str
    ) -> httpx.Response:
        """POST to the line, as a guest or as its host."""
        proof = {"x-host-auth": self.token} if host else {}
        content = json.dumps(body or {})
        return http.post(f"{self.api}/{action}", content=content, headers={**(sent or {}), **headers, **proof})

    def join(self, name: str = "", size: int = 1, *, sent: Headers | None = None, **headers: str) -> dict[str, Any]:  # type: ignore[override]
        """Joins and returns the answer; AssertionError when refused."""
        return super().join(name, size, **{**(sent or {}), **headers})

    def snapshot(  # type: ignore[override]
        self, party_id: str | None = None, *, host: bool = False, sent: Headers | None = None, **headers: str
    ) -> httpx.Response:
        """GET snapshot as guest, host or public. Of two hosts behind nginx, which may be a second late, once all show the newest
        version."""
        if isinstance(self.stack, Attached):
            (row,) = self.sql("SELECT version FROM queues_queue WHERE id = %s", self.session_id)
            for server in ("web", "web1", "web2"):
                wait_until(partial(self._shows, row["version"], server), what=f"version {row['version']} at {server}")
        proof = {"x-host-auth": self.token} if host else {}
        query = {"partyId": party_id} if party_id else {}
        return http.get(f"{self.api}/snapshot", params=query, headers={**(sent or {}), **headers, **proof})

    def _shows(self, version: int, server: str) -> bool:
        answer = http.get(f"{self.stack.url(server)}/api/queue/{self.code}/snapshot")
        return answer.status_code != 200 or answer.json()["version"] >= version


def in_shape(path: str, body: dict[str, Any]) -> bool:
    """Whether this is an error's body: in the older contracts a sentence alone; our own API may add a code."""
    return set(body) == {"error"} or set(body) == {"error", "code"} and not path.startswith(OLDER)


def refused(answer: httpx.Response, status: int, *words: str) -> str:
    """Asserts a refusal in the contract's shape, whose sentence begins with or names each of `words`; returns it. Our own API
    says a code, too."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    body = answer.json()
    assert in_shape(answer.request.url.path, body), body
    assert isinstance(body["error"], str)
    assert body["error"]
    for word in words:
        assert word in body["error"], body
    return body["error"]


def create(line_or_url: Any, body: Any, **headers: str) -> httpx.Response:
    """POST /api/queue/create with any body."""
    url = line_or_url if isinstance(line_or_url, str) else line_or_url.url()
    return http.post(f"{url}/api/queue/create", json=body, headers=headers)


def host_view(line: Line) -> dict[str, Any]:
    """The host snapshot."""
    view: dict[str, Any] = line.snapshot(host=True).json()
    return view


def guest_view(line: Line, party_id: str) -> dict[str, Any]:
    """A guest's snapshot."""
    view: dict[str, Any] = line.snapshot(party_id).json()
    return view


def public_view(line: Line) -> dict[str, Any]:
    """The public snapshot."""
    view: dict[str, Any] = line.snapshot().json()
    return view


def names(line: Line) -> list[str]:
    """The names of the waiting line, in its order."""
    return [party["name"] for party in host_view(line)["queue"]]


def state(line: Line) -> tuple[Any, ...]:
    """Everything a refused action may not change: version, snapshot, and how many rows there are."""
    counts = line.sql(
        """SELECT q.version, (SELECT count(*) FROM queues_party WHERE queue_id = q.id) AS parties,
                  (SELECT count(*) FROM outbox_event WHERE stream_id = q.id) AS events
             FROM queues_queue q WHERE q.id = %s""",
        line.session_id,
    )
    return (counts, host_view(line))


def events(line: Line, *types: str) -> list[dict[str, Any]]:
    """The line's event rows in order, of these types or all."""
    rows = line.sql(
        "SELECT type, party_id::text, data, actor, action, version FROM outbox_event"
        " WHERE stream_id = %s ORDER BY version, seq",
        line.session_id,
    )
    return [row for row in rows if not types or row["type"] in types]


def at_once(count: int, work: Any) -> list[Any]:
    """`work(index)` in `count` threads at once; their results."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))
