"""The state of one party's ticket, read from Postgres for its page: counts, never the whole line."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q

from core import clock
from core.clock import milliseconds
from queues import rules
from queues.models import Party
from queues.pages import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketState:
    """What the party's own page shows. `position` is its number among those waiting (rules.Place). `version` is never newer than
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
        """As JSON for the page's script, under the names of the snapshots."""
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


def ticket_state(party: Party) -> TicketState:
    """The ticket's state now. `party` comes with its line, both read in one statement (access.party_of)."""
    line = party.queue
    state = TicketState(
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
        return state
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
        low, high = rules.left_of_promise(*promised, now_ms=state.now_ms, time_scale=line.time_scale)
    behind = max(counts["waiting"] - counts["ahead"] - 1, 0)
    return replace(state, position=spot.number, low_ms=low, high_ms=high, promised=promised, behind=behind)


def _promised(party: Party) -> tuple[int, int] | None:
    """When the wait that a host promised ends, at the earliest and the latest (ms since 1970); None without a promise."""
    if not party.quoted_by_host:
        return None
    joined, scale = milliseconds(party.joined_at), party.queue.time_scale
    return joined + party.quote_low_ms // scale, joined + party.quote_high_ms // scale
