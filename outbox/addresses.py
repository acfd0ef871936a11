"""Addresses to which effects post something, given by people and programs that may not be trusted (X4)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

LONGEST_ADDRESS = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}

_PRINTABLE = re.compile(r"[\x21-\x7e]+")


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
    if not host:
        raise NotAllowed(f"must be {what}.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    extra = (host, port) in _extra_hosts(tuple(extra_hosts), parts.scheme)
    if parts.scheme != "https" and not extra:
        raise NotAllowed("must be an https address.")
    return Address(parts.scheme, host, port, target, extra)


@lru_cache(maxsize=8)
def _extra_hosts(words: tuple[str, ...], scheme: str) -> frozenset[tuple[str, int]]:
    return frozenset(extra_host(word, scheme) for word in words)


def extra_host(word: str, scheme: str = "https") -> tuple[str, int]:
    """(host, port) of a word of a setting; the port defaults to the scheme's. Raises ValueError."""
    parts = urlsplit(f"//{word}")
    if not parts.hostname or parts.path or parts.query or "@" in parts.netloc:
        raise ValueError("must hold hosts, as push.example or push.example:8443")
    return parts.hostname, parts.port if parts.port is not None else DEFAULT_PORTS[scheme]
