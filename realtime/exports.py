"""GET .../export: results and histories as files. What may be shown is decided in one thread job (B8); a picture is then drawn
by the drawing process."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from core import rate_limits
from core.asgi_types import Receive, Scope, Send
from core.errors import Invalid
from core.hashing import keyed
from realtime.django.wsgi_environ import environ
from realtime.pictures import Drawer, Turns
from realtime.postgres import Run, ask
from realtime.rate_limit import RateLimiter
from realtime.refusing import Refusing

KINDS = ("json", "csv", "image")


# A thread job that gives a file of this kind (web.exports): an HttpResponse, or a Picture to be drawn. Raises Refused.
FileOf = Callable[[WSGIEnvironment, str, str], Any]


class Exports:
    """One per process. `run` performs a function as a thread job."""

    def __init__(self, run: Run, limiter: RateLimiter, drawer: Drawer) -> None:
        self._run = run
        self._limiter = limiter
        self._drawer = drawer
        self._turns = Turns()

    async def answer(
        self, scope: Scope, receive: Receive, send: Send, file_of: FileOf, wanted: str, *, language: str = ""
    ) -> None:
        """Answers with the file of what is `wanted`, in the `format` that the query asks for; 400 for another."""
        async with Refusing(scope, receive, send, language=language):
            kind = _kind(scope)
            if kind == "image":
                body, headers = await self._drawn(scope, file_of, wanted, kind)
            else:
                await self._limiter.check(scope, rate_limits.FILE, "file")
                file = await self._made(scope, file_of, wanted, kind)
                body, headers = file.content, {**file.headers, "Content-Length": str(len(file.content))}
            await _send(scope, send, body, headers)

    async def picture(self, scope: Scope, receive: Receive, send: Send, file_of: FileOf, wanted: str) -> None:
        """Answers with the picture of what is `wanted`, which comes in one kind only."""
        async with Refusing(scope, receive, send):
            await _send(scope, send, *await self._drawn(scope, file_of, wanted, "image"))

    async def _drawn(self, scope: Scope, file_of: FileOf, wanted: str, kind: str) -> tuple[bytes, dict[str, str]]:
        await self._limiter.check(scope, rate_limits.DRAW, "draw")
        async with self._turns.of(keyed("limit", rate_limits.address_of(scope)).hex()):
            picture = await self._made(scope, file_of, wanted, kind)
            body = await self._drawer.draw(picture.packed())
        return body, picture.headers(len(body))

    async def _made(self, scope: Scope, file_of: FileOf, wanted: str, kind: str) -> Any:
        asked = {"http_version": "1.1", **scope, "method": "GET"}
        return await ask(self._run, file_of, environ(asked, io.BytesIO(), 0), wanted, kind)


async def _send(scope: Scope, send: Send, body: bytes, headers: dict[str, str]) -> None:
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _kind(scope: Scope) -> str:
    """The last `format` of the query. Raises Invalid."""
    sent = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    kind = sent.get("format", [""])[-1]
    if kind not in KINDS:
        raise Invalid("format: must be json, csv or image.", field="format")
    return kind
