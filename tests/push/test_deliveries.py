"""The effect `push`: who is told what, and when."""

import pytest

from core import clock
from outbox.models import Effect
from push.models import Delivery, Subscription
from queues import commands as queue_commands
from queues import timers
from queues.models import Party, Queue
from tests.push.conftest import Join, call, perform, subscribe, the_push
from tests.push.service import PushService, Reply
from venues import commands as venue_commands

pytestmark = pytest.mark.django_db(transaction=True)


# ------------------------------------------------------------------------------------------------------ what is told
@pytest.mark.thorough
def test_a_guest_is_told_of_joining_coming_closer_and_the_call(service: PushService, line: Queue, join: Join) -> None:
    phone = service.browser()
    others = [join() for _ in range(4)]
    party = join("Zoë Canary")
    subscribe(party, phone)
    perform()
    assert phone.kinds == ["join_confirm"]
    queue_commands.advance(line.pk)  # one is being served, so the party is fourth of those waiting: the 5th place
    perform()
    assert phone.kinds == ["join_confirm", "pos_5"]
    for served in others[:3]:
        queue_commands.advance(line.pk, served_party=str(served.pk))
    perform()
    assert phone.kinds == ["join_confirm", "pos_5", "pos_2"]
    queue_commands.advance(line.pk, served_party=str(others[3].pk))
    perform()
    assert phone.kinds == ["join_confirm", "pos_5", "pos_2", "called"]
    fourth, first = (message.payload["body"] for message in phone.received[1:3])
    assert ("number 4 in line" in fourth, "number 1 in line" in first) == (True, True), "as the page counts them"
    for message in phone.received:
        assert set(message.payload) == {"title", "body", "url", "kind", "receipt"}
        assert message.payload["url"] == f"/queue/{line.code}/ticket"
        assert "Café Blue" in message.payload["body"]
        assert "Zoë" not in str(message.payload)
        assert str(party.pk) not in str(message.payload)
    confirm, _, _, called = (message.headers for message in phone.received)
    assert called["Urgency"] == "high"
    assert confirm["Urgency"] == "normal"
    assert 110 <= int(called["TTL"]) <= line.call_window_s
    assert called["Topic"] != confirm["Topic"], "late news of a place must never replace a call"


@pytest.mark.thorough
def test_a_second_call_is_a_new_call(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    for _ in range(2):
        call(line, party)
        perform()
    assert phone.kinds == ["join_confirm", "called", "called"]
    assert list(Delivery.objects.filter(kind="called").order_by("round").values_list("round", flat=True)) == [1, 2]


@pytest.mark.thorough
def test_each_browser_of_a_party_is_told(service: PushService, line: Queue, join: Join) -> None:
    phone, tablet, party = service.browser(), service.browser(), join()
    subscribe(party, phone)
    subscribe(party, tablet)
    call(line, party)
    perform()
    assert phone.kinds == ["join_confirm", "called"]
    assert tablet.kinds == ["called"], "a join is confirmed once per party"


def test_a_browser_hears_of_the_party_it_subscribed_for_last(service: PushService, line: Queue, join: Join) -> None:
    phone, first, second = service.browser(), join(), join()
    subscribe(first, phone)
    subscribe(second, phone)
    perform()
    call(line, first)
    perform()
    assert phone.kinds == ["join_confirm", "pos_2"], "the second party's news; nothing of the first party's call"
    assert set(Delivery.objects.values_list("party_id", flat=True)) == {second.pk}


@pytest.mark.thorough
def test_a_phone_in_two_lines_hears_of_both(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    other = queue_commands.open_line(queue_commands.NewLine(event_name="Bar Red", max_guests=9))
    second = queue_commands.join(other.pk).party
    for each in (party, second):
        subscribe(each, phone)
    for queue, each in ((line, party), (other, second)):
        call(queue, each)
        perform()
    assert phone.kinds == ["join_confirm", "join_confirm", "called", "called"]
    assert len({message.payload["url"] for message in phone.received}) == 2, "one is no newer message of the other"
    # The newest keys are those of the browser, for all its lines.
    phone.renew_keys()
    subscribe(second, phone)
    call(line, party)
    perform()
    assert phone.kinds[4:] == ["called"]


@pytest.mark.thorough
def test_a_browser_that_is_gone_is_gone_for_all_its_lines(service: PushService, line: Queue, join: Join) -> None:
    phone, tablet, party = service.browser(), service.browser(), join()
    other = queue_commands.open_line(queue_commands.NewLine(event_name="Bar Red", max_guests=9))
    subscribe(party, phone)
    subscribe(party, tablet)
    subscribe(queue_commands.join(other.pk).party, phone)
    phone.reply = Reply(410)
    perform()
    assert [row.endpoint for row in Subscription.objects.all()] == [tablet.endpoint]


def test_confirmation_comes_with_the_next_browser_when_the_first_was_gone(
    service: PushService, line: Queue, join: Join
) -> None:
    dead, phone, party = service.browser(), service.browser(), join()
    dead.reply = Reply(410)
    subscribe(party, dead)
    perform()
    subscribe(party, phone)
    perform()
    assert phone.kinds == ["join_confirm"]


# -------------------------------------------------------------------------------------------------- old news is no news
@pytest.mark.thorough
@pytest.mark.parametrize("ending", ["serve", "no_show", "kick", "leave", "put_back", "deadline", "close", "undo"])
def test_a_call_that_is_over_is_not_sent(service: PushService, line: Queue, join: Join, ending: str) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    perform()
    effect = call(line, party)
    match ending:
        case "deadline":
            Party.objects.filter(pk=party.pk).update(call_deadline=clock.now())
        case "close" | "undo":
            getattr(queue_commands, ending)(line.pk)
        case _:
            getattr(queue_commands, ending)(line.pk, party_id=party.pk)
    perform()
    effect.refresh_from_db()
    assert effect.status == Effect.Status.DONE
    ended = {"no_show": ["no_show"], "kick": ["removed"]}  # of the others, one effect more tells it, or the guest knows
    assert phone.kinds == ["join_confirm", *ended.get(ending, [])]


@pytest.mark.thorough
def test_an_older_call_is_left_to_the_newer(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    perform()
    call(line, party)
    call(line, party)
    perform()
    assert phone.kinds == ["join_confirm", "called"]


@pytest.mark.thorough
def test_a_place_that_is_left_is_not_told(service: PushService, line: Queue, join: Join) -> None:
    phone, first, party = service.browser(), join(), join()
    subscribe(party, phone)
    queue_commands.advance(line.pk)
    assert the_push("QUEUE_POSITION_2").event.party_id == party.pk
    queue_commands.advance(line.pk, served_party=str(first.pk))
    perform()
    assert "pos_2" not in phone.kinds
    assert phone.kinds[-1] == "called"


@pytest.mark.thorough
def test_a_guest_is_asked_after_the_visit_unless_the_answer_is_there(service: PushService) -> None:
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="Europe/Madrid")
    venue_commands.change_venue(venue_id=venue.pk, ask_after_min=1)
    line = queue_commands.open_line(queue_commands.NewLine(event_name="Casa Azul", max_guests=9), venue=venue)
    for answered in (False, True):
        phone, party = service.browser(), queue_commands.join(line.pk).party
        subscribe(party, phone)
        queue_commands.serve(line.pk, party_id=party.pk)
        perform()
        Party.objects.filter(pk=party.pk).update(ask_at=clock.now())
        timers.sweep()
        if answered:
            queue_commands.answer_visit(line.pk, party_id=party.pk, answer=5)
        for _ in range(2):
            perform()
        assert phone.kinds[1:] == [] if answered else phone.kinds[-1] == "visit"
        assert phone.kinds.count("visit") == (not answered)
