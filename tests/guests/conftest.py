"""A venue that knows its guests, and a line of it."""

from uuid import UUID

import pytest
from django.db import transaction

from core import clock
from guests import commands, selectors
from guests.selectors import Known
from queues import commands as queue_commands
from queues.models import Party, Queue
from reach.models import Contact
from tests.venues.people_of_venue import venue_with_people
from venues.models import Venue

ANA, BEN = "+34612345678", "+34698765432"


@pytest.fixture
def venue(transactional_db: None) -> Venue:
    made = venue_with_people()
    commands.change_history(venue_id=made.pk, on=True, months=6)
    return Venue.objects.get()


@pytest.fixture
def line(venue: Venue) -> Queue:
    return queue_commands.open_line(queue_commands.NewLine(event_name="Dinner", max_guests=100), venue=venue)


def come(line: Queue, number: str, *, name: str = "", end: str = "serve") -> Party:
    """A party with this number comes, and its place ends by the command `end` ("": it waits)."""
    party = queue_commands.join(line.pk, name=name).party
    say(party.pk, number)
    if end == "no_show":
        queue_commands.call(line.pk, party_id=party.pk)
    if end:
        getattr(queue_commands, end)(line.pk, party_id=party.pk)
    return party


def say(party_id: UUID, number: str) -> None:
    """The party's guest gives this number; empty: none any more."""
    Contact.objects.filter(party=party_id).delete()
    if number:
        Contact.objects.create(party_id=party_id, number=number, changed_at=clock.now())
    with transaction.atomic():
        commands.recognise([party_id])


def known(party: Party) -> Known:
    found = selectors.of_party(party.pk)
    assert found is not None
    return found
