"""What a mail says. Each kind has a function in the slice that knows what it is about, named here by a dotted string."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.module_loading import import_string

from mail.models import Mail


@dataclass(frozen=True, slots=True)
class Letter:
    """The subject, on one line, and the text of a mail. `html`: the same for programs that show it; it refers to a PNG of
    `pictures` as cid:NAME. `headers`: more of them.
    """

    subject: str
    text: str
    html: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


Compose = Callable[[Mail], Letter | None]

_COMPOSED_BY: dict[str, str] = {
    "password_reset": "venues.letters.password_reset",
    "invitation": "venues.letters.invitation",
    "new_email": "venues.letters.new_email",
    "email_changed": "venues.letters.email_changed",
    "api_key_expires": "venues.letters.api_key_expires",
    "weekly_report": "analytics.letters.weekly_report",
    "texts_cost": "reach.text_letters.texts_cost",
    "webhook_disabled": "webhooks.letters.webhook_disabled",
}


def letter_of(mail: Mail) -> Letter | None:
    """The letter as of now; None when there is nothing to say any more, e.g. when no account has the address."""
    compose: Compose = import_string(_COMPOSED_BY[mail.kind])
    return compose(mail)
