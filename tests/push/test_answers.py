"""What push services answer, and what becomes of the effect and the subscription."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from core import clock
from outbox import work
from outbox.effects import Retry
from outbox.models import Effect
from push import commands, deliveries, sender
from push.models import Delivery, Subscription
from queues.models import Queue
from tests.push.conftest import Join, call, perform, pushes, subscribe, the_push
from tests.push.service import PushService, Reply, trap

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("status", [404, 410])
def test_gone_ends_the_subscription(service: PushService, line: Queue, join: Join, status: int) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    phone.reply = Reply(status)
    perform()
    assert not Subscription.objects.exists()
    delivery = Delivery.objects.get()
    assert (delivery.result, delivery.detail, delivery.subscription) == ("gone", f"HTTP {status}", None)
    call(line, party)
    perform()
    assert phone.attempts == 1
    assert {effect.status for effect in pushes()} == {Effect.Status.DONE}


def test_a_renewed_subscription_outlives_the_answer_to_the_old_one(
    service: PushService, line: Queue, join: Join
) -> None:
    phone, party = service.browser(), join()
    old = subscribe(party, phone)
    renewed = service.browser()
    renewed.endpoint = phone.endpoint
    subscribe(party, renewed)
    commands.record_delivery(old, party_id=party.pk, kind="called", result="gone", detail="HTTP 410")
    assert Subscription.objects.get().p256dh == renewed.p256dh


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_kept(service: PushService, line: Queue, join: Join, status: int, as_date: bool) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    perform()
    now = clock.now()
    word = format_datetime(now + timedelta(seconds=90), usegmt=True) if as_date else "90"
    phone.reply = Reply(status, {"Retry-After": word})
    effect = call(line, party)
    perform()
    effect.refresh_from_db()
    assert 85 < (effect.due_at - now).total_seconds() < 95
    assert (effect.status, effect.attempts, effect.leased_until) == (Effect.Status.PENDING, 1, None)
    phone.reply = Reply()
    work.perform(effect.pk)  # another worker, too early
    assert phone.attempts == 2, "asked again before its time"
    effect.refresh_from_db()
    assert 80 < (effect.due_at - now).total_seconds() < 95
    Subscription.objects.update(not_before=now)
    work.perform(effect.pk)
    assert phone.kinds == ["join_confirm", "called"]


@pytest.mark.parametrize(
    ("word", "seconds"),
    [("0", 1), ("7", 7), ("99999999999999", 43200), ("soon", None), ("-5", None), ("²", None), (None, None),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 1), ("Fri, 31 Dec 9999 23:59:59 GMT", 43200), ("Mon, 99 Foo", None)],
)  # fmt: skip
def test_retry_after_is_bounded(word: str | None, seconds: float | None) -> None:
    assert sender.wait_s(word) == seconds


@pytest.mark.thorough
def test_trouble_is_tried_again_later_and_in_the_end_shown(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    phone.reply = Reply(500)
    subscribe(party, phone)
    effect = the_push("PUSH_SUBSCRIBED")
    waits = []
    for _ in range(work.MAX_ATTEMPTS):
        before = clock.now()
        work.perform(effect.pk)
        effect.refresh_from_db()
        waits.append((effect.due_at - before).total_seconds())
    assert all(wait >= 1 for wait in waits[:-1])
    assert (effect.status, effect.attempts) == (Effect.Status.DEAD, work.MAX_ATTEMPTS)
    assert effect.last_error == "HTTP 500"
    assert phone.attempts == work.MAX_ATTEMPTS
    assert not Delivery.objects.exists()


def test_refused_is_shown_and_not_repeated(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    phone.reply = Reply(403)
    subscribe(party, phone)
    effect = the_push("PUSH_SUBSCRIBED")
    perform()
    deliveries.deliver(effect.event)
    effect.refresh_from_db()
    assert effect.status == Effect.Status.DONE
    assert phone.attempts == 1
    delivery = Delivery.objects.get()
    assert (delivery.result, delivery.detail) == ("refused", "HTTP 403")


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_slow_push_service_costs_no_more_than_the_time_out(
    service: PushService, line: Queue, join: Join, settings: Any, how: str
) -> None:
    settings.PUSH_TIMEOUT_S = 0.3
    phone, party = service.browser(), join()
    phone.reply = Reply(how=how)
    subscribe(party, phone)
    effect = the_push("PUSH_SUBSCRIBED")
    with pytest.raises(Retry, match=r"no answer within 0\.3 s"):
        deliveries.deliver(effect.event)
    service.released.set()  # until here it held its answer back


def test_a_redirect_is_not_followed(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    with trap() as internal:
        phone.reply = Reply(307, {"Location": f"http://127.0.0.1:{internal.port}/admin"})
        perform()
    assert Delivery.objects.get().detail == "HTTP 307"


def test_a_host_no_longer_trusted_gets_nothing(service: PushService, line: Queue, join: Join, settings: Any) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    settings.PUSH_EXTRA_HOSTS = []
    perform()
    assert phone.attempts == 0
    assert Delivery.objects.get().result == "refused"
