"""Commands on the address of an account: the person asks for another one, and proves that it is theirs."""

from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from core import clock
from core.actors import Actor
from core.change import durable
from core.errors import Conflict, existing
from mail.commands import post
from venues import refusals
from venues.models import User
from venues.new_email import VALID_FOR, wanting

# A second mail to one address within this time would say the same.
AGAIN_S = 300


@durable()
def request_new_email(*, user_id: int, email: str, origin: str) -> None:
    """Has a link sent to the new address. The account keeps its own until the link is followed; a later request for another
    address replaces this one. At most one mail to an address in AGAIN_S seconds. `origin`: as of `invite`.

    Says nothing of whether an account has the address. Raises Conflict for the person's own, ValidationError for a malformed one.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    at, address = clock.now(), email.strip().lower()
    if address == user.email:
        raise Conflict(refusals.SAME_EMAIL, field="email")
    if user.new_email != address or user.new_email_key is None:
        # The link that went to another address must not prove this one.
        user.new_email, user.new_email_key = address, uuid4()
    user.new_email_until = at + VALID_FOR
    user.full_clean(exclude=["password"])
    user.save(update_fields=["new_email", "new_email_key", "new_email_until"])
    post(
        kind="new_email",
        to=address,
        about=user.new_email_key,
        origin=origin,
        once=f"new email {user.new_email_key} {int(at.timestamp()) // AGAIN_S}",
        actor=Actor("host", user.pk),
    )


@durable()
def confirm_new_email(*, key: UUID, origin: str) -> User:
    """Gives the account the address whose link was followed, once. The old address is told. Sessions stay.

    Raises NotFound for a link that was used or replaced, or has expired; Conflict for an address that has an account by now.
    """
    User.objects.select_for_update(no_key=True).filter(new_email_key=key).first()
    user = existing(wanting(key, now=clock.now()), refusals.NO_NEW_EMAIL)
    before, user.email = user.email, user.new_email
    user.new_email, user.new_email_key, user.new_email_until = "", None, None
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "new_email", "new_email_key", "new_email_until"])
    except IntegrityError:
        raise Conflict(refusals.EMAIL_TAKEN) from None
    # django-allauth's own record of addresses: the old one must not find this person any more.
    EmailAddress.objects.filter(user=user).delete()
    post(
        kind="email_changed",
        to=before,
        origin=origin,
        once=f"email changed {key}",
        actor=Actor("host", user.pk),
    )
    return user
