"""Performing one effect, so that it is done once or stays to be done."""

import logging
import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from outbox import clock
from outbox.effects import HANDLERS, GiveUp, Handler, Retry
from outbox.models import Effect

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
LONGEST_BACKOFF_S = 600


def perform(effect_id: int) -> None:
    """Does what the effect says, unless it is done or somebody is at it. Failures are kept on its row, never raised."""
    effect = Effect.objects.filter(pk=effect_id, status=Effect.Status.PENDING).only("name").first()
    if effect is None:
        return
    handler = HANDLERS[effect.name]
    lease = None if handler.inside else _claim(effect_id, handler.lease_s)
    if lease is None and not handler.inside:
        return
    try:
        (_perform_inside if handler.inside else _perform_outside)(effect_id, handler)
    except GiveUp as problem:
        _bury(effect_id, lease, str(problem))
    except Retry as problem:
        _postpone(effect_id, lease, str(problem), problem.after_s)
    except Exception as problem:  # effects fail alone: one bad handler must not stop the worker
        logger.exception("effect failed", extra={"effect": effect_id, "name_of_effect": effect.name})
        _postpone(effect_id, lease, repr(problem), None)


def _perform_inside(effect_id: int, handler: Handler) -> None:
    """The effect's row lock is the lease: it goes with the connection, so a killed worker leaves nothing behind."""
    with transaction.atomic(durable=True):
        effect = (
            Effect.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .filter(pk=effect_id, status=Effect.Status.PENDING)
            .first()
        )
        if effect is None:
            return
        handler.load()(effect.event)
        _mark_done(effect_id)


def _claim(effect_id: int, lease_s: int) -> datetime | None:
    """Takes the lease of an effect that nobody is at: until when; None when somebody is, or it is done."""
    now = clock.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    lease = now + timedelta(seconds=lease_s)
    claimed = Effect.objects.filter(free, pk=effect_id, status=Effect.Status.PENDING).update(leased_until=lease)
    return lease if claimed else None


def _perform_outside(effect_id: int, handler: Handler) -> None:
    handler.load()(Effect.objects.select_related("event").get(pk=effect_id).event)
    _mark_done(effect_id)


def _mark_done(effect_id: int) -> None:
    Effect.objects.filter(pk=effect_id).update(
        status=Effect.Status.DONE, done_at=clock.now(), leased_until=None, last_error=""
    )


def _still_mine(effect_id: int, lease: datetime | None) -> QuerySet[Effect]:
    """The row, unless it was done or leased anew: a late failure must not end the work of whoever followed."""
    return Effect.objects.filter(pk=effect_id, status=Effect.Status.PENDING, leased_until=lease)


def _postpone(effect_id: int, lease: datetime | None, problem: str, after_s: float | None) -> None:
    effect = _still_mine(effect_id, lease).first()
    if effect is None:
        return
    if effect.attempts + 1 >= MAX_ATTEMPTS:
        _bury(effect_id, lease, problem)
        return
    if after_s is None:
        # Full jitter, so that a recovered service is not hit by everybody at once.
        after_s = random.uniform(1, min(LONGEST_BACKOFF_S, 2.0 ** (effect.attempts + 1)))  # noqa: S311
    _still_mine(effect_id, lease).update(
        attempts=F("attempts") + 1,
        due_at=clock.now() + timedelta(seconds=after_s),
        leased_until=None,
        last_error=problem[:300],
    )


def _bury(effect_id: int, lease: datetime | None, problem: str) -> None:
    logger.error("effect is dead", extra={"effect": effect_id, "problem": problem[:300]})
    _still_mine(effect_id, lease).update(
        status=Effect.Status.DEAD, attempts=F("attempts") + 1, leased_until=None, last_error=problem[:300]
    )
