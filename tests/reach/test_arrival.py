"""What hosts see of how a party is told, what went out last, and whether it arrived."""

from typing import Any

import pytest

from core import clock
from queues import commands as lines
from queues.contacts import Contact
from queues.models import Queue
from reach import arrival, commands
from reach.commands import spending
from reach.models import Message
from reach.ways import Result, Sent
from tests.reach.conftest import EMAIL, NUMBER, Join, work_off
from tests.reach.texts import Texts
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues.models import Venue

pytestmark = pytest.mark.django_db(transaction=True)


def last(party: Any) -> tuple[str, str, bool]:
    found = arrival.of_party(party).last
    assert found is not None
    return found.way, found.state, found.trouble


@pytest.mark.thorough
def test_hosts_see_the_ways_what_went_out_last_and_its_arrival(
    venue: Venue, line: Queue, join: Join, gateway: Texts
) -> None:
    commands.set_channels(venue_id=venue.pk, ways=["text", "push"], fallback_s=45)
    party = join(email="", told=False)
    assert arrival.of_party(party) == arrival.Reached(["Text", "Push (if they allowed it)"])
    work_off()
    assert last(party) == ("Text", "sent, not known to have arrived", False)
    Message.objects.update(state="delivered", delivered_at=clock.NOW)
    assert last(party) == ("Text", "arrived", False)
    for number, (detail, words) in enumerate(arrival._REASONS.items()):
        gateway.answers = [Sent(result=Result.REFUSED, detail=detail)]
        lines.message_party(line.pk, party_id=party.pk, text=f"News {number}")
        work_off()
        assert last(party) == ("Text", words, True)
    gateway.answers = [Sent(result=Result.REFUSED, detail="The gateway answered 400")]
    lines.call(line.pk, party_id=party.pk)
    work_off()
    assert last(party) == ("Text", "did not arrive: The gateway answered 400", True)


def test_the_hosts_page_of_a_party_says_it_without_number_or_address(transactional_db: None, gateway: Texts) -> None:
    venue = venue_with_people()
    commands.set_channels(venue_id=venue.pk, ways=["text", "email"], fallback_s=45)
    line = lines.open_line(lines.NewLine(event_name="Dinner", max_guests=9), venue=venue)
    contact = Contact(number=NUMBER, email=EMAIL, ways=("text",), origin="https://line.example")
    party = lines.join(line.pk, name="Ann", contact=contact).party
    gateway.answers = [Sent(result=Result.REFUSED, detail=spending.QUIET)]
    work_off()
    host = browser_of("host")
    page = host.get(f"/queue/{line.code}/host/texts/{party.ticket}").content.decode()
    assert "Told by <strong>Text</strong>" in page and "held back: these are the quiet hours" in page
    assert NUMBER not in page and EMAIL not in page
    for ticket in (9, 10**20):
        assert host.get(f"/queue/{line.code}/host/texts/{ticket}").status_code == 404
