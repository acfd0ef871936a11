"""Signing in by another service (OpenID Connect): whose account it is, and who gets one (settings.SOCIALACCOUNT_ADAPTER)."""

from typing import NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import render

from core.errors import Refused
from venues import commands
from venues.models import User
from venues.opened_invitations import forget, opened

NO_ANSWER = "The other service did not sign you in. Try again, or ask the person who runs it."


class SingleSignOn(DefaultSocialAccountAdapter):
    """django-allauth's hooks. An account is found by the service's own id for the person; the first time by their address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Accounts come by invitation (pre_social_login)."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Finds the account of a person who comes for the first time, or makes it for one who was invited.

        Only an address that the service has verified counts: otherwise anybody could take over an account by naming its address
        there. Raises ImmediateHttpResponse (403) for all others.
        """
        account = sociallogin.account
        account.extra_data = {}  # what the service tells of the person is not kept
        if sociallogin.is_existing:
            account.save(update_fields=["extra_data"])
            return
        email = _verified_address(sociallogin)
        if not email:
            _refuse(request, "The other service did not confirm your e-mail address, so we cannot tell who you are.")
        user = User.objects.filter(email=email).first() or self._invited(request, email, sociallogin)
        if user is None:
            _refuse(
                request, f"Nobody with the address {email} has an account here. Ask your venue’s owner to invite you."
            )
        sociallogin.connect(request, user)

    def on_authentication_error(self, request: HttpRequest, *arguments: object, **options: object) -> NoReturn:
        """The service refused, or could not be reached."""
        _refuse(request, NO_ANSWER)

    def _invited(self, request: HttpRequest, email: str, sociallogin: SocialLogin) -> User | None:
        """The new account of a person who has opened an invitation in this browser."""
        invitation = opened(request)
        if invitation is None:
            return None
        try:
            name = sociallogin.user.first_name if sociallogin.user is not None else ""
            user = commands.accept_with_new_account(
                invitation_id=invitation.pk, email=email, password=None, first_name=name
            )
        except Refused as refused:
            _refuse(request, refused.message)
        except ValidationError:
            _refuse(request, "The other service sent an e-mail address that is none.")
        forget(request, invitation)
        return user


def _verified_address(sociallogin: SocialLogin) -> str:
    """The person's address, in small letters; empty when the service does not vouch for it."""
    found = (each.email for each in sociallogin.email_addresses if each.verified or settings.OIDC_TRUST_ADDRESSES)
    return next(found, "").strip().lower()


def _refuse(request: HttpRequest, why: str) -> NoReturn:
    """The page that says why not."""
    raise ImmediateHttpResponse(render(request, "host/no_account.html", {"why": why}, status=403))
