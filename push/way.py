"""Push as one of the ways to a guest (reach/ways): for parties with a contact, whose news `reach` sends in order."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from outbox.effects import Retry
from push import commands, deliveries
from push.deliveries import PushNews
from push.models import Delivery
from reach import commands as reach_commands
from reach.models import Message
from reach.notices import Kind
from reach.ways import Outgoing, Result, Sent, Told


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


def last_told(party_id: UUID) -> Told | None:
    """What the party's browsers were told last, tests left out."""
    told = Delivery.objects.filter(party_id=party_id).exclude(kind=Kind.TEST).order_by("-sent_at", "-pk").first()
    if told is None:
        return None
    taken = told.result == Delivery.Result.SENT
    arrived = told.received_at is not None
    return Told(kind=told.kind, at=told.sent_at, taken=taken, arrived=arrived, detail=told.detail)


def _of(message: Message) -> QuerySet[Delivery]:
    """Its deliveries. Of a place that is back, browsers' own count (`again`) says to which end it belongs."""
    found = Delivery.objects.filter(party_id=message.party_id, kind=message.kind, round=message.round)
    if message.kind == Kind.BACK:
        return found.filter(sent_at__gte=message.made_at)
    return found.filter(again=message.again)
