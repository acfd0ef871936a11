"""The effect `announce`: a host's words go to the phone of each party that waits, once."""

import pytest

from outbox import work
from outbox.models import Effect
from push.models import Delivery
from queues import commands
from queues.models import Queue
from tests.push.conftest import Join, perform, subscribe
from tests.push.service import PushService

pytestmark = pytest.mark.django_db(transaction=True)


def announce() -> None:
    """Does every effect `announce`, and what follows from it, as workers would; twice, for that must not matter."""
    for _ in range(2):
        for effect in Effect.objects.filter(name="announce"):
            work.perform(effect.pk)
        perform()


@pytest.mark.thorough
def test_each_phone_of_those_who_wait_is_told_once(service: PushService, line: Queue, join: Join) -> None:
    waiting, tablet, called, gone = (service.browser() for _ in range(4))
    ann, ben, cem = join("Ann"), join("Ben"), join("Cem")
    for party, browser in ((ann, called), (ben, waiting), (ben, tablet), (cem, gone)):
        subscribe(party, browser)
    commands.call(line.pk, party_id=ann.pk)
    commands.leave(line.pk, party_id=cem.pk)
    perform()
    commands.send_message(line.pk, text="The soup is out")
    announce()
    for browser in (waiting, tablet):
        assert browser.kinds.count("message") == 1
        payload = browser.received[-1].payload
        assert (payload["title"], payload["body"], payload["kind"]) == ("Café Blue", "The soup is out", "message")
        assert payload["url"] == f"/queue/{line.code}/ticket"
    assert "message" not in called.kinds + gone.kinds
    commands.send_message(line.pk, text="The soup is out")  # the same words again are said again
    announce()
    assert waiting.kinds.count("message") == 2
    assert Delivery.objects.filter(kind="message").count() == 4


@pytest.mark.thorough
def test_words_that_were_taken_back_or_replaced_are_not_sent(service: PushService, line: Queue, join: Join) -> None:
    phone = service.browser()
    subscribe(join("Ann"), phone)
    perform()
    commands.send_message(line.pk, text="First")
    commands.send_message(line.pk, text="Second")
    announce()
    assert [message.payload["body"] for message in phone.received if message.payload["kind"] == "message"] == ["Second"]
    commands.send_message(line.pk, text="Third")
    commands.undo(line.pk)
    announce()
    commands.send_message(line.pk, text="Fourth")
    commands.clear_message(line.pk)
    announce()
    assert phone.kinds.count("message") == 1
    assert Queue.objects.get(pk=line.pk).message_at is None
