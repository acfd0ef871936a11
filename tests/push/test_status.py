"""What a guest's page asks and mends: does this browser get this party's messages, and what if its address has changed."""

from typing import Any

import pytest
from django.test import Client

from push import vapid
from push.models import Subscription
from queues import commands as queue_commands
from queues.models import Party, Queue
from tests.push.conftest import Join, call, perform, subscribe
from tests.push.service import Browser, PushService, Reply

pytestmark = pytest.mark.django_db(transaction=True)


def post(path: str, body: dict[str, Any]) -> Any:
    return Client().post(f"/api/push/{path}", body, content_type="application/json")


def is_told(party: Party, browser: Browser) -> bool:
    answer = post("status", {"partyId": str(party.pk), "endpoint": browser.endpoint})
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert answer.json()["publicKey"] == vapid.public_key()
    return bool(answer.json()["subscribed"])


@pytest.mark.thorough
def test_a_page_is_told_whether_its_browser_gets_the_messages(service: PushService, line: Queue, join: Join) -> None:
    phone, tablet, party, other = service.browser(), service.browser(), join(), join()
    assert not is_told(party, phone)
    subscribe(party, phone)
    assert is_told(party, phone)
    assert not is_told(party, tablet) and not is_told(other, phone)
    subscribe(other, phone)  # the newest of a line
    assert not is_told(party, phone) and is_told(other, phone)
    phone.reply = Reply(410)
    call(line, other)
    perform()
    assert not is_told(other, phone)


def test_an_ended_place_is_still_told_of_its_way_back(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    queue_commands.kick(line.pk, party_id=party.pk)
    assert is_told(party, phone)


@pytest.mark.parametrize(
    ("path", "change", "word"),
    [
        ("status", {"partyId": None}, "partyId"),
        ("status", {"endpoint": "http://127.0.0.1:1/x"}, "endpoint"),
        ("renew", {"endpoint": 7}, "endpoint"),
        ("received", {"receipt": None}, "receipt"),
        ("received", {"receipt": "x" * 141}, "receipt"),
        ("renew", {"subscription": {}}, "endpoint"),
    ],
)
def test_bad_bodies_name_the_field(
    service: PushService, join: Join, path: str, change: dict[str, Any], word: str
) -> None:
    phone, party = service.browser(), join()
    body = {"partyId": str(party.pk), "endpoint": phone.endpoint, "subscription": phone.subscription, **change}
    answer = post(path, {name: value for name, value in body.items() if value is not None})
    assert answer.status_code == 400 and word in answer.json()["error"]
    assert post("status", {"partyId": "nonsense", "endpoint": phone.endpoint}).json()["subscribed"] is False


@pytest.mark.thorough
def test_a_browser_whose_address_has_changed_gets_the_messages_of_all_its_lines(
    service: PushService, line: Queue, join: Join
) -> None:
    before, now, party = service.browser(), service.browser(), join()
    bar = queue_commands.open_line(queue_commands.NewLine(event_name="Bar Red", max_guests=9))
    second = queue_commands.join(bar.pk).party
    for each in (party, second):
        subscribe(each, before)
    perform()
    body = {"endpoint": before.endpoint, "subscription": now.subscription}
    assert post("renew", body).content == b"ok"
    assert post("renew", body).status_code == 200, "a worker and a page may both say it"
    for queue, each in ((line, party), (bar, second)):
        call(queue, each)
        assert is_told(each, now) and not is_told(each, before)
    perform()
    assert now.kinds == ["called", "called"] and "called" not in before.kinds


def test_a_page_that_was_faster_keeps_its_subscription(service: PushService, line: Queue, join: Join) -> None:
    before, now, party = service.browser(), service.browser(), join()
    subscribe(party, before)
    subscribe(party, now)
    assert post("renew", {"endpoint": before.endpoint, "subscription": now.subscription}).status_code == 200
    assert [row.endpoint for row in Subscription.objects.all()] == [now.endpoint]
    unknown = {"endpoint": service.browser().endpoint, "subscription": service.browser().subscription}
    assert post("renew", unknown).status_code == 200 and Subscription.objects.count() == 1
