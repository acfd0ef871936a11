"""Performing effects, so that each is done once or stays to be done."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from outbox import clock
from outbox.effects import HANDLERS, GiveUp, Handler, Retry
from outbox.models import Effect

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
LONGEST_BACKOFF_S = 600


def perform_all(effect_ids: Sequence[int]) -> None:
    """Does what each of the effects says. Those inside share a transaction, for a commit costs more than they do; where
    that fails, each is performed by itself, as the others are in any case. Raises nothing that `perform` does not."""
    pending = Effect.objects.filter(pk__in=effect_ids, status=Effect.Status.PENDING)
    alone = []
    inside: dict[str, list[int]] = {}
    for effect_id, name in pending.order_by("pk").values_list("pk", "name"):
        if HANDLERS[name].inside and len(effect_ids) > 1:
            inside.setdefault(name, []).append(effect_id)
        else:
            alone.append(effect_id)
    for name, together in inside.items():
        try:
            _perform_inside(together, HANDLERS[name])
        except Exception:  # whose fault it is will be seen
            alone[:0] = together
    for effect_id in alone:
        perform(effect_id)


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
        if handler.inside:
            _perform_inside([effect_id], handler)
        else:
            _perform_outside(effect_id, handler)
    except GiveUp as problem:
        _bury(effect_id, lease, str(problem))
    except Retry as problem:
        _postpone(effect_id, lease, str(problem), problem.after_s)
    except Exception as problem:  # effects fail alone: one bad handler must not stop the worker
        logger.exception("effect failed", extra={"effect": effect_id, "name_of_effect": effect.name})
        _postpone(effect_id, lease, repr(problem), None)


def _perform_inside(effect_ids: Sequence[int], handler: Handler) -> None:
    """The effects' row locks are the lease: they go with the connection, so a killed worker leaves nothing behind."""
    with transaction.atomic(durable=True):
        effects = list(
            Effect.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .filter(pk__in=effect_ids, status=Effect.Status.PENDING)
            .order_by("pk")
        )
        if effects:
            handler.load()([effect.event for effect in effects])
            _mark_done(*[effect.pk for effect in effects])


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


def _mark_done(*effect_ids: int) -> None:
    Effect.objects.filter(pk__in=effect_ids).update(
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
