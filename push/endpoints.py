"""Allowed push endpoints (X4): the push services of browsers, and the hosts in PUSH_EXTRA_HOSTS.

An endpoint comes from an untrusted client. Messages are sent only to those allowed here, and each connection's address is
checked again in outbox/connections.py.
"""

import re

from django.conf import settings

from outbox import addresses
from outbox.addresses import DEFAULT_PORTS, Address, NotAllowed

# Chrome, Edge on Android, Samsung, Opera: FCM. Firefox: Mozilla. Edge on Windows: WNS. Safari: Apple.
SERVICES = frozenset({"fcm.googleapis.com", "push.services.mozilla.com"})
SERVICE_SUFFIXES = (".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com")

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")


def parse(address: str) -> Address:
    """Parses an endpoint. Raises NotAllowed."""
    found = addresses.parse(address, extra_hosts=settings.PUSH_EXTRA_HOSTS, what="the address of a push service")
    if not found.extra and (found.port != DEFAULT_PORTS["https"] or not _is_service(found.host)):
        raise NotAllowed("is not one of the push services this site sends to.")
    return found


def _is_service(host: str) -> bool:
    return _HOST.fullmatch(host) is not None and (host in SERVICES or host.endswith(SERVICE_SUFFIXES))
