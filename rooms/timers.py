"""Deadlines of rooms (law 5)."""

from core import clock, sweep
from rooms import commands, selectors


def close_over() -> int:
    """Closes the rooms whose end is past; returns how many."""
    return sweep.each(selectors.rooms_over(clock.now()), commands.close_if_over)
