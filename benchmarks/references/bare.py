"""The least that can be done on an ASGI server: the same headers as ours, and a 304 for every request.

Environment: ETAG. Without If-None-Match it answers 200 `{}`, so that the load can begin as with any other.
"""

import os
from typing import Any

from realtime.dates import date_header
from realtime.server.http import bounded

HEADERS = [
    (b"etag", os.environ["ETAG"].encode()),
    (b"cache-control", b"no-cache, no-store, must-revalidate"),
    (b"vary", b"origin"),
    (b"x-content-type-options", b"nosniff"),
]
NOTHING = {"type": "http.response.body", "body": b""}


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application."""
    if scope["type"] != "http":
        return
    if any(name == b"if-none-match" for name, _ in scope["headers"]):
        await send({"type": "http.response.start", "status": 304, "headers": [*HEADERS, date_header()]})
        await send(NOTHING)
    else:
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, (b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})


application = bounded(answer)
