"""How far workers are behind: effects that are not done."""

from dataclasses import dataclass

from django.db import connection

from outbox.models import Effect


@dataclass(frozen=True, slots=True)
class Backlog:
    """`counts` of what is not done, by state; `lag_s` is how long the oldest of what is due has waited."""

    counts: dict[str, int]
    lag_s: float


def now() -> Backlog:
    """The backlog at this instant, from the two partial indexes of what is not done."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::float8"
            "  FROM outbox_effect WHERE status = 'pending'"
        )
        pending, lag_s = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM outbox_effect WHERE status = 'dead'")
        (dead,) = cursor.fetchone()
    return Backlog(counts={Effect.Status.PENDING.value: pending, Effect.Status.DEAD.value: dead}, lag_s=max(lag_s, 0.0))
