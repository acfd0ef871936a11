"""System checks of the push settings: an error at the start, not at the first call of a guest."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from outbox.addresses import extra_host
from push import vapid


@register()
def check_push_settings(**_: Any) -> list[CheckMessage]:
    """Checks VAPID_PRIVATE_KEY, VAPID_SUBJECT and PUSH_EXTRA_HOSTS."""
    problems: list[CheckMessage] = []
    try:
        if settings.VAPID_PRIVATE_KEY:
            vapid.private_key()
    except ValueError as problem:
        problems.append(Error(str(problem), id="push.E001"))
    if not re.fullmatch(r"mailto:\S+@\S+|https://\S+", settings.VAPID_SUBJECT):
        problems.append(Error("VAPID_SUBJECT must be a mailto: or https: address", id="push.E002"))
    for word in settings.PUSH_EXTRA_HOSTS:
        try:
            extra_host(word)
        except ValueError as problem:
            problems.append(Error(f"PUSH_EXTRA_HOSTS {problem}", id="push.E003"))
    return problems
