"""Every write to subscriptions and deliveries (law: one durable transaction, lock first, one clock, events beside state).

The lock of a party's subscriptions is the party's row: the line's row would make every join wait for subscribers. Whoever
holds it asks for nothing but subscriptions afterwards, so it cannot end in a deadlock with a change of the line.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import F
from psycopg.errors import DeadlockDetected, LockNotAvailable

from core import clock
from core.actors import GUEST, Actor
from core.errors import Busy, Conflict, NotFound
from outbox.models import Event
from outbox.record import Happening, record
from push import endings
from push.endpoints import parse
from push.models import Delivery, Subscription
from queues.models import Party
from queues.refusals import LINE_BUSY, NOT_IN_LINE

STREAM = "push"
SUBSCRIBED, RESENT, ANNOUNCED, TESTED = "PUSH_SUBSCRIBED", "PUSH_RESENT", "PUSH_ANNOUNCED", "PUSH_TESTED"
# A guest may hold a phone and a tablet; nobody needs more, and each call is sent to all of them.
MOST_SUBSCRIPTIONS = 5


@contextmanager
def _party(party_id: UUID | str, queue_id: UUID | str | None = None) -> Iterator[tuple[Party, datetime]]:
    """The party under its lock, in line, and the time. Raises NotFound, Busy."""
    try:
        wanted = {"pk": UUID(str(party_id))} | ({"queue_id": UUID(str(queue_id))} if queue_id is not None else {})
    except ValueError:
        raise NotFound(NOT_IN_LINE, field="partyId") from None
    with _waits_for_locks(), transaction.atomic(durable=True):
        party = Party.objects.select_for_update(no_key=True).filter(**wanted).first()
        if party is None or party.status not in Party.IN_LINE:
            raise NotFound(NOT_IN_LINE, field="partyId")
        yield party, clock.now()


@contextmanager
def _waits_for_locks() -> Iterator[None]:
    """Raises Busy where a lock, or a deadlock, takes longer than law 2 allows."""
    try:
        yield
    except OperationalError as problem:
        if isinstance(problem.__cause__, LockNotAvailable | DeadlockDetected):
            raise Busy(LINE_BUSY) from problem
        raise


def subscribe(
    *,
    queue_id: UUID | str,
    party_id: UUID | str,
    endpoint: str,
    p256dh: str,
    auth: str,
    language: str = "en",
    actor: Actor = GUEST,
) -> Subscription:
    """Sends the party's messages to this browser from now on. Within a line the newest party of an endpoint wins (contract);
    a browser in several lines hears of each (decision 0032).

    The keys are checked by the caller. The same again changes nothing. Raises push.endpoints.NotAllowed, NotFound when
    the line is unknown or the party not in it, Busy.
    """
    endpoint = parse(endpoint).url
    with _party(party_id, queue_id) as (party, now):
        fields: dict[str, Any] = {
            "p256dh": p256dh, "auth": auth, "queue_id": party.queue_id, "party_id": party.pk, "language": language,
            "changed_at": now,
        }  # fmt: skip
        # Waits for whoever inserts the same endpoint at this moment; afterwards there is a row to lock.
        Subscription.objects.bulk_create(
            [Subscription(endpoint=endpoint, created_at=now, **fields)], ignore_conflicts=True
        )
        rows = _locked(endpoint)
        row = next((row for row in rows if row.queue_id == party.queue_id), None)
        if row is None:
            raise Busy("This subscription is being changed. Please try again.")
        # The endpoint has one pair of keys, so those of its rows for other lines are these, too.
        Subscription.objects.filter(pk__in=[row.pk for row in rows]).update(p256dh=p256dh, auth=auth)
        if row.version and (row.party_id, row.p256dh, row.auth, row.language) == (party.pk, p256dh, auth, language):
            return row
        moved = row.version == 0 or row.party_id != party.pk
        for name, value in fields.items():
            setattr(row, name, value)
        row.version += 1
        row.save(update_fields=[*fields, "version"])
        _drop_oldest(party, keep=row)
        _tell(row, SUBSCRIBED, party, now, actor, "subscribe", confirm=moved and not _is_confirmed(party, row))
        return row


def _locked(*endpoints: str) -> list[Subscription]:
    """All rows of these endpoints, locked in one order, so that two changes of one browser cannot end in a deadlock."""
    rows = Subscription.objects.select_for_update(of=("self",)).select_related("party")
    return list(rows.filter(endpoint__in=endpoints).order_by("pk"))


def renew(*, old_endpoint: str, endpoint: str, p256dh: str, auth: str) -> None:
    """Sends what came to `old_endpoint` to another one of the same browser, for all lines it is in.

    Browsers change their address by themselves, or must when our key has changed. Knowing the old one is the proof: only the
    browser and its push service do. The keys are checked by the caller. Raises push.endpoints.NotAllowed, Busy.
    """
    endpoint = parse(endpoint).url
    with _waits_for_locks(), transaction.atomic(durable=True):
        rows, now = _locked(old_endpoint, endpoint), clock.now()
        there = {row.queue_id for row in rows if row.endpoint == endpoint}
        old = [row for row in rows if row.endpoint != endpoint]
        Subscription.objects.filter(pk__in=[row.pk for row in old if row.queue_id in there]).delete()
        moved = [row for row in old if row.queue_id not in there]
        Subscription.objects.filter(pk__in=[row.pk for row in moved]).update(
            endpoint=endpoint, p256dh=p256dh, auth=auth, not_before=None, changed_at=now
        )
        _tell_each(moved, SUBSCRIBED, now, GUEST, "renew", [{"confirm": False}] * len(moved))


def is_subscribed(*, party_id: UUID, endpoint: str) -> bool:
    """Whether the party's messages go to this browser."""
    return Subscription.objects.filter(endpoint=endpoint, party_id=party_id).exists()


def _is_confirmed(party: Party, row: Subscription) -> bool:
    """Whether the party's confirmation has arrived, or is on its way to another of its browsers (once per party)."""
    confirmations = Delivery.objects.filter(party_id=party.pk, kind=Delivery.Kind.JOIN_CONFIRM)
    refused = confirmations.filter(result=Delivery.Result.REFUSED, subscription__isnull=False)
    others = Subscription.objects.filter(party=party).exclude(pk=row.pk).exclude(pk__in=refused.values("subscription"))
    return confirmations.filter(result=Delivery.Result.SENT).exists() or others.exists()


def _drop_oldest(party: Party, *, keep: Subscription) -> None:
    """Bounds what one party costs. A row that is moving to another party at this moment counts as gone already."""
    others = Subscription.objects.filter(party=party).exclude(pk=keep.pk).order_by("-changed_at", "pk")
    surplus = list(others.select_for_update(skip_locked=True, of=("self",))[MOST_SUBSCRIPTIONS - 1 :])
    Subscription.objects.filter(pk__in=[row.pk for row in surplus]).delete()


def resend_call(*, party_id: UUID | str, actor: Actor) -> int:
    """Sends the newest call once more to all browsers of a called party; returns to how many. For staff.

    Raises NotFound when the party is not in line or has no browser subscribed, Conflict when it is not called, Busy.
    """
    with _party(party_id) as (party, now):
        if party.status != Party.Status.CALLED:
            raise Conflict("This party is not called.", field="partyId")
        found = Subscription.objects.filter(party=party).select_related("party")
        rows = list(found.select_for_update(of=("self",)).order_by("pk"))
        if not rows:
            raise NotFound("This party has no subscription.", field="partyId")
        _tell_each(rows, RESENT, now, actor, "resend_call", [{"round": party.call_count}] * len(rows))
        return len(rows)


def announce(events: Sequence[Event]) -> None:
    """The effect `announce`, of what many parties hear at once: an event, and so a push of its own, for each browser.

    Runs in one transaction with the effects' marks (outbox.work), so each is told once; in few statements, for a line may
    hold thousands.
    """
    for event in events:
        found = Subscription.objects.filter(queue_id=event.stream_id)
        if event.type == "QUEUE_MESSAGE_SENT":
            found, told = found.filter(party__status=Party.Status.WAITING), {}
        elif told := endings.changed(event):
            found = found.filter(party_id__in=told)
        else:
            continue
        rows = list(found.select_for_update(of=("self",)).select_related("party").order_by("pk"))
        actor = Actor(event.actor, event.actor_user_id)  # type: ignore[arg-type]
        said = [told.get(row.party_id) or {"kind": Delivery.Kind.MESSAGE, "at": event.data["at"]} for row in rows]
        _tell_each(rows, ANNOUNCED, clock.now(), actor, "announce", said)


def _tell(row: Subscription, event: str, party: Party, now: datetime, actor: Actor, action: str, **data: Any) -> None:
    record(
        [_happening(row, event, party, data)],
        stream=STREAM, stream_id=row.pk, version=row.version, at=now, actor=actor, action=action,
    )  # fmt: skip


def _tell_each(
    rows: Sequence[Subscription], event: str, now: datetime, actor: Actor, action: str, data: Sequence[dict[str, Any]]
) -> None:
    """An event for each of the locked rows, with its own data, and so one more version of each."""
    if not rows:
        return
    Subscription.objects.filter(pk__in=[row.pk for row in rows]).update(version=F("version") + 1)
    happenings = []
    for row, said in zip(rows, data, strict=True):
        row.version += 1
        happenings.append(_happening(row, event, row.party, said))
    first = rows[0]
    record(
        happenings, stream=STREAM, stream_id=first.pk, version=first.version, at=now, actor=actor, action=action
    )  # fmt: skip


def _happening(row: Subscription, event: str, party: Party, data: dict[str, Any]) -> Happening:
    told = {"sessionId": str(party.queue_id), "partyId": str(party.pk), **data}
    return Happening(type=event, stream_id=row.pk, version=row.version, party_id=party.pk, data=told)


# ------------------------------------------------------------------------------------ what came of it (push/deliveries.py)
# One statement, for a party's call waits behind those of others. The subscription may have been forgotten meanwhile.
_DELIVERED = """
INSERT INTO push_delivery (subscription_id, party_id, kind, round, again, sent_at, result, detail)
VALUES ((SELECT id FROM push_subscription WHERE id = %s FOR KEY SHARE), %s, %s, %s, %s, clock_timestamp(), %s, %s)
ON CONFLICT DO NOTHING"""


def record_delivery(
    subscription: Subscription,
    *,
    party_id: UUID,
    kind: str,
    result: str,
    detail: str,
    round_: int = 0,
    again: int = 0,
    tester: Actor | None = None,
) -> None:
    """Keeps how a message ended, right after the push service answered; `gone` ends all subscriptions of
    that browser.

    A subscription that was renewed meanwhile (its version is newer) stays. `tester`: who asked for a test message,
    which is an event of its own (law 10).
    """
    delivered = [subscription.pk, party_id, kind, round_, again, result, detail[:80]]
    if tester is None and result != Delivery.Result.GONE:
        _put_on_record(delivered)  # a transaction by itself
        return
    with transaction.atomic(durable=True):
        if tester is not None:
            _tell_of_test(subscription, party_id, result, tester)
        if result == Delivery.Result.GONE:
            rows = _locked(subscription.endpoint)
            if any((row.pk, row.version) == (subscription.pk, subscription.version) for row in rows):
                Subscription.objects.filter(pk__in=[row.pk for row in rows]).delete()
        _put_on_record(delivered)


def _put_on_record(delivered: list[Any]) -> None:
    """Conflicts: told by another worker after this one's lease was over. It is on record, once."""
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERED, delivered)


def _tell_of_test(subscription: Subscription, party_id: UUID, result: str, tester: Actor) -> None:
    row = Subscription.objects.select_for_update(of=("self",)).filter(pk=subscription.pk).first()
    if row is None:
        return
    row.version += 1
    row.save(update_fields=["version"])
    told = {"sessionId": str(row.queue_id), "partyId": str(party_id), "result": result}
    record(
        [Happening(type=TESTED, party_id=party_id, data=told)],
        stream=STREAM, stream_id=row.pk, version=row.version, at=clock.now(), actor=tester, action="test",
    )  # fmt: skip
    subscription.version += 1


@transaction.atomic(durable=True)
def hold_back(subscription: Subscription, *, after_s: float) -> None:
    """Leaves the subscription alone for the seconds its push service asked for (429 with Retry-After)."""
    until = clock.now() + timedelta(seconds=after_s)
    Subscription.objects.filter(pk=subscription.pk).update(not_before=until)


@transaction.atomic(durable=True)
def forget(*, subscription_id: UUID) -> bool:
    """Ends a subscription; whether there was one."""
    deleted, _ = Subscription.objects.filter(pk=subscription_id).delete()
    return deleted > 0
