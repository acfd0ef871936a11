"""One question after a visit: when it is asked, who answers, for how long, and what the log says of it (decision 0085)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core import clock
from core.actors import HOST
from core.errors import Conflict, Invalid, NotFound
from outbox.models import Event
from queues import commands, reconcile, timers
from queues.models import Party, Queue
from queues.visits import ANSWERED_WITHIN, ASKED_WITHIN, CHANGED_WITHIN
from tests.page_client import page
from tests.queues.database_lines import Floor
from tests.queues.page_client import join
from venues import commands as venue_commands
from venues.models import Venue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def venue() -> Venue:
    """A venue that asks an hour after seating."""
    made = venue_commands.create_venue(name="Casa Azul", timezone_name="Europe/Madrid")
    return venue_commands.change_venue(venue_id=made.pk, ask_after_min=60)


@pytest.fixture
def floor(venue: Venue) -> Floor:
    """Its line, in which Ana and Ben wait."""
    return Floor.opened("Ana", "Ben", venue=venue)


def seat(floor: Floor, name: str) -> Party:
    commands.serve(floor.pk, party_id=floor.id(name))
    return floor.party(name)


def moved(party: Party, **ago: timedelta) -> None:
    """These times of the party were so long ago: in its row and, for a replay, in the log."""
    for name, span in ago.items():
        at = clock.now() - span
        Party.objects.filter(pk=party.pk).update(**{name: at})
        told = Event.objects.filter(stream_id=party.queue_id, changes__parties__has_key=str(party.pk))
        for event in told.order_by("-version", "-seq"):
            fields = event.changes["parties"][str(party.pk)]
            if name in fields and fields[name][1]:
                fields[name][1] = at.isoformat()
                event.save(update_fields=["changes"])
                break


def asked(floor: Floor) -> list[str]:
    return [event.data["partyId"] for event in floor.events() if event.type == "QUEUE_VISIT_ASKED"]


def proven(floor: Floor) -> bool:
    """Whether a replay of the log gives the rows, answers included."""
    return not [*reconcile.replayed(floor.pk), *reconcile.structure(floor.pk), *reconcile.effects(floor.pk)]


@pytest.mark.thorough
def test_a_seated_party_is_asked_once_when_it_is_due(floor: Floor) -> None:
    ana = seat(floor, "Ana")
    assert ana.ask_at is not None and ana.ended_at is not None and ana.ask_at - ana.ended_at == timedelta(hours=1)
    timers.sweep()
    assert asked(floor) == [], "it is not due"
    moved(ana, ask_at=timedelta(seconds=1))
    commands.close(floor.pk)  # an evening is over before its guests are asked
    for _ in range(2):
        timers.sweep()
    assert asked(floor) == [str(ana.pk)]
    assert proven(floor)


@pytest.mark.thorough
def test_an_undone_seating_asks_nobody_and_one_who_sits_again_is_asked_later(floor: Floor) -> None:
    ana = seat(floor, "Ana")
    commands.undo(floor.pk, actor=HOST)
    assert floor.party("Ana").ask_at is None
    again = seat(floor, "Ana")
    assert again.ask_at is not None and ana.ask_at is not None and again.ask_at > ana.ask_at
    moved(again, ask_at=timedelta(seconds=1))
    timers.sweep()
    assert asked(floor) == [str(ana.pk)] and proven(floor)


@pytest.mark.parametrize("why", ["off", "switched off since", "without a phone", "long ago", "no venue"])
def test_nobody_is_asked(why: str, venue: Venue, floor: Floor) -> None:
    if why == "off":
        venue_commands.change_venue(venue_id=venue.pk, ask_after_min=0)
    if why == "no venue":
        floor = Floor.opened("Ana")
    if why == "without a phone":
        commands.add_walk_in(floor.pk, name="Cem")
    party = seat(floor, "Cem" if why == "without a phone" else "Ana")
    assert (party.ask_at is None) == (why in {"off", "without a phone", "no venue"})
    if why == "switched off since":
        venue_commands.change_venue(venue_id=venue.pk, ask_after_min=0)
    if party.ask_at is not None:
        moved(party, ask_at=ASKED_WITHIN if why == "long ago" else timedelta(seconds=1))
    timers.sweep()
    assert asked(floor) == [] and proven(floor)
    with pytest.raises(Conflict, match="not asked"):
        commands.answer_visit(floor.pk, party_id=party.pk, answer=5)


def questioned(floor: Floor) -> Party:
    """Ana, who was asked."""
    moved(seat(floor, "Ana"), ask_at=timedelta(seconds=1))
    timers.sweep()
    return floor.party("Ana")


def test_an_answer_may_be_changed_for_a_day_and_is_one(floor: Floor) -> None:
    ana = questioned(floor)
    commands.answer_visit(floor.pk, party_id=ana.pk, answer=2, words=" Slow ")
    version = floor.version
    commands.answer_visit(floor.pk, party_id=ana.pk, answer=2, words="Slow")
    assert floor.version == version, "the same again changes nothing"
    first = floor.party("Ana").answered_at
    commands.answer_visit(floor.pk, party_id=ana.pk, answer=4)
    ana = floor.party("Ana")
    assert (ana.answer, ana.answer_words, ana.answered_at) == (4, "", first)
    assert proven(floor)
    assert "Slow" not in str([event.data for event in floor.events()])
    moved(ana, answered_at=CHANGED_WITHIN)
    with pytest.raises(Conflict, match="time to answer is over"):
        commands.answer_visit(floor.pk, party_id=ana.pk, answer=1)


@pytest.mark.thorough
def test_what_is_no_answer_is_refused(floor: Floor) -> None:
    ana = questioned(floor)
    for wrong, field in (
        ({"answer": 0}, "answer"),
        ({"answer": 6}, "answer"),
        ({"answer": 1, "words": "x" * 201}, "words"),
    ):
        with pytest.raises(Invalid) as refused:
            commands.answer_visit(floor.pk, party_id=ana.pk, **wrong)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        commands.answer_visit(floor.pk, party_id=floor.id("Ben"), answer=5)
    moved(ana, asked_at=ANSWERED_WITHIN)
    with pytest.raises(Conflict):
        commands.answer_visit(floor.pk, party_id=ana.pk, answer=5)
    assert floor.party("Ana").answer is None


@pytest.mark.thorough
def test_a_guest_answers_on_a_page_of_the_ticket(floor: Floor) -> None:
    guest, line = Client(), Queue.objects.get(pk=floor.pk)
    party = join(guest, line, name="Zoë")
    ticket, visit = f"/queue/{line.code}/ticket", f"/queue/{line.code}/visit"
    assert guest.get(visit)["Location"].startswith(ticket), "nobody asked"
    commands.serve(floor.pk, party_id=party.pk)
    moved(party, ask_at=timedelta(seconds=1))
    timers.sweep()
    assert guest.get(f"/queue/{line.code}/place.json").json()["visit"] == "asked"
    assert f'href="{visit}' in page(guest, ticket)

    def send(status: int, **fields: Any) -> str:
        answer = guest.post(visit, fields)
        assert answer.status_code == status, answer.content.decode()
        return answer.content.decode()

    for fields in ({}, {"answer": "6"}, {"answer": "x"}, {"answer": "3", "words": "y" * 201}):
        assert 'class="wrong"' in send(400, **fields)
    send(303, answer="3", words="Too loud, lovely soup")
    shown = page(guest, visit)
    assert 'value="3" ' in shown and "checked" in shown and "Too loud, lovely soup" in shown
    assert guest.get(f"/queue/{line.code}/place.json").json()["visit"] == "answered"
    send(303, answer="5")
    party.refresh_from_db()
    assert (party.answer, party.answer_words) == (5, "")
    stranger = Client().post(visit, {"answer": "1"})
    assert stranger.status_code == 303 and Party.objects.get(pk=party.pk).answer == 5
    assert proven(floor)
