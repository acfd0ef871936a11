"""Where a person is signed in, and signing out everywhere else."""

from typing import Any, ClassVar

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from core.languages import in_english
from venues.models import User


@receiver(user_logged_in)
def note(sender: object, request: HttpRequest, user: User, **_: object) -> None:
    """Keeps each sign-in, by whichever page, for the list."""
    UserSession.objects.create_from_request(request, user=user)


@method_decorator([in_english, never_cache], "dispatch")
class Sessions(ListUserSessionsView):
    """The person's sign-ins. The button ends all but this one."""

    template_name = "host/sessions.html"
    http_method_names: ClassVar = ["get", "head", "post"]

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """The sign-ins, each with what its browser is called."""
        context: dict[str, Any] = super().get_context_data(**options)
        context["sessions"] = [(each, device(each.user_agent)) for each in context["sessions"]]
        return context


# The first that stands in a User-Agent header: browsers also name those that they descend from.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "a Mac",
    "CrOS": "a Chromebook",
    "Linux": "Linux",
}


def device(user_agent: str) -> str:
    """A browser and its system in words, e.g. "Chrome on Android"."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
