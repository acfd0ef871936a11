"""Events stand beside their state, with the effects the table says (law 4)."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from core import clock
from core.actors import SYSTEM, Actor
from outbox import effects
from outbox.models import Effect, Event
from outbox.record import GRACE, NewEvent, OutsideTransaction, record
from tests.outbox.conftest import happen

pytestmark = pytest.mark.django_db(transaction=True)


def record_one(event: str, **fields: Any) -> None:
    told = {"stream": "test", "stream_id": uuid4(), "version": 1, "at": clock.now(), "actor": SYSTEM, "action": "test"}
    record([NewEvent(type=event)], **{**told, **fields})


def test_outside_a_transaction_nothing_can_be_recorded() -> None:
    with pytest.raises(OutsideTransaction, match="test"):
        record_one("QUEUE_OPENED")
    assert not Event.objects.exists()


def test_an_unlisted_event_rolls_its_whole_transaction_back(unsent: list[int]) -> None:
    with pytest.raises(KeyError), transaction.atomic():
        record_one("QUEUE_OPENED")
        record_one("QUEUE_ON_FIRE")
    assert not Event.objects.exists() and not Effect.objects.exists() and not unsent


@pytest.mark.thorough
def test_every_event_gets_the_effects_of_the_table(unsent: list[int]) -> None:
    assert len(effects.EFFECTS) > 100
    for event in sorted(effects.EFFECTS):
        unsent.clear()
        with transaction.atomic():
            record_one(event, actor=Actor("host"), action="try")
        recorded = Event.objects.latest("pk")
        made = list(recorded.effects.order_by("pk"))
        assert recorded.type == event and tuple(effect.name for effect in made) == effects.EFFECTS[event], event
        assert all(e.status == Effect.Status.PENDING and e.due_at == recorded.at + GRACE for e in made), event
        assert unsent == [effect.pk for effect in made], event


def test_every_effect_has_a_handler_and_every_handler_is_there() -> None:
    assert {name for names in effects.EFFECTS.values() for name in names} == set(effects.HANDLERS)
    for handler in effects.HANDLERS.values():
        assert callable(handler.load())


def test_a_rolled_back_transaction_wakes_no_worker(handled: list[int], unsent: list[int]) -> None:
    with transaction.atomic():
        record_one("TEST_BOTH")
        transaction.set_rollback(True)
    assert not unsent and not Effect.objects.exists()


def test_the_place_of_an_event_is_taken_once(unsent: list[int]) -> None:
    """Two changes that believe to make the same version: the second is refused by the database itself (law 3)."""
    stream_id = uuid4()
    with transaction.atomic():
        record_one("QUEUE_OPENED", stream_id=stream_id)
    with pytest.raises(Exception, match="event_order"), transaction.atomic():
        record_one("QUEUE_PAUSED", stream_id=stream_id)


def test_the_order_within_a_change_is_kept(handled: list[int], unsent: list[int]) -> None:
    happen("TEST_BOTH", "TEST_INSIDE", "TEST_OUTSIDE")
    told = list(Event.objects.order_by("version", "seq").values_list("seq", "type"))
    assert told == [(0, "TEST_BOTH"), (1, "TEST_INSIDE"), (2, "TEST_OUTSIDE")]
