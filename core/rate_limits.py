"""How often one address may do a costly thing: one counter for all ways of doing it, in threads (`check`) and on the event
loop (realtime/rate_limit.py). One atomic script counts in Redis, so that a parallel burst gets exactly the limit. Without
Redis nothing is limited: a line that lets everyone in is better than one that lets no one in."""

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, parse
from rest_framework.request import Request

from core.addresses import address_of as address_of
from core.addresses import client_address as client_address
from core.cache import Unavailable, breaker, sync_redis
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
# Links of hosts that are brought to another device.
HOST_KEY = parse("30 per 10 minutes")
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


def counter_of(limit: RateLimitItem, address: str, *what: str) -> str:
    """The key of the counter of one address's tries at `what` (what is done, to which line). The address goes into Redis as a
    keyed hash only (law 8)."""
    return f"tl:limit:{limit.key_for(*what, keyed('limit', address).hex()[:32])}"


def window_ms(limit: RateLimitItem) -> int:
    """How long tries are counted together, in ms."""
    return int(limit.get_expiry()) * 1000


def too_many(wait_ms: int) -> TooMany:
    """The refusal of a try that comes so long before the window ends."""
    return TooMany(TOO_MANY_REQUESTS, retry_after_s=wait_ms // 1000 + 1)


def check(request: HttpRequest | Request, limit: RateLimitItem, *what: str) -> None:
    """Counts one try of this client at `what`. Raises TooMany (429, Retry-After)."""
    if settings.RATE_LIMITS and breaker.closed:
        check_address(client_address(request), limit, *what)


def check_address(address: str, limit: RateLimitItem, *what: str) -> None:
    """The same where the client's address is known."""
    if not settings.RATE_LIMITS or not breaker.closed:
        return
    try:
        tries, left_ms = sync_redis().eval(COUNT, 1, counter_of(limit, address, *what), 1, window_ms(limit))
    except Unavailable as problem:
        breaker.trip(problem)
        return
    if tries > limit.amount:
        raise too_many(left_ms)
