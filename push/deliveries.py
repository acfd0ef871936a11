"""The effect `push` (outbox/effects.py): sends a party's browsers the news of an event, each once.

Runs outside of any transaction, under the effect's lease. A delivery is recorded right after the push service accepted it,
so that performing the effect again sends only what is missing.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.utils import translation

from outbox.effects import HANDLERS, Retry
from outbox.models import Event
from push import commands, endings
from push.known import Known, of_parties
from push.models import Subscription
from push.receipts import Receipt
from push.sender import Outcome, Result, send
from queues.models import Party
from reach import messages, news
from reach.notices import Kind, Notice

logger = logging.getLogger(__name__)

# With less than this share of the lease left, the next attempt sends the rest: the lease must not expire while sending.
SAFE_SHARE_OF_LEASE = 0.8
# Seconds between tries to tell that a place is back while a worker may still be telling its end; within all attempts.
AFTER_END_S = 3


@dataclass(frozen=True, slots=True)
class PushNews(news.News):
    """The news of an event for a party's browsers, as news.News. `only`: one subscription."""

    only: UUID | None = None

    @classmethod
    def of_all(cls, told: news.News) -> Self:
        """The same news, for all browsers of the party."""
        return cls(told.kind, told.round, told.again, told.at, told.undone)


def deliver(event: Event, *, known: Known | None = None) -> None:
    """Sends the event's news to each browser of its party that has not received it. Outdated news is not sent. `known`: what was
    read for all events of a task.

    Raises Retry when a push service cannot accept a message now; accepted ones are recorded by then.
    """
    told = news_of(event)
    if told is None or event.party_id is None:
        return
    if told.kind == Kind.BACK and endings.is_being_told(event.party_id, but=event):
        raise Retry("whether this party hears of the end of its place will be known soon", after_s=AFTER_END_S)
    tell(event.party_id, told, known=known)


def tell(party_id: UUID, told: PushNews, *, known: Known | None = None) -> None:
    """Sends the news to each browser of a party, as `deliver`. Raises Retry."""
    if known is None or not known.is_fresh:
        known = of_parties([party_id])
    party = known.parties.get(party_id)
    if party is None:
        return
    end = time.monotonic() + HANDLERS["push"].lease_s * SAFE_SHARE_OF_LEASE
    waits: list[float | None] = []
    problem = ""
    for n, (pk, again) in enumerate(_untold(party, told, known).items()):
        if n > 0:
            # The previous send may have taken seconds, and the subscription or party may have changed.
            known = of_parties([party_id])
        party, recipient = known.parties[party.pk], known.recipients.get(party.pk, {}).get(pk)
        if recipient is None:
            continue
        subscription = recipient.subscription
        with translation.override(subscription.language):
            message = news.compose(party, told, known.wait, now=known.now)
        if message is None:
            return
        if recipient.shared:  # a tap opens this party's ticket, and no message replaces another party's
            message = messages.of_ticket(message, party)
        if time.monotonic() > end:
            raise Retry("no time left for the other subscriptions", after_s=1)
        receipt = Receipt(pk, told.kind, told.round, again).written(party.pk)
        outcome = attempt(subscription, message, receipt=receipt, now=known.now)
        if outcome.result != Result.SENT:
            known.outdate()
        if outcome.result == Result.LATER:
            waits.append(outcome.after_s)
            problem = outcome.detail
            continue
        commands.record_delivery(
            subscription,
            party_id=party.pk,
            kind=told.kind,
            round_=told.round,
            again=again,
            result=outcome.result,
            detail=outcome.detail,
        )
        known.told.add((party.pk, told.kind, told.round, again, pk))
    if waits:
        # Without a Retry-After the effect's backoff applies; subscriptions with one are skipped until it is over.
        named = [wait for wait in waits if wait is not None]
        raise Retry(problem, after_s=min(named) if len(named) == len(waits) else None)


def attempt(
    subscription: Subscription, message: Notice, *, now: datetime, receipt: str = "", timeout_s: float | None = None
) -> Outcome:
    """Sends one message, unless the push service's Retry-After lasts beyond `now`; stores a new Retry-After."""
    if subscription.not_before is not None and subscription.not_before > now:
        return Outcome(Result.LATER, "its push service asked to wait", (subscription.not_before - now).total_seconds())
    outcome = send(subscription, message, receipt=receipt, timeout_s=timeout_s)
    logger.info("push", extra={"kind": message.kind, "result": str(outcome.result), "detail": outcome.detail})
    if outcome.result == Result.LATER and outcome.after_s is not None:
        commands.hold_back(subscription, after_s=outcome.after_s)
    return outcome


def news_of(event: Event) -> PushNews | None:
    """The news of an event; None when there is none."""
    match event.type:
        case commands.SUBSCRIBED if event.data["confirm"]:
            return PushNews(Kind.JOIN_CONFIRM, only=event.stream_id)
        case commands.RESENT:
            return PushNews(Kind.CALLED, round=event.data["round"], again=event.version, only=event.stream_id)
        case commands.ANNOUNCED:
            data = event.data
            kind, undone = data.get("kind", Kind.MESSAGE), data.get("undone", False)
            return PushNews(kind, again=event.version, only=event.stream_id, at=data["at"], undone=undone)
        case commands.OWED:
            data = event.data
            return PushNews(
                data["kind"], data["round"], data["again"], data["at"], data["undone"], only=event.stream_id
            )
    found = news.news_of(event)
    return None if found is None else PushNews.of_all(found)


def _untold(party: Party, told: PushNews, known: Known) -> dict[UUID, int]:
    """The party's subscriptions that have no delivery of this message, each with its `again`."""
    wanted = dict.fromkeys(known.untold(party, told.kind, round_=told.round, again=told.again), told.again)
    if told.only is not None:
        wanted = {pk: again for pk, again in wanted.items() if pk == told.only}
    if told.kind != Kind.BACK and not told.undone:
        return wanted
    newest = endings.newest_told(party)
    if told.undone:
        return {pk: again for pk, again in wanted.items() if pk in newest and newest[pk].kind == Kind.BACK}
    return {pk: newest[pk].pk for pk in wanted if pk in newest and newest[pk].kind != Kind.BACK}
