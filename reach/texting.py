"""Sends a notice as a text: what it says, whether it may go out, and what came of it. For the ways SMS and WhatsApp."""

from dataclasses import replace
from uuid import UUID

from django.urls import reverse

from reach import segments, texts
from reach.commands import heard, spending
from reach.models import Message
from reach.notices import Kind
from reach.providers import Channel, Fate, Posted, Text, sender_of
from reach.text_models import Provider
from reach.ways import Outgoing, Result, Sent

# How long the receipt of an attempt without an answer may take, before it is tried again.
UNCLEAR_S = 30.0
_RESULTS = {
    Fate.TAKEN: Result.SENT,
    Fate.LATER: Result.LATER,
    Fate.UNCLEAR: Result.LATER,
    Fate.REFUSED: Result.REFUSED,
    Fate.GONE: Result.GONE,
    Fate.STOPPED: Result.REFUSED,
}


def send(out: Outgoing, channel: Channel) -> Sent:
    """One attempt. A message whose receipt has come since an attempt without an answer is not sent again."""
    message = Message.objects.filter(pk=out.key).first()
    if message is not None and (known := _taken(message)) is not None:
        return known
    body = texts.written(replace(out, url=_link(out, message)))
    counted = segments.count(body).count
    answers = out.kind == Kind.CODE  # its guest waits for it, also in quiet hours
    paid = spending.pay(
        venue_id=out.venue_id, number=out.to, channel=channel, segments=counted, message=message, answers=answers
    )
    if paid.refused == spending.SAID_STOP and out.venue_id is not None:  # to an earlier party of this number
        heard.show_stop(venue_id=out.venue_id, number=out.to, stopped=True)
    if paid.provider is None:
        return Sent(result=Result.REFUSED, detail=paid.refused)
    posted = post(paid.provider, channel, key=out.key, to=out.to, body=body)
    cost = _known_cost(paid, spending.settle(paid, posted), out.key)
    if posted.fate == Fate.STOPPED:
        heard.stop(venue_id=paid.provider.venue_id, number=out.to)
    if posted.fate in (Fate.TAKEN, Fate.UNCLEAR) and out.kind == Kind.DIRECT:
        heard.keep_hosts(out.key, venue_id=paid.provider.venue_id, text=out.body, channel=channel)
    return Sent(
        result=_RESULTS[posted.fate],
        provider_id=str(out.key) if paid.provider.kind == Provider.Kind.GATEWAY else posted.provider_id,
        segments=(posted.segments or counted) if posted.fate == Fate.TAKEN else None,
        cost_micros=cost,
        after_s=UNCLEAR_S if posted.fate == Fate.UNCLEAR else posted.after_s,
        detail=posted.detail[:80],
    )


def post(provider: Provider, channel: Channel, *, key: UUID, to: str, body: str) -> Posted:
    """Hands one text to the venue's provider."""
    send_it = sender_of(provider.kind)
    return send_it(provider.account(channel), Text(str(key), to, body, channel, receipts_url(provider, key)))


def receipts_url(provider: Provider, key: UUID) -> str:
    """Where the provider tells what became of a text; a gateway also what guests write."""
    if provider.kind == Provider.Kind.GATEWAY:
        return provider.origin + reverse("gateway-says", args=[provider.pk])
    return provider.origin + reverse("twilio-receipt", args=[provider.pk, key])


def _known_cost(paid: spending.Paid, cost: int | None, key: UUID) -> int | None:
    """What the text cost: as its receipt said, if that came before the provider's answer."""
    told: int | None = Message.objects.filter(pk=key).values_list("cost_micros", flat=True).first()
    if cost is None or told is None or paid.provider is None or paid.day is None:
        return cost
    spending.costs(venue_id=paid.provider.venue_id, day=paid.day, before=cost, now=told)
    return told


def _link(out: Outgoing, message: Message | None) -> str:
    """The ticket's address. The first text brings the place to the phone that opens it (a tablet may have joined it), and so does
    the question after the visit: in the fragment, which no server and no log sees."""
    if message is None or out.kind not in (Kind.JOIN_CONFIRM, Kind.VISIT):
        return out.url
    return f"{out.url.partition('#')[0]}#place={message.party_id}"


def _taken(message: Message) -> Sent | None:
    """What is known of a message whose receipt has come; None for one that is to be sent."""
    if not message.provider_id and message.state not in (Message.State.SENT, Message.State.DELIVERED):
        return None
    return Sent(
        result=Result.SENT,
        provider_id=message.provider_id,
        segments=message.segments,
        cost_micros=message.cost_micros,
        detail=message.detail,
    )
