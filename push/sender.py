"""Sending one message to one browser: encrypted (RFC 8291), signed (RFC 8292), posted (RFC 8030). No database here.

Logs and outcomes never hold an endpoint, a key or what a message says (law 8).
"""

import math
import time
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Literal, Protocol

import orjson
from django.conf import settings
from django.db import connection

from push import vapid
from push.connections import Unreachable, pool
from push.encryption import LONGEST_PAYLOAD, encrypt
from push.endpoints import NotAllowed, parse

# A wait that a push service asks for is kept, up to the longest life of a line: nobody waits for the news by then.
LONGEST_WAIT_S = 12 * 3600.0


class Target(Protocol):
    """A subscription, as far as sending goes."""

    @property
    def endpoint(self) -> str:
        """The address at the push service."""

    @property
    def p256dh(self) -> str:
        """The browser's public key, base64url."""

    @property
    def auth(self) -> str:
        """The browser's secret, base64url."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a browser is shown (contract queueup.md, Push) and how urgently.

    `ttl_s`: how long the push service keeps it for a browser that is away. A newer message of the same `topic` replaces
    one that was not fetched yet (RFC 8030, 5.4).
    """

    kind: str
    title: str
    body: str
    url: str
    ttl_s: int
    urgency: Literal["low", "normal", "high"] = "normal"
    topic: str = ""

    def payload(self) -> bytes:
        """The JSON the service worker gets. Raises ValueError when a push service might not take it."""
        payload = orjson.dumps({"title": self.title, "body": self.body, "url": self.url, "kind": self.kind})
        if len(payload) > LONGEST_PAYLOAD:
            raise ValueError(f"a push message holds at most {LONGEST_PAYLOAD} bytes")
        return payload


class Result(StrEnum):
    """SENT: the push service has it. GONE: the browser is not there any more. REFUSED: never. LATER: try again."""

    SENT = "sent"
    GONE = "gone"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended. `after_s`: how many seconds the push service asked us to wait, if it did."""

    result: Result
    detail: str
    after_s: float | None = None


class InsideTransaction(RuntimeError):
    """A message was about to be sent while a transaction held its locks (law: no network inside a transaction)."""


def send(target: Target, message: Message, *, timeout_s: float | None = None) -> Outcome:
    """Sends within `timeout_s` (settings.PUSH_TIMEOUT_S), everything included. Faults of the other side are outcomes.

    Raises InsideTransaction, ValueError for a message that is too long.
    """
    if connection.in_atomic_block:
        raise InsideTransaction("push messages are sent outside of transactions")
    payload = message.payload()
    try:
        endpoint = parse(target.endpoint)
    except NotAllowed:
        return Outcome(Result.REFUSED, "its address is not allowed any more")
    try:
        body = encrypt(payload, p256dh=target.p256dh, auth=target.auth)
    except ValueError:
        return Outcome(Result.REFUSED, "its keys are not valid")
    headers = {
        "Authorization": vapid.authorization(endpoint.origin),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(message.ttl_s),
        "Urgency": message.urgency,
    }
    if message.topic:
        headers["Topic"] = message.topic
    try:
        answer = pool.post(endpoint, headers, body, timeout_s=timeout_s or settings.PUSH_TIMEOUT_S)
    except Unreachable as problem:
        return Outcome(Result.LATER, str(problem))
    status = answer.status
    detail = f"HTTP {status}"
    if 200 <= status < 300:
        return Outcome(Result.SENT, detail)
    if status in {404, 410}:
        return Outcome(Result.GONE, detail)
    if status == 429 or status >= 500:
        return Outcome(Result.LATER, detail, wait_s(answer.headers.get("retry-after")))
    return Outcome(Result.REFUSED, detail)


def wait_s(retry_after: str | None) -> float | None:
    """Retry-After, in seconds or as a date, as seconds from now, 1 to LONGEST_WAIT_S. None when it says neither."""
    if retry_after is None:
        return None
    word = retry_after.strip()
    try:
        if word.isascii() and word.isdigit():
            seconds = float(word[:10])
        else:
            moment = parsedate_to_datetime(word)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(1.0, float(math.ceil(seconds))), LONGEST_WAIT_S)
