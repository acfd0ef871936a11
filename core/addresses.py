"""The client's address, by which voters and tries are counted: the same for our code and for libraries that ask for an
address (django-axes). Behind a proxy `REMOTE_ADDR` is the proxy's."""

import logging
import re
import secrets
import time
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from core.asgi_types import Scope
from core.hashing import keyed

logger = logging.getLogger(__name__)

# RFC 7239, section 4: a node's port is a number or an obfuscated word that begins with `_`.
_PORT = re.compile(r":(?:[0-9]{1,5}|_[A-Za-z0-9._-]+)$")
_BRACKETS = re.compile(r"\[([^\]]*)\](?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?")
_FOR = re.compile(r"(?:^|;)\s*for\s*=\s*([^;]*)", re.IGNORECASE)
# What a proxy writes when it has no address: `unknown` (RFC 7239; Squid), `unix:` and `-` (nginx).
_NO_ADDRESS = {"", "-", "unknown", "unix", "unix:", "none", "null"}
# IPv6 that carries an IPv4 address in its last 32 bits (RFC 4291, 6052, 7915): all the IPv4 internet is one /64 of these.
_CARRIES_V4 = [IPv6Network(text) for text in ("::ffff:0:0/96", "64:ff9b::/96", "::ffff:0:0:0/96")]
# RFC 6666, discard-only: the address of no machine.
_NO_MACHINE = int(IPv6Address("100::"))
LONGEST_KNOWN = 64
QUIET_S = 60.0
_said_at = -QUIET_S


def client_address(request: HttpRequest | Request) -> str:
    """The client's address, IPv6 cut to its /64; no client can choose it.

    With `TRUSTED_PROXIES` n it is the n-th entry from the right of X-Forwarded-For, or of Forwarded where there is none:
    entries left of that were sent by the client itself. An entry that cannot be parsed counts as a separate client.
    """
    meta = request.META
    return _address(meta.get("REMOTE_ADDR") or "", meta.get("HTTP_X_FORWARDED_FOR", ""), meta.get("HTTP_FORWARDED", ""))


def address_of(scope: Scope) -> str:
    """The same for a request that did not enter Django."""
    connection = (scope.get("client") or ("", 0))[0] or ""
    if not settings.TRUSTED_PROXIES:
        return identity(connection)
    sent = scope["headers"]
    forwarded_for, forwarded = (
        ",".join(value.decode("latin-1") for name, value in sent if name == wanted)
        for wanted in (b"x-forwarded-for", b"forwarded")
    )
    return _address(connection, forwarded_for, forwarded)


def stored_address(request: HttpRequest) -> str:
    """The same as an address that fits a column of addresses, for django-axes (AXES_CLIENT_IP_CALLABLE): a network's first
    address; for an identity that is no address, a keyed hash of it in a network of no machine."""
    who = client_address(request)
    try:
        return str(ip_address(who.removesuffix("/64")))
    except ValueError:
        return str(IPv6Address(_NO_MACHINE | int.from_bytes(keyed("address", who)[:8])))


def _address(connection: str, forwarded_for: str, forwarded: str) -> str:
    if hops := settings.TRUSTED_PROXIES:
        for header in (forwarded_for, forwarded):
            # Split at each comma, also within quotes that the client may have sent before: our proxy's own entry has none.
            if entries := [entry.strip() for entry in header.split(",") if entry.strip()]:
                return identity(entries[-min(hops, len(entries))])
    return identity(connection)


def identity(entry: str) -> str:
    """The client that an address stands for, as a server or proxy wrote it. Never raises and never merges two clients: an entry
    that cannot be read is one client; without any entry, each request is one."""
    known = _known(entry) if len(entry) <= LONGEST_KNOWN else _read(entry)
    if known is not None:
        return known
    _say(entry)
    # Each request counts alone; otherwise all such clients would be one voter.
    return f"unknown:{secrets.token_hex(16)}" if _node(entry).lower() in _NO_ADDRESS else f"unread:{entry}"


@lru_cache(maxsize=4096)  # parsing takes longer than all that is then done with it
def _known(entry: str) -> str | None:
    return _read(entry)


def _read(entry: str) -> str | None:
    """The address in an entry, as it is counted; None when there is none."""
    address = _parsed(_node(entry))
    if not isinstance(address, IPv6Address):
        return None if address is None else str(address)
    if any(address in network for network in _CARRIES_V4):
        return str(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address.teredo:
        return str(address.teredo[1])  # its /64 is the relay's
    if address.is_link_local:
        return str(address)  # fe80::/64 is every machine on the same wire
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


def _node(entry: str) -> str:
    """The node of an entry, without what may stand around it: `for=` and its other parameters, and quotes."""
    node = entry.strip()
    if found := _FOR.search(node):
        node = found[1].strip()
    if len(node) > 1 and node[0] == node[-1] == '"':
        node = re.sub(r"\\(.)", r"\1", node[1:-1]).strip()
    return node


def _parsed(node: str) -> IPv4Address | IPv6Address | None:
    """Without brackets, port and zone. An unbracketed IPv6 address that is whole has no port."""
    inner = _BRACKETS.fullmatch(node)
    for written in (inner[1],) if inner else (node, _PORT.sub("", node)):
        try:
            return ip_address(written.partition("%")[0].strip())
        except ValueError:
            continue
    return None


def _say(entry: str) -> None:
    """Logs, at most once a minute, the shape of an address that cannot be read (law 8: not the address)."""
    global _said_at
    if (now := time.monotonic()) - _said_at < QUIET_S:
        return
    _said_at = now
    shape = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", entry[:LONGEST_KNOWN]))
    logger.warning("a client's address cannot be read", extra={"shape": shape, "proxies": settings.TRUSTED_PROXIES})
