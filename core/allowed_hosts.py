"""The names that this site answers to: one rule for the event loop and for Django (`teach_django`)."""

import re
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.core.signals import setting_changed
from django.http import request as django_request
from django.http.request import split_domain_port
from django.http.request import validate_host as is_listed

from core.asgi_types import Scope
from core.private_names import PRIVATE, is_private

# A name has 253 letters at most (RFC 1035), a port five digits.
LONGEST = 260
_ADDRESS = re.compile(r"[0-9.]+|\[[0-9A-Fa-f:.]+\]")


def is_ours(scope: Scope, *, any_address: bool = False) -> bool:
    """Whether the request's Host is of ALLOWED_HOSTS, as Django checks it. `any_address`: an IP address is good, too.

    Without the check, a page whose name is made to lead here (DNS rebinding) would have our own origin. Only HTTP/1.0
    may have no Host (RFC 9112, 3.2); the name is then the server's, as for Django.
    """
    found = [value for name, value in scope["headers"] if name == b"host"]
    if len(found) == 1:
        return is_allowed(found[0]) or any_address and _is_address(found[0])
    if found or scope.get("http_version") not in {None, "1.0"}:
        return False
    server = scope.get("server")
    return server is None or is_allowed(str(server[0]).encode()) or any_address


def as_addressed(scope: Scope) -> Scope:
    """The request under the Host that the browser has asked for, where a proxy of ours wrote another one (Apache's default).

    X-Forwarded-Host counts only with `TRUSTED_PROXIES`, by the same count as addresses (core/addresses.py); then it is what
    ALLOWED_HOSTS is asked about. Where it differs from Host in a missing port only, Host is the better one.
    """
    if not (hops := settings.TRUSTED_PROXIES):
        return scope
    sent = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-host")
    names = [name.strip() for name in sent.split(b",") if name.strip()]
    if not names or len([name for name, _ in scope["headers"] if name == b"host"]) != 1:
        return scope
    told = names[-min(hops, len(names))]
    headers = [
        (name, told if name == b"host" and not _adds_port(value, told) else value) for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers}


def _adds_port(host: bytes, told: bytes) -> bool:
    return host.lower().startswith(told.lower() + b":")


@lru_cache(maxsize=1024)  # bounded: clients choose the names
def is_allowed(host: bytes) -> bool:
    """Whether this value of Host is ours; cached, for every request asks."""
    if len(host) > LONGEST:
        return False
    allowed = settings.ALLOWED_HOSTS
    if settings.DEBUG and not allowed:
        allowed = [".localhost", "127.0.0.1", "[::1]"]  # django.http.HttpRequest.get_host
    domain, _ = split_domain_port(host.decode("latin-1"))
    return bool(domain) and is_named(domain, allowed)


setting_changed.connect(lambda **_: is_allowed.cache_clear(), weak=False)


def is_named(host: str, allowed_hosts: Iterable[str]) -> bool:
    """Whether a host, without its port, is one of these: Django's patterns, and the word `private`."""
    names = list(allowed_hosts)
    return is_listed(host, [name for name in names if name != PRIVATE]) or PRIVATE in names and is_private(host)


def teach_django() -> None:
    """Replaces the function by which Django checks every Host (HttpRequest.get_host): it knows only lists of names."""
    django_request.validate_host = is_named


def _is_address(host: bytes) -> bool:
    domain, _ = split_domain_port(host[:LONGEST].decode("latin-1"))
    return _ADDRESS.fullmatch(domain) is not None
