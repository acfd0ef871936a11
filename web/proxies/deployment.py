"""What `manage.py check --deploy` can say of proxies before one is there. /healthz/proxy says the rest."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from core.private_names import PRIVATE

_PAGE = "See docs/proxies.md."


@register("proxies", deploy=True)
def proxies(**_: Any) -> list[CheckMessage]:
    """Settings that contradict each other, or that no site on the internet should have."""
    found: list[CheckMessage] = []
    hosts = settings.ALLOWED_HOSTS

    def warn(number: int, sentence: str, hint: str) -> None:
        found.append(Warning(sentence, hint=f"{hint} {_PAGE}", id=f"tallyline.W{number:03}"))

    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        warn(
            1, "HTTPS is on and TRUSTED_PROXIES is 0: X-Forwarded-Proto, -Host and -For are not read.",
            "Set TRUSTED_PROXIES to the number of proxies in front.",
        )  # fmt: skip
    if settings.HTTPS and PRIVATE in hosts:
        warn(2, "ALLOWED_HOSTS has `private` beside HTTPS: private addresses have no certificates.", "List the names.")
    if "*" in hosts:
        warn(
            3,
            "ALLOWED_HOSTS has `*`: pages of other sites can be made to lead here (DNS rebinding).",
            "List the names.",
        )
    if any("/" in host or host.count(":") == 1 for host in hosts):
        warn(
            4,
            "ALLOWED_HOSTS has a name with a scheme, a path or a port: no request matches it.",
            "Give the name alone.",
        )
    return found
