"""Pushes in the language of the phone they come to."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from core.languages import ENGLISH_24H
from push.models import Delivery
from queues.models import Party, Queue
from queues.occupancy import Wait
from queues.rules import Place
from reach import messages
from reach.notices import Notice
from tests.push.conftest import Join, call, perform, subscribe
from tests.push.service import PushService

LINE = "Ōkubo 7"
NOW = datetime(2026, 3, 1, 18, 30, 20, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
# A message of the host's is in the host's words; a code goes by text alone (tests/reach/phones/test_proving.py).
KINDS = [
    kind for kind in Delivery.Kind if kind not in {Delivery.Kind.MESSAGE, Delivery.Kind.DIRECT, Delivery.Kind.CODE}
]


def at_place(number: int) -> Wait:
    """That place, with a wait of 20 to 30 minutes."""
    place = Place(ahead=number, position=number + 1, queue_length=9, number=number)
    return Wait(place, low_ms=1_200_000, high_ms=1_800_000, promised=None)


def made(kind: str, *, deadline: datetime) -> Notice:
    """That message, in the language that is active."""
    line = Queue(code="ABC234", event_name=LINE, timezone="UTC")
    party = Party(queue=line, status=Party.Status.CALLED, call_count=1, call_deadline=deadline)
    waiting = Party(queue=line, status=Party.Status.WAITING)
    match kind:
        case Delivery.Kind.JOIN_CONFIRM:
            return messages.joined(line)
        case Delivery.Kind.TEST:
            return messages.test(line, title="", body="", url="")
        case Delivery.Kind.CALLED:
            message = messages.called(party, round_=1, now=NOW)
        case Delivery.Kind.MORE_TIME:
            message = messages.more_time(party, round_=1, now=NOW)
        case Delivery.Kind.REMOVED | Delivery.Kind.NO_SHOW | Delivery.Kind.CLOSED:
            return messages.ended(line, kind)
        case Delivery.Kind.BACK:
            message = messages.back(waiting, at_place(1), now=NOW)
        case Delivery.Kind.POS_2:
            message = messages.coming_closer(waiting, at_place(1), kind)
        case Delivery.Kind.POS_5:
            message = messages.coming_closer(waiting, at_place(4), kind)
        case Delivery.Kind.AHEAD:
            message = messages.as_near_as_chosen(waiting, at_place(4))
        case Delivery.Kind.LATE:
            message = messages.late(Party(queue=line, status=Party.Status.CALLED, late_at=NOW))
        case Delivery.Kind.VISIT:
            message = messages.visit(Party(queue=line, status=Party.Status.SERVED, asked_at=NOW), now=NOW)
        case _:
            raise AssertionError(f"what is sent as {kind}?")
    assert message is not None
    return message


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("deadline", [LATER, NOW + timedelta(seconds=30)], ids=["minutes", "seconds"])
def test_every_message_is_whole_in_every_language(kind: str, language: str, deadline: datetime) -> None:
    with translation.override(ENGLISH_24H):
        english = made(kind, deadline=deadline)
    with translation.override(language):
        message = made(kind, deadline=deadline)
    assert message.title != english.title and message.body != english.body
    assert LINE in message.body
    for part in (message.title, message.body):
        assert not set("%{}") & set(part), f"a place was not filled: {part}"
    # The same numbers: the time of day, the place.
    numbers = re.compile(r"\d+")
    assert numbers.findall(message.body) == numbers.findall(english.body)
    if language == "ja":
        letters = message.title + message.body.replace(LINE, "")
        assert not any(letter.isascii() and letter.isalpha() for letter in letters), letters


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_each_phone_reads_its_own_language(service: PushService, line: Queue, join: Join) -> None:
    spoken = {code: service.browser() for code in ("en", "es", "ja")}
    party = join()
    for language, phone in spoken.items():
        subscription = subscribe(party, phone)
        subscription.language = language
        subscription.save()
    call(line, party)
    perform()
    called: dict[str, Any] = {code: phone.received[-1].payload for code, phone in spoken.items()}
    assert {code: message["title"] for code, message in called.items()} == {
        "en": "It is your turn",
        "es": "Es su turno",
        "ja": "お呼び出しです",
    }
    assert "ご案内の準備ができました" in called["ja"]["body"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("has_zone", "pattern"),
    [(False, r"come within (2 minutes|1 minute)\."), (True, r"come (by \d{1,2}:\d\d\s[AP]M|now)\.")],
)
def test_a_line_without_a_zone_tells_a_span_of_time(
    has_zone: bool, pattern: str, service: PushService, line: Queue, join: Join
) -> None:
    Queue.objects.filter(pk=line.pk).update(has_zone=has_zone)
    phone, party = service.browser(), join()
    subscribe(party, phone)
    call(line, party)
    perform()
    assert re.search(pattern, phone.received[-1].payload["body"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("base", ["https://eat.example/app/", "https://eat.example/app", "https://eat.example/"])
def test_the_address_of_an_older_front_end_is_absolute_and_as_it_was_written(
    base: str, service: PushService, line: Queue, join: Join, settings: Any
) -> None:
    settings.APP_BASE_URL = base
    phone, party = service.browser(), join()
    subscribe(party, phone)
    call(line, party)
    perform()
    assert {message.payload["url"] for message in phone.received} == {f"{base}?code={line.code}"}
