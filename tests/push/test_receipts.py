"""Receipts: a browser says that a message is on its screen; who may say so, and what hosts and guests are told."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core import clock
from outbox.models import Effect
from push import commands
from push.models import Delivery, Subscription
from push.receipts import RECEIPT, Receipt
from queues import commands as queue_commands
from queues.models import Party, Queue
from reach.arrival import of_calls
from reach.models import Message
from tests.page_client import page
from tests.push.conftest import Join, call, perform, subscribe
from tests.push.service import Browser, PushService, Reply
from tests.queues.page_client import line_by_form

pytestmark = pytest.mark.django_db(transaction=True)

State = Message.State


def post(path: str, body: dict[str, Any]) -> Any:
    return Client().post(f"/api/push/{path}", body, content_type="application/json")


def shows(browser: Browser) -> int:
    """The browser shows its newest message, and says so: the answer's status."""
    status: int = post("received", {"receipt": browser.received[-1].payload["receipt"]}).status_code
    return status


def called(service: PushService, line: Queue, party: Party) -> Browser:
    """The phone of the party, which was just called."""
    phone = service.browser()
    subscribe(party, phone)
    call(line, party)
    perform()
    assert phone.received[-1].kind == "called"
    return phone


def arrival(party: Party) -> Message.State | None:
    return of_calls([party.pk]).get(party.pk)


def told(party: Party, browser: Browser | None = None) -> dict[str, Any]:
    body = {"partyId": str(party.pk), **({"endpoint": browser.endpoint} if browser else {})}
    answer: dict[str, Any] = post("status", body).json()
    answer.pop("publicKey")
    return answer


@pytest.mark.thorough
def test_a_receipt_is_kept_once_and_names_nobody(service: PushService, line: Queue, join: Join) -> None:
    party = join("Canary")
    phone = called(service, line, party)
    assert arrival(party) is State.SENT
    assert Delivery.objects.get(party_id=party.pk, kind="called", round=1).received_at is None
    assert shows(phone) == 200
    row = Delivery.objects.get(kind="called")
    assert row.received_at is not None and row.received_at >= row.sent_at
    assert shows(phone) == 200
    assert Delivery.objects.get(kind="called").received_at == row.received_at, "the first time counts"
    assert Delivery.objects.get(party_id=party.pk, kind="called", round=1).received_at == row.received_at
    assert Delivery.objects.exclude(kind="called").filter(received_at__isnull=False).count() == 0
    receipt = phone.received[-1].payload["receipt"]
    assert "Canary" not in receipt and str(party.pk) not in receipt and party.pk.hex not in receipt


@pytest.mark.thorough
def test_nobody_else_can_say_that_a_message_has_arrived(service: PushService, line: Queue, join: Join) -> None:
    party, other = join(), join()
    phone = called(service, line, party)
    subscription = Subscription.objects.get()
    good = Receipt(subscription.pk, "called", 1, 0)
    assert phone.received[-1].payload["receipt"] == good.written(party.pk)
    seal = good.written(party.pk).rpartition(".")[2]
    wrong = [
        "nonsense", "....", "é.called.1.0.x", good.written(other.pk), good.written(party.pk)[:-1] + "é",
        Receipt(uuid4(), "called", 1, 0).written(party.pk),
        Receipt(subscription.pk, "called", 2, 0).written(party.pk).rpartition(".")[0] + f".{seal}",
        Receipt(subscription.pk, "removed", 1, 0).written(party.pk).rpartition(".")[0] + f".{seal}",
    ]  # fmt: skip
    for receipt in wrong:
        answer = post("received", {"receipt": receipt})
        assert answer.status_code == 404 and answer.json()["error"], receipt
    assert not Delivery.objects.filter(received_at__isnull=False).exists()
    assert Delivery.objects.filter(kind="called").count() == 1


@pytest.mark.thorough
def test_a_phone_that_is_faster_than_the_worker_is_believed_and_not_told_again(
    service: PushService, line: Queue, join: Join
) -> None:
    party = join()
    phone = called(service, line, party)
    Delivery.objects.filter(kind="called").delete()  # the worker was killed before it wrote that down
    assert shows(phone) == 200
    Effect.objects.update(status="pending")
    perform()
    assert phone.kinds == ["join_confirm", "called"]
    assert Delivery.objects.get(kind="called").received_at is not None and arrival(party) is State.DELIVERED


def test_a_receipt_of_a_browser_that_was_forgotten_changes_nothing(
    service: PushService, line: Queue, join: Join
) -> None:
    phone = called(service, line, join())
    commands.forget(subscription_id=Subscription.objects.get().pk)
    assert shows(phone) == 404
    assert Delivery.objects.get(kind="called").received_at is None


@pytest.mark.thorough
def test_a_host_sees_whether_the_newest_call_arrived(service: PushService) -> None:
    host = Client()
    line = line_by_form(host)
    party, without = (queue_commands.join(line.pk).party for _ in range(2))

    def console() -> str:
        return page(host, f"/queue/{line.code}/host")

    phone, tablet = called(service, line, party), service.browser()
    subscribe(party, tablet)
    call(line, without)
    perform()
    assert (arrival(party), arrival(without)) == (State.SENT, None)
    assert console().count("call sent") == 1
    assert shows(phone) == 200
    assert arrival(party) is State.DELIVERED and "call arrived" in console()
    # A new call is told anew, and both browsers are gone.
    for browser in (phone, tablet):
        browser.reply = Reply(410)
    call(line, party)
    perform()
    assert not Subscription.objects.exists()
    assert arrival(party) is State.FAILED and "phone not reached" in console()
    queue_commands.declare_nearby(line.pk, party_id=party.pk)
    assert "phone not reached" not in console(), "the guest has answered by another way"


@pytest.mark.thorough
def test_a_page_is_told_what_the_server_knows_of_its_browser(service: PushService, line: Queue, join: Join) -> None:
    party, other = join(), join()
    nothing = {"subscribed": False, "wanted": False, "arrived": None}
    assert told(party) == told(party, service.browser()) == nothing
    phone = called(service, line, party)
    assert told(party) == {"subscribed": False, "wanted": True, "arrived": None}
    assert told(party, phone) == {"subscribed": True, "wanted": True, "arrived": None}, "it may still be on its way"
    Delivery.objects.update(sent_at=clock.now() - 2 * RECEIPT)
    assert told(party, phone)["arrived"] is False
    assert shows(phone) == 200
    assert told(party, phone)["arrived"] is True
    assert told(other, phone) == nothing
    phone.reply = Reply(410)
    call(line, party)
    perform()
    assert told(party, phone) == {"subscribed": False, "wanted": True, "arrived": None}, "it may be mended"
