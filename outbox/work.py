"""Performs effects: each is done once, or stays due."""

import logging
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet

from core import clock
from core.privacy import summary
from outbox.effects import HANDLERS, GiveUp, Retry
from outbox.models import Effect, Event

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
LONGEST_BACKOFF_S = 600
# Effects of a task that come after a slower one are given back.
SLOW_S = 1.0


def perform(*effect_ids: int) -> None:
    """Performs effects, those inside first. Failures are kept on the effects' rows, not raised."""
    _perform_inside(effect_ids)
    _perform_outside(effect_ids)


# ------------------------------------------------------------------------------------------------------------------- inside
def _perform_inside(effect_ids: Sequence[int]) -> None:
    """In one transaction, for a commit costs more than they do; when it fails, each alone, which shows which one fails."""
    effects: list[Effect] = []
    try:
        with transaction.atomic(durable=True):
            effects += _locked(effect_ids)
            for name in {effect.name: None for effect in effects}:
                HANDLERS[name].load()([effect.event for effect in effects if effect.name == name])
            _mark_done([effect.pk for effect in effects])
    except Exception as problem:
        if not effects:
            raise
        if len(effects) == 1:
            _note_failure(effects[0].pk, effects[0].name, None, problem)
            return
        logger.warning("a batch of effects failed", extra={"size": len(effects), "problem": problem})
        for effect in effects:
            _perform_inside([effect.pk])


def _locked(effect_ids: Sequence[int]) -> list[Effect]:
    """Those inside that are to be done, with their events. The row locks are the lease: they end with the connection, also when
    the worker is killed."""
    rows = Effect.objects.select_for_update(skip_locked=True, of=("self",)).select_related("event")
    inside = [name for name, handler in HANDLERS.items() if handler.inside]
    return list(rows.filter(pk__in=effect_ids, status=Effect.Status.PENDING, name__in=inside).order_by("pk"))


# ------------------------------------------------------------------------------------------------------------------ outside
class Leased(NamedTuple):
    """An effect that this worker performs until its lease ends."""

    pk: int
    name: str
    event: Event
    lease: datetime


def _perform_outside(effect_ids: Sequence[int]) -> None:
    """One after the other, outside of any transaction, under leases taken together. They are marked done together: each has
    recorded what it did, so performing it again does nothing. Once one was slow, the rest are given back to other workers.
    """
    done: list[int] = []
    rest = _lease(effect_ids)
    size, end = len(rest), time.monotonic() + SLOW_S
    try:
        for name in {each.name: None for each in rest}:
            of_name = [each for each in rest if each.name == name]
            handle = HANDLERS[name].load_for([each.event for each in of_name])
            for each in of_name:
                if len(rest) < size and time.monotonic() > end:
                    return
                rest.remove(each)
                try:
                    handle(each.event)
                    done.append(each.pk)
                except Exception as problem:
                    _note_failure(each.pk, name, each.lease, problem)
    finally:
        if rest:
            _give_back(rest)
        if done:
            _mark_done(done)


_LEASE = """
WITH leased AS (
    UPDATE outbox_effect AS effect
       SET leased_until = clock_timestamp() + make_interval(secs => lease.seconds)
      FROM unnest(%s::text[], %s::int[]) AS lease (name, seconds)
     WHERE effect.name = lease.name AND effect.id IN (
               SELECT id FROM outbox_effect
                WHERE id = ANY(%s::bigint[]) AND status = 'pending' AND name = ANY(%s::text[])
                  AND (leased_until IS NULL OR leased_until <= clock_timestamp())
                ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING effect.id AS effect_id, effect.name AS effect_name, event_id, leased_until)
SELECT event.*, effect_id, effect_name, leased_until
  FROM leased JOIN outbox_event AS event ON event.id = event_id ORDER BY effect_id"""


def _lease(effect_ids: Sequence[int]) -> list[Leased]:
    """Leases those outside that are to be done and that no worker performs now."""
    outside = {name: handler.lease_s for name, handler in HANDLERS.items() if not handler.inside}
    names = list(outside)
    events: Any = Event.objects.raw(_LEASE, [names, list(outside.values()), list(effect_ids), names])
    return [Leased(event.effect_id, event.effect_name, event, event.leased_until) for event in events]


def _give_back(rest: Sequence[Leased]) -> None:
    """Ends leases of effects that were not begun: they are due now."""
    for each in rest:
        _still_mine(each.pk, each.lease).update(leased_until=None, due_at=clock.NOW)


# -------------------------------------------------------------------------------------------------------------- what became
def _note_failure(effect_id: int, name: str, lease: datetime | None, problem: Exception) -> None:
    """Effects fail alone: one bad handler must not stop the worker."""
    match problem:
        case GiveUp():
            _bury(effect_id, lease, str(problem))
        case Retry():
            _postpone(effect_id, lease, str(problem), problem.after_s)
        case _:
            logger.error("effect failed", extra={"effect": effect_id, "name_of_effect": name}, exc_info=problem)
            # A database's error quotes the row that stood in the way.
            reason = summary(problem) if isinstance(problem, DatabaseError) else repr(problem)
            _postpone(effect_id, lease, reason, None)


def _mark_done(effect_ids: Sequence[int]) -> None:
    Effect.objects.filter(pk__in=effect_ids).update(
        status=Effect.Status.DONE, done_at=clock.NOW, leased_until=None, last_error=""
    )


def _still_mine(effect_id: int, lease: datetime | None) -> QuerySet[Effect]:
    """The row, unless it was done or leased again since: a late failure must not end another worker's lease."""
    return Effect.objects.filter(pk=effect_id, status=Effect.Status.PENDING, leased_until=lease)


def _postpone(effect_id: int, lease: datetime | None, problem: str, after_s: float | None) -> None:
    effect = _still_mine(effect_id, lease).first()
    if effect is None:
        return
    if effect.attempts + 1 >= MAX_ATTEMPTS:
        _bury(effect_id, lease, problem)
        return
    if after_s is None:
        # Full jitter, so that retries do not hit a recovered service all at once.
        after_s = random.uniform(1, min(LONGEST_BACKOFF_S, 2.0 ** (effect.attempts + 1)))  # noqa: S311
    _still_mine(effect_id, lease).update(
        attempts=F("attempts") + 1,
        due_at=clock.now() + timedelta(seconds=after_s),
        leased_until=None,
        last_error=problem[:300],
    )


def _bury(effect_id: int, lease: datetime | None, problem: str) -> None:
    logger.error("effect is dead", extra={"effect": effect_id})  # why, is in its row
    _still_mine(effect_id, lease).update(
        status=Effect.Status.DEAD, attempts=F("attempts") + 1, leased_until=None, last_error=problem[:300]
    )
