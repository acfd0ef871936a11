"""Short answers of the event loop, in plain ASGI."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import orjson
from django.conf import settings
from django.utils.translation import override

from core.api_paths import NO_SUCH_PATH
from core.asgi_requests import cookie, header, is_secure
from core.asgi_types import Headers, Receive, Scope, Send
from core.errors import Busy, Refused
from core.headers import security_headers
from core.languages import asked_for
from core.refusals import UNAVAILABLE

logger = logging.getLogger(__name__)

# How long a refused WebSocket may take to close.
REFUSED_WITHIN_S = 5.0


async def answer(send: Send, status: int, view: Any, headers: Headers | None = None) -> None:
    """A whole JSON answer."""
    body = orjson.dumps(view)
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def empty(send: Send, status: int, headers: Headers) -> None:
    """A whole answer without a body."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def refuse(scope: Scope, send: Send, refused: Refused, *, language: str = "") -> None:
    """A refusal in the shape of our APIs; in this language, where one is asked for."""
    headers: Headers = [(name.lower().encode(), value.encode()) for name, value in refused.headers.items()]
    if not language:
        await answer(send, refused.status, refused.view(scope["path"]), headers)
        return
    with override(language):
        view = refused.view(scope["path"], refused.in_words())
    await answer(send, refused.status, view, headers + spoken(language))


def language_of(scope: Scope) -> str:
    """The language the request asks for (core/languages.py)."""
    return asked_for(header(scope, b"accept-language"), cookie(scope, settings.LANGUAGE_COOKIE_NAME))


def spoken(language: str) -> Headers:
    """The headers of an answer that is in the language asked for."""
    return [(b"content-language", language.encode()), (b"vary", b"accept-language")]


async def try_again(scope: Scope, send: Send) -> None:
    """503: neither Redis nor Postgres answers now."""
    await refuse(scope, send, Busy(UNAVAILABLE))


async def no_more(send: Send) -> None:
    """204: an EventSource does not connect again then (WHATWG HTML, 9.2)."""
    await empty(send, 204, [(b"cache-control", b"no-store")])


async def no_such_path(send: Send) -> None:
    """404 of an API."""
    await answer(send, 404, {"error": NO_SUCH_PATH})


async def not_allowed(scope: Scope, send: Send, methods: Sequence[str]) -> None:
    """The answer to a method that the path does not have: OPTIONS 204, any other 405."""
    allow = [(b"allow", ", ".join(methods).encode())]
    if scope["method"] == "OPTIONS":
        await empty(send, 204, allow)
    else:
        await answer(send, 405, {"error": "This method is not possible here."}, allow)


async def refuse_socket(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    """An HTTP answer in place of a WebSocket's handshake where the server can give one; the others answer 403."""
    # Of the path only the last word, where it is one of the table: the others hold codes and ids (law 8).
    name = scope["path"].rstrip("/").rpartition("/")[2] if "url_route" in scope else "unknown"
    logger.info("a socket was refused", extra={"status": status, "socket": name})
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    headers = security_headers(secure=settings.HTTPS and is_secure(scope))
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})
    # uvicorn sends websocket.disconnect twice: after the answer, and when the client has left. It logs an error when the
    # application returns before the second one.
    with suppress(TimeoutError):
        async with asyncio.timeout(REFUSED_WITHIN_S):
            for _ in range(2):
                while (await receive())["type"] != "websocket.disconnect":
                    pass
