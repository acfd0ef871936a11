"""A party with a contact is told by its ways in order, each once; a call goes on to the next way until it arrived."""

from typing import Any

import pytest
from django.test import Client

from core import clock
from outbox import work
from outbox.models import Effect, Event
from push import commands as push_commands
from push import way as push_way
from push.models import Subscription
from queues import commands as queue_commands
from queues import timers
from queues.contacts import Contact
from queues.models import Party, Queue
from reach import commands, receipts
from reach.models import Message
from reach.ways import Outgoing, Result, Sent
from tests.mail.mail_server import MailServer
from tests.push.service import PushService, Reply
from tests.reach.conftest import EMAIL, NUMBER, Join, pass_time, states, work_off
from tests.reach.texts import Texts
from venues import commands as venue_commands
from venues.models import Venue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.thorough
def test_news_go_by_the_first_way_that_works_and_each_once(line: Queue, join: Join, gateway: Texts) -> None:
    party = join(told=False)
    work_off()
    assert gateway.kinds == ["join_confirm"]
    queue_commands.call(line.pk, party_id=party.pk)
    work_off()
    assert gateway.kinds == ["join_confirm", "called"]
    told = gateway.received[-1]
    assert (told.to, told.title) == (NUMBER, "It is your turn") and "Canary" not in told.body + told.title
    assert told.url == f"https://line.example.com/queue/{line.code}/ticket?ticket={party.ticket}"
    assert states(party) == {"push": "skipped", "text": "sent", "email": "due"}
    Effect.objects.filter(name="reach").update(status="pending")
    work_off()
    assert len(gateway.received) == 2


@pytest.mark.thorough
def test_a_call_that_does_not_arrive_goes_by_the_next_way(
    line: Queue, join: Join, gateway: Texts, mails: MailServer
) -> None:
    party = join()
    queue_commands.call(line.pk, party_id=party.pk)
    work_off()
    pass_time(44)
    work_off()
    assert mails.received == []
    pass_time(2)
    work_off()
    (mail,) = mails.received
    assert (mail["To"], mail["Subject"]) == (EMAIL, "Dinner: It is your turn")
    text = mail.get_content()
    assert (
        f"https://line.example.com/queue/{line.code}/ticket?ticket={party.ticket}#place={party.pk}" in text
        and "Canary" not in text
    )
    stop = mail["List-Unsubscribe"].strip(" <>")
    assert stop in text and mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert states(party) == {"push": "skipped", "text": "sent", "email": "sent"}


@pytest.mark.thorough
@pytest.mark.parametrize("how", ["receipt", "on my way", "more time", "seated", "failed"])
def test_what_ends_or_hurries_the_wait_for_the_next_way(
    line: Queue, join: Join, gateway: Texts, mails: MailServer, how: str
) -> None:
    party = join()
    queue_commands.call(line.pk, party_id=party.pk)
    work_off()
    if how == "receipt":
        assert receipts.note(way="text", provider_id=str(gateway.received[0].key), delivered=True)
        assert not receipts.note(way="text", provider_id=str(gateway.received[0].key), delivered=False)
    elif how == "failed":
        assert receipts.note(way="text", provider_id=str(gateway.received[0].key), delivered=False, detail="30003")
    elif how == "on my way":
        queue_commands.declare_nearby(line.pk, party_id=party.pk)
    elif how == "more time":
        queue_commands.ask_more_time(line.pk, party_id=party.pk)
    else:
        queue_commands.serve(line.pk, party_id=party.pk)
    if how != "failed":
        pass_time(50)
    work_off()
    assert len(mails.received) == (how == "failed")
    assert states(party)["email"] == ("sent" if how == "failed" else "skipped")


@pytest.mark.thorough
def test_push_is_a_way_like_the_others(line: Queue, join: Join, gateway: Texts, service: PushService) -> None:
    party, browser = join(), service.browser()
    push_commands.subscribe(
        queue_id=line.pk, party_id=party.pk, endpoint=browser.endpoint, p256dh=browser.p256dh, auth=browser.auth
    )
    work_off()
    queue_commands.message_party(line.pk, party_id=party.pk, text="Terrace or inside?")
    queue_commands.call(line.pk, party_id=party.pk)
    work_off()
    assert browser.kinds == ["join_confirm", "direct", "called"] and gateway.received == []
    assert states(party, "direct") == {"push": "sent"} and states(party) == {"push": "sent", "text": "due"}
    pass_time(46)
    work_off()
    assert gateway.kinds == ["called"] and len(browser.received) == 3
    assert not Effect.objects.filter(name="push", event__type__startswith="QUEUE_").exists()


@pytest.mark.thorough
def test_a_browser_that_must_wait_is_told_though_another_one_took_it(
    line: Queue, join: Join, gateway: Texts, service: PushService
) -> None:
    party, phone, tablet = join(), service.browser(), service.browser()
    for browser in (phone, tablet):
        push_commands.subscribe(
            queue_id=line.pk,
            party_id=party.pk,
            endpoint=browser.endpoint,
            p256dh=browser.p256dh,
            auth=browser.auth,
            keep_others=True,
        )
    work_off()
    tablet.reply = Reply(429, {"Retry-After": "1"})
    queue_commands.call(line.pk, party_id=party.pk)
    work_off()
    assert (phone.kinds[-1], tablet.kinds) == ("called", []) and states(party)["push"] == "sent"
    [owed] = Event.objects.filter(type="PUSH_OWED")
    message = Message.objects.get(kind="called", way="push")
    unused = {"to": "", "kind": "", "title": "", "body": "", "url": "", "language": ""}
    push_way.send(Outgoing(key=message.pk, venue_id=None, **unused))
    assert Event.objects.filter(type="PUSH_OWED").count() == 1, "once for each browser, also after a kill"
    tablet.reply = Reply()
    Subscription.objects.update(not_before=None)
    for _ in range(2):
        Effect.objects.filter(event=owed).update(status="pending", due_at=clock.now(), leased_until=None)
        work_off()
    assert (tablet.kinds, phone.kinds.count("called")) == (["called"], 1)


@pytest.mark.thorough
def test_a_way_that_cannot_is_tried_again_then_left(line: Queue, join: Join, gateway: Texts, mails: MailServer) -> None:
    later = Sent(result=Result.LATER, detail="HTTP 429")
    party = join()
    gateway.answers += [later, RuntimeError("the gateway's own fault"), later, Sent(result=Result.SENT)]
    queue_commands.call(line.pk, party_id=party.pk)
    for _ in range(3):
        work_off()
        pass_time(9)
    work_off()
    assert gateway.kinds == ["called"] * 4 and len({each.key for each in gateway.received}) == 1
    assert states(party)["text"] == "sent" and mails.received == []

    gateway.answers += [later] * 20
    queue_commands.message_party(line.pk, party_id=party.pk, text="Your table is by the window")
    for _ in range(6):
        work_off()
        pass_time(15)
    assert states(party, "direct") == {"push": "skipped", "text": "failed", "email": "sent"}
    assert [mail["Subject"] for mail in mails.received] == ["Dinner: It is your turn", "Dinner"]


@pytest.mark.thorough
def test_announcements_reach_parties_with_a_contact_once(line: Queue, join: Join, gateway: Texts) -> None:
    ann, ben = join(email=""), join(number="+34600111333", email="")
    queue_commands.send_message(line.pk, text="The kitchen closes at ten")
    work_off()
    assert sorted(each.to for each in gateway.received) == [NUMBER, "+34600111333"]
    queue_commands.send_message(line.pk, text="Outdated at once")
    queue_commands.clear_message(line.pk)
    queue_commands.close(line.pk)
    work_off()
    assert gateway.kinds[2:] == ["closed", "closed"]
    assert states(ann, "closed") == {"push": "skipped", "text": "sent"} == states(ben, "closed")


@pytest.mark.thorough
def test_who_was_told_of_an_end_is_told_that_the_place_is_back(line: Queue, join: Join, gateway: Texts) -> None:
    told, untold = join(), join(number="+34600111333")
    queue_commands.kick(line.pk, party_id=told.pk)
    work_off()
    queue_commands.kick(line.pk, party_id=untold.pk)
    queue_commands.undo(line.pk)
    queue_commands.put_back(line.pk, party_id=told.pk)
    work_off()
    assert [(each.to, each.kind) for each in gateway.received] == [(NUMBER, "removed"), (NUMBER, "back")]
    queue_commands.undo(line.pk)
    work_off()
    assert [(each.to, each.kind) for each in gateway.received[2:]] == [(NUMBER, "removed")]


def test_a_killed_worker_costs_at_most_one_double(line: Queue, join: Join, gateway: Texts) -> None:
    party = join()
    queue_commands.call(line.pk, party_id=party.pk)
    gateway.answers.append(SystemExit())
    with pytest.raises(SystemExit):
        work_off()
    work_off()
    assert gateway.kinds == ["called"], "its lease has not ended"
    pass_time(31)
    work_off()
    pass_time(31)
    work_off()
    assert gateway.kinds == ["called"] * 2 and states(party)["text"] == "sent"


@pytest.mark.thorough
def test_a_way_that_hangs_leaves_workers_for_the_others(line: Queue, join: Join, gateway: Texts) -> None:
    parties = [join(number=f"+3460011{n:04}", email="") for n in range(5)]
    for party in parties:
        queue_commands.message_party(line.pk, party_id=party.pk, text="Hello")
    for effect in Effect.objects.filter(name="reach", status="pending"):
        work.perform(effect.pk)
    Message.objects.filter(kind="direct").update(way="text")
    leased = [commands.lease() for _ in range(4)]
    assert [bool(each) for each in leased] == [True] * 3 + [False]


def test_parties_without_a_contact_have_no_rows(line: Queue, gateway: Texts) -> None:
    party = queue_commands.join(line.pk, name="Bea").party
    queue_commands.call(line.pk, party_id=party.pk)
    queue_commands.kick(line.pk, party_id=party.pk)
    work_off()
    assert not Message.objects.exists() and gateway.received == []
    assert not Effect.objects.filter(name="reach", event__party_id=party.pk).exists()


@pytest.mark.thorough
def test_nothing_personal_is_in_events_logs_and_rows(
    line: Queue, join: Join, gateway: Texts, mails: MailServer, caplog: Any
) -> None:
    caplog.set_level("DEBUG")
    party = join()
    gateway.answers += [Sent(result=Result.REFUSED, detail="HTTP 400"), RuntimeError(f"cannot text {NUMBER}")]
    queue_commands.call(line.pk, party_id=party.pk)
    work_off()
    commands.choose(line.pk, party_id=party.pk, contact=Contact())
    said = " ".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    rows = str([*Event.objects.values(), *Message.objects.values(), *Effect.objects.values()])
    for secret in (NUMBER, NUMBER[3:], EMAIL):
        assert secret not in said + rows


@pytest.mark.thorough
def test_the_question_after_a_visit_comes_by_mail_and_is_answered_from_it(
    venue: Venue, line: Queue, join: Join, mails: MailServer
) -> None:
    venue_commands.change_venue(venue_id=venue.pk, ask_after_min=60)
    party, stranger = join(number=""), Client()
    before = len(mails.received)
    Party.objects.filter(pk=party.pk).update(without_phone=True)  # it joined at a tablet
    queue_commands.serve(line.pk, party_id=party.pk)
    Party.objects.filter(pk=party.pk).update(ask_at=clock.now())
    timers.sweep()
    for _ in range(2):
        work_off()
    [mail] = mails.received[before:]
    assert (mail["To"], mail["Subject"]) == (EMAIL, "Dinner: How was your visit?")
    link = f"https://line.example.com/queue/{line.code}/ticket?ticket={party.ticket}#place={party.pk}"
    assert link in mail.get_content() and "Canary" not in mail.get_content()
    assert states(party, "visit") == {"push": "skipped", "email": "sent"}
    # What the script of the page does with the place in the fragment.
    assert stranger.post(f"/queue/{line.code}/restore", {"place": str(party.pk)}).status_code == 303
    assert "How was your visit?" in stranger.get(f"/queue/{line.code}/ticket").content.decode()
    assert stranger.post(f"/queue/{line.code}/visit", {"answer": "4"}).status_code == 303
    party.refresh_from_db()
    assert party.answer == 4
