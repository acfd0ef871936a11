"""Contacts, news and letters as hostile and clumsy people cause them: each has one clear outcome, and nothing is told late."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from core.errors import Invalid
from outbox import work
from outbox.models import Effect
from queues import commands as queue_commands
from queues import contacts
from queues.models import Party, Queue
from reach import sending
from reach.models import Contact, Message
from tests.mail.mail_server import MailServer
from tests.reach.conftest import NUMBER, Join, states, work_off
from tests.reach.test_pages import fill
from tests.reach.texts import Texts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.thorough
def test_news_of_the_evening_is_not_told_in_the_morning(line: Queue, join: Join, gateway: Texts) -> None:
    """Workers were away meanwhile."""
    removed, told = join(), join(number="+34600111333")
    queue_commands.message_party(line.pk, party_id=told.pk, text="Your table is free")
    queue_commands.kick(line.pk, party_id=removed.pk)
    for effect in Effect.objects.filter(name="reach", status="pending"):
        work.perform(effect.pk)
    night = timedelta(hours=9)
    ended = Party.objects.get(pk=removed.pk).ended_at
    assert ended is not None
    Party.objects.filter(pk=removed.pk).update(ended_at=F("ended_at") - night)
    Party.objects.filter(pk=told.pk).update(message_at=F("message_at") - night)
    at = (ended - night).isoformat().replace("+00:00", "Z")
    for message in Message.objects.filter(kind="removed"):
        assert isinstance(message.at, str) and message.at[:19] == ended.isoformat()[:19], message.at
        Message.objects.filter(pk=message.pk).update(at=message.at.replace(ended.isoformat()[:19], at[:19]))
    before = Party.objects.get(pk=told.pk).message_at
    assert before is not None
    Message.objects.filter(kind="direct").update(at=int(before.timestamp() * 1000))
    sending.send_due()
    assert gateway.received == []
    assert states(removed, "removed") == {"push": "skipped"} == states(told, "direct")


@pytest.mark.parametrize(
    "typed",
    ["a@b", "ann@example.com\r\nBcc: all@example.com", "ann@exa\x00mple.com", "Ann <ann@example.com>", "a" * 250 + "@b.es",
     "ann@example.com, ben@example.com", "\u202eann@example.com\u202c <x>", "ann@[127.0.0.1]", "ann\u212a@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused_beside_its_field(line: Queue, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        contacts.checked(line, email=typed)
    assert refused.value.field == "email"
    assert fill(Client(), line, email=typed).status_code == 400 and not Contact.objects.exists()


@pytest.mark.thorough
def test_an_address_of_another_script_and_a_name_of_two_lines_get_their_mail(venue: Any, mails: MailServer) -> None:
    name = "Dinner\nBcc: all@example.com"
    line = queue_commands.open_line(queue_commands.NewLine(event_name=name, max_guests=9), venue=venue)
    for email in ("ann@españa.example", "ben+line@example.com"):
        contact = contacts.checked(line, email=email, origin="https://line.example.com")
        queue_commands.join(line.pk, name="Ann", contact=contact)
    work_off()
    assert [mail["To"] for mail in mails.received] == ["ann@xn--espaa-rta.example", "ben+line@example.com"]
    assert {mail["Subject"] for mail in mails.received} == {"Dinner Bcc: all@example.com: You are in line"}
    assert {mail["Bcc"] for mail in mails.received} == {None}


@pytest.mark.parametrize(
    "typed",
    ["６００１１１２２２", "٦٠٠١١١٢٢٢", " 600-111.222 ", "+34 600 111 222", "0034600111222", "tel:+34600111222"],
)
def test_one_number_is_one_however_it_is_typed(line: Queue, typed: str) -> None:
    assert contacts.checked(line, number=typed).number == NUMBER


@pytest.mark.parametrize("typed", ["600111222 ext. 5", "600\x00111222", "6001112²²", "☎", "-", "+", "＋"])
def test_what_is_no_number_is_refused_beside_its_field(line: Queue, typed: str) -> None:
    assert fill(Client(), line, number=typed).status_code == 400 and not Contact.objects.exists()


def test_a_line_break_behind_a_number_is_taken_off(line: Queue) -> None:
    assert fill(Client(), line, number="600111222\r\n").status_code == 303


@pytest.mark.thorough
def test_nobody_is_flooded_with_joins(line: Queue, join: Join, gateway: Texts, settings: Any) -> None:
    """Whoever joins may type a stranger's number, again and again."""
    settings.RATE_LIMITS = True
    for _ in range(12):
        join(email="", told=False)
    work_off()
    assert gateway.kinds.count("join_confirm") == 10
    refused = Message.objects.filter(way="text", state=Message.State.FAILED)
    assert {each.detail for each in refused} == {"it was told of too many joins today"} and len(refused) == 2
    party = join(number="+34600111333", told=False)
    work_off()
    assert gateway.received[-1].to == "+34600111333"
    path = f"/queue/{line.code}/reach"
    browser = Client()
    fill(browser, line)
    answers = [browser.post(path, {"number": f"6001{n:05}", "first": "text"}).status_code for n in range(61)]
    assert answers[:59].count(303) == 59 and answers[-1] == 400
    assert party.has_contact


@pytest.mark.thorough
def test_one_client_gives_a_line_sixty_numbers_by_whichever_door_of_the_api(line: Queue, settings: Any) -> None:
    settings.RATE_LIMITS = True
    party, client, status = queue_commands.join(line.pk, name="Ann").party, Client(), HTTPStatus

    def give(door: str, number: int) -> int:
        contact = {"number": f"+346001{number:05}"}
        body = contact | (
            {"partyId": str(party.pk)} if door == "choose-ways" else {"name": f"Guest {number}", "size": 2}
        )
        return client.post(f"/api/queue/{line.code}/{door}", body, content_type="application/json").status_code

    doors = ("join", "choose-ways")
    assert {give(door, number) for number in range(30) for door in doors} == {status.OK}
    assert [give(door, 99) for door in doors] == [status.TOO_MANY_REQUESTS] * 2
    assert Contact.objects.filter(number__endswith="00099").count() == 0
