"""A client of Server-Sent Events that reads by the rules of WHATWG HTML, 9.2.6, and keeps what a browser would throw away."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

PATIENCE_S = 20.0

# One client for all: making one takes longer than most streams. It keeps no cookies.
_client = httpx.Client(
    timeout=PATIENCE_S,
    limits=httpx.Limits(max_connections=None),
    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
)


@dataclass(frozen=True)
class Message:
    """One dispatched event. `id` is the last id that was sent, here or before."""

    event: str
    data: str
    id: str

    @property
    def json(self) -> Any:
        """Its data."""
        return json.loads(self.data)


@dataclass
class Parser:
    """Bytes in, messages out. `comments` and `retry` are what else was said."""

    last_id: str = ""
    retry: int | None = None
    comments: list[str] = field(default_factory=list)
    _left: bytes = b""
    _begun: bool = False
    _event: str = ""
    _data: list[str] = field(default_factory=list)

    def feed(self, chunk: bytes) -> list[Message]:
        """The messages that this chunk completes."""
        text = self._left + chunk
        # A CR at the very end may be half of a CRLF.
        whole, cr = (text[:-1], b"\r") if text.endswith(b"\r") else (text, b"")
        *lines, rest = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._left = rest + cr
        return [message for line in lines if (message := self._line(line.decode()))]

    def _line(self, line: str) -> Message | None:
        if not self._begun:
            self._begun, line = True, line.removeprefix("\ufeff")
        if not line:
            return self._dispatch()
        if line.startswith(":"):
            self.comments.append(line[1:].removeprefix(" "))
            return None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self.last_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value)
        return None

    def _dispatch(self) -> Message | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        return Message(event or "message", "\n".join(data), self.last_id) if data else None


class Stream:
    """An open stream. Everything is waited for, never slept for."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.parser = Parser()
        self.messages: list[Message] = []
        self._chunks = response.iter_raw()
        self._coming: list[Message] = []

    def next(self) -> Message:
        """The next message; AssertionError when none comes or the stream ends."""
        message = self._read()
        assert message is not None, "the stream ended instead"
        return message

    def until(self, condition: Any) -> Message:
        """The first message for which `condition` holds; those before are in `messages`."""
        while not condition(message := self.next()):
            pass
        return message

    def rest(self) -> list[Message]:
        """All messages up to the end of the stream, which must come."""
        found = []
        while (message := self._read()) is not None:
            found.append(message)
        return found

    def _read(self) -> Message | None:
        end = time.monotonic() + PATIENCE_S
        while not self._coming:
            assert time.monotonic() < end, "no message came"
            try:
                chunk = next(self._chunks, None)
            except httpx.ReadTimeout:
                raise AssertionError("no message came") from None
            if chunk is None:
                return None
            self._coming += self.parser.feed(chunk)
        message = self._coming.pop(0)
        self.messages.append(message)
        return message


@contextmanager
def answered(url: str, headers: dict[str, str] | None = None) -> Iterator[httpx.Response]:
    """What a stream's address answers: a stream, or a refusal."""
    with _client.stream("GET", url, headers={"Accept": "text/event-stream", **(headers or {})}) as response:
        yield response


@contextmanager
def opened(url: str, headers: dict[str, str] | None = None) -> Iterator[Stream]:
    """The stream at `url`; AssertionError when it is refused."""
    with answered(url, headers) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "content-length" not in response.headers
        yield Stream(response)
