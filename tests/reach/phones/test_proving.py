"""A number that has to be proven by a code: on the ticket's pages without scripts, and by API."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db import connections as databases
from django.db.models import Sum
from django.test import Client

from core import clock
from outbox import work
from outbox.models import Effect, Event
from queues import commands as lines
from queues.contacts import Contact as Given
from queues.models import Party, Queue
from reach import commands, proofs, refusals, segments
from reach.commands import proofs as proving
from reach.commands.proofs import forget_old, release
from reach.models import Contact, Message, Proof
from tests.installation import wait_until
from tests.reach.phones.conftest import NUMBER, ORIGIN, SetUp
from tests.reach.phones.provider import TextProvider
from tests.reach.phones.test_flow import tick
from tests.reach.phones.test_inbound import write
from tests.reach.test_pages import fill
from venues.models import Venue

OTHER = "+34612345679"


@pytest.fixture
def asking(venue: Venue, set_up: SetUp) -> Any:
    """The venue's provider; numbers are to be proven."""
    commands.set_channels(venue_id=venue.pk, ways=["push", "sms", "whatsapp"], fallback_s=45)
    return set_up(prove_numbers=True)


def code_in(text: str) -> str:
    found = re.search(r"\b\d{6}\b", text)
    assert found is not None, text
    return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def asked(line: Queue, number: str = NUMBER) -> Party:
    """A party in line with this number."""
    return lines.join(line.pk, name="Ann", contact=Given(number=number, origin=ORIGIN)).party


def texts(provider: TextProvider) -> list[str]:
    tick()
    return [each.text for each in provider.took]


def api(line: Queue, path: str, party: Party, *, key: str = "", **body: Any) -> tuple[int, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    sent = {"partyId": str(party.pk), **body}
    answer = Client().post(f"/api/queue/{line.code}/{path}", sent, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


@pytest.mark.thorough
def test_until_its_code_is_typed_nothing_else_goes_to_a_number(
    line: Queue, asking: Any, provider: TextProvider
) -> None:
    guest = Client(HTTP_ACCEPT_LANGUAGE="es")
    assert fill(guest, line, number="612 345 678").status_code == 303
    party = Party.objects.get()
    sent = texts(provider)
    assert len(sent) == 1 and "http" not in sent[0] and "código" in sent[0]
    ticket, page = f"/queue/{line.code}/ticket", f"/queue/{line.code}/reach/code"
    assert 'name="code"' in guest.get(ticket).content.decode()
    lines.message_party(line.pk, party_id=party.pk, text="Soon")
    lines.call(line.pk, party_id=party.pk)
    assert texts(provider) == sent
    assert write(asking, "9") == "", "a stranger's phone may not leave for the party"
    refused = guest.post(page, {"code": wrong(code_in(sent[0]))})
    assert refused.status_code == 400 and 'id="id_code_error"' in refused.content.decode()
    assert guest.post(page, {"code": f" {code_in(sent[0])[:3]}-{code_in(sent[0])[3:]} "}).status_code == 303
    contact = Contact.objects.get()
    assert contact.verified_at is not None and not contact.needs_proof
    assert 'name="code"' not in guest.get(ticket).content.decode()
    assert len(texts(provider)) == 2 and "1" in provider.took[1].text, "the call that waits for an answer"
    story = str([*Event.objects.values("type", "data", "changes")])
    assert "QUEUE_MEMBER_PROVED_NUMBER" in story and NUMBER[3:] not in story and code_in(sent[0]) not in story


@pytest.mark.thorough
def test_other_ways_go_on_and_whatsapp_carries_a_code_where_sms_does_not(
    venue: Venue, line: Queue, set_up: SetUp, provider: TextProvider
) -> None:
    set_up(prove_numbers=True, sender="")
    commands.set_channels(venue_id=venue.pk, ways=["sms", "whatsapp", "push"], fallback_s=45)
    party = asked(line)
    assert len(texts(provider)) == 1
    made = Message.objects.filter(party_id=party.pk)
    assert [*made.order_by("made_at").values_list("kind", "way", "state")] == [
        ("code", "sms", "failed"), ("code", "whatsapp", "sent"),
    ]  # fmt: skip
    lines.call(line.pk, party_id=party.pk)
    tick()
    assert [*made.filter(kind="called").values_list("way", flat=True)] == ["push"]
    commands.prove(line.pk, party_id=party.pk, code=code_in(provider.took[0].text))
    tick()
    assert set(made.filter(kind="called").values_list("way", flat=True)) >= {"push", "sms"}


@pytest.mark.thorough
def test_wrong_old_and_foreign_codes_are_refused_by_their_field(
    line: Queue, asking: Any, provider: TextProvider
) -> None:
    ann, ben = asked(line), asked(line, OTHER)
    code, bens = (code_in(each) for each in texts(provider))
    no_code = f"code: {refusals.NO_CODE}"
    for sent, why in ((bens, f"code: {refusals.WRONG_CODE}"), ("12345", no_code), ("abcdef", no_code)):
        assert api(line, "prove-number", ann, code=sent) == (400, {"error": why})
    assert api(line, "prove-number", ann, code="")[1]["error"].startswith("code: ")
    for _ in range(proofs.MOST_TRIES - 1):
        refused = api(line, "prove-number", ann, code=wrong(code))
    assert refused == (409, {"error": f"code: {refusals.TOO_MANY_TRIES}"})
    assert api(line, "prove-number", ann, code=code) == refused
    assert api(line, "prove-number", ben, code=bens)[1]["proof"] == "proven"
    assert api(line, "prove-number", ben, code=bens)[0] == 200, "the same again"
    assert api(line, "prove-number", ben, code=wrong(bens))[1] == {"error": f"code: {refusals.NOTHING_TO_PROVE}"}
    Proof.objects.update(sent_at=None)
    key = uuid4().hex
    assert [api(line, "send-code", ann, key=key)[0] for _ in range(2)] == [200, 200]
    texts(provider)
    another = [each.text for each in provider.took if each.to == NUMBER][1:]
    assert len(another) == 1, "once for its key"
    assert api(line, "prove-number", ann, code=code)[1] == {"error": f"code: {refusals.WRONG_CODE}"}, (
        "a replay of the code before"
    )
    Proof.objects.update(expires_at=ago(1))
    assert api(line, "prove-number", ann, code=code_in(another[0]))[1] == {"error": f"code: {refusals.CODE_OVER}"}
    status, body = api(line, "contact", ann)
    assert (status, body["proof"], body["codeExpiresAt"]) == (200, "wanted", None)
    assert api(line, "send-code", ben)[1] == {"error": f"number: {refusals.NOTHING_TO_PROVE}"}
    assert line.venue is not None
    commands.set_channels(venue_id=line.venue.pk, ways=["push"], fallback_s=45)
    assert api(line, "choose-ways", ann, number=OTHER)[1]["error"].startswith("number: ")
    stranger = lines.open_line(lines.NewLine(event_name="Bar", max_guests=9), venue=line.venue)
    assert api(stranger, "prove-number", ann, code=code)[0] == 404


def ago(seconds: int) -> datetime:
    """The time so many seconds ago."""
    return clock.now() - timedelta(seconds=seconds)


@pytest.mark.thorough
def test_codes_are_few_for_a_party_and_for_a_number(line: Queue, asking: Any, provider: TextProvider) -> None:
    party = asked(line)
    assert api(line, "send-code", party) == (429, {"error": f"number: {refusals.CODE_JUST_SENT}"})
    for _ in range(proofs.MOST_PER_PARTY - 1):
        texts(provider)
        Proof.objects.update(sent_at=ago(31))
        assert api(line, "send-code", party)[0] == 200
    codes = texts(provider)
    Proof.objects.update(sent_at=ago(31))
    assert api(line, "send-code", party)[1] == {"error": f"number: {refusals.NO_MORE_CODES}"}
    assert api(line, "choose-ways", party, number=OTHER)[1] == {"error": f"number: {refusals.NO_MORE_CODES}"}
    assert Contact.objects.get(party=party).number == NUMBER
    assert len(codes) == proofs.MOST_PER_PARTY and len({code_in(each) for each in codes}) == 1
    for _ in range(proofs.MOST_PER_NUMBER):
        late = asked(line)
    assert len(texts(provider)) == proofs.MOST_PER_NUMBER, "over all parties with this number"
    assert api(line, "contact", late)[1]["codeExpiresAt"] is None
    assert api(line, "send-code", late)[1] == {"error": f"number: {refusals.TOO_MANY_CODES_SENT}"}
    Proof.objects.update(made_at=ago(86401))
    assert forget_old() == proofs.MOST_PER_NUMBER + 1 and not Proof.objects.exists()


@pytest.mark.thorough
def test_two_lines_at_once_send_a_number_no_code_too_many(
    venue: Venue, line: Queue, asking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second joins while the first has counted the codes and has not committed its own."""
    for _ in range(proofs.MOST_PER_NUMBER - 1):
        asked(line)
    other = lines.open_line(lines.NewLine(event_name="Bar", max_guests=9), venue=venue)
    counted, go = threading.Event(), threading.Event()
    note = proving._note_sent

    def held(*args: Any, **more: Any) -> None:
        if not counted.is_set():
            counted.set()
            go.wait(30)
        note(*args, **more)

    monkeypatch.setattr(proving, "_note_sent", held)

    def join(where: Queue) -> None:
        try:
            asked(where)
        finally:
            databases.close_all()

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            return cursor.fetchone() is not None

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(join, line)
        assert counted.wait(30)
        second = threads.submit(join, other)
        wait_until(lambda: second.done() or waits())
        go.set()
        first.result(), second.result()
    assert Proof.objects.aggregate(texts=Sum("sent"))["texts"] == proofs.MOST_PER_NUMBER
    assert Contact.objects.filter(needs_proof=True).count() == proofs.MOST_PER_NUMBER + 1


@pytest.mark.thorough
def test_another_number_is_proven_anew_and_another_order_is_not(
    venue: Venue, line: Queue, asking: Any, provider: TextProvider
) -> None:
    party = asked(line)
    assert api(line, "prove-number", party, code=code_in(texts(provider)[0]))[0] == 200
    tick()
    before = len(provider.took)
    status, body = api(line, "choose-ways", party, ways=["whatsapp", "sms"])
    assert (status, body["proof"], body["reachedBy"]) == (200, "proven", ["whatsapp", "sms"])
    assert len(texts(provider)) == before
    body = api(line, "choose-ways", party, number=OTHER)[1]
    assert (body["number"], body["proof"], body["reachedBy"]) == (OTHER, "wanted", [])
    assert len(texts(provider)) == before + 1 and provider.took[-1].to.endswith(OTHER)
    assert api(line, "choose-ways", party, number=NUMBER)[1]["proof"] == "wanted", "also one that was proven before"
    release(venue.pk)
    assert api(line, "contact", party)[1] | {"codesLeft": 0} == {
        "number": NUMBER, "email": "", "ways": ["whatsapp", "sms"], "offered": ["push", "sms", "whatsapp"],
        "reachedBy": ["whatsapp", "sms"], "proof": "none", "codeExpiresAt": None, "triesLeft": 0, "codesLeft": 0,
    }  # fmt: skip
    for sent, field in (({"ways": ["fax"]}, "ways"), ({"number": "12"}, "number"), ({"ways": "sms"}, "ways")):
        status, body = api(line, "choose-ways", party, **sent)
        assert status == 400 and body["error"].startswith(f"{field}"), body
    assert api(line, "choose-ways", party, number="", email="")[1]["number"] == ""
    assert not Contact.objects.exists()


@pytest.mark.thorough
def test_a_code_is_sent_once_however_often_its_event_is_planned(
    line: Queue, asking: Any, provider: TextProvider
) -> None:
    asked(line)
    tick()
    for pk in Effect.objects.filter(name="reach").values_list("pk", flat=True):
        Effect.objects.filter(pk=pk).update(status="pending")
        work.perform(pk)
    assert len(texts(provider)) == 1


@pytest.mark.parametrize("language", ["en", "es", "ja"])
def test_a_code_is_one_text_whatever_its_line_is_called(
    venue: Venue, asking: Any, provider: TextProvider, language: str
) -> None:
    line = lines.open_line(lines.NewLine(event_name="Örtliche Küche " * 6, max_guests=9), venue=venue)
    contact = Given(number=NUMBER, ways=("sms",), language=language, origin=ORIGIN)
    lines.join(line.pk, name="Ann", contact=contact)
    sent = texts(provider)
    assert len(sent) == 1 and segments.count(sent[0]).count == 1 and code_in(sent[0])
