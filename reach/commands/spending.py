"""What texts cost: paid for before they go out, under the lock of the day, so that no worker spends more than the cap."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F

from core import clock
from core.actors import SYSTEM
from core.change import durable
from reach.models import Message
from reach.proofs import number_hash
from reach.providers import Channel, Fate, Posted
from reach.text_models import Provider, Spent, Stopped
from venues.days import business_day
from venues.log import lock_venue, log
from venues.owners import mail_owners

WARNED_AT = 0.8
SAID_STOP = "this number said STOP"
QUIET = "these are the quiet hours"
CAP_REACHED = "the day's texts have cost what they may"
NO_PROVIDER = "no provider of texts is set up"
NO_SENDER = "no sender is set up for it"


@dataclass(frozen=True, slots=True)
class Paid:
    """A text that may go out, and what was taken for it; or why it may not (`refused`)."""

    provider: Provider | None = None
    day: date | None = None
    segments: int = 0
    micros: int = 0
    refused: str = ""


def has_stopped(venue_id: UUID | None, number: str) -> bool:
    """Whether the number has said STOP to the venue."""
    if venue_id is None or not number:
        return False
    return Stopped.objects.filter(venue=venue_id, number_hash=number_hash(venue_id, number)).exists()


@durable()
def pay(
    *,
    venue_id: UUID | None,
    number: str,
    channel: Channel,
    segments: int,
    message: Message | None = None,
    answers: bool = False,
    despite_stop: bool = False,
) -> Paid:
    """Takes what a text is thought to cost from its day, or says why it may not go out: its number has said STOP, the hours are
    quiet, or the cap would be passed. What `answers` a guest goes out in quiet hours, the answer to a STOP `despite_stop`. Warns
    the owners once when most of the cap is spent. The day stays with the `message`."""
    provider = Provider.objects.select_related("venue").filter(venue=venue_id).first()
    if provider is None or venue_id is None:
        return Paid(refused=NO_PROVIDER)
    if not provider.carries(channel):
        return Paid(refused=NO_SENDER)
    at, venue = clock.now(), provider.venue
    day = business_day(at, venue.timezone, venue.day_ends)
    Spent.objects.bulk_create([Spent(venue=venue, day=day)], ignore_conflicts=True)
    spent = Spent.objects.select_for_update().get(venue=venue, day=day)
    # Under the lock: a STOP that was answered before is seen.
    if not despite_stop and has_stopped(venue_id, number):
        return Paid(refused=SAID_STOP)
    if provider.is_quiet(at) and not answers:
        return Paid(refused=QUIET)
    micros = provider.price_micros * segments
    if provider.cap_micros is not None and spent.micros + micros > provider.cap_micros:
        spent.held_back += 1
        spent.save(update_fields=["held_back"])
        _warn(provider, spent)
        return Paid(refused=CAP_REACHED)
    spent.micros += micros
    spent.segments += segments
    spent.texts += 1
    spent.save(update_fields=["micros", "segments", "texts"])
    _warn(provider, spent)
    if message is not None:
        Message.objects.filter(pk=message.pk).update(paid_on=day)
    return Paid(provider, day, segments, micros)


def _warn(provider: Provider, spent: Spent) -> None:
    if provider.cap_micros is None or spent.warned_at:
        return
    # A price that was told later, or one long text, may pass over the share that is warned of.
    if not spent.held_back and spent.micros < provider.cap_micros * WARNED_AT:
        return
    venue = lock_venue(provider.venue_id)
    spent.warned_at = clock.now()
    spent.save(update_fields=["warned_at"])
    log(venue, "VENUE_TEXTS_COST_MOST", actor=SYSTEM, action="pay", day=spent.day.isoformat(), micros=spent.micros)
    reason = f"texts-cost:{venue.pk}:{spent.day}"
    mail_owners(venue, kind="texts_cost", reason=reason, origin=provider.origin, about=venue.pk, day=spent.day)


@durable()
def settle(paid: Paid, posted: Posted) -> int | None:
    """Keeps what the provider said of a text that was paid for: what it really costs, that nothing was sent, or that the number
    said STOP there. Returns the cost that is known, in millionths; None for a text that was not taken."""
    if paid.provider is None or paid.day is None:
        return None
    days = Spent.objects.filter(venue=paid.provider.venue_id, day=paid.day)
    if posted.fate == Fate.TAKEN:
        segments = posted.segments or paid.segments
        price = paid.micros if posted.cost_micros is None else posted.cost_micros
        if posted.cost_micros is None and posted.segments:
            price = paid.provider.price_micros * posted.segments
        if (price, segments) != (paid.micros, paid.segments):
            days.update(micros=F("micros") + price - paid.micros, segments=F("segments") + segments - paid.segments)
        Provider.objects.filter(pk=paid.provider.pk).exclude(failing_since=None).update(failing_since=None, problem="")
        return price
    if posted.fate != Fate.UNCLEAR:  # which may have been sent, so that it stays paid for
        days.update(micros=F("micros") - paid.micros, segments=F("segments") - paid.segments, texts=F("texts") - 1)
    if posted.fate not in (Fate.GONE, Fate.STOPPED):
        failing = Provider.objects.filter(pk=paid.provider.pk)
        failing.filter(failing_since=None).update(failing_since=clock.NOW)
        failing.update(problem=posted.detail[:120])
    return None


@durable()
def costs(*, venue_id: UUID, day: date, before: int, now: int) -> None:
    """Corrects what a text of that day cost, once a receipt has said it."""
    Spent.objects.filter(venue=venue_id, day=day).update(micros=F("micros") + now - before)
