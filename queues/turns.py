"""How long parties sit at a table, by size, from the venue's own past turns. Pure: plain values, all times in ms."""

from collections.abc import Iterable, Mapping, Sequence

_MINUTE = 60_000
# By the size of the party: up to how many guests, and the turn that is expected before the venue has any of its own.
_CLASSES = ((2, 60 * _MINUTE), (4, 75 * _MINUTE), (6, 90 * _MINUTE), (None, 105 * _MINUTE))
SIZES = ("1-2", "3-4", "5-6", "7+")
# The start value counts as so many turns: the first evening moves it, three tables do not turn it over.
START_TURNS = 5
# Of each class the newest turns that are looked at: some evenings, so that a summer does not rule the winter.
MOST_TURNS = 60
# What is shorter was a slip of the finger, what is longer was forgotten.
SHORTEST_TURN_MS, LONGEST_TURN_MS = 10 * _MINUTE, 5 * 60 * _MINUTE
# The line frees a table by itself after so long.
FORGOTTEN_MS = 6 * 60 * _MINUTE

# Past turns by class (SIZES).
Turns = Mapping[int, Sequence[int]]


def size_class(size: int) -> int:
    """The class of a party's size, an index of SIZES."""
    return next(index for index, (most, _) in enumerate(_CLASSES) if most is None or size <= most)


def by_class(past: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """(size, turn) of past parties, newest first, as Turns: without those that say nothing, MOST_TURNS of each class."""
    turns: dict[int, list[int]] = {}
    for size, turn in past:
        of_class = turns.setdefault(size_class(size), [])
        if SHORTEST_TURN_MS <= turn <= LONGEST_TURN_MS and len(of_class) < MOST_TURNS:
            of_class.append(turn)
    return turns


def expected_ms(size: int, turns: Turns) -> int:
    """How long a party of this size is expected to sit: the median of its class's turns and of the start value, which counts
    START_TURNS times."""
    of_class = size_class(size)
    known = sorted([*turns.get(of_class, ()), *[_CLASSES[of_class][1]] * START_TURNS])
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) // 2


def left_ms(size: int, sat_ms: int, turns: Turns) -> int:
    """How long it is still expected to sit after `sat_ms`; of a party that is over its turn, a tenth of it: nobody knows, but
    not at once."""
    expected = expected_ms(size, turns)
    return max(expected - sat_ms, expected // 10)
