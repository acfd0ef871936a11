"""The effect `reach` (outbox/effects.py): writes which messages are due. Sends nothing, so it runs in the transaction that marks
the effect as done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from core import clock
from outbox.models import Event
from queues.models import Party
from reach import channels, commands, endings, news, proofs
from reach.models import Channels, Contact
from reach.news import News
from reach.notices import Kind
from reach.ways import WAYS

ANNOUNCED = ("QUEUE_MESSAGE_SENT", "QUEUE_CLOSED", "QUEUE_ACTION_UNDONE")
# Events with which a code may be asked for (reach/commands/proofs.py).
WITH_CODES = ("QUEUE_MEMBER_JOINED", "QUEUE_MEMBER_CHOSE_WAYS", "QUEUE_MEMBER_ASKED_CODE")


@dataclass(frozen=True, slots=True)
class Planned:
    """News for one party that has a contact. `proven`: the number was just proven, and takes news from now on."""

    party: Party
    contact: Contact
    news: News
    proven: bool = False


def plan(events: Sequence[Event]) -> None:
    """Writes a message by the first way for each party that the events are news for and that has a contact."""
    wanted = [each for event in events for each in _told(event)]
    if not wanted:
        return
    offered = {venue: channels.of_venue(venue) for venue in {each.party.queue.venue_id for each in wanted}}
    rows = []
    for each in wanted:
        if (way := _first_way(each, offered[each.party.queue.venue_id])) is not None:
            rows.append((each.party, each.news, way))
    commands.add_messages(rows, at=clock.now())


def _first_way(planned: Planned, offered: Channels) -> str | None:
    """The way by which the news goes first. To a number that was just proven a call goes in any case, a confirmation only where
    the guest's first way is to the number."""
    ways = first_ways(planned, offered)
    if planned.proven:
        by_number = [name for name in ways if WAYS[name].address == "number"]
        ways = by_number if planned.news.kind == Kind.CALLED else [name for name in ways[:1] if name in by_number]
    return next(iter(ways), None)


def first_ways(planned: Planned, offered: Channels) -> list[str]:
    """The ways of this news, in order. That a browser is told is confirmed to it when it subscribes."""
    if planned.news.kind == Kind.CODE:
        return channels.of_a_code(planned.contact, offered)
    ways = channels.ways_to(planned.contact, offered)
    return [name for name in ways if planned.news.kind != Kind.JOIN_CONFIRM or not channels.is_browser(name)]


def _told(event: Event) -> Iterator[Planned]:
    told = dict(_news(event))
    asking = {event.party_id} if event.type in WITH_CODES and event.party_id is not None else set()
    contacts = Contact.objects.select_related("party__queue").filter(party_id__in=told.keys() | asking)
    for contact in contacts.order_by("party__ticket"):
        if (found := told.get(contact.party_id)) is not None:
            yield Planned(contact.party, contact, found, event.type == "QUEUE_MEMBER_PROVED_NUMBER")
        if contact.party_id in asking and contact.needs_proof:
            yield from _code(event, contact)


def _code(event: Event, contact: Contact) -> Iterator[Planned]:
    """The code that was asked for with this event, if there was one."""
    proof = proofs.proof_of(contact.party, contact.number)
    if proof is not None and proof.sent_at == event.at:
        yield Planned(contact.party, contact, News(Kind.CODE, again=event.version, at=str(proof.nonce)))


def _news(event: Event) -> Iterator[tuple[UUID, News]]:
    if event.type == "QUEUE_MESSAGE_SENT":
        said = News(Kind.MESSAGE, again=event.version, at=event.data["at"])
        waiting = Party.objects.filter(queue_id=event.stream_id, status=Party.Status.WAITING, has_contact=True)
        yield from ((pk, said) for pk in waiting.values_list("pk", flat=True))
    elif event.type in ANNOUNCED:
        for party_id, told in endings.changed(event).items():
            at = told["at"] or 0
            yield party_id, News(told["kind"], again=event.version, at=at, undone=told.get("undone", False))
    elif event.party_id is not None and (found := _of_party(event)) is not None:
        yield event.party_id, found


def _of_party(event: Event) -> News | None:
    if event.type == "QUEUE_MEMBER_JOINED":
        return News(Kind.JOIN_CONFIRM)
    if event.type == "QUEUE_MEMBER_CHOSE_WAYS":
        return News(Kind.JOIN_CONFIRM, again=event.version) if event.data["confirm"] else None
    if event.type == "QUEUE_MEMBER_PROVED_NUMBER":
        called = Party.objects.filter(status=Party.Status.CALLED, pk__in=[event.party_id]).first()
        return News(Kind.CALLED, round=called.call_count) if called else News(Kind.JOIN_CONFIRM, again=event.version)
    found = news.news_of(event)
    # A place may come back several times; browsers tell them apart by what they were told before.
    return replace(found, again=event.version) if found is not None and found.kind == Kind.BACK else found
