"""Allowed push endpoints (X4): the push services of browsers, and the hosts in PUSH_EXTRA_HOSTS.

An endpoint comes from an untrusted client. Messages are sent only to those allowed here, and each connection's address is
checked again in push/connections.py.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

LONGEST_ENDPOINT = 2000

# Chrome, Edge on Android, Samsung, Opera: FCM. Firefox: Mozilla. Edge on Windows: WNS. Safari: Apple.
SERVICES = frozenset({"fcm.googleapis.com", "push.services.mozilla.com"})
SERVICE_SUFFIXES = (".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com")

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class NotAllowed(ValueError):
    """An endpoint that is not allowed. The message says why, without the endpoint."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An allowed endpoint, parsed. `extra`: its host is in settings.PUSH_EXTRA_HOSTS, so it may be private."""

    scheme: str
    host: str
    port: int
    target: str
    extra: bool

    @property
    def authority(self) -> str:
        """host[:port], as in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """scheme://host[:port], the `aud` of RFC 8292."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The endpoint in canonical spelling, so that one browser is one row."""
        return self.origin + self.target


def parse(address: str) -> Endpoint:
    """Parses an endpoint. Raises NotAllowed."""
    if len(address) > LONGEST_ENDPOINT:
        raise NotAllowed(f"must have at most {LONGEST_ENDPOINT} characters.")
    # Before urlsplit, which drops control characters and treats a backslash differently than browsers do.
    if not _PRINTABLE.fullmatch(address) or "\\" in address:
        raise NotAllowed("must be the address of a push service.")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowed("must be the address of a push service.") from None
    if "@" in parts.netloc or "#" in address:
        raise NotAllowed("must not hold a user name or a fragment.")
    if parts.scheme not in _DEFAULT_PORTS:
        raise NotAllowed("must be an https address.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = _DEFAULT_PORTS[parts.scheme] if port is None else port
    if (host, port) in _extra_hosts(tuple(settings.PUSH_EXTRA_HOSTS), parts.scheme):
        return Endpoint(parts.scheme, host, port, target, extra=True)
    if parts.scheme != "https":
        raise NotAllowed("must be an https address.")
    if port != _DEFAULT_PORTS["https"] or not _is_service(host):
        raise NotAllowed("is not one of the push services this site sends to.")
    return Endpoint(parts.scheme, host, port, target, extra=False)


def _is_service(host: str) -> bool:
    return _HOST.fullmatch(host) is not None and (host in SERVICES or host.endswith(SERVICE_SUFFIXES))


@lru_cache(maxsize=8)
def _extra_hosts(words: Iterable[str], scheme: str) -> frozenset[tuple[str, int]]:
    return frozenset(extra_host(word, scheme) for word in words)


def extra_host(word: str, scheme: str = "https") -> tuple[str, int]:
    """(host, port) of an entry of PUSH_EXTRA_HOSTS; the port defaults to the scheme's. Raises ValueError."""
    parts = urlsplit(f"//{word}")
    if not parts.hostname or parts.path or parts.query or "@" in parts.netloc:
        raise ValueError("PUSH_EXTRA_HOSTS holds hosts, as push.example or push.example:8443")
    return parts.hostname, parts.port if parts.port is not None else _DEFAULT_PORTS[scheme]
