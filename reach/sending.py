"""Sends messages that are due, one after another, outside of any transaction, each under a lease (decision 0083)."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin
from uuid import UUID

from django.utils import translation

from core import clock, rate_limits
from core.clock import milliseconds
from core.errors import TooMany
from core.privacy import summary
from queues.models import Party
from queues.occupancy import Wait, wait_of
from reach import channels, commands, endings, messages, planning, progress, proofs, rules
from reach.models import Channels, Contact, Message
from reach.news import News, compose
from reach.notices import Kind, Notice
from reach.rules import State, Then
from reach.ways import PAGE, WAYS, Outgoing, Result, Sent

logger = logging.getLogger(__name__)

# A worker's turn. What is due then is left to the next wake-up, for other tasks wait, too.
TURN_S = 10.0
# While a worker may still be telling that a place ended: when to ask again whether its guest heard that.
AFTER_END_S = 3.0


@dataclass(frozen=True, slots=True)
class _Scene:
    """A leased message, and what it depends on, as it is now."""

    message: Message
    news: News
    party: Party
    contact: Contact | None
    offered: Channels
    others: list[Message]
    now: datetime

    @property
    def next_way(self) -> str | None:
        """The way after those that were tried."""
        return rules.next_way(_order(self), [self.message.way, *(each.way for each in self.others)])

    @property
    def age_s(self) -> float:
        """Since it was first due by this way."""
        return max((self.now - self.message.made_at).total_seconds(), 0.0)


def send_due() -> int:
    """Sends what is due, until nothing is or the turn is over; returns how many were handled."""
    handled, end = 0, time.monotonic() + TURN_S
    while time.monotonic() < end and (message := commands.lease()) is not None:
        _handle(message)
        handled += 1
    return handled


def _handle(message: Message) -> None:
    scene = _scene(message)
    if scene is None:  # the party is gone
        commands.settle(message, Then(State.SKIPPED, "its party is forgotten"))
        return
    then, sent = _attempt(scene)
    commands.settle(message, then, next_way=scene.next_way, sent=sent)
    logger.info(
        "reach", extra={"way": message.way, "kind": message.kind, "state": str(then.state), "detail": then.detail}
    )


def _scene(message: Message) -> _Scene | None:
    party = Party.objects.select_related("queue").filter(pk=message.party_id).first()
    if party is None:
        return None
    return _Scene(
        message=message,
        news=commands.news_told(message),
        party=party,
        contact=Contact.objects.filter(party=party).first(),
        offered=channels.of_venue(party.queue.venue_id),
        others=list(commands.same_notice(message)),
        now=clock.now(),
    )


def _order(scene: _Scene) -> Sequence[str]:
    contact = scene.contact or Contact(party=scene.party)
    return planning.first_ways(planning.Planned(scene.party, contact, scene.news), scene.offered)


def _attempt(scene: _Scene) -> tuple[Then, Sent | None]:
    message = scene.message
    _look_for_receipts(scene)
    # The first message goes out in any case: a page that shows the call spares the guest the next ones.
    went_before = any(each.way != PAGE and each.state != State.SKIPPED for each in scene.others)
    others = [State(each.state) for each in scene.others] if went_before else []
    if reason := rules.needless(message.kind, others, answered=progress.has_answered(scene.party)):
        return Then(State.SKIPPED, reason), None
    if _may_hear_of_end(scene):
        return Then(State.DUE, again_in_s=AFTER_END_S), None
    notice = _notice(scene)
    if notice is None or not _is_to_be_told(scene):
        return Then(State.SKIPPED, "outdated"), None
    sent = _send(scene, notice)
    then = rules.after(
        sent,
        kind=message.kind,
        age_s=scene.age_s,
        attempts=message.attempts,
        has_next=scene.next_way is not None,
        fallback_s=scene.offered.fallback_s,
        ttl_s=notice.ttl_s,
    )
    return then, sent


def _look_for_receipts(scene: _Scene) -> None:
    """Asks the ways that know themselves whether their messages arrived (push)."""
    found = []
    for each in scene.others:
        if each.state == State.SENT and each.way in WAYS and (at := WAYS[each.way].arrived_at(each.pk)) is not None:
            each.state, each.delivered_at = State.DELIVERED, at
            found.append(each)
    commands.arrived(found)


def _notice(scene: _Scene) -> Notice | None:
    def wait(party: Party) -> Wait | None:
        return wait_of(party, now_ms=milliseconds(scene.now)) if party.status == Party.Status.WAITING else None

    with translation.override(scene.contact.language if scene.contact else "en"):
        if scene.news.kind == Kind.CODE:
            return proofs.notice(scene.party, scene.contact, scene.news.at, now=scene.now)
        if scene.news.kind == Kind.JOIN_CONFIRM and scene.party.status in Party.IN_LINE:
            return messages.joined_elsewhere(scene.party.queue)
        return compose(scene.party, scene.news, wait, now=scene.now)


def _of_ends(party_id: UUID) -> list[Message]:
    kinds = [*endings.ENDINGS, Kind.BACK]
    return list(Message.objects.filter(party_id=party_id, kind__in=kinds).order_by("sent_at", "pk"))


def _may_hear_of_end(scene: _Scene) -> bool:
    """Whether a worker is now telling the end of the place that has come back: it may have read the state before."""
    if scene.news.kind != Kind.BACK:
        return False
    return any(
        each.leased_until and each.leased_until > scene.now
        for each in _of_ends(scene.party.pk)
        if each.pk != scene.message.pk and each.state == State.DUE
    )


def _is_to_be_told(scene: _Scene) -> bool:
    """A place that is back is news for a guest who was told of its end; an end that an undo brought back, for one who was told
    of the place in between."""
    if scene.news.kind != Kind.BACK and not scene.news.undone:
        return True
    others = {scene.message.pk, *(each.pk for each in scene.others)}
    told = [each for each in _of_ends(scene.party.pk) if each.pk not in others]
    told = [each for each in told if each.state in (State.SENT, State.DELIVERED)]
    newest = told[-1].kind if told else ""
    return newest == Kind.BACK if scene.news.undone else newest in endings.ENDINGS


def _send(scene: _Scene, notice: Notice) -> Sent:
    message, party, contact = scene.message, scene.party, scene.contact
    if contact is None or message.way not in _order(scene):
        return Sent(result=Result.GONE, detail="not a way to this guest any more")
    way = WAYS[message.way]
    to = {"number": contact.number, "email": contact.email, "browser": str(party.pk)}[way.address]
    if message.kind == Kind.JOIN_CONFIRM and message.attempts <= 1 and not channels.is_browser(way.name):
        try:  # a guest who joins may type a stranger's number
            rate_limits.check_address(f"{party.queue.venue_id}:{to}", rate_limits.CONFIRM, "confirm", way.name)
        except TooMany:
            return Sent(result=Result.REFUSED, detail="it was told of too many joins today")
    outgoing = Outgoing(
        key=message.pk,
        venue_id=party.queue.venue_id,
        to=to,
        kind=notice.kind,
        title=notice.title,
        body=notice.body,
        url=urljoin(contact.origin, _named(notice, party, way.address)),
        language=contact.language,
    )
    try:
        return way.load()(outgoing)
    except Exception as problem:  # a fault of one way must not stop the others, and is no reason to lose the message
        logger.exception("a way failed", extra={"way": way.name})
        return Sent(result=Result.LATER, detail=summary(problem))


def _named(notice: Notice, party: Party, address: str) -> str:
    """The notice's link, which names the ticket: the phone may keep several. Browsers are given theirs by push."""
    return messages.of_ticket(notice, party).url if notice.url and address != "browser" else notice.url


def follow(message: Message) -> None:
    """Writes the message by the way after one that was taken and then failed, due now. Needs a transaction."""
    scene = _scene(message)
    if scene is None or (way := scene.next_way) is None:
        return
    commands.add_messages([(scene.party, scene.news, way)], at=scene.now)
