"""Which parties suit which free tables (decision 0075): pure functions on plain values.

Order, size and a bound: a table goes to the first party of those it suits best in size; a party that was passed over as often as
the venue allows comes first at any table that it fits.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Tables that are joined for one party, at most; proposals for one table, at most.
MOST_JOINED = 3
MOST_PROPOSED = 4


@dataclass(frozen=True, slots=True)
class Spot:
    """A table. `joins`: the ids of those that it can be joined with."""

    id: int
    seats: int
    section: str = ""
    joins: frozenset[int] = frozenset()
    free: bool = True


@dataclass(frozen=True, slots=True)
class Waiter:
    """A party that could be seated. `section`: where it wishes to sit. `passed`: how many behind it were seated before it."""

    id: str
    size: int
    section: str = ""
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A party for these tables, which are joined where they are several. `due`: it was passed over as often as may be, and no
    smaller table that it fits is free."""

    party: Waiter
    tables: tuple[int, ...]
    due: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Who could sit at a free table, the best first. `kept_for`: a large party that is due and can only sit here together with
    other tables, which are not all free yet: who is seated here now passes it over once more."""

    proposals: tuple[Proposal, ...]
    kept_for: Waiter | None = None


# A served or waiting party's place: (rank, ticket).
Order = tuple[int, int]


def times_passed(order: Order, joined_ms: int, seated: Iterable[tuple[Order, int]]) -> int:
    """How many parties that stood behind it were seated while it waited. `seated`: place and time (ms) of those seated so far."""
    return sum(1 for behind, at_ms in seated if behind > order and at_ms > joined_ms)


def suggestions(tables: Sequence[Spot], parties: Sequence[Waiter], *, passed_over: int) -> dict[int, Suggestion]:
    """For each free table by its id. `parties`: called ones first, then those that wait, in the order of the line."""
    free = [table for table in tables if table.free]
    kept = _kept(tables, parties, passed_over)
    sizes = sorted({table.seats for table in tables})
    # Too large for each free table alone.
    large = [party for party in parties if not any(fits(party, [table]) for table in free)]
    order = {party.id: place for place, party in enumerate(parties)}
    found: dict[int, Suggestion] = {}
    for table in free:
        proposals = [
            *_proposals(table, free, parties, sizes, passed_over),
            *_joined_proposals(table, free, large, passed_over),
        ]
        proposals.sort(key=lambda each: (not each.due, order[each.party.id] if each.due else 0))
        found[table.id] = Suggestion(tuple(proposals[:MOST_PROPOSED]), kept.get(table.id))
    return found


def may_be_joined(tables: Sequence[Spot]) -> bool:
    """Whether these can be made one table: each is reached from the first over tables that can be joined."""
    reached, ids = {tables[0].id}, {table.id for table in tables}
    joins = {table.id: table.joins for table in tables}
    while more := {other for each in reached for other in joins[each] & ids} - reached:
        reached |= more
    return reached == ids


def fits(party: Waiter, tables: Sequence[Spot]) -> bool:
    """Whether it has room there, and wishes to sit there."""
    wished = not party.section or all(table.section.casefold() == party.section.casefold() for table in tables)
    return wished and party.size <= sum(table.seats for table in tables)


# ------------------------------------------------------------------------------------------------------------------ parts
def _proposals(
    table: Spot, free: Sequence[Spot], parties: Iterable[Waiter], sizes: Sequence[int], bound: int
) -> Iterator[Proposal]:
    """Parties that fit at the table: those for whom no smaller table would do, in order; then smaller ones. A party that was
    passed over is due at the smallest free tables that it fits: there it does not take a larger one from a larger party."""
    smaller = [each for each in free if each.seats < table.seats]
    fitting = [party for party in parties if fits(party, [table])]
    fitting.sort(key=lambda party: -next(seats for seats in sizes if seats >= party.size))
    for party in fitting:
        waits_elsewhere = bound > 0 and any(fits(party, [each]) for each in smaller)
        yield Proposal(party, (table.id,), due=party.passed >= bound and not waits_elsewhere)


def _joined_proposals(table: Spot, free: Sequence[Spot], large: Iterable[Waiter], bound: int) -> Iterator[Proposal]:
    """Parties that fit at the table together with other free ones: at the fewest tables, and seats, that do."""
    sets = sorted(_sets(table, free), key=_smallest_first)
    for party in large if sets else ():
        if joined := next((joined for joined in sets if fits(party, joined)), None):
            yield Proposal(party, _ids(joined), due=party.passed >= bound)


def _kept(tables: Sequence[Spot], parties: Iterable[Waiter], bound: int) -> dict[int, Waiter]:
    """By table, the party for which it is kept: one that is due, fits at no table alone, and not yet at free ones together. The
    set with the fewest taken tables is kept, so that no more tables than it needs stay empty."""
    kept: dict[int, Waiter] = {}
    due = [party for party in parties if party.passed >= bound and not any(fits(party, [table]) for table in tables)]
    sets = {joined for table in tables for joined in _sets(table, tables)} if due else set()
    for party in due:
        open_to_it = [joined for joined in sets if fits(party, joined) and not any(each.id in kept for each in joined)]
        if open_to_it:
            best = min(open_to_it, key=lambda joined: (sum(not each.free for each in joined), *_smallest_first(joined)))
            kept |= {each.id: party for each in best if not all(each.free for each in best)}
    return kept


def _sets(table: Spot, tables: Iterable[Spot]) -> list[tuple[Spot, ...]]:
    """The sets of two to MOST_JOINED of the tables that can be made one with it, each in the order of ids."""
    known = {each.id: each for each in tables}
    found: set[frozenset[int]] = set()
    newest = {frozenset([table.id])}
    for _ in range(MOST_JOINED - 1):
        newest = {
            chosen | {other}
            for chosen in newest
            for each in chosen
            for other in known[each].joins & known.keys() - chosen
        }
        found |= newest
    return [tuple(known[each] for each in sorted(chosen)) for chosen in found]


def _smallest_first(tables: Sequence[Spot]) -> tuple[int, int, tuple[int, ...]]:
    return len(tables), sum(table.seats for table in tables), _ids(tables)


def _ids(tables: Iterable[Spot]) -> tuple[int, ...]:
    return tuple(table.id for table in tables)
