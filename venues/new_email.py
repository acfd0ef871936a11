"""The link that proves a person's new address. It is derived from the key that the account holds, and stored nowhere."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer

from venues.models import User

VALID_FOR = timedelta(hours=1)


def link_token(key: UUID) -> str:
    """What stands in the link: the key, signed with SECRET_KEY."""
    return _signer().sign(str(key))


def key_of(token: str) -> UUID | None:
    """The key of a link's token; None for one that was not made here."""
    try:
        return UUID(_signer().unsign(token))
    except BadSignature:
        return None


def wanting(key: UUID | None, *, now: datetime) -> User | None:
    """The person whose new address this key is for; None when it was used or replaced, has expired, or the account is closed."""
    if key is None:
        return None
    return User.objects.filter(new_email_key=key, new_email_until__gt=now, is_active=True).first()


def _signer() -> Signer:
    return Signer(salt="new e-mail")
