"""What an event of a line is news of, and the notice of it as of now. Outdated news has no notice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.change import plain
from outbox.models import Event
from queues.models import Party
from queues.occupancy import Wait
from reach import endings, messages
from reach.notices import Kind, Notice


@dataclass(frozen=True, slots=True)
class News:
    """The news of an event for a party. `round` is the party's `call_count` for `called` and `more_time`, else 0; `again` tells
    repetitions apart.

    `at`: when the host sent the message (ms), or when the place ended (ISO 8601). `undone`: only for those who were told of the
    place after its end.
    """

    kind: str
    round: int = 0
    again: int = 0
    at: int | str = 0
    undone: bool = False


def news_of(event: Event) -> News | None:
    """The news of an event of a line for the party it is about; None when there is none."""
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
        case "QUEUE_MEMBER_KICKED":
            return News(Kind.REMOVED, again=event.version, at=plain(event.at))
        case "QUEUE_MEMBER_DROPPED":
            return News(Kind.NO_SHOW, again=event.version, at=plain(event.at))
        case "QUEUE_MEMBER_PUT_BACK":
            return News(Kind.BACK)
        case "QUEUE_VISIT_ASKED":
            return News(Kind.VISIT)
    return None


def compose(party: Party, news: News, wait: Callable[[Party], Wait | None], *, now: datetime) -> Notice | None:
    """The notice as of `now`; None for outdated news. `wait`: where and how long a party waits; None for one that does not."""
    notice, since = _composed(party, news, wait, now=now), _since(party, news)
    # Workers that were away for a night do not wake a guest with the evening's news.
    if notice is not None and since is not None and now - since > timedelta(seconds=notice.ttl_s):
        return None
    return notice


def _since(party: Party, news: News) -> datetime | None:
    """When that happened of which the news tells; None for news that says how things are now."""
    if news.kind in endings.ENDINGS:
        return party.ended_at
    return {Kind.MESSAGE: party.queue.message_at, Kind.DIRECT: party.message_at}.get(Kind(news.kind))


def _composed(party: Party, news: News, wait: Callable[[Party], Wait | None], *, now: datetime) -> Notice | None:
    if news.kind in endings.ENDINGS:
        ended = endings.OF_STATUS.get(party.status) == news.kind and plain(party.ended_at) == news.at
        return messages.ended(party.queue, news.kind) if ended else None
    if news.kind == Kind.VISIT:
        return messages.visit(party, now=now)
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
    there = wait(party)
    if news.kind == Kind.BACK:
        return messages.back(party, there, now=now)
    if news.kind == Kind.AHEAD:
        return messages.as_near_as_chosen(party, there)
    return messages.coming_closer(party, there, news.kind)
