"""Which language a page is written in: guests read their own, hosts, staff and programs read English."""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

# The attribute of a view that says its language; decorators that wrap a view copy it.
_LANGUAGE = "page_language"
READERS, ENGLISH = "readers", "english"

View = TypeVar("View", bound=Callable[..., Any])


def in_readers_language(view: View) -> View:
    """Decorates the view of a page for guests: answered in the language that the reader's browser asks for."""
    setattr(view, _LANGUAGE, READERS)
    return view


def in_english(view: View) -> View:
    """Decorates the view of a page for hosts, staff or operators."""
    setattr(view, _LANGUAGE, ENGLISH)
    return view


def language_of(view: Callable[..., Any]) -> str | None:
    """READERS or ENGLISH, as the view is decorated; None for answers that programs read."""
    return getattr(view, _LANGUAGE, None)


class GuestLanguage:
    """Middleware: a page in the reader's language is made in that of the language cookie, else of Accept-Language, else English.

    Unlike Django's LocaleMiddleware it leaves the other answers alone: those of the API are read by programs, and a `Vary`
    on them would be one more thing for caches to keep apart.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with `Content-Language` and `Vary` where the language was the reader's."""
        with translation.override(settings.LANGUAGE_CODE):
            answer = self.get_response(request)
        if language := getattr(request, "guest_language", None):
            answer.headers.setdefault("Content-Language", language)
            patch_vary_headers(answer, ("Accept-Language",))
        return answer

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object) -> None:
        """Django's hook, before the view."""
        if language_of(view) == READERS:
            speak(request)


def speak(request: HttpRequest) -> None:
    """Switches to the reader's language for the rest of this request."""
    language = named(request)
    request.guest_language = language  # type: ignore[attr-defined]
    translation.activate(language)


def named(request: HttpRequest) -> str:
    """The language that a request asks for by cookie or Accept-Language, e.g. "ja"; English when we have none of them."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return asked_for(request.headers.get("Accept-Language", ""), chosen)


@lru_cache(maxsize=1024)
def asked_for(accept: str, chosen: str = "") -> str:
    """The same from the values of Accept-Language and of the language cookie, for requests that do not enter Django."""
    for wanted in (chosen, *(name for name, _ in parse_accept_lang_header(accept))):
        if wanted == "*":
            break
        with suppress(LookupError):
            return get_supported_language_variant(wanted)
    return settings.LANGUAGE_CODE
