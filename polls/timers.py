"""Deadlines of polls (law 5)."""

from core import clock, sweep
from polls import commands, seals, selectors


def close_over() -> int:
    """Closes the polls whose end is past; returns how many."""
    return sweep.each(selectors.polls_over(clock.now()), commands.close_if_over)


def seal_closed() -> int:
    """Seals the closed polls, each a turn after the other, until all are sealed or others are at them; returns how many turns it
    took. That may be minutes, so it has a thread (config/management/commands/timers.py)."""
    turns = 0
    while taken := sweep.each(selectors.polls_unsealed(), seals.advance):
        turns += taken
    return turns
