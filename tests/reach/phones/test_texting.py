"""What goes out as a text, what stops it, and what it costs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections as databases

from core import clock
from mail.letters import letter_of
from mail.models import Mail
from outbox.models import Event
from queues.models import Party, Queue
from reach import segments, texts
from reach.commands import heard, spending
from reach.notices import Kind
from reach.providers import Channel
from reach.text_models import Provider, Said, Spent
from reach.ways import Outgoing, Result
from tests.reach.phones.conftest import NUMBER, ORIGIN, SetUp, a_message, joined, send
from tests.reach.phones.provider import Reply, TextProvider
from venues import commands as venue_commands
from venues.models import Venue


def spent(venue: Venue) -> Spent:
    return Spent.objects.get(venue=venue)


def test_a_call_is_one_sms_that_says_what_may_be_answered(venue: Venue, set_up: SetUp, provider: TextProvider) -> None:
    set_up()
    sent = send(venue)
    assert (sent.result, sent.segments, sent.cost_micros) == (Result.SENT, 1, 50_000)
    [took] = provider.took
    assert took.text == (
        "It is your turn. Dinner is ready for you. Please come by 19:30. Answer 1: on my way, 2: more time, 9: leave. "
        f"{ORIGIN}/queue/ABCDEF/ticket"
    )
    assert (spent(venue).micros, spent(venue).segments, spent(venue).texts) == (50_000, 1, 1)


@pytest.mark.parametrize("language", ["en", "es", "ja"])
@pytest.mark.parametrize(
    "kind", [Kind.JOIN_CONFIRM, Kind.CALLED, Kind.POS_2, Kind.LATE, Kind.NO_SHOW, Kind.DIRECT, Kind.VISIT]
)
def test_texts_are_as_short_as_they_can_be(kind: str, language: str, venue: Venue) -> None:
    bodies = {"en": "Dinner is ready.", "es": "Su mesa está lista.", "ja": "お席の準備ができました。"}
    url = f"{ORIGIN}/queue/ABCDEF/ticket"
    fields: dict[str, Any] = {"key": venue.pk, "venue_id": venue.pk, "to": NUMBER, "title": "Dinner", "url": url}
    text = texts.written(Outgoing(kind=kind, body=bodies[language], language=language, **fields))
    linked = (Kind.JOIN_CONFIRM, Kind.VISIT)
    assert segments.count(text).count == 1
    assert segments.plainer(bodies[language]) in segments.plainer(text) or kind in linked
    assert url in text or kind not in linked
    if kind == Kind.CALLED:
        assert all(answer in text for answer in "129")


@pytest.mark.thorough
def test_a_stop_between_two_messages_stops_the_second(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider
) -> None:
    set_up()
    party = joined(line)
    assert send(venue).result == Result.SENT
    heard.stop(venue_id=venue.pk, number=NUMBER)
    sent = send(venue)
    assert (sent.result, sent.detail) == (Result.REFUSED, spending.SAID_STOP)
    assert len(provider.took) == 1
    assert Party.objects.get(pk=party.pk).texts_stopped
    heard.start(venue_id=venue.pk, number=NUMBER)
    assert send(venue).result == Result.SENT
    assert not Party.objects.get(pk=party.pk).texts_stopped
    told = [event.type for event in Event.objects.filter(party_id=party.pk).order_by("pk") if "TEXTS" in event.type]
    assert told == ["QUEUE_MEMBER_STOPPED_TEXTS", "QUEUE_MEMBER_STARTED_TEXTS"]


def test_a_number_that_said_stop_to_one_venue_hears_of_another(
    venue: Venue, set_up: SetUp, provider: TextProvider
) -> None:
    set_up()
    other = venue_commands.create_venue(name="Red Door", timezone_name="Europe/Madrid")
    heard.stop(venue_id=other.pk, number=NUMBER)
    assert send(venue).result == Result.SENT


@pytest.mark.thorough
def test_the_cap_holds_for_workers_that_send_at_once(venue: Venue, set_up: SetUp, provider: TextProvider) -> None:
    owner = venue_commands.create_host(email="owner@example.com", venue=venue, role="owner")
    set_up(cap_micros=500_000)

    def one(_: int) -> Result:
        try:
            return send(venue).result
        finally:
            databases.close_all()

    with ThreadPoolExecutor(8) as workers:
        results = list(workers.map(one, range(24)))
    assert results.count(Result.SENT) == len(provider.took) == 10
    assert (spent(venue).micros, spent(venue).held_back) == (500_000, 14)
    [mail] = Mail.objects.filter(kind="texts_cost")
    assert mail.to == owner.email
    letter = letter_of(mail)
    assert letter is not None and "0.50 USD" in letter.text
    assert Event.objects.filter(type="VENUE_TEXTS_COST_MOST").count() == 1


def test_what_was_not_taken_costs_nothing_and_a_real_price_counts(
    venue: Venue, set_up: SetUp, provider: TextProvider
) -> None:
    set_up()
    provider.replies = [Reply(500), Reply(422), Reply(202, told={"segments": 2, "cost": "0.17"})]
    assert [send(venue).result for _ in range(3)] == [Result.LATER, Result.GONE, Result.SENT]
    assert (spent(venue).micros, spent(venue).segments, spent(venue).texts) == (170_000, 2, 1)


def test_a_provider_that_fails_is_said_until_it_takes_a_text(
    venue: Venue, set_up: SetUp, provider: TextProvider
) -> None:
    set_up()
    provider.replies = [Reply(401), Reply(429, {"Retry-After": "9"})]
    assert send(venue).result == Result.REFUSED
    first = Provider.objects.get(venue=venue)
    assert first.failing_since is not None and "401" in first.problem
    assert (send(venue).after_s, Provider.objects.get(venue=venue).failing_since) == (9.0, first.failing_since)
    assert send(venue).result == Result.SENT
    assert (Provider.objects.get(venue=venue).failing_since, Provider.objects.get(venue=venue).problem) == (None, "")


@pytest.mark.parametrize(("hours", "quiet"), [((-1, 1), True), ((1, -1), False), ((1, 2), False)])
def test_no_text_goes_out_in_quiet_hours_also_over_midnight(
    venue: Venue, set_up: SetUp, provider: TextProvider, hours: tuple[int, int], quiet: bool
) -> None:
    """Counted from now by the venue's clock, which may be at any hour: (1, -1) leaves out the two hours around it."""
    now = clock.now().astimezone(ZoneInfo(venue.timezone))
    begin, end = ((now + timedelta(hours=each)).time().replace(microsecond=0) for each in hours)
    set_up(quiet_from=begin, quiet_until=end)
    sent = send(venue)
    assert sent.result == (Result.REFUSED if quiet else Result.SENT)
    if quiet:
        assert sent.detail == spending.QUIET
        paid = spending.pay(venue_id=venue.pk, number=NUMBER, channel=Channel.SMS, segments=1, answers=True)
        assert paid.provider is not None


def test_twilio_that_hangs_is_not_asked_again_once_its_receipt_came(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider, settings: Any
) -> None:
    set_up("twilio")
    message = a_message(joined(line))
    settings.TEXT_TIMEOUT_S = 0.5
    provider.replies = [Reply(how="hang")]
    sent = send(venue, message)
    assert (sent.result, sent.after_s) == (Result.LATER, 30.0)
    assert spent(venue).texts == 1  # it may have been sent
    message.provider_id = "SM1"
    message.save()
    again = send(venue, message)
    assert (again.result, again.provider_id, provider.asked, len(provider.took)) == (Result.SENT, "SM1", 1, 1)


def test_a_gateway_that_hangs_gets_the_same_key_and_sends_once(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider, settings: Any
) -> None:
    set_up()
    message = a_message(joined(line), kind="direct")
    settings.TEXT_TIMEOUT_S = 0.5
    provider.replies = [Reply(how="hang")]
    assert send(venue, message, kind="direct").result == Result.LATER
    settings.TEXT_TIMEOUT_S = 5.0
    assert send(venue, message, kind="direct", body="Your table").result == Result.SENT
    assert (provider.asked, len(provider.took), spent(venue).texts) == (2, 1, 1)
    assert Said.objects.get(message=message.pk).text == "Your table"


def test_without_a_provider_or_a_sender_nothing_is_tried(venue: Venue, set_up: SetUp, provider: TextProvider) -> None:
    assert send(venue).detail == spending.NO_PROVIDER
    set_up(whatsapp_sender="")
    assert send(venue, channel=Channel.WHATSAPP).detail == spending.NO_SENDER
    assert (provider.asked, send(venue).result) == (0, Result.SENT)


def test_whatsapp_goes_by_the_same_account(venue: Venue, set_up: SetUp, provider: TextProvider) -> None:
    set_up("twilio", whatsapp_template="HX" + "1" * 32)
    assert send(venue, channel=Channel.WHATSAPP).result == Result.SENT
    assert provider.took[0].to == f"whatsapp:{NUMBER}"
    assert "It is your turn" in provider.took[0].text


def test_a_number_that_stopped_at_twilio_is_kept_as_stopped(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider
) -> None:
    set_up("twilio")
    party = joined(line)
    provider.replies = [Reply(400, told={"code": 21610, "message": "stopped", "status": 400, "more_info": ""})]
    assert send(venue).result == Result.REFUSED
    party.refresh_from_db()
    assert (party.texts_stopped, send(venue).detail, provider.asked) == (True, spending.SAID_STOP, 1)
