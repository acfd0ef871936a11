"""What a provider says of a text that it took: it is on the phone, or never will be, and what it cost."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from reach import commands, receipts
from reach.commands import spending
from reach.models import Message
from reach.text_models import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`key`: the message's id. `arrived`: True, False for never, None while it is under way."""

    key: UUID
    provider_id: str
    arrived: bool | None
    detail: str = ""
    cost_micros: int | None = None


def take(provider: Provider, receipt: Receipt) -> bool:
    """Keeps it; the same again changes nothing. False for a message that is not this venue's."""
    message = Message.objects.select_related("queue").filter(pk=receipt.key, queue__venue=provider.venue_id).first()
    if message is None:
        return False
    if receipt.provider_id:
        # The attempt may still wait for its answer: the next one then finds that it was taken (texting.send).
        with transaction.atomic(durable=True):
            rows = Message.objects.filter(pk=message.pk, provider_id="").exclude(state=Message.State.DUE, attempts=0)
            rows.update(provider_id=receipt.provider_id)
            commands.forget_again(message)
    known = Message.objects.filter(pk=message.pk).values_list("provider_id", flat=True)[0]
    if receipt.arrived is not None and known:
        receipts.note(way=message.way, provider_id=known, delivered=receipt.arrived, detail=receipt.detail)
    if receipt.cost_micros is not None:
        _cost(provider, message.pk, receipt.cost_micros)
    return True


def _cost(provider: Provider, key: UUID, micros: int) -> None:
    message = Message.objects.get(pk=key)
    before = message.cost_micros
    if before == micros or message.sent_at is None:
        return
    rows = Message.objects.filter(pk=key, cost_micros=before)
    # Without a price before, the answer has not come yet: texting.send corrects the day.
    if rows.update(cost_micros=micros) and before is not None and message.paid_on is not None:
        spending.costs(venue_id=provider.venue_id, day=message.paid_on, before=before, now=micros)
