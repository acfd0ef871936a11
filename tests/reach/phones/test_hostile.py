"""What hostile and clumsy guests and gateways send: each has one clear outcome, and nothing is lost or shown."""

from datetime import datetime, time
from typing import Any

import pytest

from core.errors import Invalid
from mail.models import Mail
from queues import commands as lines
from queues import contacts
from queues.models import Party, Queue
from reach import commands, rules
from reach.commands import heard, spending
from reach.models import Message
from reach.providers import Account, Channel, Text, reason
from reach.text_models import LONGEST_SAID, Provider, Said
from reach.ways import Outgoing, Result, Sent
from reach.words import Meaning
from tests.reach.phones.conftest import NUMBER, ORIGIN, SetUp, a_message, joined, send
from tests.reach.phones.provider import Reply, TextProvider
from tests.reach.phones.test_inbound import from_gateway, write
from venues import commands as venue_commands
from venues.models import Venue


@pytest.mark.parametrize("kind", ["twilio", "gateway"])
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("two\r\nlines", "two\nlines"),
        ("bell\x07 and nul\x00.", "bell  and nul ."),
        ("\u202eنحن هنا", "\u202eنحن هنا"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("\u200b", "\u200b"),
        ("long " * 400, "long " * 199 + "long…"),
    ],
)
def test_whatever_a_guest_writes_is_kept_for_the_host(
    kind: str, text: str, kept: str, line: Queue, set_up: SetUp
) -> None:
    row, _ = set_up(kind), joined(line)
    assert write(row, text) == ""
    said = Said.objects.get()
    assert said.text.strip() == kept.strip() and len(said.text) <= LONGEST_SAID


@pytest.mark.parametrize("sender", ["", "Blue Door", "12345", "+1", "\x00", "whatsapp:", "９" * 41, "+" + "9" * 60])
def test_a_text_of_no_number_is_taken_and_does_nothing(sender: str, line: Queue, set_up: SetUp) -> None:
    row, _ = set_up("twilio"), joined(line)
    assert write(row, "9", number=sender) == ""
    assert Party.objects.get().status == Party.Status.WAITING


@pytest.mark.thorough
def test_a_call_that_comes_again_means_the_party_that_it_meant_then(venue: Venue, line: Queue, set_up: SetUp) -> None:
    """The worker died after `leave`, before it had noted that: the number's other party must stay."""
    row, first = set_up(), joined(line)
    bar = lines.open_line(lines.NewLine(event_name="Bar", max_guests=9), venue=venue)
    other = joined(bar)
    lines.call(line.pk, party_id=first.pk)
    heard.keep_heard(
        venue_id=venue.pk, party=first, text="9", channel=Channel.SMS, outside_id="x", meaning=Meaning.LEAVE
    )
    lines.leave(line.pk, party_id=first.pk)
    assert write(row, "9", "x") == "You have left the line. Thank you for telling us."
    other.refresh_from_db()
    assert other.status == Party.Status.WAITING
    assert write(row, "9", "y") == "You have left the line. Thank you for telling us."
    other.refresh_from_db()
    assert other.status == Party.Status.LEFT


@pytest.mark.thorough
def test_long_names_of_two_texts_are_two(line: Queue, set_up: SetUp) -> None:
    row, _ = set_up(), joined(line)
    write(row, "We are at the bar", "n" * 90 + "1")
    write(row, "Or rather outside", "n" * 90 + "2")
    write(row, "Or rather outside", "n" * 90 + "2")
    assert [said.text for said in Said.objects.order_by("pk")] == ["We are at the bar", "Or rather outside"]


def test_a_gateways_reason_is_one_line_without_numbers_and_addresses(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider
) -> None:
    row, message = set_up(), a_message(joined(line), state=Message.State.SENT)
    Message.objects.filter(pk=message.pk).update(provider_id=str(message.pk))
    provider.replies = [
        Reply(500, told={"error": f"no route\x00 to {NUMBER} or\r\n(612) 345 678, ask ann@example.com"})
    ]
    sent = send(venue)
    assert sent.result == Result.LATER
    assert sent.detail == "The gateway answered 500: no route to … or (…, ask …"
    assert Provider.objects.get(venue=venue).problem == sent.detail
    told = {"type": "message.failed", "id": str(message.pk), "error": f"{NUMBER} is\noff\x00" + "!" * 200}
    assert from_gateway(row, told).status_code == 200
    message.refresh_from_db()
    assert message.state == Message.State.FAILED and message.detail.startswith("… is off !!!")


def test_what_is_secret_or_personal_stands_in_no_repr() -> None:
    canary = "canary-612345678"
    values: list[Any] = [
        Account(token=canary, url=canary, secret=canary),
        Text("key", canary, canary, Channel.SMS, ""),
        contacts.Contact(number=canary, email=canary),
        commands.Texts(kind="twilio", token=canary),
    ]
    fields: dict[str, Any] = dict.fromkeys(("to", "title", "body", "url"), canary)
    values.append(Outgoing(key=None, venue_id=None, kind="called", language="en", **fields))  # type: ignore[arg-type]
    assert canary not in repr(values)
    assert reason("HTTP 500 at 12:30:05") == "HTTP 500 at 12:30:05"


def test_a_way_that_is_busy_for_an_hour_is_tried_to_the_end() -> None:
    """It asked to be tried again each second, two thousand times, and then named no time any more."""
    then = rules.after(
        Sent(result=Result.LATER), kind="direct", age_s=2000, attempts=2000, has_next=False, fallback_s=45, ttl_s=3600
    )
    assert then.again_in_s == rules.LONGEST_PAUSE_S


@pytest.mark.thorough
def test_a_number_that_has_said_stop_is_shown_in_each_line_it_comes_to(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider
) -> None:
    set_up()
    heard.stop(venue_id=venue.pk, number=NUMBER)
    party = joined(line)
    shown = [party.texts_stopped]
    commands.choose(line.pk, party_id=party.pk, contact=contacts.Contact(number="+34612345679", origin=ORIGIN))
    party.refresh_from_db()
    assert [*shown, party.texts_stopped] == [True, False]
    at_the_join = lines.join(line.pk, name="Ben", contact=contacts.Contact(number=NUMBER, origin=ORIGIN)).party
    send(venue, a_message(at_the_join))
    at_the_join.refresh_from_db()
    assert at_the_join.texts_stopped and provider.took == []


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("2026-10-25T00:30Z", True), ("2026-10-25T01:30Z", True), ("2026-10-25T01:45Z", False),  # half past two, twice
        ("2026-03-29T00:59Z", False), ("2026-03-29T01:30Z", False),  # it is three at once
    ],
)  # fmt: skip
def test_quiet_hours_are_those_on_the_venues_wall(at: str, quiet: bool) -> None:
    row = Provider(venue=Venue(timezone="Europe/Madrid"), quiet_from=time(2, 15), quiet_until=time(2, 45))
    assert row.is_quiet(datetime.fromisoformat(at)) is quiet


def test_owners_hear_of_texts_that_are_held_back_once(venue: Venue, set_up: SetUp, provider: TextProvider) -> None:
    """The real price is told later, and passes over the share that is warned of."""
    venue_commands.create_host(email="owner@example.com", venue=venue, role="owner")
    set_up(cap_micros=200_000)
    provider.replies = [Reply(202, told={"cost": "0.19"})]
    assert send(venue).result == Result.SENT and not Mail.objects.exists()
    assert [send(venue).detail for _ in range(2)] == [spending.CAP_REACHED] * 2
    assert Mail.objects.filter(kind="texts_cost").count() == 1


def test_quiet_hours_end_at_another_time_than_they_begin(set_up: SetUp) -> None:
    with pytest.raises(Invalid) as refused:
        set_up(quiet_from=time(22), quiet_until=time(22))
    assert refused.value.field == "quiet_until"
