"""Push as one of the ways to a guest (reach/ways): for parties with a contact, whose news `reach` sends in order."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from outbox.effects import Retry
from outbox.models import Effect
from push import commands, deliveries
from push.deliveries import PushNews
from push.models import Delivery, Subscription
from queues.models import Party
from reach import commands as reach_commands
from reach.models import Message
from reach.notices import Kind
from reach.ways import Outgoing, Result, Sent, Told

State = Message.State


def send(outgoing: Outgoing) -> Sent:
    """Tells all browsers of the message's party. GONE when no browser took it, LATER while none can be asked. Where one took it
    and others must wait, the effect `push` tells the others later."""
    message = Message.objects.get(pk=outgoing.key)
    news = reach_commands.news_told(message)
    problem: Retry | None = None
    try:
        deliveries.tell(message.party_id, PushNews.of_all(news))
    except Retry as caught:
        problem = caught
    if _of(message).filter(result=Delivery.Result.SENT).exists():
        if problem is not None:
            commands.owe(party_id=message.party_id, told=news)
        return Sent(result=Result.SENT)
    if problem is not None:
        return Sent(result=Result.LATER, after_s=problem.after_s, detail=str(problem))
    return Sent(result=Result.GONE, detail="no browser takes its messages")


def arrived_at(key: UUID) -> datetime | None:
    """When a browser of the message's party has shown it; None as far as is known."""
    message = Message.objects.filter(pk=key).first()
    if message is None:
        return None
    shown = (each.received_at for each in _of(message))
    return min((at for at in shown if at is not None), default=None)


def told(parties: Sequence[Party]) -> dict[UUID, list[Told]]:
    """What the parties' browsers were told, tests left out; and of a call that none has taken, what is known of it. At most three
    statements."""
    by_id = {party.pk: party for party in parties}
    # Read before the deliveries: a worker may make one in between, and the call would be seen neither as waiting nor as sent.
    unfinished = _unfinished_calls(by_id)
    found: dict[UUID, list[Told]] = {}
    for each in Delivery.objects.filter(party_id__in=by_id).exclude(kind=Kind.TEST).order_by("sent_at", "pk"):
        found.setdefault(each.party_id, []).append(_told(each))
    for pk, state, detail in _calls_without_delivery(by_id, found, unfinished):
        call, at = by_id[pk].call_count, by_id[pk].called_at
        if at is not None:
            found.setdefault(pk, []).append(Told(kind=Kind.CALLED, round=call, at=at, state=state, detail=detail))
    return found


def _told(delivery: Delivery) -> Told:
    state = State.SENT if delivery.result == Delivery.Result.SENT else State.FAILED
    return Told(
        kind=delivery.kind,
        round=delivery.round,
        again=delivery.again,
        at=delivery.sent_at,
        state=State.DELIVERED if delivery.received_at else state,
        detail=delivery.detail,
    )


def _unfinished_calls(by_id: Mapping[UUID, Party]) -> list[tuple[UUID, str]]:
    """The newest calls that a worker still has to send, or gave up: the party, and the status of the effect. A party with a
    contact has none: `reach` has a message, or has to write it."""
    called = [pk for pk, party in by_id.items() if party.status == Party.Status.CALLED]
    effects = Effect.objects.filter(name="push", event__type="QUEUE_MEMBER_CALLED", event__party_id__in=called)
    effects = effects.exclude(status=Effect.Status.DONE)
    rows = effects.values_list("event__party_id", "event__data__round", "status") if called else ()
    return [(pk, status) for pk, call, status in rows if pk is not None and call == by_id[pk].call_count]


def _calls_without_delivery(
    by_id: Mapping[UUID, Party], found: Mapping[UUID, Sequence[Told]], unfinished: Sequence[tuple[UUID, str]]
) -> Iterator[tuple[UUID, Message.State, str]]:
    """The newest calls that no push service took: to parties whose browsers have all gone, and those that are `unfinished`."""
    called = {pk for pk, party in by_id.items() if party.status == Party.Status.CALLED}
    taken = {
        pk
        for pk in called
        for each in found.get(pk, ())
        if (each.kind, each.round) == (Kind.CALLED, by_id[pk].call_count) and each.state != State.FAILED
    }
    if not (left := called - taken):
        return
    subscribed = set(Subscription.objects.filter(party_id__in=left).values_list("party_id", flat=True))
    for pk in left - subscribed:
        if pk in found:
            yield pk, State.FAILED, "no browser takes its messages"
    for pk, status in unfinished:
        if pk in subscribed:
            gave_up = status == Effect.Status.DEAD
            yield pk, *((State.FAILED, "its push service did not take it") if gave_up else (State.DUE, ""))


def _of(message: Message) -> QuerySet[Delivery]:
    """Its deliveries. Of a place that is back, browsers' own count (`again`) says to which end it belongs."""
    found = Delivery.objects.filter(party_id=message.party_id, kind=message.kind, round=message.round)
    if message.kind == Kind.BACK:
        return found.filter(sent_at__gte=message.made_at)
    return found.filter(again=message.again)
