"""A phone that keeps several parties' tickets, and guests who chose when they are told (decision 0064)."""

import pytest

from push import commands
from push.models import Subscription
from queues import commands as queue_commands
from queues.models import Party, Queue
from tests.push.conftest import Join, call, perform, subscribe
from tests.push.service import Browser, PushService

pytestmark = pytest.mark.django_db(transaction=True)


def also(party: Party, browser: Browser, language: str = "en") -> Subscription:
    """As our own page subscribes."""
    return commands.subscribe(
        queue_id=party.queue_id,
        party_id=party.pk,
        endpoint=browser.endpoint,
        p256dh=browser.p256dh,
        auth=browser.auth,
        language=language,
        keep_others=True,
    )


@pytest.mark.thorough
def test_a_phone_hears_of_each_of_its_parties(service: PushService, line: Queue, join: Join) -> None:
    phone, ana, ben = service.browser(), join(), join()
    for _ in range(2):
        also(ana, phone)
        also(ben, phone)
    assert Subscription.objects.count() == 2
    perform()
    call(line, ana)
    call(line, ben)
    perform()
    assert phone.kinds == ["join_confirm", "join_confirm", "called", "called"]
    tickets = [message.payload["url"] for message in phone.received[2:]]
    assert tickets == [f"/queue/{line.code}/ticket?ticket={party.ticket}" for party in (ana, ben)]
    assert len({message.headers["Topic"] for message in phone.received[2:]}) == 2, "neither replaces the other"
    subscribe(ben, phone)  # as older clients do
    assert list(Subscription.objects.values_list("party_id", flat=True)) == [ben.pk]


@pytest.mark.thorough
def test_a_phone_whose_address_changed_keeps_its_parties(service: PushService, line: Queue, join: Join) -> None:
    before, now, ana, ben = service.browser(), service.browser(), join(), join()
    also(ana, before)
    also(ben, before)
    also(ben, now)
    for _ in range(2):
        commands.renew(old_endpoint=before.endpoint, endpoint=now.endpoint, p256dh=now.p256dh, auth=now.auth)
    assert {(row.party_id, row.endpoint) for row in Subscription.objects.all()} == {
        (ana.pk, now.endpoint),
        (ben.pk, now.endpoint),
    }


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("en", "Soon your turn", "Café Blue: 2 parties are before you. Wait: we cannot say yet."),
        ("es", "Pronto será su turno", "Café Blue: tiene 2 grupos delante. Espera: aún no podemos decirlo."),
        ("ja", "まもなく順番です", "Café Blue：あと2組です。待ち時間の目安：まだ分かりません。"),  # noqa: RUF001
    ],
)
def test_a_guest_is_told_once_as_they_chose(
    service: PushService, line: Queue, join: Join, language: str, title: str, body: str
) -> None:
    phone, others, party = service.browser(), [join() for _ in range(5)], join()
    also(party, phone, language)
    queue_commands.tell_ahead(line.pk, party_id=party.pk, parties=2)
    perform()
    for other in others[:3]:
        queue_commands.leave(line.pk, party_id=other.pk)
    perform()
    perform()
    assert phone.kinds == ["join_confirm", "ahead"], "in place of the news of the 5th place"
    assert (phone.received[1].payload["title"], phone.received[1].payload["body"]) == (title, body)
    queue_commands.tell_ahead(line.pk, party_id=party.pk, parties=1)
    queue_commands.leave(line.pk, party_id=others[3].pk)
    perform()
    assert phone.kinds == ["join_confirm", "ahead", "ahead"]


@pytest.mark.thorough
def test_news_that_came_too_late_is_not_sent(service: PushService, line: Queue, join: Join) -> None:
    phone, other, party = service.browser(), join(), join()
    also(party, phone)
    perform()
    queue_commands.tell_ahead(line.pk, party_id=party.pk, parties=1)
    queue_commands.leave(line.pk, party_id=party.pk)
    perform()
    assert phone.kinds == ["join_confirm"]
    assert Party.objects.get(pk=other.pk).status == "waiting"
