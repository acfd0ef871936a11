"""Reads a request's whole body in the event loop, within a limit and without holding much of it in memory."""

import asyncio
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO

from core.asgi_types import Receive, Scope

# A body up to this stays in memory. A longer one goes to a file as it comes, in the pieces the server hands over (8 to
# 256 KiB): some tens of microseconds each into the page cache, less than a hand-over to a thread and back would take.
MEMORY_BYTES = 64 * 1024
# After a refusal the rest of the body is read for this long: closing a socket with unread bytes resets the connection, and the
# client might not see the answer.
LINGER_BYTES = 4 * 1024 * 1024
LINGER_S = 5.0


class TooLong(Exception):
    """The body is longer than its path allows."""


class ClientLeft(Exception):
    """The client has left; the answer has no reader."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> tuple[IO[bytes], int]:
    """The whole body, ready to be read from its start, and its length in bytes.

    Raises TooLong beyond `limit` bytes (by Content-Length before anything is read) and ClientLeft.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > limit:
            raise TooLong
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        length = len(message["body"])
        if length <= min(MEMORY_BYTES, limit):
            return BytesIO(message["body"]), length
    body = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 - the job closes it
    length = 0
    try:
        while message["type"] == "http.request":
            length += len(message["body"])
            if length > limit:
                raise TooLong
            body.write(message["body"])
            if not message.get("more_body"):
                body.seek(0)
                return body, length
            message = await receive()
        raise ClientLeft
    except BaseException:
        body.close()
        raise


async def linger(receive: Receive) -> None:
    """Reads and forgets what a refused client still sends, up to LINGER_BYTES and LINGER_S."""
    heard = 0
    try:
        async with asyncio.timeout(LINGER_S):
            while heard < LINGER_BYTES:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
                heard += len(message["body"])
    except TimeoutError:
        return
