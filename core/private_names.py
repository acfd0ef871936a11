"""Names and addresses of private networks: the meaning of `private` in ALLOWED_HOSTS (decision 0036)."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

PRIVATE = "private"
# RFC 1918, 3927, 4193, 4291, and the loopback.
_NETWORKS = [
    ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7", "fe80::/10",
    )
]  # fmt: skip
_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_LOCAL = re.compile(rf"(?:{_LABEL}\.)+local|(?:{_LABEL}\.)*localhost")
_ADDRESS = re.compile(r"[0-9.]+|\[[0-9a-f:.]+\]")


def is_private(domain: str) -> bool:
    """Whether this is a private, link-local or loopback address, or a name that resolves only within a local network.

    No name server of the internet can lead a foreign page here under one of these: an address is not looked up, and `.local`
    (RFC 6762) and `localhost` (RFC 6761) are answered on the local network and by the machine itself.
    """
    if _LOCAL.fullmatch(domain):
        return True
    if not _ADDRESS.fullmatch(domain) or domain.startswith("[") != (":" in domain):
        return False
    try:
        address: IPv4Address | IPv6Address = ip_address(domain.strip("[]"))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in _NETWORKS)
