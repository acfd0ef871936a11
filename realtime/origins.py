"""Which web pages may call us: our own, and those of ALLOWED_ORIGINS (contract queueup.md, CORS; attack X2)."""

from collections.abc import Awaitable
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings

from config.asgi_types import App, Message, Receive, Scope, Send
from realtime.scopes import Headers, answer, header

_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"content-type, authorization, x-host-auth, if-none-match, idempotency-key, api-key",
    ),
    (b"access-control-max-age", b"600"),
]


def is_allowed(origin: str, host: str) -> bool:
    """Whether a page of `origin` may talk to us when we are addressed as `host`. No origin: not a page, so yes."""
    if not origin:
        return True
    if origin in settings.ALLOWED_ORIGINS:
        return True
    try:
        ours = urlsplit(origin).netloc
    except ValueError:  # no browser sends such a thing
        return False
    return bool(ours) and ours == host


def guarded(app: App) -> App:
    """`app` behind the contract's CORS rules: 204 to a preflight, 403 to strange pages, headers on all else."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        origin = header(scope, b"origin")
        if not is_allowed(origin, header(scope, b"host")):
            await answer(send, 403, {"error": "This origin is not allowed."}, [(b"vary", b"origin")])
            return
        cors: Headers = [(b"vary", b"origin")]
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
        # A partial, not a closure: config/threadjob.py must find the server's own `send` behind it to hang up on daphne.
        await app(scope, receive, partial(_send_with, cors, send))

    return guard


def _send_with(more: Headers, send: Send, message: Message) -> Awaitable[None]:
    """Passes a message on, its headers with `more`. Not a coroutine of its own: there is one for each message anyway."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message.get("headers", []), *more]
    return send(message)
