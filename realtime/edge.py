"""The HTTP hot paths, in plain ASGI ahead of Django (law 6): snapshots with ETag and 304, and the liveness probe."""

import logging
import re
from urllib.parse import parse_qs

from django.http.cookie import parse_cookie

from config.asgi_types import App, Receive, Scope, Send
from queues import shapes
from queues.tokens import proves_host
from realtime.origins import answer, guarded, header
from realtime.reader import Answer, Line, Reader, Unreadable

logger = logging.getLogger(__name__)

HOST_COOKIE = "queue_host_auth"
HOST_HEADER = b"x-host-auth"

_VIEW = re.compile(r"/api/queue/([A-HJ-NP-Za-hj-np-z2-9]{6})/(snapshot|console)/?")
_CACHE_CONTROL = (b"cache-control", b"no-cache, no-store, must-revalidate")


def cookie(scope: Scope, name: str) -> str:
    """A cookie of the request, or an empty string."""
    raw = header(scope, b"cookie")
    # Not SimpleCookie: it drops all cookies once one of them is odd, and other scripts' cookies often are.
    return parse_cookie(raw).get(name, "") if name in raw else ""


def query(scope: Scope) -> dict[str, str]:
    """The query's parameters, the first value of each."""
    raw = scope.get("query_string", b"")
    return {name: values[0] for name, values in parse_qs(raw.decode("latin-1")).items()} if raw else {}


class Edge:
    """Answers the hot paths and hands everything else to `inner`."""

    def __init__(self, inner: App, reader: Reader) -> None:
        self._inner = inner
        self._reader = reader
        self._api = guarded(self._route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith("/api/"):
            await self._api(scope, receive, send)
        elif path == "/healthz":
            await answer(send, 200, {"ok": True})
        else:
            await self._inner(scope, receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _VIEW.fullmatch(scope["path"])
        if found is None:
            await self._inner(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await answer(send, 405, {"error": "Only GET is possible here."}, [(b"allow", b"GET, HEAD, OPTIONS")])
        else:
            await self._view(scope, send, found[1].upper(), found[2])

    async def _view(self, scope: Scope, send: Send, code: str, name: str) -> None:
        try:
            shown = await self._shown(scope, code, name)
        except Unreadable as problem:
            logger.warning("a view could not be read", extra={"problem": repr(problem.__cause__)})
            await answer(send, 503, {"error": "Please try again."}, [(b"retry-after", b"1")])
            return
        if isinstance(shown, Answer):
            await _conditional(scope, send, shown)
        else:
            status, problem_said = shown
            await answer(send, status, {"error": problem_said})

    async def _shown(self, scope: Scope, code: str, name: str) -> Answer | tuple[int, str]:
        line = await self._reader.line(code)
        if line is None:
            return 404, "There is no line with this code."
        return await (self._console(scope, line) if name == "console" else self._snapshot(scope, line))

    async def _snapshot(self, scope: Scope, line: Line) -> Answer | tuple[int, str]:
        """The guest's, the host's or the public view, by what the request carries (contract, snapshot)."""
        token = header(scope, HOST_HEADER)
        if token and not proves_host(token, line.row["sessionId"]):
            return 403, "This host token is for another line."
        party_id = "" if token else query(scope).get("partyId", "")
        if party_id:
            return await self._reader.guest(line, party_id.lower()) or (404, "This party is not in line.")
        # A guest of this line may be the host of another one: that cookie proves nothing here, and takes nothing away.
        if token or proves_host(cookie(scope, HOST_COOKIE), line.row["sessionId"]):
            return line.answer("host", shapes.host)
        return line.answer("public", shapes.public)

    async def _console(self, scope: Scope, line: Line) -> Answer | tuple[int, str]:
        token = header(scope, HOST_HEADER) or cookie(scope, HOST_COOKIE)
        if not token:
            return 401, "Only a host may see this."
        if not proves_host(token, line.row["sessionId"]):
            return 403, "This host token is for another line."
        return line.answer("console", shapes.console)


async def _conditional(scope: Scope, send: Send, shown: Answer) -> None:
    """200 with the body, or 304 without, when the client has these bytes already (RFC 9110, 13.1.2)."""
    headers = [(b"etag", shown.etag), _CACHE_CONTROL]
    known = header(scope, b"if-none-match")
    if known and _matches(known, shown.etag.decode()):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    headers += [(b"content-type", b"application/json"), (b"content-length", str(len(shown.body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else shown.body})


def _matches(known: str, etag: str) -> bool:
    """Weak comparison: a proxy that compresses makes our ETag weak, and it still means the same state."""
    return known == "*" or any(tag.strip().removeprefix("W/") == etag for tag in known.split(","))
