"""Rate limits by address: one counter per action, however it is done, in threads (`check`) and on the event
loop (realtime/rate_limit.py). One atomic script counts in Redis, so that a parallel burst gets exactly the limit. Without
Redis nothing is limited: a line that lets everyone in is better than one that lets no one in.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, parse
from rest_framework.request import Request

from core.addresses import address_of as address_of
from core.addresses import client_address as client_address
from core.cache import breaker, sync_redis
from core.errors import TooMany
from core.hashing import keyed
from core.refusals import TOO_MANY_REQUESTS

# A whole restaurant may sit behind one address: joins are counted per line and address, and generously.
CREATE = parse("30 per 10 minutes")
JOIN = parse("120 per minute")
SUBSCRIBE = parse("120 per minute")
# One-time codes: a sheet is printed once.
CODES = parse("60 per 10 minutes")
TRACK = parse("600 per minute")
SIGN_IN = parse("30 per 10 minutes")
# Each sends a mail, or makes a link.
INVITE = parse("30 per 10 minutes")
INVITATION = parse("30 per 10 minutes")
SINGLE_SIGN_ON = parse("60 per 10 minutes")
# Challenges for passkeys; each is a session of a stranger.
PASSKEY = parse("60 per 10 minutes")
# Codes of tickets that are handed over to a phone.
HAND_OVER = parse("60 per 10 minutes")
# Links and codes of hosts that are brought to another device.
HOST_KEY = parse("30 per 10 minutes")
# Codes from all addresses together: of 8 digits, each good for 5 minutes, no more can be tried.
ANY_CODE = parse("600 per 10 minutes")
# PINs of a tablet at the door: of 4 digits or more.
KIOSK_PIN = parse("5 per 10 minutes")
# A whole room votes, comes in, or opens the results within the same minute, and phones try again.
BALLOT = parse("1200 per minute")
FOLLOW = parse("1200 per minute")
# What guests do with their place, one line's: each takes its lock.
ACT = parse("600 per minute")
# What is read from Postgres although a cached answer is at hand, and receipts by their ids.
LOOK = parse("1200 per minute")
FILE = parse("120 per minute")
# Each test message keeps a thread waiting for a push service.
PUSH_TEST = parse("60 per minute")
# A picture of a hundred choices takes half a second of a core, of the drawing process (realtime/pictures.py).
DRAW = parse("60 per minute")

# KEYS[1] counter; ARGV: how many tries, window in ms. {how many there are now, how long the window lasts, in ms}
COUNT = """
local tries = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    left = tonumber(ARGV[2])
end
return {tries, left}
"""

# A limit, and the key of the counter of one address.
Try = tuple[RateLimitItem, str]


def is_on() -> bool:
    """Whether anything is counted now."""
    return bool(settings.RATE_LIMITS) and breaker.closed


def counter_of(limit: RateLimitItem, address: str, *what: str) -> str:
    """The key of the counter of one address's tries at `what` (what is done, to which line). The address goes into Redis as a
    keyed hash only (law 8)."""
    return f"tl:limit:{limit.key_for(*what, keyed('limit', address).hex()[:32])}"


class Count:
    """One or several tries that are counted together, in one round trip to Redis."""

    def __init__(self, tries: Sequence[Try]) -> None:
        self._tries = tries
        self._limits = {key: limit for limit, key in tries}
        self._times = Counter(key for _, key in tries)

    def run(self, redis: Any) -> list[Any]:
        """Calls the script for each counter: a client for threads gives its replies, a pipeline will."""
        return [
            redis.eval(COUNT, 1, key, number, int(self._limits[key].get_expiry()) * 1000)
            for key, number in self._times.items()
        ]

    def waits_ms(self, replies: Sequence[tuple[int, int]]) -> list[int]:
        """For each try 0, or how long its window still lasts, by the replies to `run`."""
        left = {key: left_ms for key, (_, left_ms) in zip(self._times, replies, strict=True)}
        place = {key: total - self._times[key] for key, (total, _) in zip(self._times, replies, strict=True)}
        waits = []
        for limit, key in self._tries:
            place[key] += 1
            waits.append(left[key] if place[key] > limit.amount else 0)
        return waits


def refuse(wait_ms: int) -> None:
    """Raises TooMany for a try that comes this long before the window ends; 0: it is within the limit."""
    if wait_ms:
        raise TooMany(TOO_MANY_REQUESTS, retry_after_s=wait_ms // 1000 + 1)


def check(request: HttpRequest | Request, limit: RateLimitItem, *what: str) -> None:
    """Counts one try of this client at `what`. Raises TooMany (429, Retry-After)."""
    check_address(client_address(request), limit, *what)


def check_address(address: str, limit: RateLimitItem, *what: str) -> None:
    """The same where the client's address is known."""
    if not is_on():
        return
    count = Count([(limit, counter_of(limit, address, *what))])
    with breaker:
        refuse(*count.waits_ms(count.run(sync_redis())))
