"""What the pages of a line and of a party share: their times and their log in sentences."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from core import clock
from outbox.log import Sentence
from outbox.models import Event
from queues import replayed
from queues.fields import STREAM
from queues.models import Party, Queue
from queues.sentences import MILESTONES
from queues.story import fold, tell
from web.admin_columns import local

# Sentences shown, not counting milestones; and events read for them.
MOST_TOLD, MOST_READ = 200, 800
# Events that change parties which they do not name.
_SHARED = ("QUEUE_CLOSED", "QUEUE_ACTION_UNDONE", "QUEUE_MEMBER_MOVED")


def by_its_clock(line: Queue, at: datetime) -> datetime:
    """The time by the clock of a replayed line (queues/replayed.py). No query, because lists call it for each row."""
    if line.time_scale == 1:
        return at
    estimated = datetime.fromtimestamp(clock.estimate.now_ms() / 1000, tz=UTC)
    return replayed.shown_time(line, at, max(estimated, line.last_activity_at))


def moment_of(line: Queue, at: datetime | None) -> str:
    """A time of the line, in its zone; a dash for None."""
    return local(at and by_its_clock(line, at), line.timezone)


def deadline_of(line: Queue, at: datetime | None) -> str:
    """A deadline, to the second; a dash for None and for replays, whose deadlines mean nothing."""
    return local(at if line.time_scale == 1 else None, line.timezone, seconds=True)


def events_of_line(line: Queue) -> QuerySet[Event]:
    """The events of a line."""
    return Event.objects.filter(stream=STREAM, stream_id=line.pk)


def events_of_party(party: Party) -> QuerySet[Event]:
    """The events of a party: those that name it, and those of its line that changed it."""
    shared = Q(stream_id=party.queue_id, type__in=_SHARED, changes__parties__has_key=str(party.pk))
    return Event.objects.filter(Q(party_id=party.pk) | shared)


def story_of(events: QuerySet[Event], line: Queue, *, across_streams: bool = False) -> dict[str, Any]:
    """The last MOST_TOLD events as sentences, newest last; milestones are folded and not counted. Two statements."""
    # By time first: a party's events come from several streams (the line, its phone), whose versions do not compare.
    order = ("-at", "-version", "-seq") if across_streams else ("-version", "-seq")
    newest = list(events.select_related("actor_user").order_by(*order)[: MOST_READ + 1])
    cut, acts = len(newest) > MOST_READ, 0
    for index, event in enumerate(newest):
        acts += event.type not in MILESTONES
        if acts > MOST_TOLD or index == MOST_READ:
            newest, cut = newest[:index], True
            break
    shown = newest[::-1]
    acts_shown = sum(event.type not in MILESTONES for event in shown)
    parties = {event.party_id for event in shown if event.party_id}
    tickets = {str(pk): ticket for pk, ticket in Party.objects.filter(pk__in=parties).values_list("pk", "ticket")}
    sentences: list[Sentence] = tell(
        shown,
        zone=ZoneInfo(line.timezone),
        tickets=tickets,
        time_scale=line.time_scale,
        when=lambda at: by_its_clock(line, at),
    )
    milestones = {event.pk for event in shown if event.type in MILESTONES}
    return {
        "sentences": fold(sentences, milestones),
        "story_zone": line.timezone,
        "story_cut": acts_shown if cut else 0,
    }
