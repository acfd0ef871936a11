"""Which web pages may call us: our own, and those of ALLOWED_ORIGINS (contract queueup.md, CORS; attack X2)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"content-type, authorization, x-host-auth, if-none-match, idempotency-key, api-key",
    ),
    (b"access-control-max-age", b"600"),
]


def header(scope: Scope, name: bytes) -> str:
    """The request's header, or an empty string."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


def is_allowed(origin: str, host: str) -> bool:
    """Whether a page of `origin` may talk to us when we are addressed as `host`. No origin: not a page, so yes."""
    if not origin:
        return True
    return urlsplit(origin).netloc == host or origin in settings.ALLOWED_ORIGINS


def guarded(app: App) -> App:
    """`app` behind the contract's CORS rules: 204 to a preflight, 403 to strange pages, headers on all else."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        origin = header(scope, b"origin")
        if not is_allowed(origin, header(scope, b"host")):
            await answer(send, 403, {"error": "This origin is not allowed."}, [(b"vary", b"origin")])
            return
        cors: list[tuple[bytes, bytes]] = [(b"vary", b"origin")]
        if origin:
            cors += [
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-allow-credentials", b"true"),
                (b"access-control-expose-headers", b"etag, set-cookie"),
            ]
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": cors + _PREFLIGHT})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *cors]
            await send(message)

        await app(scope, receive, send_with_cors)

    return guard


async def answer(send: Send, status: int, view: Any, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    """A whole JSON answer."""
    body = orjson.dumps(view)
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
