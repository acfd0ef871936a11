"""One POST to a provider: to a checked address, over a connection of its own, once, within TEXT_TIMEOUT_S (X4)."""

from django.conf import settings

from outbox import addresses
from outbox.addresses import Address, NotAllowed
from outbox.connections import Answer, Unreachable, pool


def parse(url: str) -> Address:
    """An address of a provider. Raises NotAllowed."""
    return addresses.parse(url, extra_hosts=settings.TEXT_EXTRA_HOSTS, what="the https address of a gateway")


def post(url: str, headers: dict[str, str], body: bytes) -> Answer:
    """Posts and returns the answer. Redirects are answers. Raises Unreachable, also for an address that is not allowed, and
    InsideTransaction."""
    try:
        address = parse(url)
    except NotAllowed:
        raise Unreachable("its address is not allowed") from None
    return pool.post(address, headers, body, timeout_s=settings.TEXT_TIMEOUT_S, reuse=False)
