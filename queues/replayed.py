"""Times of a replayed line, which runs faster than real time, by its own clock. Those of other lines are not changed."""

from datetime import datetime, timedelta

from queues.models import Queue


def line_time(queue: Queue, at: datetime) -> datetime:
    """`at` by the line's own clock, counted from its opening. Facts are stored in it, because the end of a replay is not known
    yet, and `shift` moves them back when they are shown."""
    return queue.opened_at + (at - queue.opened_at) * queue.time_scale


def shift(queue: Queue, now: datetime) -> timedelta:
    """How much earlier the times of facts are shown: a replay ends when it was closed, or is at `now`; nothing of it lies in the
    future. 0 for all other lines. (analytics/reports.py says the same to Postgres.)"""
    return ((queue.closed_at or now) - queue.opened_at) * (queue.time_scale - 1)


def shown_time(queue: Queue, at: datetime, now: datetime) -> datetime:
    """`at` as reports, the story and the admin show it. What happens after the end of a replay is in real time."""
    if at > (queue.closed_at or now):
        return at
    return line_time(queue, at) - shift(queue, now)


def began_at(queue: Queue, now: datetime) -> datetime:
    """When the line began: when it was opened, unless it is a replay."""
    return shown_time(queue, queue.opened_at, now)
