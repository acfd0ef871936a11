"""One request as often as it is safe: tries again, keeps what has an ETag, and raises what was refused."""

import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

# The server says with these that nothing was done (docs/contracts/README.md).
NOTHING_DONE = frozenset({429, 503})
# A proxy says these: the server may have done it.
UNKNOWN = frozenset({502, 504})
# No connection was made, so nothing was sent.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# How many answers with an ETag are kept.
MOST_KEPT = 64


class Refused(Exception):
    """The server said no. `error` is its sentence, `code` the reason by a name that does not change (empty where there is none),
    `retry_after_s` when to come again, where it says so.
    """

    def __init__(self, status: int, error: str, code: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(f"{status}: {error}")
        self.status, self.error, self.code, self.retry_after_s = status, error, code, retry_after_s


@dataclass(frozen=True)
class Retries:
    """How often one request is tried, and how long it may wait before each further try: seconds. `sleep` waits."""

    tries: int = 5
    longest_wait_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep

    def wait(self, attempt: int, asked_s: float | None) -> bool:
        """Waits before the next try: as long as the server asks, else longer each time. False: it must not be tried again."""
        if attempt >= self.tries or (asked_s or 0.0) > self.longest_wait_s:
            return False
        backoff = min(0.25 * 2**attempt, self.longest_wait_s) * random.uniform(0.5, 1.0)  # noqa: S311
        self.sleep(asked_s if asked_s is not None else backoff)
        return True


def new_key() -> str:
    """An idempotency key: every try of one call sends the same, so that a create happens once."""
    return str(uuid4())


def part(value: str) -> str:
    """A value as one part of a path."""
    return quote(value, safe="")


class Connection:
    """Sends requests with the proofs of who asks."""

    def __init__(self, http: httpx.Client, proofs: Mapping[str, str], retries: Retries) -> None:
        self.http = http
        self._proofs = dict(proofs)
        self._retries = retries
        self._kept: OrderedDict[str, tuple[str, httpx.Response]] = OrderedDict()
        self._lock = threading.Lock()

    def asked_by(self, proofs: Mapping[str, str]) -> "Connection":
        """The same with other proofs, and with nothing kept."""
        return Connection(self.http, proofs, self._retries)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        again: bool = False,
        known: bool = False,
    ) -> Any:
        """What the server answers: JSON, text or bytes, by its content type.

        `key`: the idempotency key. `again`: the body makes a second try harmless. `known`: an answer is kept and asked for with
        its ETag. Raises Refused; httpx.TransportError when the server cannot be reached, or may have done what must not be
        done twice.
        """
        headers = dict(self._proofs)
        if key is not None:
            headers["Idempotency-Key"] = key
        asked = {name: _spelled(value) for name, value in (query or {}).items() if value is not None}
        request = self.http.build_request(method, path, params=asked, json=body, headers=headers)
        kept = self._kept_of(str(request.url)) if known else None
        if kept is not None:
            request.headers["If-None-Match"] = kept[0]
        answer = self._send(request, safe=again or key is not None or method in {"GET", "PUT"})
        if answer.status_code == 304 and kept is not None:
            return _content(kept[1])
        if not answer.is_success:
            raise _refusal(answer)
        if known and (tag := answer.headers.get("ETag")):
            self._keep(str(request.url), tag, answer)
        return _content(answer)

    def _send(self, request: httpx.Request, *, safe: bool) -> httpx.Response:
        attempt = 1
        while True:
            try:
                answer = self.http.send(request)
            except httpx.TransportError as error:
                if not (safe or isinstance(error, NOT_SENT)) or not self._retries.wait(attempt, None):
                    raise
            else:
                again = answer.status_code in NOTHING_DONE or (safe and answer.status_code in UNKNOWN)
                if not again or not self._retries.wait(attempt, _retry_after(answer)):
                    return answer
            attempt += 1

    def _kept_of(self, url: str) -> tuple[str, httpx.Response] | None:
        with self._lock:
            return self._kept.get(url)

    def _keep(self, url: str, tag: str, answer: httpx.Response) -> None:
        with self._lock:
            self._kept[url] = (tag, answer)
            self._kept.move_to_end(url)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def _spelled(value: object) -> str:
    """A value in a query, as the server spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _content(answer: httpx.Response) -> Any:
    """Made anew each time: the caller may change it."""
    kind = answer.headers.get("Content-Type", "")
    if "json" in kind:
        return answer.json()
    return answer.text if kind.startswith("text/") else answer.content


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds; None when the server does not say, or says a date (a proxy may)."""
    said = answer.headers.get("Retry-After", "")
    return float(said) if said.isascii() and said.isdigit() else None


def _refusal(answer: httpx.Response) -> Refused:
    """A refusal in the server's words, or in the proxy's that stands before it."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    found = said if isinstance(said, dict) else {}
    error = str(found.get("error") or answer.reason_phrase)
    return Refused(answer.status_code, error, str(found.get("code") or ""), _retry_after(answer))
