"""queues/seating.py and queues/turns.py: who is proposed for a table, and how long parties sit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues import turns
from queues.seating import (
    MOST_PROPOSED,
    Spot,
    Suggestion,
    Waiter,
    fits,
    may_be_joined,
    suggestions,
    times_passed,
)

MINUTE = 60_000
SECTIONS = st.sampled_from(["", "Terrace", "Inside"])


def spot(number: int, seats: int, *joins: int, section: str = "", free: bool = True) -> Spot:
    return Spot(number, seats, section, frozenset(joins), free)


def waiter(name: str, size: int, *, passed: int = 0, section: str = "") -> Waiter:
    return Waiter(name, size, section, passed)


def proposed(suggestion: Suggestion) -> list[str]:
    """Names, with the tables where they are joined."""
    return [
        each.party.id + ("" if len(each.tables) == 1 else f"@{'+'.join(map(str, each.tables))}")
        for each in suggestion.proposals
    ]


@st.composite
def rooms(draw: st.DrawFn) -> list[Spot]:
    """Some tables, of which neighbours may be joined."""
    count = draw(st.integers(1, 7))
    pairs = draw(st.sets(st.tuples(st.integers(1, count), st.integers(1, count)), max_size=6))
    joins = {number: {other for pair in pairs if number in pair for other in pair} - {number} for number in range(8)}
    return [
        spot(
            number,
            draw(st.integers(1, 8)),
            *joins[number],
            section=draw(SECTIONS),
            free=draw(st.booleans()),
        )
        for number in range(1, count + 1)
    ]


PARTIES = st.lists(st.tuples(st.integers(1, 16), st.integers(0, 5), SECTIONS), max_size=8).map(
    lambda found: [
        waiter(str(place), size, passed=passed, section=section) for place, (size, passed, section) in enumerate(found)
    ]
)


def test_a_table_goes_to_the_first_party_that_it_suits_in_size() -> None:
    tables = [spot(1, 2), spot(2, 4), spot(3, 6, free=False)]
    found = suggestions(tables, [waiter("ann", 6), waiter("bob", 2), waiter("cem", 3), waiter("dia", 4)], passed_over=3)
    assert proposed(found[1]) == ["bob"]
    assert proposed(found[2]) == ["cem", "dia", "bob"]
    assert 3 not in found


def test_who_was_passed_over_often_enough_comes_first_where_they_fit() -> None:
    parties = [waiter("ann", 2, passed=3), waiter("bob", 6), waiter("cem", 1, passed=4)]
    found = suggestions([spot(1, 2, free=False), spot(2, 6)], parties, passed_over=3)
    assert proposed(found[2]) == ["ann", "cem", "bob"]
    assert [each.due for each in found[2].proposals] == [True, True, False]
    both = [spot(1, 2), spot(2, 6)]
    assert proposed(suggestions(both, parties, passed_over=0)[2]) == ["ann", "bob", "cem"]
    found = suggestions(both, parties, passed_over=3)
    assert (proposed(found[1]), proposed(found[2])[0]) == (["ann", "cem"], "bob"), "theirs is the smaller table"


def test_a_wish_for_a_section_is_kept() -> None:
    tables = [spot(1, 4, section="Terrace"), spot(2, 4, section="Inside")]
    parties = [waiter("ann", 4, section="terrace"), waiter("bob", 4)]
    found = suggestions(tables, parties, passed_over=3)
    assert (proposed(found[1]), proposed(found[2])) == (["ann", "bob"], ["bob"])


def test_a_large_party_is_proposed_for_free_tables_that_can_be_joined() -> None:
    tables = [spot(1, 4, 2), spot(2, 4, 1, 3), spot(3, 4, 2), spot(4, 4)]
    parties = [waiter("ann", 12), waiter("bob", 7), waiter("cem", 4)]
    found = suggestions(tables, parties, passed_over=3)
    assert proposed(found[1]) == ["cem", "ann@1+2+3", "bob@1+2"]
    assert proposed(found[4]) == ["cem"]


def test_a_table_is_kept_for_a_large_party_that_is_due_and_needs_another_too() -> None:
    tables = [spot(1, 4, 2), spot(2, 4, 1, free=False), spot(3, 4)]
    parties = [waiter("ann", 8, passed=3), waiter("bob", 4)]
    found = suggestions(tables, parties, passed_over=3)
    assert found[1].kept_for == parties[0] and found[3].kept_for is None
    both_free = suggestions([replace(each, free=True) for each in tables], parties, passed_over=3)
    assert both_free[1].kept_for is None and proposed(both_free[1])[0] == "ann@1+2"


@pytest.mark.thorough
@given(rooms(), PARTIES, st.integers(0, 5))
def test_whoever_is_proposed_fits_at_free_tables_and_the_due_come_first(
    tables: list[Spot], parties: list[Waiter], bound: int
) -> None:
    by_id, order = {table.id: table for table in tables}, [party.id for party in parties]
    found = suggestions(tables, parties, passed_over=bound)
    assert set(found) == {table.id for table in tables if table.free}
    for number, suggestion in found.items():
        assert len(suggestion.proposals) <= MOST_PROPOSED
        assert len({each.party.id for each in suggestion.proposals}) == len(suggestion.proposals)
        for each in suggestion.proposals:
            chosen = [by_id[table] for table in each.tables]
            assert number in each.tables and all(table.free for table in chosen) and may_be_joined(chosen)
            assert fits(each.party, chosen) and (not each.due or each.party.passed >= bound)
        dues = [each.due for each in suggestion.proposals]
        assert dues == sorted(dues, reverse=True)
        due = [order.index(each.party.id) for each in suggestion.proposals if each.due]
        assert due == sorted(due)
        smaller = [table for table in tables if table.free and table.seats < by_id[number].seats]
        here = [p for p in parties if fits(p, [by_id[number]]) and not any(fits(p, [table]) for table in smaller)]
        first_due = next((party for party in here if party.passed >= bound), None)
        if first_due is not None:  # nobody behind it goes first
            assert order.index(suggestion.proposals[0].party.id) <= order.index(first_due.id)


@pytest.mark.thorough
@given(rooms(), PARTIES)
def test_without_passing_over_tables_are_given_out_in_the_order_of_the_line(
    tables: list[Spot], parties: list[Waiter]
) -> None:
    order = [party.id for party in parties]
    for suggestion in suggestions(tables, parties, passed_over=0).values():
        places = [order.index(each.party.id) for each in suggestion.proposals]
        assert places == sorted(places)


@pytest.mark.thorough
@given(
    st.lists(st.integers(1, 8), min_size=1, max_size=5),
    st.lists(st.integers(1, 8), min_size=1, max_size=30),
    st.integers(0, 4),
    st.data(),
)
def test_a_host_who_follows_the_proposals_passes_nobody_over_too_often(
    seats: list[int], sizes: list[int], bound: int, data: st.DataObject
) -> None:
    """A party's count may only go past the bound by tables at which it does not fit, or while a smaller one is free for it."""
    sizes = [min(size, max(seats)) for size in sizes]
    waiting, passed = list(range(len(sizes))), [0] * len(sizes)
    taken: set[int] = set()
    while waiting:
        tables = [spot(n, each, free=n not in taken) for n, each in enumerate(seats)]
        parties = [waiter(str(n), sizes[n], passed=passed[n]) for n in waiting]
        found = {n: each for n, each in suggestions(tables, parties, passed_over=bound).items() if each.proposals}
        if not found:
            taken.remove(data.draw(st.sampled_from(sorted(taken))))
            continue
        table = data.draw(st.sampled_from(sorted(found)))
        chosen = int(found[table].proposals[0].party.id)
        for other in waiting:
            if other < chosen:
                elsewhere = any(n not in taken and sizes[other] <= each < seats[table] for n, each in enumerate(seats))
                assert passed[other] < bound or sizes[other] > seats[table] or (elsewhere and bound)
                passed[other] += 1
        waiting.remove(chosen)
        taken.add(table)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20), st.integers(0, 9), st.integers(0, 9))
def test_only_who_stood_behind_and_was_seated_while_it_waited_passed_a_party(
    seated: list[tuple[int, int]], rank: int, joined: int
) -> None:
    count = times_passed((rank, 1), joined, (((behind, 1), at) for behind, at in seated))
    assert count == len([1 for behind, at in seated if behind > rank and at > joined])


def test_tables_are_joined_over_a_third_and_not_over_one_that_is_not_there() -> None:
    row = [spot(1, 2, 2), spot(2, 2, 1, 3), spot(3, 2, 2)]
    assert may_be_joined(row) and may_be_joined(row[:1])
    assert not may_be_joined([row[0], row[2]])


# ------------------------------------------------------------------------------------------------------------------ turns
def test_without_any_turns_the_start_values_are_expected() -> None:
    assert [turns.expected_ms(size, {}) // MINUTE for size in (1, 2, 3, 4, 5, 6, 7, 20)] == [
        60, 60, 75, 75, 90, 90, 105, 105,
    ]  # fmt: skip


def test_a_venues_own_turns_take_over() -> None:
    past = turns.by_class([(2, 40 * MINUTE)] * 6 + [(4, 3 * 60 * MINUTE)])
    assert turns.expected_ms(2, past) == 40 * MINUTE
    assert turns.expected_ms(3, past) == 75 * MINUTE, "one turn says little"


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 8 * 60 * MINUTE)), max_size=40), st.integers(1, 12))
def test_a_turn_is_expected_within_what_was_seen(past: list[tuple[int, int]], size: int) -> None:
    known = turns.by_class(past)
    start = turns.expected_ms(size, {})
    of_class = [
        turn
        for each, turn in past
        if turns.size_class(each) == turns.size_class(size) and turns.SHORTEST_TURN_MS <= turn <= turns.LONGEST_TURN_MS
    ]
    expected = turns.expected_ms(size, known)
    assert min([start, *of_class]) <= expected <= max([start, *of_class])


@given(st.integers(1, 12), st.integers(0, 10 * 60 * MINUTE))
def test_what_is_left_of_a_turn_never_ends(size: int, sat: int) -> None:
    left = turns.left_ms(size, sat, {})
    assert 0 < left <= turns.expected_ms(size, {})
