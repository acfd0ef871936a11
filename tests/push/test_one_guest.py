"""What is pushed to one guest alone: a host's message, and that the time of a call is over (decision 0074)."""

from datetime import timedelta

import pytest
from django.db.models import F

from push.models import Delivery
from queues import commands, timers
from queues.models import Party, Queue
from tests.push.conftest import Join, perform, subscribe
from tests.push.service import PushService

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.thorough
def test_a_message_to_one_guest_goes_to_all_their_phones_once(service: PushService, line: Queue, join: Join) -> None:
    phone, tablet, other = (service.browser() for _ in range(3))
    ann, ben = join("Ann"), join("Ben")
    for party, browser in ((ann, phone), (ann, tablet), (ben, other)):
        subscribe(party, browser)
    perform()
    commands.message_party(line.pk, party_id=ann.pk, text="Are you still coming?")
    for _ in range(2):
        perform()
    for browser in (phone, tablet):
        assert browser.kinds.count("direct") == 1
        payload = browser.received[-1].payload
        assert (payload["title"], payload["body"]) == ("Café Blue", "Are you still coming?")
        assert payload["url"] == f"/queue/{line.code}/ticket"
    assert "direct" not in other.kinds
    commands.message_party(line.pk, party_id=ann.pk, text="Are you still coming?")  # said again
    perform()
    assert phone.kinds.count("direct") == 2
    assert Delivery.objects.filter(kind="direct").count() == 4


@pytest.mark.thorough
def test_a_message_that_was_taken_back_or_replaced_is_not_sent(service: PushService, line: Queue, join: Join) -> None:
    phone, ann = service.browser(), join("Ann")
    subscribe(ann, phone)
    perform()
    commands.message_party(line.pk, party_id=ann.pk, text="First")
    commands.message_party(line.pk, party_id=ann.pk, text="Second")
    perform()
    assert [each.payload["body"] for each in phone.received if each.payload["kind"] == "direct"] == ["Second"]
    commands.message_party(line.pk, party_id=ann.pk, text="Third")
    commands.undo(line.pk)
    commands.message_party(line.pk, party_id=ann.pk, text="Fourth")
    commands.clear_party_message(line.pk, party_id=ann.pk)
    perform()
    assert phone.kinds.count("direct") == 1


def run_out(party: Party) -> None:
    """The party's call is over, and the sweep comes by."""
    Party.objects.filter(pk=party.pk).update(call_deadline=F("called_at") - timedelta(seconds=1))
    timers.sweep()


@pytest.mark.thorough
def test_who_is_late_is_told_that_the_host_decides(service: PushService, line: Queue, join: Join) -> None:
    phone, ann = service.browser(), join("Ann")
    subscribe(ann, phone)
    commands.edit_line(line.pk, auto_no_show=False, on_my_way_s=60)
    commands.call(line.pk, party_id=ann.pk)
    perform()
    run_out(ann)
    perform()
    payload = phone.received[-1].payload
    assert (payload["kind"], payload["title"]) == ("late", "Your time to come is over")
    assert "until the host decides" in payload["body"]
    commands.declare_nearby(line.pk, party_id=ann.pk)
    run_out(ann)
    perform()
    assert phone.kinds.count("late") == 2, "another lateness of the same call"
    assert "no_show" not in phone.kinds


@pytest.mark.thorough
def test_a_lateness_that_is_over_is_not_told(service: PushService, line: Queue, join: Join) -> None:
    phone, ann = service.browser(), join("Ann")
    subscribe(ann, phone)
    commands.edit_line(line.pk, auto_no_show=False)
    commands.call(line.pk, party_id=ann.pk)
    run_out(ann)
    commands.give_more_time(line.pk, party_id=ann.pk)
    perform()
    assert "late" not in phone.kinds
