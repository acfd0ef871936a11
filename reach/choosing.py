"""What a guest may choose at a line, and what they typed, checked (queues/contacts.py names these functions)."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.errors import Invalid
from queues.contacts import LONGEST_EMAIL, Contact, Offered
from queues.models import Queue
from reach import channels, numbers, refusals


def offered(line: Queue) -> Offered:
    """What the line's venue asks a guest for: nothing without a way that needs it."""
    if line.venue_id is None:
        return Offered()
    needed = channels.addresses(channels.of_venue(line.venue_id).ways)
    return Offered(number="number" in needed, email="email" in needed)


def checked(
    line: Queue, *, number: str = "", email: str = "", ways: Sequence[str] = (), language: str = "en", origin: str = ""
) -> Contact:
    """The contact as it is kept: the number in E.164. Raises Invalid for the field `number`, `email` or `ways`, also where the
    venue does not offer such a way."""
    known, number, email = channels.of_venue(line.venue_id).ways, number.strip(), email.strip()
    needed = channels.addresses(known)
    if number:
        if "number" not in needed:
            raise Invalid(refusals.NOT_OFFERED, field="number")
        number = numbers.parse(number, region=numbers.region_of(line.zone))
    if email:
        if "email" not in needed:
            raise Invalid(refusals.NOT_OFFERED, field="email")
        _require_email(email)
    if any(name not in known for name in ways):
        raise Invalid(refusals.NOT_OFFERED, field="ways")
    ways = tuple(dict.fromkeys(ways))
    if (number or email) and not channels.in_order(ways, known, number=bool(number), email=bool(email)):
        raise Invalid(refusals.NO_WAY_LEFT, field="ways")
    return Contact(number=number, email=email, ways=ways, language=language, origin=origin)


def _require_email(email: str) -> None:
    user, _at, domain = email.rpartition("@")
    # Mail servers take other letters before the @ only by an extension, and no guest lives at an IP address.
    usual = len(email) <= LONGEST_EMAIL and user.isascii() and not domain.startswith("[")
    try:
        validate_email(email if usual else "")
    except ValidationError:
        raise Invalid(_("This is not an e-mail address."), field="email") from None
