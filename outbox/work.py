"""Performs effects: each is done once, or stays due."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet

from core import clock
from core.privacy import summary
from outbox.effects import HANDLERS, GiveUp, Handler, Retry
from outbox.models import Effect, Event

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
LONGEST_BACKOFF_S = 600


def perform(*effect_ids: int) -> None:
    """Performs effects. Those inside share a transaction, for a commit costs more than they do; when it fails, each is performed
    alone, as the others always are. The others are marked done together: each has recorded what it did, so performing it again
    does nothing. Failures are kept on the effects' rows, not raised."""
    pending = Effect.objects.filter(pk__in=effect_ids, status=Effect.Status.PENDING)
    by_name: dict[str, list[int]] = {}
    for effect_id, name in pending.order_by("pk").values_list("pk", "name"):
        by_name.setdefault(name, []).append(effect_id)
    done: list[int] = []
    try:
        for name, effects in sorted(by_name.items(), key=lambda item: not HANDLERS[item[0]].inside):
            if HANDLERS[name].inside and len(effects) > 1:
                try:
                    _perform_inside(effects, HANDLERS[name])
                    continue
                except Exception as problem:  # each alone shows which one fails
                    logger.warning("a batch of effects failed", extra={"size": len(effects), "problem": problem})
            done += [effect_id for effect_id in effects if _is_to_be_marked(effect_id, name)]
    finally:
        if done:
            _mark_done(*done)


def _is_to_be_marked(effect_id: int, name: str) -> bool:
    """Performs one effect. True: it is done, and not marked yet."""
    handler, lease = HANDLERS[name], None
    try:
        if handler.inside:
            _perform_inside([effect_id], handler)
        elif claimed := _claim(effect_id, handler.lease_s):
            event, lease = claimed
            handler.load()(event)
            return True
    except GiveUp as problem:
        _bury(effect_id, lease, str(problem))
    except Retry as problem:
        _postpone(effect_id, lease, str(problem), problem.after_s)
    except Exception as problem:  # effects fail alone: one bad handler must not stop the worker
        logger.exception("effect failed", extra={"effect": effect_id, "name_of_effect": name})
        # A database's error quotes the row that stood in the way.
        reason = summary(problem) if isinstance(problem, DatabaseError) else repr(problem)
        _postpone(effect_id, lease, reason, None)
    return False


def _perform_inside(effect_ids: Sequence[int], handler: Handler) -> None:
    """The row locks of the effects are the lease: they end with the connection, also when the worker is killed."""
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


_CLAIM = """
WITH claimed AS (
    UPDATE outbox_effect SET leased_until = clock_timestamp() + make_interval(secs => %s)
     WHERE id = %s AND status = 'pending' AND (leased_until IS NULL OR leased_until <= clock_timestamp())
    RETURNING event_id, leased_until)
SELECT event.*, leased_until FROM claimed JOIN outbox_event AS event ON event.id = event_id"""


def _claim(effect_id: int, lease_s: int) -> tuple[Event, datetime] | None:
    """Leases an effect: its event, and the lease's end; None when it is leased already, or done."""
    for event in Event.objects.raw(_CLAIM, [lease_s, effect_id]):
        return event, event.leased_until  # type: ignore[attr-defined]  # what _CLAIM adds
    return None


def _mark_done(*effect_ids: int) -> None:
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
