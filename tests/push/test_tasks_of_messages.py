"""A task of several messages: what they need is read once, and again as soon as it may be outdated (decision 0081)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from outbox import work
from push import deliveries, known, receipts
from queues import commands as queue_commands
from queues import selectors
from queues.models import Party, Queue
from tests.push.conftest import Join, perform, pushes, subscribe
from tests.push.service import PushService, Reply

pytestmark = pytest.mark.django_db(transaction=True)


def in_one_task() -> None:
    """Performs all push effects that are not done in one task."""
    work.perform(*[effect.pk for effect in pushes() if effect.status == effect.Status.PENDING])


def reads(queries: CaptureQueriesContext, table: str) -> int:
    """How many statements select from this table."""
    return sum(each["sql"].startswith("SELECT") and f'FROM "{table}"' in each["sql"] for each in queries)


@pytest.mark.thorough
def test_the_three_messages_of_a_call_are_read_once(service: PushService, line: Queue, join: Join) -> None:
    parties = [join() for _ in range(7)]
    phones = [service.browser() for _ in parties]
    for party, phone in zip(parties, phones, strict=True):
        subscribe(party, phone)
    in_one_task()
    before = [len(phone.kinds) for phone in phones]
    queue_commands.advance(line.pk)
    with CaptureQueriesContext(connection) as queries:
        in_one_task()
    told = [phone.kinds[seen:] for phone, seen in zip(phones, before, strict=True)]
    assert sorted(told) == [[], [], [], [], ["called"], ["pos_2"], ["pos_5"]]
    assert [reads(queries, f"push_{table}") for table in ("subscription", "delivery")] == [1, 1]
    assert reads(queries, "queues_party") == 1


def test_a_message_that_two_events_ask_for_is_sent_once(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    [first] = pushes()
    event = first.event
    event.pk, event.seq = None, event.seq + 1
    event.save()
    first.pk, first.event = None, event
    first.save()
    in_one_task()
    assert phone.kinds == ["join_confirm"] and not [each for each in pushes() if each.status == each.Status.PENDING]


@pytest.mark.thorough
@pytest.mark.parametrize(("status", "tries"), [(410, 1), (429, 1), (503, 2)])
def test_a_browser_that_ended_or_must_wait_is_not_asked_again(
    status: int, tries: int, service: PushService, line: Queue, join: Join
) -> None:
    """Two messages for it in one task: after the first the second knows. Without a Retry-After it may be tried."""
    phone, party = service.browser(), join()
    subscribe(party, phone)
    perform()
    queue_commands.call(line.pk, party_id=party.pk)
    queue_commands.give_more_time(line.pk, party_id=party.pk, seconds=60)
    before = phone.attempts
    phone.reply = Reply(status, {"Retry-After": "60"} if status == 429 else {})
    in_one_task()
    assert phone.attempts - before == tries


def test_who_is_gone_by_then_is_told_nothing(service: PushService, line: Queue, join: Join) -> None:
    """What was read an age ago is read again."""
    phone, party = service.browser(), join()
    subscribe(party, phone)
    perform()
    queue_commands.call(line.pk, party_id=party.pk)
    effect = pushes()[-1]
    stale = known.read([effect.event])
    queue_commands.leave(line.pk, party_id=party.pk)
    stale.outdate()
    deliveries.deliver(effect.event, known=stale)
    assert phone.kinds == ["join_confirm"]
    assert receipts.told(party.pk, phone.endpoint).subscribed


@pytest.mark.thorough
def test_the_places_of_many_are_those_of_each(line: Queue, join: Join) -> None:
    parties = [join() for _ in range(8)]
    queue_commands.call(line.pk, party_id=parties[3].pk)
    queue_commands.reorder(line.pk, party_id=parties[7].pk, position=1)
    found = selectors.places_of([party.pk for party in parties])
    waiting = Party.objects.filter(status=Party.Status.WAITING)
    assert found == {party.pk: selectors.place_of(party) for party in waiting} and len(found) == 7
