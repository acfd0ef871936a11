"""What timers and workers note about messages: what is new, who sends, what was answered. The log and the feeds say what is
still to be sent (law 4); a turn that is lost is taken again."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from core import clock
from core.actors import SYSTEM
from core.change import durable
from outbox.models import Event
from venues.log import lock_venue, log
from venues.owners import mail_owners
from webhooks import streams
from webhooks.commands.endpoints import feeds_of
from webhooks.models import ALL, BEHIND, Attempt, Endpoint, Feed
from webhooks.sender import Outcome

# Longer than one message takes (settings.WEBHOOK_TIMEOUT_S); each answer renews it. The turn of a worker that died ends then.
LEASE = timedelta(seconds=15)
# An endpoint that took nothing in a turn rests for REST; in its first minute of failing, when it may just be restarting, for
# FIRST_REST.
REST, FIRST_REST, AT_FIRST = timedelta(seconds=30), timedelta(seconds=5), timedelta(minutes=1)
WOKEN_FOR = timedelta(seconds=5)
LOOK_BACK = timedelta(hours=1)
LOOKED_EVERY = timedelta(minutes=1)
# Before each further try of an event: a little more than a day in all.
WAITS = tuple(timedelta(seconds=s) for s in (5, 60, 5 * 60, 30 * 60, 2 * 3600, 4 * 3600, 6 * 3600, 6 * 3600, 6 * 3600))
DISABLED_AFTER = timedelta(days=3)
ATTEMPTS_KEPT_FOR = timedelta(days=30)
MOST_FORGOTTEN = 1_000


@durable()
def find_news() -> list[UUID]:
    """Looks for what is new in the venues of all enabled endpoints; returns the endpoints for which a worker is to be woken."""
    enabled = list(Endpoint.objects.filter(disabled_at=None))
    if not enabled:
        return []
    at = clock.now()
    of_venues: dict[UUID, list[streams.Stream]] = {}
    earliest = min(each.looked_at for each in enabled) - LOOK_BACK
    for stream in streams.of_venues({each.venue_id for each in enabled}, open_since=earliest):
        of_venues.setdefault(stream.venue_id, []).append(stream)
    feeds = Feed.objects.filter(
        endpoint__in=enabled, stream_id__in=[each.id for ours in of_venues.values() for each in ours]
    )
    known: dict[UUID, dict[UUID, int]] = {}
    for endpoint_id, stream_id, newest in feeds.values_list("endpoint", "stream_id", "newest"):
        known.setdefault(endpoint_id, {})[stream_id] = newest
    for endpoint in enabled:
        _take_note(endpoint, of_venues.get(endpoint.venue_id, []), known.get(endpoint.pk, {}))
    Endpoint.objects.filter(pk__in=[each.pk for each in enabled], looked_at__lt=at - LOOKED_EVERY).update(looked_at=at)
    free = Q(leased_until=None) | Q(leased_until__lte=at)
    asleep = Q(woken_at=None) | Q(woken_at__lte=at - WOKEN_FOR)
    due = Feed.objects.filter(BEHIND, due_at__lte=at).values("endpoint")
    wanted = list(Endpoint.objects.filter(free, asleep, disabled_at=None, pk__in=due).values_list("pk", flat=True))
    Endpoint.objects.filter(pk__in=wanted).update(woken_at=at)
    return wanted


def _take_note(endpoint: Endpoint, ours: Sequence[streams.Stream], known: Mapping[UUID, int]) -> None:
    if new := [each for each in ours if each.id not in known and each.version]:
        Feed.objects.bulk_create(feeds_of(endpoint, new, endpoint.created_at), ignore_conflicts=True)
    for each in ours:
        if known.get(each.id, each.version) < each.version:
            endpoint.feeds.filter(stream_id=each.id, newest__lt=each.version).update(newest=each.version)


@dataclass(slots=True)
class Turn:
    """A worker's turn with an endpoint, and the feeds that are due, those that have waited longest first. `leased_at`: when its
    lease began (monotonic); `lost`: another worker has the endpoint now."""

    endpoint: Endpoint
    feeds: Sequence[Feed]
    leased_at: float
    lost: bool = False

    @property
    def is_over(self) -> bool:
        """Whether another worker has taken over, or may have: this one stood still for longer than its lease."""
        return self.lost or time.monotonic() - self.leased_at >= LEASE.total_seconds()


@durable()
def begin_turn(endpoint_id: UUID) -> Turn | None:
    """Leases an endpoint; None when another worker has it, when it rests, or when it is disabled or gone."""
    began = time.monotonic()
    at = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lte=at)
    if not Endpoint.objects.filter(free, pk=endpoint_id, disabled_at=None).update(leased_until=at + LEASE):
        return None
    endpoint = Endpoint.objects.get(pk=endpoint_id)
    due = endpoint.feeds.filter(BEHIND, due_at__lte=at).order_by("due_at", "pk")
    return Turn(endpoint, list(due[:100]), began)


@durable()
def end_turn(turn: Turn, *, in_vain: bool, after_s: int = 0) -> None:
    """Gives the endpoint back; `in_vain`: it has taken nothing, and rests; `after_s`: it asked for so long a rest."""
    at, since = clock.now(), turn.endpoint.failing_since
    rest = (FIRST_REST if since is None or at - since < AT_FIRST else REST) if in_vain else timedelta()
    rest = max(rest, timedelta(seconds=after_s))
    until = at + rest if rest else None
    Endpoint.objects.filter(pk=turn.endpoint.pk, leased_until=turn.endpoint.leased_until).update(
        leased_until=until, woken_at=None
    )


def wake_in_next_pass(endpoint_id: UUID) -> None:
    """Lets the next pass of the timers wake a worker for the endpoint: this worker had no thread for it."""
    Endpoint.objects.filter(pk=endpoint_id).update(woken_at=None)


def _where_it_was(feed: Feed) -> QuerySet[Feed]:
    """The feed, unless it was set back since (`replay`)."""
    return Feed.objects.filter(pk=feed.pk, version=feed.version, seq=feed.seq)


def has_nothing_new(feed: Feed) -> bool:
    """Notes that no event is left up to the version that is known. False when the feed was changed meanwhile."""
    return bool(_where_it_was(feed).filter(newest=feed.newest).update(version=feed.newest, seq=ALL, attempts=0))


@durable()
def keep_answer(turn: Turn, feed: Feed, event: Event, kind: str, outcome: Outcome) -> bool:
    """Notes what came of a message, and renews the lease. Whether the next event of the feed may be sent now."""
    renewed, at = time.monotonic(), clock.now()
    endpoint = Endpoint.objects.filter(pk=turn.endpoint.pk)
    mine = endpoint.filter(leased_until=turn.endpoint.leased_until).update(leased_until=at + LEASE)
    turn.lost = not mine
    if mine:
        turn.endpoint.leased_until, turn.leased_at = at + LEASE, renewed
    elif not endpoint.exists():  # removed meanwhile, and what it was told forgotten
        return False
    tries = feed.attempts + 1
    given_up = not outcome.taken and tries > len(WAITS)
    _note(turn.endpoint.pk, event, kind, outcome, given_up=given_up)
    if outcome.taken or given_up:
        moved = _where_it_was(feed).update(version=event.version, seq=event.seq, attempts=0, due_at=at)
        if outcome.taken:
            endpoint.exclude(failing_since=None).update(failing_since=None)
        feed.version, feed.seq, feed.attempts = event.version, event.seq, 0
        return bool(moved and mine)
    wait = WAITS[tries - 1] * random.uniform(0.9, 1.1)  # noqa: S311 — jitter
    wait = max(wait, timedelta(seconds=outcome.after_s))
    _where_it_was(feed).update(attempts=tries, due_at=at + wait)
    endpoint.filter(failing_since=None).update(failing_since=at)
    return False


@durable()
def keep_single_answer(endpoint: Endpoint, event: Event | None, kind: str, outcome: Outcome) -> None:
    """Notes what came of a message that a person has sent: it moves no feed. Of an endpoint that was removed meanwhile nothing
    is noted."""
    if Endpoint.objects.select_for_update(no_key=True).filter(pk=endpoint.pk).exists():
        _note(endpoint.pk, event, kind, outcome, by_hand=True)


def _note(
    endpoint_id: UUID,
    event: Event | None,
    kind: str,
    outcome: Outcome,
    *,
    given_up: bool = False,
    by_hand: bool = False,
) -> None:
    result = Attempt.Result.TAKEN if outcome.taken else Attempt.Result.FAILED
    Attempt.objects.create(
        endpoint_id=endpoint_id,
        event=event,
        type=kind,
        at=clock.now(),
        took_ms=outcome.took_ms,
        result=Attempt.Result.GIVEN_UP if given_up else result,
        detail=outcome.detail[:80],
        by_hand=by_hand,
    )


def failing() -> list[UUID]:
    """Endpoints that have taken nothing for DISABLED_AFTER."""
    rows = Endpoint.objects.filter(disabled_at=None, failing_since__lte=clock.now() - DISABLED_AFTER)
    return list(rows.values_list("pk", flat=True))


@durable()
def disable_endpoint(endpoint_id: UUID) -> bool:
    """Disables an endpoint and mails its owners; returns whether it was enabled."""
    venue_id = Endpoint.objects.filter(pk=endpoint_id).values_list("venue_id", flat=True).first()
    if venue_id is None:
        return False
    venue = lock_venue(venue_id)
    at = clock.now()
    endpoint = Endpoint.objects.select_for_update().filter(pk=endpoint_id, disabled_at=None).first()
    if endpoint is None:
        return False
    endpoint.disabled_at = at
    endpoint.save(update_fields=["disabled_at"])
    log(venue, "VENUE_WEBHOOK_DISABLED", actor=SYSTEM, action="disable_endpoint", webhookId=str(endpoint.pk))
    reason = f"webhook-disabled:{endpoint.pk}:{at:%Y%m%dT%H%M%S}"
    mail_owners(venue, kind="webhook_disabled", reason=reason, origin=endpoint.origin, about=endpoint.pk)
    return True


def forget_old_attempts() -> int:
    """Deletes what was answered long ago; returns how many."""
    old = Attempt.objects.filter(at__lt=clock.now() - ATTEMPTS_KEPT_FOR).values("pk")[:MOST_FORGOTTEN]
    return Attempt.objects.filter(pk__in=old).delete()[0]
