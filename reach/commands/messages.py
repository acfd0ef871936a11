"""What is to go out, and what came of it. No lock of a line is needed: a row belongs to who leased it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from core import clock
from mail import kept
from outbox import dispatcher
from queues.models import Party
from reach.models import Message
from reach.news import News
from reach.notices import Kind
from reach.rules import Then
from reach.ways import PAGE, Sent

State = Message.State
# A worker that was killed loses a message so long after it took it. Above the longest time that a way may take.
LEASE_S = 30
# One way's messages under way at once, so that a gateway that hangs leaves workers for the others.
MOST_PER_WAY = 3

_LEASE = """
WITH busy AS (SELECT way FROM reach_message WHERE state = 'due' AND leased_until > clock_timestamp()
               GROUP BY way HAVING count(*) >= %s)
UPDATE reach_message
   SET leased_until = clock_timestamp() + make_interval(secs => %s), attempts = least(attempts + 1, 32000)
 WHERE id = (SELECT id FROM reach_message
              WHERE state = 'due' AND due_at <= clock_timestamp()
                AND (leased_until IS NULL OR leased_until <= clock_timestamp())
                AND way NOT IN (SELECT way FROM busy)
              ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT 1)
RETURNING *"""


def add_messages(rows: Sequence[tuple[Party, News, str]], *, at: datetime) -> None:
    """Writes messages that are due now, by these ways; one that is there stays. Needs a transaction; wakes a worker after it."""
    new = [_row(party.queue_id, party.pk, news, way, due_at=at) for party, news, way in rows]
    Message.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        from reach.tasks import send_due

        transaction.on_commit(partial(dispatcher.wake_soon, send_due), robust=True)


def _row(queue_id: UUID, party_id: UUID, news: News, way: str, *, due_at: datetime) -> Message:
    return Message(
        queue_id=queue_id,
        party_id=party_id,
        kind=news.kind,
        round=news.round,
        again=news.again,
        at=news.at,
        undone=news.undone,
        way=way,
        made_at=due_at,
        due_at=due_at,
    )


def news_told(message: Message) -> News:
    """The news that a message tells."""
    return News(message.kind, message.round, message.again, message.at, message.undone)


def lease() -> Message | None:
    """Takes the message that is due for longest, for LEASE_S; None when there is none, or its way has MOST_PER_WAY under way."""
    with transaction.atomic(durable=True):
        return next(iter(Message.objects.raw(_LEASE, [MOST_PER_WAY, LEASE_S])), None)


def settle(message: Message, then: Then, *, next_way: str | None = None, sent: Sent | None = None) -> bool:
    """Keeps what came of a leased message and writes the one by the next way, if that is to follow. False when another worker has
    taken it since: then nothing is written."""
    now = clock.now()
    fields: dict[str, object] = {"state": then.state, "detail": then.detail[:80], "leased_until": None}
    if then.again_in_s is not None:
        fields["due_at"] = now + timedelta(seconds=then.again_in_s)
    if sent is not None and then.state == State.SENT:
        fields |= {
            "sent_at": now,
            "provider_id": sent.provider_id,
            "segments": sent.segments,
            "cost_micros": sent.cost_micros,
        }
    with transaction.atomic(durable=True):
        mine = Message.objects.filter(pk=message.pk, state=State.DUE, leased_until=message.leased_until)
        if not mine.update(**fields):
            if sent is not None and then.state == State.SENT:
                _complete(message, sent)
            return False
        if "provider_id" in fields or message.way == "email":
            forget_again(message)
        if then.next_in_s is not None and next_way is not None:
            due_at = now + timedelta(seconds=then.next_in_s)
            following = _row(message.queue_id, message.party_id, news_told(message), next_way, due_at=due_at)
            Message.objects.bulk_create([following], ignore_conflicts=True)
    return True


def forget_again(message: Message) -> None:
    """Takes out what this transaction has written of a message whose guest was erased, or whose line was forgotten, while it was
    under way (reach/personal.py): the other side's name for it, and its file where mails go into files."""
    gone = Q(erased_at__isnull=False) | Q(queue__forgotten_at__isnull=False)
    if not Party.objects.filter(gone, pk=message.party_id).exists():
        return
    Message.objects.filter(pk=message.pk).update(provider_id="")
    if message.way == "email" and kept.are_kept():
        kept.delete(message.pk)


def _complete(message: Message, sent: Sent) -> None:
    """Adds what only the provider's answer says to a message whose receipt came before the answer."""
    rows = Message.objects.filter(pk=message.pk, state__in=[State.DELIVERED, State.FAILED], segments=None)
    rows.update(segments=sent.segments, cost_micros=Coalesce("cost_micros", Value(sent.cost_micros)))


def arrived(messages: Sequence[Message]) -> None:
    """Notes that messages arrived, as their way says itself (Way.arrived_at). A later word changes nothing."""
    for each in messages:
        rows = Message.objects.filter(pk=each.pk, state=State.SENT)
        rows.update(state=State.DELIVERED, delivered_at=each.delivered_at or clock.NOW)


def note_receipt(*, way: str, provider_id: str, delivered: bool, detail: str = "") -> Message | None:
    """Notes what the other side says of a message that it took: that it arrived, or that it never will. It may say so before its
    answer to the attempt is here: then that answer, and the attempt's lease, are needed no more. Returns the message, locked,
    where that is news; reach/receipts.py says what follows. Needs a transaction."""
    expected = [State.DUE, State.SENT, State.FAILED] if delivered else [State.DUE, State.SENT]
    rows = Message.objects.select_for_update().filter(way=way, state__in=expected)
    rows = rows.exclude(state=State.DUE, attempts=0)
    message = rows.filter(provider_id=provider_id).first() if provider_id else None
    if message is None:
        return None
    now = clock.now()
    message.state, message.detail = (State.DELIVERED if delivered else State.FAILED), detail[:80]
    message.sent_at, message.leased_until = message.sent_at or now, None
    message.delivered_at = now if delivered else None
    message.save(update_fields=["state", "detail", "sent_at", "leased_until", "delivered_at"])
    return message


def note_shown(party: Party) -> None:
    """Notes, once a call, that the ticket's page shows this party's newest call: as a message that arrived by the way PAGE."""
    if not party.has_contact:
        return
    now = clock.now()
    row = _row(party.queue_id, party.pk, News(Kind.CALLED, round=party.call_count), PAGE, due_at=now)
    row.state, row.sent_at, row.delivered_at = State.DELIVERED, now, now
    Message.objects.bulk_create([row], ignore_conflicts=True)


def hurry(message: Message) -> bool:
    """Has the other messages of the same notice that wait sent now; False when none waits."""
    return bool(same_notice(message).filter(state=State.DUE).update(due_at=clock.NOW))


def same_notice(message: Message) -> QuerySet[Message]:
    """The other messages of the same notice."""
    same = Message.objects.filter(
        party_id=message.party_id, kind=message.kind, round=message.round, again=message.again
    )
    return same.exclude(pk=message.pk)
