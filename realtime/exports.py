"""GET .../export: results and histories as files. What may be shown is decided in one thread job (B8); a picture is then drawn
by the drawing process."""

import io
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from core import rate_limits
from core.asgi_types import Scope, Send
from core.errors import Invalid, Refused
from core.hashing import keyed
from realtime.django.wsgi_environ import environ
from realtime.pictures import Drawer, Turns
from realtime.postgres import Run, Unreadable, ask
from realtime.rate_limit import RateLimiter
from realtime.responses import refuse, try_again

KINDS = ("json", "csv", "image")


class Picture(Protocol):
    """A picture to be drawn."""

    def packed(self) -> bytes:
        """The order that the drawing process takes."""

    def headers(self, length: int) -> Mapping[str, str]:
        """Of the answer with `length` bytes of PNG."""


class File(Protocol):
    """A file that is ready."""

    @property
    def content(self) -> bytes:
        """Its bytes."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Of the answer that carries them."""


# A thread job: a file of this kind, or the picture. Raises Refused.
FileOf = Callable[[WSGIEnvironment, str, str], Any]


class Exports:
    """One per process. `run` performs a function as a thread job."""

    def __init__(self, run: Run, limiter: RateLimiter, drawer: Drawer) -> None:
        self._run = run
        self._limiter = limiter
        self._drawer = drawer
        self._turns = Turns()

    async def answer(self, scope: Scope, send: Send, file_of: FileOf, wanted: str, *, language: str = "") -> None:
        """Answers with the file of what is `wanted`, in the `format` that the query asks for; 400 for another."""
        try:
            kind = _kind(scope)
            if kind == "image":
                await self._limiter.check(scope, rate_limits.DRAW, "draw")
                async with self._turns.of(keyed("limit", rate_limits.address_of(scope)).hex()):
                    picture: Picture = await self._made(scope, file_of, wanted, kind)
                    body = await self._drawer.draw(picture.packed())
                headers = picture.headers(len(body))
            else:
                await self._limiter.check(scope, rate_limits.FILE, "file")
                file: File = await self._made(scope, file_of, wanted, kind)
                body, headers = file.content, {**file.headers, "Content-Length": str(len(file.content))}
        except Refused as refused:
            await refuse(send, refused, language=language)
            return
        except Unreadable:
            await try_again(send)
            return
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _made(self, scope: Scope, file_of: FileOf, wanted: str, kind: str) -> Any:
        asked = {"http_version": "1.1", **scope, "method": "GET"}
        return await ask(self._run, file_of, environ(asked, io.BytesIO(), 0), wanted, kind)


def _kind(scope: Scope) -> str:
    """The last `format` of the query. Raises Invalid."""
    sent = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    kind = sent.get("format", [""])[-1]
    if kind not in KINDS:
        raise Invalid("format: must be json, csv or image.", field="format")
    return kind
