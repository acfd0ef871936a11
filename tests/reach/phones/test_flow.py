"""A call that goes out as a text: by the outbox, to the provider, with its receipt and the answer; and by the next way."""

from datetime import timedelta

import pytest
from django.db.models import F

from core import clock
from outbox import work
from outbox.models import Effect
from queues import commands as lines
from queues import contacts, timers
from queues.models import Party, Queue
from reach import commands, segments, sending
from reach.models import Message
from reach.ways import Result
from tests.reach.phones.conftest import NUMBER, ORIGIN, SetUp, joined, send
from tests.reach.phones.provider import Reply, TextProvider
from tests.reach.phones.test_inbound import from_gateway, write
from venues import commands as venue_commands
from venues.models import Venue

State = Message.State
BOTH = contacts.Contact(number=NUMBER, ways=("sms", "whatsapp"), origin=ORIGIN)


def tick(*, later_s: float = 0) -> None:
    """What workers do until nothing is due; with `later_s` as if so many seconds had passed for messages."""
    if later_s:
        step = timedelta(seconds=later_s)
        Message.objects.update(due_at=F("due_at") - step, made_at=F("made_at") - step)
    while effects := list(Effect.objects.filter(status="pending", name="reach").values_list("pk", flat=True)):
        work.perform(*effects)
    while sending.send_due():
        pass


def states(kind: str) -> list[tuple[str, str]]:
    return list(Message.objects.filter(kind=kind).order_by("made_at", "pk").values_list("way", "state"))


@pytest.mark.thorough
def test_a_call_goes_out_once_is_delivered_and_answered(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider
) -> None:
    row = set_up()
    commands.set_channels(venue_id=venue.pk, ways=["sms", "whatsapp"], fallback_s=45)
    party = joined(line)
    tick()
    assert f"#place={party.pk}" in provider.took[0].text
    lines.call(line.pk, party_id=party.pk)
    tick()
    tick()
    assert [took.to for took in provider.took] == ["+34612345678"] * 2
    message = Message.objects.get(kind="called")
    assert provider.took[1].key == str(message.pk)
    from_gateway(row, {"type": "message.delivered", "id": str(message.pk)})
    assert write(row, "1") == "Thank you. The host knows that you are on your way."
    tick(later_s=60)
    assert states("called") in ([("sms", State.DELIVERED)], [("sms", State.DELIVERED), ("whatsapp", State.SKIPPED)])
    assert len(provider.took) == 2


@pytest.mark.thorough
def test_a_call_that_is_taken_and_never_delivered_goes_by_the_next_way(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider
) -> None:
    set_up("twilio")
    commands.set_channels(venue_id=venue.pk, ways=["sms", "whatsapp"], fallback_s=45)
    party = joined(line)
    commands.choose(line.pk, party_id=party.pk, contact=BOTH)
    tick()
    before = len(provider.took)
    lines.call(line.pk, party_id=party.pk)
    tick()
    assert [took.to for took in provider.took[before:]] == ["+34612345678"]
    tick(later_s=50)
    assert [took.to for took in provider.took[before:]] == ["+34612345678", "whatsapp:+34612345678"]


@pytest.mark.thorough
def test_a_refused_call_goes_by_the_next_way_at_once(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider
) -> None:
    set_up("twilio")
    commands.set_channels(venue_id=venue.pk, ways=["sms", "whatsapp"], fallback_s=45)
    party = joined(line)
    commands.choose(line.pk, party_id=party.pk, contact=BOTH)
    tick()
    provider.replies = [Reply(400, told={"code": 21612, "message": "no", "status": 400, "more_info": ""})]
    lines.call(line.pk, party_id=party.pk)
    tick()
    tick(later_s=2)
    assert states("called") == [("sms", State.FAILED), ("whatsapp", State.SENT)]
    assert send(venue).result == Result.SENT


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "How was your visit? Answer 1 (bad) to 5 (very good), or tap: "),
        ("es", "¿Qué tal su visita? Responda de 1 (mal) a 5 (muy bien), o toque: "),
        ("ja", "ご来店はいかがでしたか？ 1（悪い）〜5（とても良い）で返信するか、こちらへ： "),
    ],
)
def test_the_question_after_a_visit_goes_by_text_with_the_place(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider, language: str, words: str
) -> None:
    row = set_up()
    commands.set_channels(venue_id=venue.pk, ways=["push", "sms"], fallback_s=45)
    venue_commands.change_venue(venue_id=venue.pk, ask_after_min=60)
    asked, answered = joined(line, language=language), joined(line, "+34698765432", language=language)
    tick()
    before = len(provider.took)
    for party in (asked, answered):
        lines.serve(line.pk, party_id=party.pk)
        Party.objects.filter(pk=party.pk).update(ask_at=clock.now())
    timers.sweep()
    lines.answer_visit(line.pk, party_id=answered.pk, answer=5)
    for _ in range(2):
        tick(later_s=60)
    [told] = provider.took[before:]
    assert (told.to, told.text) == (
        NUMBER,
        f"{words}{ORIGIN}/queue/{line.code}/ticket?ticket={asked.ticket}#place={asked.pk}",
    )
    assert segments.count(told.text).count == (2 if language == "ja" else 1)
    if language != "en":
        return

    # Answered by text, also changed; only for whom it was asked, and not by what is no answer.
    assert write(row, "6") == "" and write(row, "Lovely", number="+34698765432") == ""
    assert write(row, "5, lovely soup") == "Thank you for telling us."
    asked.refresh_from_db()
    assert (asked.answer, asked.answer_words) == (5, "lovely soup")
    assert write(row, "２") == "Thank you for telling us."
    asked.refresh_from_db()
    assert (asked.answer, asked.answer_words) == (2, "lovely soup")
    again = joined(line)
    assert write(row, "2") == "It is not your turn yet: you have time."
    asked.refresh_from_db()
    assert (asked.answer, again.status) == (2, "waiting")
