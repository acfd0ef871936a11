"""What time itself does to rooms (law 5)."""

from core import clock, sweep
from rooms import commands, selectors


def close_over() -> int:
    """Closes the rooms whose end has come; returns how many."""
    return sweep.each(selectors.rooms_over(clock.now()), commands.close_if_over)
