"""How often one address may do a costly thing. Counted in Redis by one atomic script, so that a parallel burst gets exactly
the limit; without Redis nothing is limited, for a line that lets everybody in is better than one that lets nobody in."""

import time
from functools import cache, lru_cache
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, parse
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from rest_framework.request import Request

from config.asgi_types import Scope
from config.errors import TooMany
from config.hashing import keyed
from realtime.cache import Unavailable, breaker, sync_redis

# A whole restaurant may sit behind one address: joins are counted per line and address, and generously.
CREATE = parse("30 per 10 minutes")
JOIN = parse("120 per minute")
SUBSCRIBE = parse("120 per minute")
TRACK = parse("600 per minute")
SIGN_IN = parse("30 per 10 minutes")
# A whole room votes, comes in, or opens the results within the same minute, and phones try again.
BALLOT = parse("1200 per minute")
FOLLOW = parse("1200 per minute")
# A picture of a hundred choices takes two seconds of a core.
DRAW = parse("60 per minute")


def client_address(request: HttpRequest | Request) -> str:
    """The client's address, IPv6 cut to its /64; an address nobody can choose.

    With `TRUSTED_PROXIES` n it is the n-th entry from the right of X-Forwarded-For: whatever stands left of that was
    sent by the client itself.
    """
    return _address(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def address_of(scope: Scope) -> str:
    """The same for a request that did not enter Django."""
    forwarded = (value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
    return _address((scope.get("client") or ("", 0))[0], ",".join(forwarded))


def _address(connection: str, forwarded_for: str) -> str:
    address = connection
    if hops := settings.TRUSTED_PROXIES:
        forwarded = [entry.strip() for entry in forwarded_for.split(",") if entry.strip()]
        if forwarded:
            address = forwarded[-min(hops, len(forwarded))]
    return _written(address)


@lru_cache(maxsize=4096)  # parsing takes longer than all that is then done with it
def _written(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


@cache
def _limiter() -> MovingWindowRateLimiter:
    storage = RedisStorage(settings.REDIS_URL, connection_pool=sync_redis().connection_pool, key_prefix="tl:limit")
    return MovingWindowRateLimiter(storage)


def check(request: HttpRequest | Request, limit: RateLimitItem, *scope: str) -> None:
    """Counts one try of this client within `scope` (what is done, to which line). Raises TooMany (429, Retry-After).

    The address goes into Redis as a keyed hash only (law 8).
    """
    if not settings.RATE_LIMITS or not breaker.closed:
        return
    who = keyed("limit", client_address(request)).hex()[:32]
    try:
        if _limiter().hit(limit, *scope, who):
            return
        resets_at, _ = _limiter().get_window_stats(limit, *scope, who)
    except Unavailable as problem:
        breaker.trip(problem)
        return
    seconds = max(1, int(resets_at - time.time()) + 1)
    raise TooMany("Too many requests. Please wait a little.", retry_after_s=seconds)
