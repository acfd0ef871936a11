"""The effect `push` (outbox/effects.py): sends a party's browsers the news of an event, each once.

Runs outside of any transaction, under the effect's lease. A delivery is recorded right after the push service accepted it,
so that performing the effect again sends only what is missing.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import translation

from core.change import plain
from outbox.effects import HANDLERS, Retry
from outbox.models import Event
from push import commands, endings, messages
from push.known import Known, read
from push.messages import Kind
from push.models import Subscription
from push.sender import Message, Outcome, Result, send
from queues.models import Party

logger = logging.getLogger(__name__)

# With less than this share of the lease left, the next attempt sends the rest: the lease must not expire while sending.
SAFE_SHARE_OF_LEASE = 0.8
# Seconds between tries to tell that a place is back while a worker may still be telling its end; within all attempts.
AFTER_END_S = 3


@dataclass(frozen=True, slots=True)
class News:
    """The news of an event for a party's browsers; `round` and `again` as in Delivery. `only`: one subscription.

    `at`: when the host sent the message (ms), or when the place ended (ISO 8601). `undone`: only for browsers that were told of
    the place after its end.
    """

    kind: str
    round: int = 0
    again: int = 0
    only: UUID | None = None
    at: int | str = 0
    undone: bool = False


def deliver(event: Event, *, known: Known | None = None) -> None:
    """Sends the event's news to each browser of its party that has not received it. Outdated news is not sent. `known`: what was
    read for all events of a task.

    Raises Retry when a push service cannot accept a message now; accepted ones are recorded by then.
    """
    news = news_of(event)
    if news is None or event.party_id is None:
        return
    if known is None or not known.is_fresh:
        known = read([event])
    party = known.parties.get(event.party_id)
    if party is None:
        return
    if news.kind == Kind.BACK and endings.is_being_told(party, but=event):
        raise Retry("whether this party hears of the end of its place will be known soon", after_s=AFTER_END_S)
    end = time.monotonic() + HANDLERS["push"].lease_s * SAFE_SHARE_OF_LEASE
    waits: list[float | None] = []
    problem = ""
    for n, (pk, again) in enumerate(_untold(party, news, known).items()):
        if n > 0:
            # The previous send may have taken seconds, and the subscription or party may have changed.
            known = read([event])
        party, recipient = known.parties[party.pk], known.recipients.get(party.pk, {}).get(pk)
        if recipient is None:
            continue
        subscription = recipient.subscription
        with translation.override(subscription.language):
            message = compose(party, news, known, now=known.now)
        if message is None:
            return
        if recipient.shared:  # a tap opens this party's ticket, and no message replaces another party's
            message = messages.of_ticket(message, party)
        if time.monotonic() > end:
            raise Retry("no time left for the other subscriptions", after_s=1)
        outcome = attempt(subscription, message, now=known.now)
        if outcome.result != Result.SENT:
            known.outdate()
        if outcome.result == Result.LATER:
            waits.append(outcome.after_s)
            problem = outcome.detail
            continue
        commands.record_delivery(
            subscription,
            party_id=party.pk,
            kind=news.kind,
            round_=news.round,
            again=again,
            result=outcome.result,
            detail=outcome.detail,
        )
        known.told.add((party.pk, news.kind, news.round, again, pk))
    if waits:
        # Without a Retry-After the effect's backoff applies; subscriptions with one are skipped until it is over.
        named = [wait for wait in waits if wait is not None]
        raise Retry(problem, after_s=min(named) if len(named) == len(waits) else None)


def attempt(subscription: Subscription, message: Message, *, now: datetime, timeout_s: float | None = None) -> Outcome:
    """Sends one message, unless the push service's Retry-After lasts beyond `now`; stores a new Retry-After."""
    if subscription.not_before is not None and subscription.not_before > now:
        return Outcome(Result.LATER, "its push service asked to wait", (subscription.not_before - now).total_seconds())
    outcome = send(subscription, message, timeout_s=timeout_s)
    logger.info("push", extra={"kind": message.kind, "result": str(outcome.result), "detail": outcome.detail})
    if outcome.result == Result.LATER and outcome.after_s is not None:
        commands.hold_back(subscription, after_s=outcome.after_s)
    return outcome


def news_of(event: Event) -> News | None:
    """The news of an event; None when there is none."""
    match event.type:
        case "QUEUE_MEMBER_CALLED":
            return News(Kind.CALLED, round=event.data["round"])
        case "QUEUE_MEMBER_GIVEN_TIME":
            return News(Kind.MORE_TIME, round=event.data["round"], again=event.version)
        case "QUEUE_MEMBER_LATE":
            return News(Kind.LATE, round=event.data["round"], again=event.version)
        case "QUEUE_MEMBER_MESSAGED":
            return News(Kind.DIRECT, again=event.version, at=event.data["at"])
        case "QUEUE_POSITION_2":
            return News(Kind.POS_2)
        case "QUEUE_POSITION_5":
            return News(Kind.POS_5)
        case "QUEUE_POSITION_NOTICE":
            return News(Kind.AHEAD, again=event.version)
        case commands.SUBSCRIBED if event.data["confirm"]:
            return News(Kind.JOIN_CONFIRM, only=event.stream_id)
        case commands.RESENT:
            return News(Kind.CALLED, round=event.data["round"], again=event.version, only=event.stream_id)
        case "QUEUE_MEMBER_KICKED":
            return News(Kind.REMOVED, again=event.version, at=plain(event.at))
        case "QUEUE_MEMBER_DROPPED":
            return News(Kind.NO_SHOW, again=event.version, at=plain(event.at))
        case "QUEUE_MEMBER_PUT_BACK":
            return News(Kind.BACK)
        case commands.ANNOUNCED:
            data = event.data
            kind, undone = data.get("kind", Kind.MESSAGE), data.get("undone", False)
            return News(kind, again=event.version, only=event.stream_id, at=data["at"], undone=undone)
    return None


def compose(party: Party, news: News, known: Known, *, now: datetime) -> Message | None:
    """The message as of `now`; None for outdated news."""
    if news.kind in endings.ENDINGS:
        ended = endings.OF_STATUS.get(party.status) == news.kind and plain(party.ended_at) == news.at
        return messages.ended(party.queue, news.kind) if ended else None
    if party.status not in Party.IN_LINE:
        return None
    match news.kind:
        case Kind.CALLED:
            return messages.called(party, round_=news.round, now=now)
        case Kind.MORE_TIME:
            return messages.more_time(party, round_=news.round, now=now)
        case Kind.JOIN_CONFIRM:
            return messages.joined(party.queue)
        case Kind.MESSAGE:
            return messages.announcement(party, said_at=news.at)
        case Kind.DIRECT:
            return messages.direct(party, said_at=news.at)
        case Kind.LATE:
            return messages.late(party)
    wait = known.wait(party)
    if news.kind == Kind.BACK:
        return messages.back(party, wait, now=now)
    if news.kind == Kind.AHEAD:
        return messages.as_near_as_chosen(party, wait)
    return messages.coming_closer(party, wait, news.kind)


def _untold(party: Party, news: News, known: Known) -> dict[UUID, int]:
    """The party's subscriptions that have no delivery of this message, each with its `again`."""
    wanted = dict.fromkeys(known.untold(party, news.kind, round_=news.round, again=news.again), news.again)
    if news.only is not None:
        wanted = {pk: again for pk, again in wanted.items() if pk == news.only}
    if news.kind != Kind.BACK and not news.undone:
        return wanted
    newest = endings.newest_told(party)
    if news.undone:
        return {pk: again for pk, again in wanted.items() if pk in newest and newest[pk].kind == Kind.BACK}
    return {pk: newest[pk].pk for pk in wanted if pk in newest and newest[pk].kind != Kind.BACK}
