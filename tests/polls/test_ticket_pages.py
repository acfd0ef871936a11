"""Voting pages of a poll for a line, without scripts: guests find it on their ticket, and a party has one vote."""

from uuid import uuid4

import pytest
from django.test import Client

from queues import commands as line_commands
from tests.page_client import page
from tests.polls.database_polls import counts, made
from tests.polls.page_client import line_poll, own_path, press, vote, vote_path, vote_state
from tests.queues.page_client import join

pytestmark = pytest.mark.django_db


@pytest.mark.thorough
def test_people_in_line_find_the_question_on_their_ticket_and_vote_once_a_party(host: Client, voter: Client) -> None:
    line, poll = line_poll(host)
    assert (poll.queue, poll.dedupe) == (line, "ticket")
    join(voter, line, name="Ana")
    ticket = page(voter, f"/queue/{line.code}/ticket")
    assert f'href="/queue/{line.code}/vote/{poll.code}"' in ticket and "Which dessert?" in ticket
    assert voter.get(f"/vote/{poll.code.lower()}")["Location"] == vote_path(poll)
    assert vote_state(vote(voter, poll, 1)) == "counted"
    assert voter.cookies[f"ballot_{poll.code}"]["path"] == vote_path(poll)
    assert "Your ballot is in the count" in page(voter, f"{vote_path(poll)}/receipt")
    partner = Client()
    partner.cookies[f"place_{line.code}"] = voter.cookies[f"place_{line.code}"].value
    assert vote_state(page(partner, own_path(poll))) == "counted", "one vote per party"
    assert counts(poll) == [0, 1, 0]
    press(host, poll, "close")
    assert "Which dessert?" not in page(voter, f"/queue/{line.code}/ticket")


@pytest.mark.thorough
def test_a_voter_who_is_not_in_line_is_led_to_it(host: Client, voter: Client) -> None:
    line, poll = line_poll(host)
    stranger = page(voter, own_path(poll))
    assert vote_state(stranger) == "no_place" and f'href="/queue/{line.code}"' in stranger
    assert vote_state(vote(voter, poll, 1, ballot=uuid4(), status=401)) == "no_place"
    party = join(voter, line)
    assert vote_state(page(voter, own_path(poll))) == "form"
    line_commands.leave(line.code, party_id=party.pk)
    assert vote_state(page(voter, own_path(poll))) == "no_place"
    assert vote_state(vote(voter, poll, 1, ballot=uuid4(), status=403)) == "no_place"
    elsewhere = line_commands.open_line(line_commands.NewLine(event_name="Other", max_guests=9))
    assert voter.get(f"/queue/{elsewhere.code}/vote/{poll.code}")["Location"] == vote_path(poll)
    assert voter.get(f"/queue/{elsewhere.code}/vote/{made().code}").status_code == 404
