"""POST /api/track (contract queueup.md) through Django's client: it is one view."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from limits import parse
from pytest_django.fixtures import Settings

from analytics.commands import track
from analytics.models import Fact
from core import rate_limits
from queues import commands
from queues.models import Queue


def post(body: Any) -> Any:
    """A beacon sends text/plain."""
    content = body if isinstance(body, str) else json.dumps(body)
    return Client().post("/api/track", content, content_type="text/plain")


def test_it_is_kept_and_answered_ok(line: Queue) -> None:
    party = commands.join(line.code).party
    answer = post({"sessionId": str(line.pk), "partyId": str(party.pk), "type": "opened", "meta": {"dark": True}})
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok", "text/plain")
    fact = Fact.objects.get()
    assert (fact.type, fact.queue, fact.venue, fact.party_id) == ("opened", line, line.venue, party.pk)
    assert (fact.meta, fact.version) == ({"dark": True}, None)


@pytest.mark.parametrize(
    "body",
    [{}, {"type": ""}, {"type": "  "}, {"type": 7}, {"type": None}, {"type": "x" * 41}, [], "", "{", {"type": "x", "meta": 1}],
)  # fmt: skip
def test_without_type_it_is_refused(transactional_db: None, body: Any) -> None:
    answer = post(body)
    assert answer.status_code == 400
    assert "error" in answer.json()
    assert not Fact.objects.exists()


def test_meta_is_bounded(transactional_db: None) -> None:
    assert post({"type": "x", "meta": {"n": [0] * 1500}}).status_code == 400
    assert post({"type": "x", "meta": {"n": [0] * 500}}).status_code == 200
    assert Fact.objects.get().meta == {}


@pytest.mark.parametrize("session", ["", "nonsense", str(uuid4()), None])
def test_an_unknown_line_is_left_out(transactional_db: None, session: str | None) -> None:
    assert post({"type": "seen", "sessionId": session, "partyId": str(uuid4())}).status_code == 200
    fact = Fact.objects.get()
    assert (fact.queue, fact.venue, fact.party_id) == (None, None, None)


def test_a_party_of_another_line_is_left_out(line: Queue) -> None:
    other = commands.open_line(commands.NewLine(event_name="Elsewhere", max_guests=5))
    party = commands.join(other.code).party
    post({"type": "seen", "sessionId": str(line.pk), "partyId": str(party.pk)})
    fact = Fact.objects.get()
    assert (fact.queue, fact.party_id) == (line, None)


def test_what_could_name_a_person_is_dropped(transactional_db: None) -> None:
    personal = {
        "name": "Ada", "guestName": "Ada", "email": "x", "phone": "1", "contact": "y", "note": "z", "text": "a@b.example",
        "number": "+1 (555) 010-0199", "deep": {"name": "Ada"}, "list": ["Ada"], "ada@b.example": 1, "long": "x" * 121,
    }  # fmt: skip
    kept = {"screen": "wall", "ms": 12.5, "retries": 3, "offline": False, "build": None}
    assert post({"type": "seen", "meta": {**personal, **kept}}).status_code == 200
    assert Fact.objects.get().meta == kept


def test_one_address_cannot_fill_the_log(
    transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(rate_limits, "TRACK", parse("3 per minute"))
    # A separate address, since the counts stay in Redis.
    address = ".".join(str(part) for part in uuid4().bytes[:4])
    codes = [
        Client().post("/api/track", '{"type": "x"}', content_type="text/plain", REMOTE_ADDR=address).status_code
        for _ in range(5)
    ]
    assert codes == [200, 200, 200, 429, 429]
    assert Fact.objects.count() == 3


def test_the_same_key_keeps_a_fact_once_and_another_body_is_refused(transactional_db: None) -> None:
    key = {"Idempotency-Key": "a-key-of-sixteen-letters"}
    seen = {"type": "seen", "meta": {"ms": 1}}
    answers = [Client().post("/api/track", seen, content_type="application/json", headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200] and Fact.objects.count() == 1
    other = Client().post("/api/track", {**seen, "meta": {"ms": 2}}, content_type="application/json", headers=key)
    assert other.status_code == 409 and other.json() == {
        "error": "This Idempotency-Key was sent before with another body."
    }
    assert Fact.objects.count() == 1


def test_ten_reports_at_once_with_one_key_are_one_fact(transactional_db: None) -> None:
    def report(_: int) -> None:
        try:
            track(type="seen", key="of all ten", asked="the same")
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(report, range(10)))
    assert Fact.objects.count() == 1
