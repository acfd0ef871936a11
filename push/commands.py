"""Every write to subscriptions and deliveries (law: one durable transaction, lock first, one clock, events beside state).

The lock of a party's subscriptions is the party's row: with the line's row every join would wait for subscribers. After it a
command locks subscriptions only, so it cannot deadlock with a change of the line.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from core import clock
from core.actors import GUEST, SYSTEM, Actor
from core.change import durable
from core.errors import Busy, Conflict, NotFound, existing
from core.hashing import keyed
from core.identifiers import as_uuid
from core.locks import lock_exclusive
from outbox.models import Event
from outbox.record import NewEvent, record
from push.endpoints import parse
from push.models import Delivery, Subscription
from push.receipts import Receipt
from queues.models import Party
from queues.refusals import LINE_BUSY, NOT_IN_LINE
from reach import endings
from reach.news import News

STREAM = "push"
SUBSCRIBED, RESENT, ANNOUNCED, OWED = "PUSH_SUBSCRIBED", "PUSH_RESENT", "PUSH_ANNOUNCED", "PUSH_OWED"
TESTED = "PUSH_TESTED"
# A guest may have a phone and a tablet. Each call is sent to all of them.
MOST_SUBSCRIPTIONS = 5


@contextmanager
def _locked_party(party_id: UUID | str, queue_id: UUID | str | None = None) -> Iterator[tuple[Party, datetime]]:
    """The party under its lock, in line, and the time. Raises NotFound, Busy."""
    pk = existing(as_uuid(str(party_id)), NOT_IN_LINE, field="partyId")
    wanted = Party.objects.filter(pk=pk, status__in=Party.IN_LINE)
    if queue_id is not None:
        wanted = wanted.filter(queue_id=existing(as_uuid(str(queue_id)), NOT_IN_LINE, field="partyId"))
    with durable(LINE_BUSY):
        yield existing(wanted.select_for_update(no_key=True).first(), NOT_IN_LINE, field="partyId"), clock.now()


def subscribe(
    *,
    queue_id: UUID | str,
    party_id: UUID | str,
    endpoint: str,
    p256dh: str,
    auth: str,
    language: str = "en",
    keep_others: bool = False,
    actor: Actor = GUEST,
) -> Subscription:
    """Sends the party's messages to this browser from now on. Within a line the newest party of an endpoint wins (contract),
    unless the browser says that it is several parties' (`keep_others`); one in several lines hears of each (decision 0032).

    The keys are checked by the caller. The same again changes nothing. Raises push.endpoints.NotAllowed, NotFound when
    the line is unknown or the party not in it, Busy.
    """
    endpoint = parse(endpoint).url
    with _locked_party(party_id, queue_id) as (party, at):
        fields: dict[str, Any] = {
            "p256dh": p256dh, "auth": auth, "queue_id": party.queue_id, "party_id": party.pk, "language": language,
            "changed_at": at,
        }  # fmt: skip
        lock_exclusive(_lock_of(endpoint))  # one browser may subscribe for two parties at once
        rows = _locked(endpoint)
        row = next((row for row in rows if row.party_id == party.pk), None)
        if not keep_others:
            others = [each for each in rows if each.queue_id == party.queue_id and each is not row]
            row = row or (others.pop() if others else None)
            Subscription.objects.filter(pk__in=[each.pk for each in others]).delete()
            rows = [each for each in rows if each not in others]
        if row is None:
            new = Subscription(endpoint=endpoint, created_at=at, **fields)
            Subscription.objects.bulk_create([new], ignore_conflicts=True)  # `renew` may have brought it here
            rows = _locked(endpoint)
            row = next((row for row in rows if row.party_id == party.pk), None)
        if row is None:
            raise Busy("This subscription is being changed. Please try again.")
        # The endpoint has one pair of keys, so those of its rows for other lines are these, too.
        Subscription.objects.filter(pk__in=[row.pk for row in rows]).update(p256dh=p256dh, auth=auth)
        if row.version and (row.party_id, row.p256dh, row.auth, row.language) == (party.pk, p256dh, auth, language):
            return row
        moved = row.version == 0 or row.party_id != party.pk
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(update_fields=[*fields])
        _drop_oldest(party, keep=row)
        confirm = {"confirm": moved and not _is_confirmed(party, row)}
        _emit([row], SUBSCRIBED, at=at, actor=actor, action="subscribe", data=[confirm])
        return row


def _lock_of(endpoint: str) -> UUID:
    return UUID(bytes=keyed("push.endpoint", endpoint)[:16])


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
    with durable(LINE_BUSY):
        rows, at = _locked(old_endpoint, endpoint), clock.now()
        there = {row.party_id for row in rows if row.endpoint == endpoint}
        old = [row for row in rows if row.endpoint != endpoint]
        Subscription.objects.filter(pk__in=[row.pk for row in old if row.party_id in there]).delete()
        moved = [row for row in old if row.party_id not in there]
        Subscription.objects.filter(pk__in=[row.pk for row in moved]).update(
            endpoint=endpoint, p256dh=p256dh, auth=auth, not_before=None, changed_at=at
        )
        _emit(moved, SUBSCRIBED, at=at, actor=GUEST, action="renew", data=[{"confirm": False}] * len(moved))


def _is_confirmed(party: Party, row: Subscription) -> bool:
    """Whether the party's confirmation has arrived, or is on its way to another of its browsers (once per party)."""
    confirmations = Delivery.objects.filter(party_id=party.pk, kind=Delivery.Kind.JOIN_CONFIRM)
    refused = confirmations.filter(result=Delivery.Result.REFUSED, subscription__isnull=False)
    others = Subscription.objects.filter(party=party).exclude(pk=row.pk).exclude(pk__in=refused.values("subscription"))
    return confirmations.filter(result=Delivery.Result.SENT).exists() or others.exists()


def _drop_oldest(party: Party, *, keep: Subscription) -> None:
    """Deletes the party's oldest subscriptions beyond MOST_SUBSCRIPTIONS. Skips locked rows: they move to another party."""
    others = Subscription.objects.filter(party=party).exclude(pk=keep.pk).order_by("-changed_at", "pk")
    surplus = list(others.select_for_update(skip_locked=True, of=("self",))[MOST_SUBSCRIPTIONS - 1 :])
    Subscription.objects.filter(pk__in=[row.pk for row in surplus]).delete()


def resend_call(*, party_id: UUID | str, actor: Actor) -> int:
    """Sends the newest call once more to all browsers of a called party; returns to how many. For staff.

    Raises NotFound when the party is not in line or has no browser subscribed, Conflict when it is not called, Busy.
    """
    with _locked_party(party_id) as (party, at):
        if party.status != Party.Status.CALLED:
            raise Conflict("This party is not called.", field="partyId")
        found = Subscription.objects.filter(party=party).select_related("party")
        rows = list(found.select_for_update(of=("self",)).order_by("pk"))
        if not rows:
            raise NotFound("This party has no subscription.", field="partyId")
        _emit(rows, RESENT, at=at, actor=actor, action="resend_call", data=[{"round": party.call_count}] * len(rows))
        return len(rows)


def announce(events: Sequence[Event]) -> None:
    """The effect `announce`, of what many parties hear at once: records an event, and so causes a push, for each browser.

    Runs in one transaction with the effects' marks (outbox.work), so each is told once; in few statements, for a line may
    hold thousands.
    """
    for event in events:
        # The others are told by `reach`, which asks for their browsers' turn (push/way.py).
        found = Subscription.objects.filter(queue_id=event.stream_id, party__has_contact=False)
        if event.type == "QUEUE_MESSAGE_SENT":
            found, told = found.filter(party__status=Party.Status.WAITING), {}
        elif told := endings.changed(event):
            found = found.filter(party_id__in=told)
        else:
            continue
        rows = list(found.select_for_update(of=("self",)).select_related("party").order_by("pk"))
        actor = Actor(event.actor, event.actor_user_id)  # type: ignore[arg-type]
        data = [told.get(row.party_id) or {"kind": Delivery.Kind.MESSAGE, "at": event.data["at"]} for row in rows]
        _emit(rows, ANNOUNCED, at=clock.now(), actor=actor, action="announce", data=data)


@durable()
def owe(*, party_id: UUID, told: News) -> None:
    """Has the effect `push` send this news to each browser of the party that has not received it, once. Reach asks for no second
    turn, because another browser took the news (push/way.py)."""
    rows = list(Subscription.objects.select_for_update(of=("self",)).filter(party_id=party_id).order_by("pk"))
    told_to = Delivery.objects.filter(party_id=party_id, kind=told.kind, round=told.round, again=told.again)
    data, ids = asdict(told), [row.pk for row in rows]
    before = Event.objects.filter(type=OWED, stream_id__in=ids, data__contains=data)
    known = {*told_to.values_list("subscription_id", flat=True), *before.values_list("stream_id", flat=True)}
    left = [row for row in rows if row.pk not in known]
    _emit(left, OWED, at=clock.now(), actor=SYSTEM, action="owe", data=[data] * len(left))


def _emit(
    rows: Sequence[Subscription], event: str, *, at: datetime, actor: Actor, action: str, data: Sequence[dict[str, Any]]
) -> None:
    """An event of each of the locked rows, with its own data, and one more version of each."""
    if not rows:
        return
    Subscription.objects.filter(pk__in=[row.pk for row in rows]).update(version=F("version") + 1)
    events = []
    for row, own in zip(rows, data, strict=True):
        row.version += 1
        told = {"sessionId": str(row.queue_id), "partyId": str(row.party_id)} | own
        party_id = UUID(told["partyId"])
        events.append(NewEvent(type=event, stream_id=row.pk, version=row.version, party_id=party_id, data=told))
    first = rows[0]
    record(events, stream=STREAM, stream_id=first.pk, version=first.version, at=at, actor=actor, action=action)


# ------------------------------------------------------------------------------------ what came of it (push/deliveries.py)
# One statement, because a party's call waits behind those of others. The subscription may have been deleted since.
_DELIVERED = """
INSERT INTO push_delivery (subscription_id, party_id, kind, round, again, sent_at, result, detail)
VALUES ((SELECT id FROM push_subscription WHERE id = %s FOR KEY SHARE), %s, %s, %s, %s, clock_timestamp(), %s, %s)
ON CONFLICT DO NOTHING"""
# The browser may be faster than the worker that waits for the push service: then the receipt is the delivery's record.
_RECEIVED = """
INSERT INTO push_delivery (subscription_id, party_id, kind, round, again, sent_at, result, detail, received_at)
SELECT id, party_id, %s, %s, %s, clock_timestamp(), 'sent', '', clock_timestamp() FROM push_subscription
WHERE id = %s AND party_id = %s FOR KEY SHARE
ON CONFLICT (party_id, subscription_id, kind, round, again) WHERE NOT kind = 'test'
DO UPDATE SET received_at = COALESCE(push_delivery.received_at, EXCLUDED.received_at)"""


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

    A subscription that was renewed since (its version is newer) stays. `tester`: who asked for a test message,
    which is a separate event (law 10).
    """
    delivered = [subscription.pk, party_id, kind, round_, again, result, detail[:80]]
    if tester is None and result != Delivery.Result.GONE:
        _put_on_record(delivered)  # a transaction by itself
        return
    with transaction.atomic(durable=True):
        if tester is not None:
            _emit_tested(subscription, party_id, result, tester)
        if result == Delivery.Result.GONE:
            rows = _locked(subscription.endpoint)
            if any((row.pk, row.version) == (subscription.pk, subscription.version) for row in rows):
                Subscription.objects.filter(pk__in=[row.pk for row in rows]).delete()
        _put_on_record(delivered)


def receive(*, receipt: str) -> None:
    """A browser shows this message: keeps when it first said so. Raises NotFound for a receipt of no message to one of our
    subscriptions."""
    try:
        told, seal = Receipt.read(receipt)
    except ValueError:
        raise NotFound("There is no such message.", field="receipt") from None
    to = Subscription.objects.filter(pk=told.subscription_id).values_list("party_id", flat=True).first()
    if to is None or not told.is_sealed_by(seal, to):
        raise NotFound("There is no such message.", field="receipt")
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVED, [told.kind, told.round, told.again, told.subscription_id, to])


def _put_on_record(delivered: list[Any]) -> None:
    """A conflict means that another worker recorded it after this one's lease had ended."""
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERED, delivered)


def _emit_tested(subscription: Subscription, party_id: UUID, result: str, tester: Actor) -> None:
    rows = list(Subscription.objects.select_for_update(of=("self",)).filter(pk=subscription.pk))
    data = [{"partyId": str(party_id), "result": result}] * len(rows)
    _emit(rows, TESTED, at=clock.now(), actor=tester, action="test", data=data)
    subscription.version += len(rows)


@durable()
def hold_back(subscription: Subscription, *, after_s: float) -> None:
    """Leaves the subscription alone for the seconds its push service asked for (429 with Retry-After)."""
    until = clock.now() + timedelta(seconds=after_s)
    Subscription.objects.filter(pk=subscription.pk).update(not_before=until)


@durable()
def forget(*, subscription_id: UUID) -> bool:
    """Ends a subscription; whether there was one."""
    deleted, _ = Subscription.objects.filter(pk=subscription_id).delete()
    return deleted > 0
