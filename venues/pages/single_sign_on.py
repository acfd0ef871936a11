"""Signing in by another service (OpenID Connect): to it, and back."""

from collections.abc import Callable

from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core import rate_limits
from core.errors import TooMany
from core.languages import in_english
from venues.pages.sign_in import too_many
from venues.single_sign_on import NO_ANSWER
from web.referrers import without_referrer


@in_english
@never_cache
@require_safe
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leads to the service. A link and no form: after a form, browsers go nowhere but to this site (form-action)."""
    return _limited(request, views.login, provider_id)


@in_english
@without_referrer
@never_cache
@require_safe
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the service leads back to, with a code that is good once."""
    return _limited(request, views.callback, provider_id)


def _limited(request: HttpRequest, view: Callable[..., HttpResponse], provider_id: str) -> HttpResponse:
    """Each asks the service over the network. Raises Http404 where there is none."""
    if not settings.OIDC_ISSUER:
        raise Http404("no single sign-on here")
    try:
        rate_limits.check(request, rate_limits.SINGLE_SIGN_ON, "single-sign-on")
    except TooMany as refused:
        return too_many(request, refused)
    try:
        return view(request, provider_id)
    except (OSError, KeyError, ValueError):  # it is away, or what it answered is not OpenID Connect
        return render(request, "host/no_account.html", {"why": NO_ANSWER}, status=502)
