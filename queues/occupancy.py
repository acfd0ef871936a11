"""How many wait in a line, and how long: counts of its parties, read from Postgres without reading them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from core.clock import milliseconds
from queues import rules, waits
from queues.models import Party, Queue
from queues.quotes import MOST_GUESTS, class_of
from queues.selectors import place_of


@dataclass(slots=True)
class Occupancy:
    """What a join depends on: parties and guests in line, the rank of the last, which of the wanted names are taken. And what
    waits depend on: how many parties wait by class of size, and the sizes of the first of them (waits.HEAD)."""

    classes: list[int]
    called: int
    guests: int
    last_rank: int | None
    taken: set[str]
    head: list[int]

    @property
    def waiting(self) -> int:
        """How many parties wait."""
        return sum(self.classes)

    def add(self, party: Party) -> None:
        """A party has joined at the end."""
        self.classes[class_of(party.size)] += 1
        self.guests += party.size
        self.last_rank = party.rank
        self.taken |= {party.name} - {""}
        if len(self.head) < waits.HEAD:
            self.head.append(party.size)

    def standing(self, line: Queue, at: datetime | None = None) -> waits.Standing:
        """What the line's waits are made of; `at`: the time of the change that is under way."""
        return waits.of_line(line, head=self.head, waiting=self.waiting, called=self.called, at=at)


_OCCUPANCY = f"""
SELECT count(*) FILTER (WHERE status = 'waiting' AND size <= {MOST_GUESTS[0]}),
       count(*) FILTER (WHERE status = 'waiting' AND size > {MOST_GUESTS[0]} AND size <= {MOST_GUESTS[1]}),
       count(*) FILTER (WHERE status = 'waiting' AND size > {MOST_GUESTS[1]}),
       count(*) FILTER (WHERE status = 'called'), coalesce(sum(size), 0),
       (SELECT rank FROM queues_party WHERE queue_id = %(queue)s AND status = 'waiting'
         ORDER BY rank DESC, ticket DESC LIMIT 1),
       array_agg(DISTINCT name) FILTER (WHERE name = ANY(%(names)s)),
       ARRAY(SELECT size FROM queues_party WHERE queue_id = %(queue)s AND status = 'waiting'
              ORDER BY rank, ticket LIMIT {waits.HEAD})
  FROM queues_party WHERE queue_id = %(queue)s AND status IN ('waiting', 'called')"""  # noqa: S608 ours


def occupancy(queue_id: UUID, *, names: Iterable[str] = ()) -> Occupancy:
    """The line's occupancy, in one statement; an empty name is never taken. Commands call it under the line's lock."""
    with connection.cursor() as cursor:
        cursor.execute(_OCCUPANCY, {"queue": queue_id, "names": [name for name in names if name]})
        small, middle, large, called, guests, last_rank, taken, head = cursor.fetchone()
    return Occupancy([small, middle, large], called, guests, last_rank, set(taken or ()), head)


@dataclass(frozen=True, slots=True)
class Wait:
    """A waiting party's place and the wait that all pages show for it now (ms, of the line's own time). `promised`: when the wait
    that a host promised ends, at the earliest and the latest (ms since 1970); None without a promise. `known`: whether pages tell
    the range; if not, that they cannot say yet."""

    place: rules.Place
    low_ms: int
    high_ms: int
    promised: waits.Range | None
    known: bool = True


def wait_of(party: Party, *, now_ms: int) -> Wait:
    """The wait of a waiting party, read with its line."""
    return wait_at(party, place_of(party), lambda: occupancy(party.queue_id).standing(party.queue), now_ms=now_ms)


def wait_at(party: Party, place: rules.Place, standing: Callable[[], waits.Standing], *, now_ms: int) -> Wait:
    """The same at a known place. `standing` is not called where a host promised the wait."""
    if (promised := _promised(party)) is not None:
        left = rules.left_of_promise(*promised, now_ms=now_ms, time_scale=party.queue.time_scale)
        return Wait(place, *left, promised)
    quote = standing().quote(party.size, place.number - 1)
    return Wait(place, quote.low_ms, quote.high_ms, None, quote.known)


def _promised(party: Party) -> waits.Range | None:
    if not party.quoted_by_host:
        return None
    joined, scale = milliseconds(party.joined_at), party.queue.time_scale
    return joined + party.quote_low_ms // scale, joined + party.quote_high_ms // scale
