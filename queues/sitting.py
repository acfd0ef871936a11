"""Who sits at a venue's tables, and what stands under their locks: two parties never sit at one table (decision 0075)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from core.clock import milliseconds
from core.errors import Conflict, Invalid, NotFound, existing
from core.identifiers import as_uuid
from core.times_of_day import time_of_day
from core.visible import shown
from queues import quotes, rules, seating, shapes, turns
from queues.models import Party, Queue
from queues.quotes import Past
from queues.refusals import NOT_IN_LINE
from queues.seated import SITS
from venues.models import Venue
from venues.tables import Table, in_order

# Turns of lines that were opened within this time are looked at.
TURNS_WITHIN = timedelta(days=42)
MOST_TURNS = 600
# So many waiting parties, from the head of the line, are proposed for tables.
MOST_CONSIDERED = 200


# --------------------------------------------------------------------------------------------------------- under a lock
def chosen(queue: Queue, table_ids: Iterable[int]) -> list[Table]:
    """The tables of the line's venue at which a party is to sit. Raises NotFound for one that the venue does not have (any
    more), Invalid for too many, Conflict where they cannot be joined.
    """
    ids = list(dict.fromkeys(table_ids))
    if not ids:
        return []
    if len(ids) > seating.MOST_JOINED:
        raise Invalid(f"tableIds: at most {seating.MOST_JOINED} tables can be joined.", field="tableIds")
    known = {table.pk: table for table in _tables(queue.venue_id).filter(archived_at=None, pk__in=ids)}
    if len(known) < len(ids):
        raise NotFound("There is no such table any more. Nothing was done.", field="tableIds")
    tables = [known[each] for each in ids]
    if not seating.may_be_joined(spots(tables)):
        raise Conflict(f"Tables {_and(tables)} cannot be joined. Nothing was done.", field="tableIds")
    return tables


def require_free(party: Party, queue: Queue) -> None:
    """Locks the tables of a party that is to sit at them until the transaction ends. Raises Conflict, saying who sits there since
    when, where another party does."""
    tables = list(Table.objects.filter(pk__in=party.tables).select_for_update(no_key=True, of=("self",)).order_by("pk"))
    # Only now: another line may have seated a party there while this one waited for the lock.
    for other in at_tables(queue.venue_id).exclude(pk=party.pk):
        if taken := [table for table in tables if table.pk in other.tables]:
            raise Conflict(f"{_sentence(taken, other, queue)} Nothing was done.", field="tableIds")


def _sentence(taken: Sequence[Table], other: Party, queue: Queue) -> str:
    names = f"Tables {_and(taken)} are" if len(taken) > 1 else f"Table {taken[0]} is"
    who = f"{other}" if other.queue_id == queue.pk else f"{other} of {other.queue.event_name}"
    since = f" since {time_of_day(other.seated_at, queue.zone)}" if queue.zone and other.seated_at else ""
    return f"{names} taken: {who} sits there{since}."


def _and(tables: Sequence[Table]) -> str:
    *most, last = map(str, tables)
    return f"{', '.join(most)} and {last}" if most else last


# ---------------------------------------------------------------------------------------------------------------- reads
def sections(queue: Queue) -> list[str]:
    """The sections in which this line seats, in their order; none unless there are two to choose from."""
    if queue.venue_id is None:
        return []
    tables = in_order(_seated_at(queue, Table.objects.filter(venue_id=queue.venue_id, archived_at=None)))
    found = list(dict.fromkeys(table.section for table in tables))
    return [section for section in found if section] if len(found) > 1 else []


def section_of(queue: Queue, wished: str) -> str:
    """The section that a party wishes, as the venue writes it; empty: none. Raises Invalid for one in which the line does not
    seat."""
    wished = shown(wished, "section")
    known = {section.casefold(): section for section in sections(queue)} if wished else {}
    if wished and wished.casefold() not in known:
        raise Invalid("section: this line does not seat in this section.", field="section")
    return known.get(wished.casefold(), "")


def at_tables(venue_id: UUID | None) -> QuerySet[Party]:
    """The parties that sit at tables of the venue, of all its lines, also closed ones; who sits longest first."""
    parties = Party.objects.filter(SITS, queue__venue_id=venue_id) if venue_id is not None else Party.objects.none()
    return parties.select_related("queue").order_by("seated_at", "queue_id", "ticket")


def line_at_table(queue: Queue, party_id: str) -> UUID:
    """The line of a party that sits at a table of this line's venue. Raises NotFound."""
    wanted = existing(as_uuid(party_id), NOT_IN_LINE, field="partyId")
    party = Party.objects.filter(pk=wanted).select_related("queue").first()
    ours = party is not None and queue.venue_id is not None and party.queue.venue_id == queue.venue_id
    found: UUID = existing(party if ours else None, NOT_IN_LINE, field="partyId").queue_id
    return found


def forgotten(now: datetime) -> list[tuple[UUID, UUID]]:
    """(line, party) of those that sit longer than anybody does, the longest first: their tables are freed by themselves."""
    since = now - timedelta(milliseconds=turns.FORGOTTEN_MS)
    due = Party.objects.filter(SITS, seated_at__lte=since).order_by("seated_at", "queue_id", "ticket")
    return list(due.values_list("queue_id", "pk"))


def past_turns(venue_id: UUID, now: datetime) -> turns.Turns:
    """The venue's newest turns, by the clocks of their lines."""
    parties = Party.objects.filter(
        queue__venue_id=venue_id, queue__opened_at__gt=now - TURNS_WITHIN, freed_at__isnull=False
    ).order_by("-freed_at", "pk")
    rows = parties.values_list("size", "seated_at", "freed_at", "queue__time_scale")[:MOST_TURNS]
    return turns.by_class((size, _ms(freed - sat) * scale) for size, sat, freed, scale in rows if sat and freed)


def spots(tables: Sequence[Table], taken: Iterable[int] = ()) -> list[seating.Spot]:
    """The tables as plain values; those with an id in `taken` are not free."""
    joins: dict[int, set[int]] = {}
    through = Table.joins.through.objects.filter(from_table_id__in=[table.pk for table in tables])
    for one, other in through.values_list("from_table_id", "to_table_id"):
        joins.setdefault(one, set()).add(other)
    busy = frozenset(taken)
    return [
        seating.Spot(
            id=table.pk,
            seats=table.seats,
            section=table.section,
            joins=frozenset(joins.get(table.pk, ())),
            free=table.pk not in busy,
        )
        for table in tables
    ]


@dataclass(frozen=True, slots=True)
class Sitting:
    """A party at its tables: how long it sits, and how long it is expected to, by its line's clock."""

    party: Party
    sat_ms: int
    expected_ms: int


@dataclass(frozen=True, slots=True)
class TablesNow:
    """The tables that a line seats at, in their order; who sits where, by table; who could, by free table."""

    tables: Sequence[Table]
    joins: Mapping[int, frozenset[int]]
    parties: Sequence[Sitting]
    at: Mapping[int, Sitting]
    suggestions: Mapping[int, seating.Suggestion]


def tables_now(queue: Queue, row: shapes.Row, now: datetime) -> TablesNow | None:
    """The tables that this line seats at, and who suits the free ones; `row`: the line's (selectors.current_row). None where its
    venue has no tables."""
    found = _of_line(queue)
    if found is None:
        return None
    tables, parties = found
    sitting = _sitting(queue, parties, now)
    at = {table: each for each in sitting for table in each.party.tables}
    places = spots(tables, at)
    return TablesNow(
        tables=tables,
        joins={place.id: place.joins & {table.pk for table in tables} for place in places},
        parties=sitting,
        at=at,
        suggestions=seating.suggestions(places, _waiters(queue, row), passed_over=_passed_over(queue)),
    )


def kept_turns(venue_id: UUID, now: datetime) -> quotes.Turns | None:
    """How long the venue's parties sit, for the waits of a line that opens; None where it has no tables or does not keep them."""
    if not _tables(venue_id).filter(archived_at=None).exists():
        return None
    return quotes.turns_of(past_turns(venue_id, now))


def coming_free(queue: Queue, now: datetime) -> quotes.Coming:
    """When those tables come free at which this line seats; () where nobody sits, or its venue did not keep tables when the line
    opened."""
    expected = Past.from_json(queue.past).turns if queue.past.get("turns") else None
    found = _of_line(queue) if expected is not None else None
    if expected is None or found is None:
        return ()
    tables, parties = found
    at = {table: (party.size, _sat_ms(party, now)) for party in parties for table in party.tables}
    taken = [quotes.Taken(table.seats, *at.get(table.pk, ())) for table in tables]
    called = queue.parties.filter(status=rules.CALLED).order_by("called_at", "ticket").values_list("size", flat=True)
    return quotes.coming_free(taken, called, expected)


# ---------------------------------------------------------------------------------------------------------------- parts
def _tables(venue_id: UUID | None) -> QuerySet[Table]:
    """Its tables, also those out of use; none without a venue."""
    return Table.objects.filter(venue_id=venue_id) if venue_id is not None else Table.objects.none()


def _of_line(queue: Queue) -> tuple[list[Table], list[Party]] | None:
    """The tables that the line seats at, all of its venue's unless its service has sections, and who sits there; None without
    any."""
    if queue.venue_id is None:
        return None
    known = list(_tables(queue.venue_id))
    seated_at = {table.pk for table in _seated_at(queue, [each for each in known if each.archived_at is None])}
    if not seated_at:
        return None
    parties = list(at_tables(queue.venue_id))
    busy = {table for party in parties for table in party.tables}
    # One that was taken out of use is shown until its party has left.
    tables = [each for each in known if each.pk in seated_at or each.archived_at is not None and each.pk in busy]
    ids = {table.pk for table in tables}
    return in_order(tables), [party for party in parties if not ids.isdisjoint(party.tables)]


def _seated_at(queue: Queue, tables: Iterable[Table]) -> list[Table]:
    """Those of its venue's tables at which the line seats: of the sections of its service that there are, else all."""
    found = list(tables)
    there = {table.section.casefold() for table in found}
    chosen = {each.casefold() for each in (queue.service.sections if queue.service is not None else ())} & there
    return [table for table in found if not chosen or table.section.casefold() in chosen]


def _sitting(queue: Queue, parties: Iterable[Party], now: datetime) -> list[Sitting]:
    past = past_turns(queue.venue_id, now) if queue.venue_id else {}
    return [Sitting(party, _sat_ms(party, now), turns.expected_ms(party.size, past)) for party in parties]


def _waiters(queue: Queue, row: shapes.Row) -> list[seating.Waiter]:
    """Called parties, then the first that wait. A wish for a section that is no more is none."""
    wishes = set(sections(queue))
    waiting = row["waiting"][:MOST_CONSIDERED]
    first = min((party["rank"] for party in [*row["called"], *waiting]), default=0)
    rows = queue.parties.filter(status=rules.SERVED, rank__gte=first).values_list("rank", "ticket", "ended_at")
    seated = [((rank, ticket), milliseconds(at) or 0) for rank, ticket, at in rows]
    return [
        seating.Waiter(
            id=party["id"],
            size=party["size"],
            section=party["section"] if party["section"] in wishes else "",
            passed=seating.times_passed(shapes.order(party), party["joinedAt"], seated),
        )
        for party in [*row["called"], *waiting]
    ]


def _passed_over(queue: Queue) -> int:
    bound: int = Venue.objects.filter(queues=queue).values_list("passed_over", flat=True)[0]
    return bound


def _sat_ms(party: Party, now: datetime) -> int:
    return max(_ms(now - party.seated_at), 0) * party.queue.time_scale if party.seated_at else 0


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
