"""Rate limits by address: one window per action, however it is done, in threads (`check`) and on the event loop
(realtime/rate_limit.py). A window begins with the first try of any address; each address has its own counter in it. One atomic
script counts in Redis, so that a parallel burst gets exactly the limit. Without Redis nothing is limited: a line that lets
everyone in is better than one that lets no one in.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

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
# Codes that prove a guest's number: how many are sent, each a text that the venue pays, and how many are typed.
SEND_CODE = parse("60 per 10 minutes")
TYPE_CODE = parse("120 per 10 minutes")
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
# Numbers and addresses that guests give: each may cost the venue a text, or bring a stranger one.
CONTACT = parse("60 per 10 minutes")
# Confirmations of joins that one number or address gets from a venue.
CONFIRM = parse("10 per day")
# What is read from Postgres although a cached answer is at hand, and receipts by their ids.
LOOK = parse("1200 per minute")
FILE = parse("120 per minute")
# Each test message keeps a thread waiting for a push service.
PUSH_TEST = parse("60 per minute")
# Each keeps a thread waiting for a receiver.
WEBHOOK_SEND = parse("60 per minute")
# Providers of texts: a receipt or two for each text, and what guests write.
PROVIDER = parse("1200 per minute")
# A picture of a hundred choices takes half a second of a core, of the drawing process (realtime/pictures.py).
DRAW = parse("60 per minute")

# KEYS[1]: a window, a hash of counters by address. ARGV: how long it lasts (ms); then addresses, each with its number of tries.
# {how long it still lasts (ms), how many tries each address has made}
COUNT = """
local left = redis.call('PTTL', KEYS[1])
local answer = {left}
for n = 2, #ARGV, 2 do
    answer[n / 2 + 1] = redis.call('HINCRBY', KEYS[1], ARGV[n], ARGV[n + 1])
end
if left < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    answer[1] = tonumber(ARGV[1])
end
return answer
"""


class Try(NamedTuple):
    """One try of an address at something. `window`: the key of the hash in which it is counted."""

    limit: RateLimitItem
    window: str
    address: str


def is_on() -> bool:
    """Whether anything is counted now."""
    return bool(settings.RATE_LIMITS) and breaker.closed


def a_try(limit: RateLimitItem, address: str, *what: str) -> Try:
    """A try of this address at `what` (what is done, to which line)."""
    return Try(limit, f"tl:limit:{limit.key_for(*what)}", address)


class Count:
    """Tries that are counted together: one call of a script for each window, in which all addresses count alike. A script has one
    key, as Redis Cluster wants it."""

    def __init__(self, tries: Sequence[Try]) -> None:
        self._tries = tries
        self._windows: dict[str, Counter[str]] = {}
        self._limits: dict[str, RateLimitItem] = {}
        for limit, window, address in tries:
            if window not in self._windows:
                self._windows[window], self._limits[window] = Counter(), limit
            self._windows[window][address] += 1

    def run(self, redis: Any) -> list[Any]:
        """Calls the script for each window: a client for threads gives its replies, a pipeline will. Addresses go into Redis as
        keyed hashes only (law 8)."""
        return [
            redis.eval(
                COUNT,
                1,
                window,
                int(self._limits[window].get_expiry()) * 1000,
                *(word for address, times in tries.items() for word in (keyed("limit", address)[:16], times)),
            )
            for window, tries in self._windows.items()
        ]

    def waits_ms(self, replies: Sequence[Sequence[int]]) -> list[int]:
        """For each try 0, or how long its window still lasts, by the replies to `run`."""
        left: dict[str, int] = {}
        made: dict[tuple[str, str], int] = {}
        for (window, tries), (left_ms, *totals) in zip(self._windows.items(), replies, strict=True):
            left[window] = left_ms
            made |= {(window, address): total - tries[address] for address, total in zip(tries, totals, strict=True)}
        waits = []
        for limit, window, address in self._tries:
            made[window, address] += 1
            waits.append(left[window] if made[window, address] > limit.amount else 0)
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
    count = Count([a_try(limit, address, *what)])
    with breaker:
        refuse(*count.waits_ms(count.run(sync_redis())))
