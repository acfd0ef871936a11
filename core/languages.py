"""Which language a page is written in: guests read their own, hosts, staff and programs read English; and whether its times of
day have 12 or 24 hours (decision 0062)."""

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

# English as it is written with a clock of 12 hours (7:30 PM) and of 24 (19:30): config/formats, frontend/shared/times.ts.
ENGLISH_12H, ENGLISH_24H = "en", "en-gb"
# The regions whose English is written with 24 hours (CLDR 48); 150 is Europe.
_REGIONS_OF_24H = (
    "150 ai at be bi bw bz cc ch ck cm cx cz de dk ee es fi fk fr gb ge gg gi gs hu id ie il im io it jp ke lt lv mg ms mt mu mv"
    " nf ng nl no nr nu pl pn pt ro rw sc se sh si sk sx tk tv tz ua ug za zw"
)

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
        if hasattr(request, "guest_language"):
            answer.headers.setdefault("Content-Language", locale_of(request))
            patch_vary_headers(answer, ("Accept-Language",))
        return answer

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object) -> None:
        """Django's hook, before the view."""
        language = language_of(view)
        if language == READERS:
            speak(request)
        elif language == ENGLISH:
            translation.activate(with_clock(ENGLISH_12H, request.headers.get("Accept-Language", "")))


def speak(request: HttpRequest) -> None:
    """Switches to the reader's language and clock for the rest of this request."""
    request.guest_language = named(request)  # type: ignore[attr-defined]
    translation.activate(locale_of(request))


def locale_of(request: HttpRequest) -> str:
    """The language that a request asks for, with its reader's clock: one of settings.LANGUAGES or ENGLISH_24H."""
    return with_clock(named(request), request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=1024)
def with_clock(language: str, accept: str) -> str:
    """The language with the clock that its reader is used to. Spanish and Japanese are written with 24 hours.

    English is written with 12 for a browser whose first language is the English of a region that uses 12, with 24 for all others,
    also for those that name no language.
    """
    if language != ENGLISH_12H:
        return language
    first = next((name for name, _ in parse_accept_lang_header(accept)), "")
    name, *subtags = first.split("-")
    return ENGLISH_12H if name == "en" and set(subtags).isdisjoint(_REGIONS_OF_24H.split()) else ENGLISH_24H


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
