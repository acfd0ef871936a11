"""What owners do with their webhooks. Each is an event of the venue, under its lock."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from core import clock
from core.actors import SYSTEM, Actor
from core.change import Fields, durable, set_field
from core.errors import Conflict, Invalid, existing
from core.visible import shown
from outbox.addresses import NotAllowed
from outbox.models import Event
from outbox.seen import require_seen
from outbox.signing import new_secret
from venues.log import lock_venue, log
from venues.models import Venue
from web import idempotency
from webhooks import refusals, streams
from webhooks.events import ALL_TYPES
from webhooks.models import ALL, LONGEST_NAME, LONGEST_URL, Endpoint, Feed
from webhooks.sender import parse

MOST_ENDPOINTS = 20
# Receivers have so long to learn a new secret: until then both sign.
BOTH_SIGN_FOR = timedelta(days=1)


@durable()
def create_endpoint(
    *,
    venue: Venue,
    url: str,
    name: str = "",
    events: Collection[str] = (),
    origin: str,
    key: str = "",
    asked: str = "",
    actor: Actor = SYSTEM,
) -> Endpoint:
    """Adds an address that is told of what happens from now on, of these types (none: all).

    The same `key` (Idempotency-Key) gives the same one again; with another body (`asked`: its fingerprint) it is refused. Raises
    Invalid, and Conflict when the venue has too many."""
    lock_venue(venue.pk)
    hashed = idempotency.create_key("endpoint", key, owner=venue.pk)
    if known := idempotency.made_with(Endpoint, hashed, asked):
        return known
    if venue.webhooks.count() >= MOST_ENDPOINTS:
        raise Conflict(f"A venue has at most {MOST_ENDPOINTS} webhooks. Remove one first.")
    at = clock.now()
    row = Endpoint.objects.create(
        venue=venue,
        create_key=hashed,
        create_asked=asked if hashed else "",
        url=_allowed(url),
        name=_named(name, url),
        events=_known(events),
        secret=new_secret(),
        origin=origin,
        created_at=at,
        looked_at=at,
    )
    _begin(row, streams.of_venues([venue.pk], open_since=at), at)
    log(venue, "VENUE_WEBHOOK_MADE", actor=actor, action="create_endpoint", webhookId=str(row.pk))
    return row


@durable()
def change_endpoint(
    endpoint_id: UUID,
    *,
    venue_id: UUID,
    url: str,
    name: str,
    events: Collection[str],
    saw: str = "",
    actor: Actor = SYSTEM,
) -> Endpoint:
    """Changes an endpoint. Messages under way go to the old address. Raises Invalid, NotFound; Overtaken when what it would
    change is not as the page showed it (`saw`)."""
    venue, row = _locked(endpoint_id, venue_id)
    changes: Fields = {}
    for field, value in {"url": _allowed(url), "name": _named(name, url), "events": _known(events)}.items():
        set_field(row, field, value, changes)
    if changes:
        require_seen(venue.pk, saw, changes, by={"change_endpoint"}, actor=actor, webhookId=str(row.pk))
        row.save(update_fields=list(changes))
        # Not what they were: an address may be a secret.
        log(venue, "VENUE_WEBHOOK_CHANGED", actor=actor, action="change_endpoint", webhookId=str(row.pk))
    return row


@durable()
def rotate_secret(endpoint_id: UUID, *, venue_id: UUID, actor: Actor = SYSTEM) -> Endpoint:
    """Gives the endpoint a new secret. For BOTH_SIGN_FOR the one before signs, too. Raises NotFound."""
    venue, row = _locked(endpoint_id, venue_id)
    row.secret_before, row.secret = row.secret, new_secret()
    row.secret_before_until = clock.now() + BOTH_SIGN_FOR
    row.save(update_fields=["secret", "secret_before", "secret_before_until"])
    log(venue, "VENUE_WEBHOOK_SECRET_ROTATED", actor=actor, action="rotate_secret", webhookId=str(row.pk))
    return row


@durable()
def enable_endpoint(endpoint_id: UUID, *, venue_id: UUID, actor: Actor = SYSTEM) -> None:
    """Sends again to an endpoint that was disabled, from where it stopped. Idempotent. Raises NotFound."""
    venue, row = _locked(endpoint_id, venue_id)
    if row.disabled_at is not None:
        row.disabled_at = row.failing_since = row.leased_until = row.woken_at = None
        row.save(update_fields=["disabled_at", "failing_since", "leased_until", "woken_at"])
        row.feeds.update(due_at=clock.NOW, attempts=0)
        log(venue, "VENUE_WEBHOOK_ENABLED", actor=actor, action="enable_endpoint", webhookId=str(row.pk))


@durable()
def remove_endpoint(endpoint_id: UUID, *, venue_id: UUID, actor: Actor = SYSTEM) -> None:
    """Ends a webhook, and forgets what it was told. Raises NotFound."""
    venue, row = _locked(endpoint_id, venue_id)
    row.delete()
    log(venue, "VENUE_WEBHOOK_REMOVED", actor=actor, action="remove_endpoint", webhookId=str(endpoint_id))


@durable()
def replay(endpoint_id: UUID, *, venue_id: UUID, since: datetime, actor: Actor = SYSTEM) -> int:
    """Sends everything from `since` on again, in order (B13); returns how many lines, polls and rooms that concerns.

    Raises NotFound, Conflict for one that is disabled, Invalid for a time to come."""
    venue, row = _locked(endpoint_id, venue_id)
    at = clock.now()
    if row.disabled_at is not None:
        raise Conflict("This webhook is disabled. Enable it first.")
    if since > at:
        raise Invalid("from: must not lie in the future.", field="from")
    ours = [each for each in streams.of_venues([venue.pk], open_since=since) if each.version]
    _begin(row, ours, since)
    log(venue, "VENUE_WEBHOOK_REPLAYED", actor=actor, action="replay", webhookId=str(row.pk), since=since.isoformat())
    return len(ours)


def _begin(row: Endpoint, ours: Sequence[streams.Stream], since: datetime) -> None:
    """Lets the endpoint hear of these from `since` on, whatever it was told before."""
    Feed.objects.bulk_create(
        feeds_of(row, ours, since),
        update_conflicts=True,
        unique_fields=["endpoint", "stream_id"],
        update_fields=["version", "seq", "newest", "due_at", "attempts"],
    )


def feeds_of(row: Endpoint, ours: Sequence[streams.Stream], since: datetime) -> list[Feed]:
    """Feeds that were told what happened before `since`."""
    last = Event.objects.filter(stream_id__in=[each.id for each in ours], at__lt=since)
    told: dict[UUID, int] = dict(
        last.order_by("stream_id", "-version").distinct("stream_id").values_list("stream_id", "version")
    )
    return [
        Feed(
            endpoint=row,
            stream=each.kind,
            stream_id=each.id,
            version=told.get(each.id, 0),
            seq=ALL if each.id in told else 0,
            newest=each.version,
            due_at=since,
        )
        for each in ours
    ]


def _locked(endpoint_id: UUID, venue_id: UUID) -> tuple[Venue, Endpoint]:
    venue = lock_venue(venue_id)
    rows = Endpoint.objects.select_for_update(of=("self",))
    return venue, existing(rows.filter(pk=endpoint_id, venue=venue).first(), refusals.NO_WEBHOOK)


def _allowed(url: str) -> str:
    try:
        found = parse(url.strip()).url
    except NotAllowed as problem:
        raise Invalid(str(problem), field="url", named=True) from None
    if len(found) > LONGEST_URL:
        raise Invalid(f"must have at most {LONGEST_URL} characters.", field="url", named=True)
    return found


def _named(name: str, url: str) -> str:
    """The name, or else the host that is told."""
    named = shown(name, "name") or parse(url.strip()).host[:LONGEST_NAME]
    if len(named) > LONGEST_NAME:
        raise Invalid(f"must have at most {LONGEST_NAME} characters.", field="name", named=True)
    return named


def _known(events: Collection[str]) -> list[str]:
    for each in events:
        if each not in ALL_TYPES:
            raise Invalid(f"there is no type {each[:60]!r}.", field="events", named=True)
    return [each for each in ALL_TYPES if each in set(events)]
