"""The letters about accounts and venues (mail/letters.py). Links are made here, when a letter is sent, and kept nowhere."""

from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import reverse

from core import clock
from mail.letters import Letter
from mail.models import Mail
from venues.invitations import State, state_of, token_of
from venues.models import NO_ZONE, ApiKey, Invitation, User
from venues.new_email import VALID_FOR, link_token, wanting


def password_reset(mail: Mail) -> Letter | None:
    """The link for a new password; None when no account that signs in by password has the address."""
    user = User.objects.filter(email=mail.to, is_active=True).first()
    if user is None or not user.has_usable_password() or not settings.LOCAL_PASSWORDS:
        return None
    way = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    link = mail.origin + reverse("account_reset_password_from_key", kwargs=way)
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    return Letter(
        "A new password for Tallyline", render_to_string("mail/password_reset.txt", {"link": link, "minutes": minutes})
    )


def invitation(mail: Mail) -> Letter | None:
    """The link that takes the offered role; None when the invitation was taken, revoked, or has expired."""
    found = Invitation.objects.select_related("venue", "invited_by").filter(pk=str(mail.about)).first()
    if found is None or state_of(found, now=clock.now()) is not State.OPEN:
        return None
    link = mail.origin + reverse("invitation-link", args=[token_of(found.pk)])
    context = {"invitation": found, "link": link}
    return Letter(f"{found.venue.name} invites you", render_to_string("mail/invitation.txt", context))


def new_email(mail: Mail) -> Letter | None:
    """The link that proves a new address; None when it was used or replaced, or has expired."""
    if mail.about is None or wanting(mail.about, now=clock.now()) is None:
        return None
    link = mail.origin + reverse("new-email-link", args=[link_token(mail.about)])
    minutes = VALID_FOR // timedelta(minutes=1)
    return Letter(
        "Your new address for Tallyline", render_to_string("mail/new_email.txt", {"link": link, "minutes": minutes})
    )


def api_key_expires(mail: Mail) -> Letter | None:
    """Tells an owner a week before; None when the key has expired or was ended since."""
    number = mail.about.int if mail.about is not None else 0
    key = ApiKey.objects.select_related("venue").filter(pk=number, revoked_at=None, expires_at__gt=clock.NOW).first()
    if key is None or key.expires_at is None:
        return None
    page = f"{mail.origin}{reverse('api-keys')}?{urlencode({'venue': key.venue_id})}" if mail.origin else ""
    day = key.expires_at.astimezone(ZoneInfo(key.venue.zone or NO_ZONE))
    context = {"key": key, "day": f"{day:%A, %-d %B %Y at %H:%M}", "zone": key.venue.zone or NO_ZONE, "page": page}
    return Letter(f"{key.venue.name}: an API key expires soon", render_to_string("mail/api_key_expires.txt", context))


def email_changed(mail: Mail) -> Letter:
    """Tells the old address that it is one no more, in case the person did not do it."""
    return Letter("Your Tallyline account has a new address", render_to_string("mail/email_changed.txt"))
