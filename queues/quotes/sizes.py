"""Parties by class of size: small (1-2 guests), middle (3-4), large (5 and more). Most rooms have tables for these."""

from collections.abc import Iterable

# The largest party of each class but the last. SQL that counts parties by class uses the same bounds.
MOST_GUESTS = (2, 4)
CLASSES = len(MOST_GUESTS) + 1

# How many parties of each class.
Ahead = tuple[int, int, int]
NOBODY: Ahead = (0, 0, 0)


def class_of(size: int) -> int:
    """0 small, 1 middle, 2 large."""
    return 0 if size <= MOST_GUESTS[0] else 1 if size <= MOST_GUESTS[1] else 2


def ahead_of(sizes: Iterable[int]) -> Ahead:
    """Parties of these sizes, counted by class."""
    counts = [0] * CLASSES
    for size in sizes:
        counts[class_of(size)] += 1
    return counts[0], counts[1], counts[2]
