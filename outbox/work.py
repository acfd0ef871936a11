"""Performing one effect, so that it is done once or stays to be done."""

import logging
import random
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

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
    try:
        (_perform_inside if handler.inside else _perform_outside)(effect_id, handler)
    except GiveUp as problem:
        _bury(effect_id, str(problem))
    except Retry as problem:
        _postpone(effect_id, str(problem), problem.after_s)
    except Exception as problem:  # effects fail alone: one bad handler must not stop the worker
        logger.exception("effect failed", extra={"effect": effect_id, "name_of_effect": effect.name})
        _postpone(effect_id, repr(problem), None)


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


def _perform_outside(effect_id: int, handler: Handler) -> None:
    now = clock.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    claimed = Effect.objects.filter(free, pk=effect_id, status=Effect.Status.PENDING).update(
        leased_until=now + timedelta(seconds=handler.lease_s)
    )
    if not claimed:
        return
    handler.load()(Effect.objects.select_related("event").get(pk=effect_id).event)
    _mark_done(effect_id)


def _mark_done(effect_id: int) -> None:
    Effect.objects.filter(pk=effect_id).update(
        status=Effect.Status.DONE, done_at=clock.now(), leased_until=None, last_error=""
    )


def _postpone(effect_id: int, problem: str, after_s: float | None) -> None:
    effect = Effect.objects.get(pk=effect_id)
    if effect.attempts + 1 >= MAX_ATTEMPTS:
        _bury(effect_id, problem)
        return
    if after_s is None:
        # Full jitter, so that a recovered service is not hit by everybody at once.
        after_s = random.uniform(1, min(LONGEST_BACKOFF_S, 2.0 ** (effect.attempts + 1)))  # noqa: S311
    Effect.objects.filter(pk=effect_id, status=Effect.Status.PENDING).update(
        attempts=F("attempts") + 1,
        due_at=clock.now() + timedelta(seconds=after_s),
        leased_until=None,
        last_error=problem[:300],
    )


def _bury(effect_id: int, problem: str) -> None:
    logger.error("effect is dead", extra={"effect": effect_id, "problem": problem[:300]})
    Effect.objects.filter(pk=effect_id, status=Effect.Status.PENDING).update(
        status=Effect.Status.DEAD, attempts=F("attempts") + 1, leased_until=None, last_error=problem[:300]
    )
