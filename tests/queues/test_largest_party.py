"""A party is at most as large as the venue says (decision 0022): one join does not take a whole line."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from core.errors import Conflict, Invalid
from queues import commands
from queues.models import Queue
from venues import commands as venue_commands

pytestmark = pytest.mark.django_db(transaction=True)


def line_for(largest: int | None, most: int = 100) -> Queue:
    """A line of a venue that takes such parties; None: of no venue."""
    venue = (
        venue_commands.create_venue(name="Nopa", largest_party=largest, timezone_name="UTC")
        if largest is not None
        else None
    )
    return commands.open_line(commands.NewLine(event_name="Friday", max_guests=most), venue=venue)


@pytest.mark.parametrize(("largest", "most"), [(None, 24), (8, 8), (60, 60)])
def test_no_way_in_takes_a_larger_party(largest: int | None, most: int) -> None:
    line = line_for(largest)
    for way in (commands.join, commands.add_walk_in):
        with pytest.raises(Invalid, match=f"size must be at most {most}") as refused:
            way(line.code, size=most + 1)
        assert refused.value.field == "size"
    answer = Client().post(f"/api/queue/{line.code}/join", {"size": most + 1}, content_type="application/json")
    assert (answer.status_code, "size" in answer.json()["error"]) == (400, True)
    assert Client().post(f"/queue/{line.code}", {"size": most + 1, "key": "0" * 32}).status_code == 400
    assert not line.parties.exists()
    party = commands.join(line.code, size=most).party
    with pytest.raises(Invalid, match="size"):
        commands.edit_party(line.code, party_id=party.pk, size=most + 1)
    commands.edit_party(line.code, party_id=party.pk, size=most - 1)


def test_the_whole_line_at_once_is_refused_and_more_than_the_line_is_409() -> None:
    line = line_for(None)
    with pytest.raises(Invalid):
        commands.join(line.code, size=100)
    with pytest.raises(Conflict):
        commands.join(line.code, size=101)


def test_a_party_that_was_larger_before_may_be_corrected() -> None:
    line = line_for(30)
    party = commands.join(line.code, size=30).party
    venue_commands.change_venue(venue_id=str(line.venue_id), name="Nopa", timezone_name="UTC", largest_party=10)
    commands.edit_party(line.code, party_id=party.pk, name="Ada", size=30)
    commands.edit_party(line.code, party_id=party.pk, size=29)
    with pytest.raises(Invalid):
        commands.edit_party(line.code, party_id=party.pk, size=30)


def test_the_page_offers_no_larger_party(settings: Settings) -> None:
    settings.LARGEST_PARTY = 12
    assert 'max="12"' in Client().get(f"/queue/{line_for(None).code}").content.decode()
    assert 'max="9"' in Client().get(f"/queue/{line_for(12, most=9).code}").content.decode()
    assert "At most 12." in (
        Client().post(f"/queue/{line_for(None).code}", {"size": 13, "key": "0" * 32}).content.decode()
    )
