"""Addresses to which effects post something, given by people and programs that may not be trusted (X4)."""

import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from core.private_names import is_private

LONGEST_ADDRESS = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}

_NAT64 = IPv6Network("64:ff9b::/96")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[0-9a-z._-]+|[0-9a-f:.]+")


class NotAllowed(ValueError):
    """An address that is not allowed. The message says why, without the address."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address, parsed. `extra`: an operator has named its host, so it may be private and speak plain HTTP."""

    scheme: str
    host: str
    port: int
    target: str
    extra: bool

    @property
    def authority(self) -> str:
        """host[:port], as in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """scheme://host[:port], the `aud` of RFC 8292."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The address in canonical spelling, so that one receiver is one row."""
        return self.origin + self.target


def parse(address: str, *, extra_hosts: Collection[str], what: str) -> Address:
    """Parses an address of https, of plain HTTP only for one of `extra_hosts` (host or host:port). `what` it must be, for the
    message. Raises NotAllowed."""
    if len(address) > LONGEST_ADDRESS:
        raise NotAllowed(f"must have at most {LONGEST_ADDRESS} characters.")
    # Before urlsplit, which drops control characters and treats a backslash differently than browsers do.
    if not _PRINTABLE.fullmatch(address) or "\\" in address:
        raise NotAllowed(f"must be {what}.")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowed(f"must be {what}.") from None
    if "@" in parts.netloc or "#" in address:
        raise NotAllowed("must not hold a user name or a fragment.")
    if parts.scheme not in DEFAULT_PORTS:
        raise NotAllowed("must be an https address.")
    if not _HOST.fullmatch(host) or ("[" in parts.netloc) != (":" in host):
        raise NotAllowed(f"must be {what}.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    extra = (host, port) in _extra_hosts(tuple(extra_hosts), parts.scheme)
    if parts.scheme != "https" and not extra:
        raise NotAllowed("must be an https address.")
    if not extra and (port == 0 or leads_inside(host)):
        raise NotAllowed("must lead to a public address.")
    return Address(parts.scheme, host, port, target, extra)


def is_public(text: str) -> bool:
    """Whether an IP address is public, also the IPv4 address inside an IPv6 one."""
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            address = inner
    return address.is_global and not address.is_multicast


def leads_inside(host: str) -> bool:
    """Whether a host is known not to be public without asking a name server: an address that is not, also written in decimal,
    octal or hex as resolvers read it, or a name that resolves only within a local network."""
    name = host.removesuffix(".")
    if is_private(name):
        return True
    try:
        return not is_public(host if ":" in host else socket.inet_ntoa(socket.inet_aton(name)))
    except (OSError, ValueError):  # a name
        return False


@lru_cache(maxsize=8)
def _extra_hosts(words: tuple[str, ...], scheme: str) -> frozenset[tuple[str, int]]:
    return frozenset(extra_host(word, scheme) for word in words)


def extra_host(word: str, scheme: str = "https") -> tuple[str, int]:
    """(host, port) of a word of a setting; the port defaults to the scheme's. Raises ValueError."""
    parts = urlsplit(f"//{word}")
    if not parts.hostname or parts.path or parts.query or "@" in parts.netloc:
        raise ValueError("must hold hosts, as push.example or push.example:8443")
    return parts.hostname, parts.port if parts.port is not None else DEFAULT_PORTS[scheme]
