"""Sends endpoints what is new, line by line in the order of the log; each event at least once."""

import time
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db.models import Q

from core import clock
from outbox.models import Event
from webhooks import commands, events, streams
from webhooks.models import Endpoint, Feed
from webhooks.sender import Outcome, send

# A turn begins no message after this: other endpoints wait for the worker.
TURN_S = 20.0
TOGETHER = 50
# A receiver that has taken nothing in a turn is down after so many failures, or after a failure and so many seconds.
MOST_FAILURES = 3
PATIENCE_S = 5.0
# The first message to a receiver that was never sent one ends its turn, and waits so long for the answer: more than SLOW_MS, so
# that one that hangs is known as slow then (webhooks/lanes.py).
FIRST_TRY_S = 1.5


def deliver(endpoint_id: UUID, *, first_try: bool = False) -> None:
    """One worker's turn with an endpoint: all its feeds that are due, as far as the time goes; one message as a first try."""
    turn = commands.begin_turn(endpoint_id)
    if turn is None:
        return
    began = time.monotonic()
    until = began + TURN_S
    taken = failed = after_s = 0
    try:
        for feed in turn.feeds:
            for outcome in _tell(turn, feed, until, first_try=first_try):
                taken += outcome.taken
                failed += not outcome.taken
                if outcome.gone:
                    commands.disable_endpoint(endpoint_id)
                    return
                after_s = outcome.after_s
                if after_s or first_try:
                    break
            now = time.monotonic()
            is_down = not taken and (failed >= MOST_FAILURES or failed and now - began >= PATIENCE_S)
            is_tried = first_try and taken + failed > 0
            if turn.is_over or after_s or is_down or is_tried or now >= until:
                break
    finally:
        commands.end_turn(turn, in_vain=failed > 0 and not taken, after_s=after_s)


def _tell(turn: commands.Turn, feed: Feed, until: float, *, first_try: bool = False) -> Iterator[Outcome]:
    """Sends the next events of a feed until one is not taken."""
    endpoint = turn.endpoint
    code = streams.code_of(feed.stream, feed.stream_id)
    while next_ones := next_events(endpoint, feed):
        for event, body in zip(next_ones, bodies_of(endpoint, next_ones, code), strict=True):
            if turn.is_over or time.monotonic() >= until:
                return
            within_s = FIRST_TRY_S if first_try else None
            outcome = send(endpoint.url, events.message_id(event), body, secrets_of(endpoint), within_s)
            goes_on = commands.keep_answer(turn, feed, event, events.TYPES[event.type], outcome)
            yield outcome
            if not goes_on:
                return
    commands.has_nothing_new(feed)


def next_events(endpoint: Endpoint, feed: Feed) -> list[Event]:
    """The next events that the endpoint is told of, in the order of the log (law 3)."""
    after = Q(version__gt=feed.version) | Q(version=feed.version, seq__gt=feed.seq)
    rows = Event.objects.filter(after, stream_id=feed.stream_id, version__lte=feed.newest)
    return list(rows.filter(type__in=events.types_of(endpoint.events)).order_by("version", "seq")[:TOGETHER])


def bodies_of(endpoint: Endpoint, told: Sequence[Event], code: str) -> list[bytes]:
    """The messages of events of one line, poll or room."""
    tickets = streams.tickets_of(told)
    return [events.message(each, venue=endpoint.venue_id, code=code, tickets=tickets) for each in told]


def secrets_of(endpoint: Endpoint) -> list[str]:
    """The secrets that sign now: the newest first, and for a while the one before."""
    until = endpoint.secret_before_until
    both = until is not None and until > clock.now()
    return [endpoint.secret, endpoint.secret_before] if both else [endpoint.secret]
