"""Each page says whether it speaks its reader's language or English (core/languages.py)."""

import pytest

from core.api_paths import is_api
from core.languages import ENGLISH, READERS, language_of
from tests.routes import django_routes

# Django's own: it only redirects. Programs of providers call the last.
_FOREIGN = ("/admin/", "/language", "/texts/")
PAGES = {
    route: pattern.callback
    for route, pattern in django_routes().items()
    if not is_api(route) and not route.startswith(_FOREIGN)
}


def test_every_page_names_its_language() -> None:
    unnamed = [route for route, view in PAGES.items() if language_of(view) not in {READERS, ENGLISH}]
    assert not unnamed


@pytest.mark.parametrize(
    ("route", "language"),
    [
        ("/queue/<code:code>", READERS),
        ("/vote/<code:code>", READERS),
        ("/rooms/<code:code>", READERS),
        ("/vote/<code:code>/results", READERS),
        ("/queue/<code:code>/host", ENGLISH),
        ("/queue/<code:code>/poster", ENGLISH),
        ("/v/<venue:slug>", READERS),
        ("/v/<venue:slug>/poster", READERS),
        ("/venue", ENGLISH),
        ("/sign-in", ENGLISH),
    ],
)
def test_guests_read_their_language_and_hosts_english(route: str, language: str) -> None:
    assert language_of(PAGES[route]) == language
