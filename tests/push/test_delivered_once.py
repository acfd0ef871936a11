"""The effect `push`: each occurrence is told once, also when several workers try, and no secret is stored."""

import logging
import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction

from core.actors import Actor
from core.errors import Conflict, NotFound
from outbox import work
from outbox.connections import InsideTransaction
from outbox.models import Effect, Event
from push import commands, deliveries, sender
from push.models import Delivery
from queues import commands as queue_commands
from queues.models import Queue
from reach.notices import Notice
from tests.push.conftest import Join, call, perform, subscribe
from tests.push.service import PushService, Reply

pytestmark = pytest.mark.django_db(transaction=True)


# ----------------------------------------------------------------------------------------------------------- only once
@pytest.mark.thorough
def test_doing_it_again_sends_nothing_again(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    effect = call(line, party)
    perform()
    Effect.objects.update(status="pending")  # as after a crash between the push service's answer and the mark
    perform()
    deliveries.deliver(effect.event)
    assert phone.kinds == ["join_confirm", "called"]


@pytest.mark.thorough
def test_eight_workers_at_once_send_one(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    perform()
    effect = call(line, party)
    start = threading.Barrier(8)

    def worker() -> None:
        start.wait(10)
        try:
            work.perform(effect.pk)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=worker) for _ in range(8)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(20)
    assert phone.attempts == 2
    assert phone.kinds == ["join_confirm", "called"]


@pytest.mark.thorough
def test_who_has_it_is_not_told_again_when_another_must_wait(service: PushService, line: Queue, join: Join) -> None:
    phone, tablet, party = service.browser(), service.browser(), join()
    subscribe(party, phone)
    subscribe(party, tablet)
    perform()
    phone.reply = Reply(503)
    effect = call(line, party)
    perform()
    effect.refresh_from_db()
    assert (effect.status, effect.attempts) == (Effect.Status.PENDING, 1)
    assert tablet.kinds == ["called"], "one browser's trouble does not keep the other waiting"
    phone.reply = Reply()
    perform()
    assert phone.kinds == ["join_confirm", "called"]
    assert tablet.kinds == ["called"]


@pytest.mark.thorough
def test_more_time_is_told_each_time_it_is_given_and_once(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    call(line, party)
    queue_commands.ask_more_time(line.pk, party_id=party.pk)
    perform()
    for _ in range(2):
        queue_commands.give_more_time(line.pk, party_id=party.pk, minutes=5)
        perform()
        Effect.objects.filter(event__type="QUEUE_MEMBER_GIVEN_TIME").update(status="pending")
        perform()
    assert phone.kinds == ["join_confirm", "called", "more_time", "more_time"]
    message = phone.received[-1]
    assert message.payload["title"] == "You have more time"
    assert message.headers["Topic"] == phone.received[1].headers["Topic"], "it replaces the call on the screen"
    assert int(message.headers["TTL"]) > 600


@pytest.mark.thorough
def test_more_time_for_a_call_that_is_over_is_not_told(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    call(line, party)
    queue_commands.give_more_time(line.pk, party_id=party.pk)
    queue_commands.put_back(line.pk, party_id=party.pk)
    perform()
    assert "more_time" not in phone.kinds


# ---------------------------------------------------------------------------------------------------------------- staff
@pytest.mark.thorough
def test_staff_send_a_call_again(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    staff = Actor("staff")
    with pytest.raises(Conflict):
        commands.resend_call(party_id=party.pk, actor=staff)
    call(line, party)
    with pytest.raises(NotFound):
        commands.resend_call(party_id=party.pk, actor=staff)
    subscribe(party, phone)
    perform()
    phone.received.clear()
    for _ in range(2):
        assert commands.resend_call(party_id=party.pk, actor=staff) == 1
        perform()
        Effect.objects.filter(event__type="PUSH_RESENT").update(status="pending")
        perform()
    assert phone.kinds == ["called", "called"]
    assert set(Event.objects.filter(type="PUSH_RESENT").values_list("actor", flat=True)) == {"staff"}


# ----------------------------------------------------------------------------------------------------------------- laws
def test_no_message_is_sent_inside_a_transaction(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    row = subscribe(party, phone)
    message = Notice(kind="test", title="", body="", url="/", ttl_s=1)
    with transaction.atomic(), pytest.raises(InsideTransaction):
        sender.send(row, message)
    assert phone.attempts == 0


@pytest.mark.thorough
def test_sending_holds_no_locks(service: PushService, line: Queue, join: Join, settings: Any) -> None:
    """While the push service takes its time, the party can be served and the browser can subscribe anew."""
    settings.PUSH_TIMEOUT_S = 10
    phone, party = service.browser(), join()
    subscribe(party, phone)
    perform()
    phone.reply = Reply(how="hang")
    effect = call(line, party)

    def worker() -> None:
        try:
            work.perform(effect.pk)
        finally:
            connections.close_all()

    working = threading.Thread(target=worker)
    working.start()
    with service.changed:
        assert service.changed.wait_for(lambda: phone.attempts == 2, 10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 500")
    queue_commands.declare_nearby(line.pk, party_id=party.pk)
    subscribe(party, service.browser())
    queue_commands.serve(line.pk, party_id=party.pk)
    service.released.set()
    working.join(10)


@pytest.mark.thorough
def test_events_and_logs_hold_no_secrets(
    service: PushService, line: Queue, join: Join, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone, lost, odd = service.browser(), service.browser(), service.browser()
    lost.reply, odd.reply = Reply(410), Reply(500)
    party = join("Zoë Canary")
    for browser in (phone, lost, odd):
        subscribe(party, browser)
    call(line, party)
    perform()
    assert {"sent", "gone", "later"} <= {getattr(record, "result", None) for record in caplog.records}
    kept = "".join(str(record.__dict__) for record in caplog.records if not record.name.startswith("django.db"))
    kept += str(list(Event.objects.filter(stream="push").values()) + list(Effect.objects.values("last_error")))
    kept += str(list(Delivery.objects.values("detail")))
    for browser in (phone, lost, odd):
        for secret in (browser.path, browser.auth, browser.p256dh):
            assert secret not in kept
    assert "Canary" not in kept
