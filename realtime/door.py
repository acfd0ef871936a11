"""Checks on every HTTP request and WebSocket before anything else: the Host (DNS rebinding) and, on paths of our APIs, the
Origin (attack X2). Pages with forms go on to Django, whose CsrfViewMiddleware checks theirs. Every answer gets the
date and the same security headers (core/headers.py).
"""

from collections.abc import Awaitable, Callable
from functools import partial

from django.conf import settings

from core import allowed_hosts
from core.api_paths import is_api
from core.asgi_requests import header, is_secure
from core.asgi_types import App, Headers, Message, Receive, Scope, Send
from core.cors import cors_headers, is_page_allowed, may_ask, preflight_headers
from core.errors import Forbidden
from core.headers import brief_headers, is_no_document, security_headers, without_policies
from core.refusals import FOREIGN_ORIGIN
from realtime.dates import date_header
from realtime.postgres import Unreadable
from realtime.responses import answer, empty, no_such_path, try_again

# Load balancers ask these by the machine's address, which Host then is. They reveal nothing to a rebound name.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

# Django's SecurityMiddleware puts it on each of its answers, beside others of ours.
MARK_OF_DJANGO = b"x-content-type-options"
NOT_OUR_NAME = "This site does not answer to this name."


class Door:
    """One per process. `edge` answers the requests that pass; `django` answers a wrong Host with a page that says so, and with
    static files, which are public.

    `knows_key` tells whether an api-key is valid (raises Unreadable); `methods_of` which methods an API path answers.
    """

    def __init__(
        self,
        edge: App,
        *,
        django: App,
        knows_key: Callable[[str], Awaitable[bool]],
        methods_of: Callable[[str], list[str] | None],
    ) -> None:
        self._edge = edge
        self._django = django
        self._knows_key = knows_key
        self._methods_of = methods_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        path: str = scope["path"]
        api, probe = is_api(path), path.rstrip("/") in PROBES
        cors: Headers = []
        # A partial, not a closure: realtime/django/threadjob.py must find the server's own `send` behind it to hang up on daphne.
        send = partial(
            _with_headers, settings.HTTPS and is_secure(scope), path.startswith(settings.STATIC_URL), cors, send
        )
        if not allowed_hosts.is_ours(scope, any_address=probe):
            if api or probe:
                await answer(send, 400, {"error": NOT_OUR_NAME})
            else:
                await self._django(scope, receive, send)
        elif api:
            await self._api(scope, receive, send, cors)
        else:
            await self._edge(scope, receive, send)

    async def _api(self, scope: Scope, receive: Receive, send: Send, cors: Headers) -> None:
        """Behind the contract's CORS rules: 204 to a preflight, 403 to foreign pages, their headers (in `cors`) on all else."""
        path: str = scope["path"]
        try:
            allowed = may_ask(scope)
            # A key is a proof that no browser adds by itself, and no foreign page may: its preflight is refused.
            if not allowed and not await self._has_key(scope):
                await answer(send, 403, Forbidden(FOREIGN_ORIGIN).view(path), [(b"vary", b"origin")])
                return
        except Unreadable:
            await try_again(scope, send)
            return
        if allowed:
            cors += cors_headers(scope)
        if scope["method"] == "OPTIONS":
            await self._options(scope, send)
        else:
            await self._edge(scope, receive, send)

    async def _has_key(self, scope: Scope) -> bool:
        """Old clients of /poll may be pages of any site that has a key; those of /api/ are named in ALLOWED_ORIGINS."""
        key = header(scope, b"api-key")
        return bool(key) and not scope["path"].startswith("/api/") and await self._knows_key(key)

    async def _options(self, scope: Scope, send: Send) -> None:
        headers = preflight_headers(scope["path"]) if header(scope, b"origin") else []
        if not header(scope, b"access-control-request-method"):
            if (methods := self._methods_of(scope["path"])) is None:
                await no_such_path(send)
                return
            headers = [*headers, (b"allow", ", ".join(methods).encode())]
        await empty(send, 204, headers)


def refusal_of(scope: Scope) -> int:
    """The HTTP status with which a WebSocket's handshake is refused; 0: it is not."""
    if not allowed_hosts.is_ours(scope):
        return 400
    return 0 if is_page_allowed(scope) else 403


def _with_headers(secure: bool, static: bool, cors: Headers, send: Send, message: Message) -> Awaitable[None]:
    """Passes a message on with CORS's headers, the date, and the security headers that it lacks; Django's answers have theirs.
    No coroutine: `send` makes one already."""
    if message["type"] == "http.response.start":
        headers = message.get("headers", [])
        brief = static or message["status"] == 304
        if not brief and is_no_document(headers):
            brief, headers = True, without_policies(headers)
        ours = brief_headers(secure=secure) if brief else security_headers(secure=secure)
        known = {name for name, _ in headers}
        if MARK_OF_DJANGO in known:
            ours = [header for header in ours if header[0] not in known]
        message["headers"] = [*headers, *cors, date_header(), *ours]
    return send(message)
