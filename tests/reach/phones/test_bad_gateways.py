"""Calls by gateways that behave badly: whatever they do, the call goes by the next way in time, nothing goes twice where a
message can be told by its name, and the host reads what became of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from outbox import work
from outbox.models import Effect
from queues import commands as lines
from queues import contacts
from queues.models import Party, Queue
from reach import commands
from reach.commands import heard
from reach.models import Message
from reach.pages.conversation import lines_of
from reach.personal import forget
from reach.text_models import Provider, Said, Spent, Stopped
from tests.mail.mail_server import MailServer
from tests.reach.phones.conftest import ORIGIN, SetUp
from tests.reach.phones.provider import Reply, TextProvider, Took
from tests.reach.phones.test_flow import tick
from tests.reach.phones.test_inbound import from_gateway, from_twilio, write
from venues.models import Venue

State = Message.State
FALLBACK_S, STEP_S = 45, 5
HANGS, DROPS = Reply(how="hang"), Reply(how="drop")
NUMBERS = ["+34612345671", "+34612345672", "+34612345673"]


def told_by_text_or_mail(line: Queue, number: str = NUMBERS[0]) -> Party:
    """A party in line whose guest gave both; its confirmation is told."""
    party = lines.join(line.pk, name="Ann").party
    contact = contacts.Contact(
        number=number, email=f"ann{number[-1]}@example.com", ways=("sms", "email"), origin=ORIGIN
    )
    commands.choose(line.pk, party_id=party.pk, contact=contact)
    tick()
    return party


@pytest.fixture
def both(venue: Venue, provider: TextProvider, mails: MailServer, settings: Any) -> None:
    """SMS first, then e-mail; gateways that hang are given up after half a second."""
    commands.set_channels(venue_id=venue.pk, ways=["sms", "email"], fallback_s=FALLBACK_S)
    settings.TEXT_TIMEOUT_S = 0.5


def state_of(party: Party, way: str, kind: str = "called") -> str:
    return str(Message.objects.get(party_id=party.pk, kind=kind, way=way).state)


def words_of(party: Party, way: str) -> str:
    """What the host reads of the call by this way."""
    return next(each.state for each in lines_of(party) if each.way == way and each.text.startswith("Called"))


CASES = [
    # provider, its answers and then for ever, attempts, texts taken, state, what the host reads
    ("gateway", [], Reply(), 1, 1, State.SENT, "not known to have arrived"),
    ("gateway", [HANGS], Reply(), 2, 1, State.SENT, "not known to have arrived"),
    ("twilio", [HANGS], Reply(), 2, 2, State.SENT, "not known to have arrived"),
    ("gateway", [], HANGS, 5, 1, State.FAILED, "did not arrive: The gateway: no answer"),
    ("twilio", [], HANGS, 2, 2, State.FAILED, "did not arrive: Twilio: no answer"),
    ("gateway", [DROPS, DROPS], Reply(), 3, 1, State.SENT, "not known to have arrived"),
    ("twilio", [DROPS], Reply(), 2, 1, State.SENT, "not known to have arrived"),
    ("gateway", [Reply(429, {"Retry-After": "7"})], Reply(), 2, 1, State.SENT, "not known to have arrived"),
    ("twilio", [Reply(429, {"Retry-After": "7"})], Reply(), 2, 1, State.SENT, "not known to have arrived"),
    ("gateway", [], Reply(429, {"Retry-After": "600"}), 1, 0, State.FAILED, "The gateway answered 429"),
    ("gateway", [Reply(500), Reply(503)], Reply(), 3, 1, State.SENT, "not known to have arrived"),
    ("gateway", [], Reply(500), 5, 0, State.FAILED, "The gateway answered 500"),
    ("twilio", [], Reply(500), 5, 0, State.FAILED, "Twilio answered 500"),
    ("gateway", [], Reply(200, told="<html>"), 1, 1, State.SENT, "not known to have arrived"),
    ("twilio", [], Reply(201, told="<html>"), 2, 2, State.FAILED, "Twilio answered something else"),
    ("gateway", [], Reply(410), 1, 0, State.SKIPPED, "not sent: The gateway answered 410"),
    ("gateway", [], Reply(302, {"Location": "/elsewhere"}), 1, 0, State.FAILED, "redirects are not followed"),
]


@pytest.mark.parametrize(("kind", "replies", "reply", "attempts", "texts", "state", "words"), CASES)
@pytest.mark.usefixtures("both")
def test_a_call_survives_a_bad_gateway(
    line: Queue, set_up: SetUp, provider: TextProvider, mails: MailServer,
    kind: str, replies: list[Reply], reply: Reply, attempts: int, texts: int, state: str, words: str,
) -> None:  # fmt: skip
    set_up(kind)
    party = told_by_text_or_mail(line)
    asked, took = provider.asked, len(provider.took)
    provider.replies, provider.reply = [*replies], reply
    lines.call(line.pk, party_id=party.pk)
    tick()
    for _ in range((FALLBACK_S + 30) // STEP_S):
        tick(later_s=STEP_S)
    assert (provider.asked - asked, len(provider.took) - took) == (attempts, texts)
    assert (state_of(party, "sms"), state_of(party, "email")) == (state, State.SENT)
    assert words in words_of(party, "SMS") and words_of(party, "E-mail").startswith("sent")
    assert len(mails.received) == 1 and "It is your turn" in mails.received[0]["Subject"]


def receipt_of(row: Provider, took: Took, status: str) -> None:
    """What the provider tells of a text."""
    if row.kind == "gateway":
        answer = from_gateway(row, {"type": f"message.{status}", "id": took.key, "cost": "0.09"})
    else:
        form = {"MessageSid": took.id, "MessageStatus": status, "Price": "-0.09"}
        answer = from_twilio(row, f"receipt/{took.key}", **form)
    assert answer.status_code < 300, answer.content


@pytest.mark.parametrize("when", ["before the answer", "instead of it", "after it"])
@pytest.mark.parametrize("status", ["delivered", "failed"])
@pytest.mark.parametrize("kind", ["twilio", "gateway"])
@pytest.mark.usefixtures("both")
def test_a_receipt_counts_whenever_it_comes(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider, mails: MailServer,
    kind: str, status: str, when: str,
) -> None:  # fmt: skip
    row = set_up(kind)
    party = told_by_text_or_mail(line)
    before = Spent.objects.get(venue=venue)
    if when != "after it":
        provider.on_taken = lambda took: receipt_of(row, took, status)
    if when == "instead of it":
        provider.replies = [HANGS]
    lines.call(line.pk, party_id=party.pk)
    tick()
    if when == "after it":
        receipt_of(row, provider.took[-1], status)
    tick()
    assert state_of(party, "sms") == status
    for _ in range(3):
        tick(later_s=25)
    message = Message.objects.get(party_id=party.pk, kind="called", way="sms")
    assert len(provider.took) == 2 and message.sent_at is not None and message.provider_id
    assert (message.delivered_at is not None) == (status == "delivered")
    assert len(mails.received) == (status == "failed")
    assert not Message.objects.filter(state=State.DUE).exists()
    assert message.cost_micros == 90_000
    if when != "instead of it":  # an attempt without an answer stays paid for as it was thought to cost
        assert message.segments == 1
        assert Spent.objects.get(venue=venue).micros == before.micros + 90_000


@pytest.mark.parametrize("kind", ["twilio", "gateway"])
@pytest.mark.usefixtures("both")
def test_a_price_that_is_told_later_corrects_the_day_that_paid(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider, kind: str
) -> None:
    row = set_up(kind)
    told_by_text_or_mail(line)
    [paid] = Spent.objects.filter(venue=venue)
    Message.objects.update(sent_at=F("sent_at") + timedelta(days=1))  # as if midnight had come before the answer
    Spent.objects.create(venue=venue, day=paid.day + timedelta(days=1), micros=50_000, segments=1, texts=1)
    receipt_of(row, provider.took[-1], "delivered")
    assert list(Spent.objects.order_by("day").values_list("micros", flat=True)) == [90_000, 50_000]


@pytest.mark.thorough
def test_a_provider_that_speaks_of_an_unsent_message_changes_nothing(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider
) -> None:
    row = set_up()
    commands.set_channels(venue_id=venue.pk, ways=["sms"], fallback_s=FALLBACK_S)
    party = told_by_text_or_mail(line)
    lines.call(line.pk, party_id=party.pk)
    for effect in Effect.objects.filter(status="pending", name="reach"):
        work.perform(effect.pk)
    key = str(Message.objects.get(kind="called").pk)
    for status in ("delivered", "failed"):
        from_gateway(row, {"type": f"message.{status}", "id": key})
    assert state_of(party, "sms") == State.DUE
    tick()
    assert state_of(party, "sms") == State.SENT and len(provider.took) == 2


@pytest.mark.usefixtures("both")
def test_a_stop_amid_a_batch_stops_what_has_not_gone_out(
    line: Queue, set_up: SetUp, provider: TextProvider, mails: MailServer
) -> None:
    row = set_up()
    parties = [told_by_text_or_mail(line, number) for number in NUMBERS]
    taken = len(provider.took)
    stopped: list[str] = []

    def stop(took: Took) -> None:
        """While the first text of the batch is under way, the guest of another one says STOP."""
        if not stopped:
            stopped.append(next(number for number in NUMBERS if number != took.to))
            write(row, "STOP", number=stopped[0])

    provider.on_taken = stop
    lines.send_message(line.pk, text="The kitchen closes at ten")
    tick()
    tick(later_s=60)
    assert sorted(took.to for took in provider.took[taken:]) == sorted(set(NUMBERS) - set(stopped))
    quiet = parties[NUMBERS.index(stopped[0])]
    assert (state_of(quiet, "sms", "message"), state_of(quiet, "email", "message")) == (State.FAILED, State.SENT)
    [mail] = mails.received
    assert mail["To"] == f"ann{stopped[0][-1]}@example.com"
    assert any("said STOP" in each.state for each in lines_of(quiet))
    assert Party.objects.get(pk=quiet.pk).texts_stopped
    assert Message.objects.filter(kind="message").count() == 4


@pytest.mark.thorough
def test_a_call_of_a_provider_is_heard_once_also_after_its_guest_is_forgotten(
    venue: Venue, line: Queue, set_up: SetUp
) -> None:
    """Twilio's signature has no time: the same call may be sent for ever by who saw it."""
    row, party = set_up("twilio"), told_by_text_or_mail(line)
    write(row, "START", "the-start", number=NUMBERS[0])
    write(row, "Canary words", "the-words", number=NUMBERS[0])
    write(row, "STOP", "the-stop", number=NUMBERS[0])
    lines.leave(line.pk, party_id=party.pk)
    forget(line.pk, None)
    assert "Canary" not in str([*Said.objects.values()]) and "the-start" not in str([*Said.objects.values()])
    Said.objects.update(at=F("at") - timedelta(days=400))
    heard.forget_old()
    write(row, "START", "the-start", number=NUMBERS[0])
    assert Stopped.objects.count() == 1, "an old START brings no texts back"
    assert Said.objects.filter(party=None).count() == 2
