"""A signed-in person's own page: where they work, and how they sign in."""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.languages import in_english
from venues.models import User
from venues.owner_pages import Desk


@in_english
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Where the person works, and the ways to change how they sign in."""
    person = request.user
    if not isinstance(person, User):
        return redirect_to_login(request.get_full_path())
    memberships = person.memberships.select_related("venue").order_by("venue__name", "pk")
    context = {
        "person": person,
        "works": [(one, Desk(person, one.venue, []).home) for one in memberships],
        "local_passwords": settings.LOCAL_PASSWORDS,
    }
    return render(request, "host/account.html", context)
