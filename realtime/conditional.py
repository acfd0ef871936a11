"""Conditional answers: a view encoded once, its ETag, and 304 for clients that have it (RFC 9110, 13.1.2)."""

import hashlib

import orjson
from django.conf import settings

from core.asgi_types import Headers, Scope, Send
from core.etags import knows
from core.headers import brief_headers
from core.shared_caches import shared_cache_headers

CACHE_CONTROL = (b"cache-control", b"no-cache, no-store, must-revalidate")
# What makes an answer another one than that for everyone; `Origin` is added by the door (core/cors.py).
_NOT_EVERYONE = (b"vary", b"cookie, authorization, api-key, x-host-auth")


class Answer:
    """A view, encoded once, with the ETag of its content: 16 hex digits in quotes (contract queueup.md).

    `shared`: every anonymous client gets this answer, so a proxy of ours may give it; with `cdn` a CDN may, too.
    """

    __slots__ = ("_event", "_text", "body", "etag", "headers", "not_modified", "shared")

    def __init__(self, view: object, *, shared: bool = False, cdn: bool = False) -> None:
        self.body = orjson.dumps(view)
        self._text: str | None = None
        self._event: tuple[str, bytes] | None = None
        self.etag = b'"' + hashlib.blake2b(self.body, digest_size=8).hexdigest().encode() + b'"'
        self.headers: Headers = [(b"etag", self.etag), CACHE_CONTROL]
        self.shared = shared
        if shared and (caches := shared_cache_headers(cdn=cdn)):
            self.headers += [*caches, _NOT_EVERYONE] if cdn else caches
        # Headers of the fast 304 (realtime/not_modified.py); for the views the door adds the last ones (realtime/door.py).
        self.not_modified: Headers = [*self.headers, *brief_headers(secure=settings.HTTPS)]

    @property
    def text(self) -> str:
        """The view for WebSockets, which send text: decoded once for all of them."""
        if self._text is None:
            self._text = self.body.decode()
        return self._text

    def event(self, mark: str) -> bytes:
        """The view as a Server-Sent Event with this id: made once for all streams."""
        if self._event is None or self._event[0] != mark:
            self._event = (mark, event(self.body, mark))
        return self._event[1]


def event(data: bytes, mark: str = "") -> bytes:
    """A Server-Sent Event, with the id `mark` if there is one; `data` is one line."""
    return (f"id: {mark}\n".encode() if mark else b"") + b"data: " + data + b"\n\n"


async def conditional(scope: Scope, send: Send, shown: Answer) -> None:
    """200 with the body, or 304 when If-None-Match names its ETag."""
    headers = shown.headers
    known = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"if-none-match")
    if known and knows(known, shown.etag.decode()):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    headers = [*headers, (b"content-type", b"application/json"), (b"content-length", str(len(shown.body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else shown.body})
