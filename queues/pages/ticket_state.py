"""Where a party stands and how full a line is, asked of Postgres for one page: counts, never the whole line."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q, Sum

from core import clock
from core.clock import milliseconds
from queues import rules
from queues.models import Party, Queue
from queues.pages import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who is in a line: parties waiting, parties called, guests of both together."""

    waiting: int
    called: int
    guests: int

    def wait_ms(self, pace_ms: int) -> tuple[int, int]:
        """The range (low, high) that a party joining now may expect."""
        spot = rules.place(waiting_ahead=self.waiting, waiting=self.waiting, being_served=self.called > 0)
        return rules.quote_ms(ahead=spot.ahead, pace_ms=pace_ms)


def crowd(line: Queue) -> Crowd:
    """The line's crowd at this instant."""
    totals = line.parties.filter(status__in=Party.IN_LINE).aggregate(
        waiting=Count("pk", filter=Q(status=rules.WAITING)),
        called=Count("pk", filter=Q(status=rules.CALLED)),
        guests=Sum("size"),
    )
    return Crowd(waiting=totals["waiting"], called=totals["called"], guests=totals["guests"] or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one party's own page shows. `position` is its number among those waiting (rules.Place). `version` is never newer than
    the rest, so that a newer snapshot wins.
    """

    state: str
    version: int
    now_ms: int
    ticket: int
    nearby: bool
    position: int = 0
    low_ms: int = 0
    high_ms: int = 0
    deadline_ms: int | None = None
    more_time: str = ""
    behind: int = 0
    name: str = ""
    size: int = 1
    edits: int = 0
    promised: tuple[int, int] | None = None

    def view(self) -> dict[str, Any]:
        """As JSON for the page's script, in the words of the snapshots."""
        return {
            "state": self.state,
            "version": self.version,
            "now": self.now_ms,
            "ticket": self.ticket,
            "nearby": self.nearby,
            "position": self.position,
            "waitLowMs": self.low_ms,
            "waitHighMs": self.high_ms,
            "deadline": self.deadline_ms,
            "moreTime": self.more_time,
            "behind": self.behind,
            "name": self.name,
            "guests": labels.guests(self.size),
            "edits": self.edits,
            "promised": self.promised,
        }


def standing(party: Party) -> Standing:
    """The party's place now. `party` comes with its line, both read in one statement (access.party_of)."""
    line = party.queue
    stand = Standing(
        state=party.status,
        version=line.version,
        now_ms=milliseconds(clock.now()),
        ticket=party.ticket,
        nearby=party.nearby,
        deadline_ms=milliseconds(party.call_deadline),
        more_time=party.more_time,
        name=party.name,
        size=party.size,
        edits=party.edits,
    )
    if party.status != rules.WAITING:
        return stand
    before = Q(rank__lt=party.rank) | Q(rank=party.rank, ticket__lt=party.ticket)
    counts = line.parties.filter(status__in=Party.IN_LINE).aggregate(
        waiting=Count("pk", filter=Q(status=rules.WAITING)),
        ahead=Count("pk", filter=Q(status=rules.WAITING) & before),
        called=Count("pk", filter=Q(status=rules.CALLED)),
    )
    spot = rules.place(waiting_ahead=counts["ahead"], waiting=0, being_served=counts["called"] > 0)
    promised = _promised(party)
    if promised is None:
        low, high = rules.quote_ms(ahead=spot.ahead, pace_ms=line.pace_ms)
    else:
        low, high = rules.left_of_promise(*promised, now_ms=stand.now_ms, time_scale=line.time_scale)
    behind = max(counts["waiting"] - counts["ahead"] - 1, 0)
    return replace(stand, position=spot.number, low_ms=low, high_ms=high, promised=promised, behind=behind)


def _promised(party: Party) -> tuple[int, int] | None:
    """Until when the wait lasts that a host promised, at least and at most (ms since 1970); None without a promise."""
    if not party.quoted_by_host:
        return None
    joined, scale = milliseconds(party.joined_at), party.queue.time_scale
    return joined + party.quote_low_ms // scale, joined + party.quote_high_ms // scale
