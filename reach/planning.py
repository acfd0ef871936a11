"""The effect `reach` (outbox/effects.py): writes which messages are due. Sends nothing, so it runs in the transaction that marks
the effect as done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from core import clock
from outbox.models import Event
from queues.models import Party
from reach import channels, commands, endings, news
from reach.models import Channels, Contact
from reach.news import News
from reach.notices import Kind

ANNOUNCED = ("QUEUE_MESSAGE_SENT", "QUEUE_CLOSED", "QUEUE_ACTION_UNDONE")


@dataclass(frozen=True, slots=True)
class Planned:
    """News for one party that has a contact."""

    party: Party
    contact: Contact
    news: News


def plan(events: Sequence[Event]) -> None:
    """Writes a message by the first way for each party that the events are news for and that has a contact."""
    wanted = [each for event in events for each in _told(event)]
    if not wanted:
        return
    offered = {venue: channels.of_venue(venue) for venue in {each.party.queue.venue_id for each in wanted}}
    rows = []
    for each in wanted:
        ways = first_ways(each, offered[each.party.queue.venue_id])
        if ways:
            rows.append((each.party, each.news, ways[0]))
    commands.add_messages(rows, at=clock.now())


def first_ways(planned: Planned, offered: Channels) -> list[str]:
    """The ways of this news, in order. That a browser is told is confirmed to it when it subscribes."""
    ways = channels.ways_to(planned.contact, offered)
    return [name for name in ways if planned.news.kind != Kind.JOIN_CONFIRM or not channels.is_browser(name)]


def _told(event: Event) -> Iterator[Planned]:
    told = dict(_news(event))
    contacts = Contact.objects.select_related("party__queue").filter(party_id__in=told)
    for contact in contacts.order_by("party__ticket"):
        yield Planned(contact.party, contact, told[contact.party_id])


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
    found = news.news_of(event)
    # A place may come back several times; browsers tell them apart by what they were told before.
    return replace(found, again=event.version) if found is not None and found.kind == Kind.BACK else found
