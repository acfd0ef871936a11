"""Sends one message to one endpoint, signed as Standard Webhooks 1.0.0 has it (standardwebhooks.com). No database access.

Logs and outcomes hold no address, no secret and no text of a message (law 8).
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from outbox import addresses
from outbox.addresses import Address, NotAllowed
from outbox.connections import Unreachable, pool
from outbox.retry_after import seconds_of
from outbox.signing import signed

GONE = 410
# With these a receiver may say when to come again (RFC 9110): it is asked too much, or away for a while.
ASKS_TO_WAIT = frozenset({429, 503})
LONGEST_WAIT_S = 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended. `gone`: the receiver wants nothing more. `after_s`: for how many seconds it asks to
    be left alone."""

    taken: bool
    detail: str
    took_ms: int
    gone: bool = False
    after_s: int = 0


def parse(url: str) -> Address:
    """An address that may be told. Raises NotAllowed."""
    return addresses.parse(url, extra_hosts=settings.WEBHOOK_EXTRA_HOSTS, what="the https address of a program")


def send(url: str, message_id: str, body: bytes, signing_secrets: list[str], within_s: float | None = None) -> Outcome:
    """Posts a message within so many seconds (None: settings.WEBHOOK_TIMEOUT_S). What the receiver does wrong is an outcome.
    Raises InsideTransaction."""
    began = time.monotonic()

    def outcome(taken: bool, detail: str, *, gone: bool = False, after_s: int = 0) -> Outcome:
        return Outcome(taken, detail, round((time.monotonic() - began) * 1000), gone, after_s)

    try:
        address = parse(url)
    except NotAllowed:
        return outcome(False, "its address is not allowed")
    # This machine's clock, not the database's: the receiver compares it with its own.
    headers = signed(message_id, body, signing_secrets, datetime.now(UTC))
    try:
        answer = pool.post(
            address,
            {"Content-Type": "application/json", "User-Agent": "Tallyline-Webhooks/1", **headers},
            body,
            timeout_s=settings.WEBHOOK_TIMEOUT_S if within_s is None else within_s,
        )
    except Unreachable as problem:
        return outcome(False, str(problem))
    taken, detail = 200 <= answer.status < 300, f"HTTP {answer.status}"
    if 300 <= answer.status < 400:
        detail += ", and redirects are not followed"
    after_s = wait_of(answer.headers.get("retry-after", "")) if answer.status in ASKS_TO_WAIT else 0
    if after_s:
        detail += f", and asks to wait {after_s} s"
    return outcome(taken, detail, gone=answer.status == GONE, after_s=after_s)


def wait_of(header: str) -> int:
    """The seconds of a Retry-After, 0 to LONGEST_WAIT_S; 0 when it is absent or malformed."""
    return seconds_of(header, most=LONGEST_WAIT_S) or 0
