"""A venue's slugs: one now, the old ones for ever, none of them another venue's."""

import pytest
from django.core.exceptions import ValidationError

from tests.threads import in_threads
from venues import commands
from venues.models import Venue
from venues.selectors import venue_at
from venues.standing import VenueSlug

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_venue_gets_an_address_of_its_name_and_the_next_a_number() -> None:
    assert [commands.create_venue(name="Casa Azul", timezone_name="UTC").slug for _ in range(3)] == [
        "casa-azul",
        "casa-azul-2",
        "casa-azul-3",
    ]


def test_an_old_slug_goes_on_to_lead_to_its_venue_and_can_be_taken_back() -> None:
    venue = commands.create_venue(name="Casa Azul", timezone_name="UTC")
    for slug in ("casa-roja", "casa-azul"):
        commands.change_venue(venue_id=venue.pk, slug=slug)
        assert {venue_at(each) for each in ("casa-azul", "casa-roja")} == {venue}
        assert Venue.objects.get().slug == slug


def test_a_slug_that_was_ever_another_venues_is_refused_and_nothing_changes() -> None:
    first, second = (
        commands.create_venue(name="Casa Azul", timezone_name="UTC"),
        commands.create_venue(name="Nonna", timezone_name="UTC"),
    )
    commands.change_venue(venue_id=first.pk, slug="casa-roja")
    for slug in ("casa-azul", "casa-roja"):
        with pytest.raises(ValidationError) as refused:
            commands.change_venue(venue_id=second.pk, name="Changed", slug=slug)
        assert list(refused.value.message_dict) == ["slug"]
        assert "belongs to another venue" in refused.value.messages[0]
    second.refresh_from_db()
    assert (second.name, second.slug) == ("Nonna", "nonna")
    Venue.objects.filter(pk=first.pk).delete()
    with pytest.raises(ValidationError, match="belongs to another venue"):
        commands.create_venue(name="New", slug="casa-azul", timezone_name="UTC")
    assert venue_at("casa-azul") is None


@pytest.mark.parametrize("slug", ["Casa", "a", "admin", "casa--azul", "x" * 61])
def test_a_malformed_or_reserved_slug_is_refused_beside_its_field(slug: str) -> None:
    venue = commands.create_venue(name="Nonna", timezone_name="UTC")
    for act in (
        lambda: commands.change_venue(venue_id=venue.pk, slug=slug),
        lambda: commands.create_venue(name="Other", slug=slug, timezone_name="UTC"),
    ):
        with pytest.raises(ValidationError) as refused:
            act()
        assert list(refused.value.message_dict) == ["slug"]
    assert VenueSlug.objects.count() == Venue.objects.count() == 1


def test_venues_of_one_name_made_at_once_get_different_addresses() -> None:
    in_threads(4, lambda: commands.create_venue(name="Casa Azul", timezone_name="UTC"))
    assert sorted(Venue.objects.values_list("slug", flat=True)) == [
        "casa-azul",
        "casa-azul-2",
        "casa-azul-3",
        "casa-azul-4",
    ]
