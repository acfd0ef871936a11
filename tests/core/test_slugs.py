"""Slugs of venues: what may be one, and which one a name suggests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import slugs
from core.identifiers import canonical


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Casa Azul", "casa-azul"),
        ("Joe's Café & Bar", "joes-cafe-and-bar"),
        ("Ōkubo Sushi", "okubo-sushi"),
        ("Straßenküche", "strassenkuche"),
        ("Þór & Ægir", "thor-and-aegir"),
        ("Łódź", "lodz"),
        ("  Bar  24/7!  ", "bar-24-7"),
        ("Admin", "admin-2"),
        ("A", "a-2"),
    ],
)
def test_a_name_suggests_its_own_letters(name: str, slug: str) -> None:
    assert next(slugs.proposed(name)) == slug


@pytest.mark.parametrize("name", ["寿司", "Кафе", "مطعم", "🍜", "…"])
def test_a_name_without_latin_letters_gets_a_made_up_slug_that_says_so(name: str) -> None:
    slug = next(slugs.proposed(name))
    assert slug.startswith("venue-") and slugs.is_made_up(slug, name)
    assert not slugs.is_made_up("sushi-bar", name)


@given(st.text(max_size=120))
def test_whatever_a_venue_is_called_all_its_slugs_may_be_one(name: str) -> None:
    found = list(slugs.proposed(name))
    assert len(set(found)) == len(found) >= 9
    assert [slugs.problem_with(slug) for slug in found if slugs.problem_with(slug)] == []
    assert all(canonical(f"/v/{slug}/wall") == f"/v/{slug}/wall" for slug in found), "the door leaves it as it is"


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "a",
        "a" * 61,
        "-azul",
        "azul-",
        "casa--azul",
        "Casa",
        "casa_azul",
        "casa azul",
        "café",
        "casa.azul",
        "qr.svg",
    ],
)
def test_what_is_no_slug_is_told_what_would_be_one(slug: str) -> None:
    assert "such as casa-azul" in slugs.problem_with(slug)


@pytest.mark.parametrize(
    "slug", ["admin", "venue", "queue", "9b2f1f4e58a64a5e9a430c6d7d1f7a11", "9b2f1f4e-58a6-4a5e-9a43-0c6d7d1f7a11"]
)
def test_reserved_words_and_ids_are_no_slugs(slug: str) -> None:
    assert "reserved" in slugs.problem_with(slug)


@pytest.mark.parametrize(
    "text", ["casa-azul", " Casa-Azul ", "https://example.com/v/casa-azul/", "/v/casa-azul.", "ｃａｓａ-azul"]
)
def test_an_address_may_be_typed_or_pasted(text: str) -> None:
    assert slugs.typed(text) == "casa-azul"
