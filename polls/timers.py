"""Deadlines of polls (law 5)."""

from core import clock, sweep
from polls import commands, selectors


def close_over() -> int:
    """Closes the polls whose end is past; returns how many."""
    return sweep.each(selectors.polls_over(clock.now()), commands.close_if_over)
