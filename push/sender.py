"""Sends one message to one browser: encrypted (RFC 8291), signed (RFC 8292), posted (RFC 8030). No database access.

Logs and outcomes never hold an endpoint, a key or a message's text (law 8).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import orjson
from django.conf import settings

from outbox.addresses import NotAllowed
from outbox.connections import Unreachable, pool
from outbox.retry_after import seconds_of
from push import vapid
from push.encryption import LONGEST_PAYLOAD, encrypt
from push.endpoints import parse
from reach.notices import Notice

# The longest Retry-After that is honoured: the longest life of a line, after which the news is outdated.
LONGEST_WAIT_S = 12 * 3600


class Target(Protocol):
    """The fields of a subscription that sending needs; the browser's public key and secret are base64url."""

    @property
    def endpoint(self) -> str: ...
    @property
    def p256dh(self) -> str: ...
    @property
    def auth(self) -> str: ...


def payload(message: Notice, receipt: str = "") -> bytes:
    """The JSON for the service worker. Raises ValueError when it exceeds what push services must accept."""
    told = {"title": message.title, "body": message.body, "url": message.url, "kind": message.kind}
    packed = orjson.dumps(told | {"receipt": receipt} if receipt else told)
    if len(packed) > LONGEST_PAYLOAD:
        raise ValueError(f"a push message holds at most {LONGEST_PAYLOAD} bytes")
    return packed


class Result(StrEnum):
    """SENT: accepted. GONE: the subscription has ended. REFUSED: will never be accepted. LATER: try again."""

    SENT = "sent"
    GONE = "gone"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended. `after_s`: the push service's Retry-After in seconds, if it sent one."""

    result: Result
    detail: str
    after_s: float | None = None


def send(target: Target, message: Notice, *, receipt: str = "", timeout_s: float | None = None) -> Outcome:
    """Sends within `timeout_s` seconds in total (settings.PUSH_TIMEOUT_S). Failures of the push service are outcomes. `receipt`:
    what the browser says back once it shows the message.

    Raises InsideTransaction, ValueError for a message that is too long.
    """
    packed = payload(message, receipt)
    try:
        endpoint = parse(target.endpoint)
    except NotAllowed:
        return Outcome(Result.REFUSED, "its address is not allowed any more")
    try:
        body = encrypt(packed, p256dh=target.p256dh, auth=target.auth)
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


def wait_s(retry_after: str | None) -> int | None:
    """Seconds to wait by Retry-After, 1 to LONGEST_WAIT_S. None when it is absent or malformed."""
    return seconds_of(retry_after, least=1, most=LONGEST_WAIT_S)
