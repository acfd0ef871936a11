"""Guests are forgotten by the clock (law 5): the time is that of a line's close and its venue's choice, both columns."""

import time
from datetime import timedelta

from django.conf import settings

from analytics.personal import forget_of_no_line
from core import clock, sweep
from guests import commands as guests
from reach.commands import heard, proofs
from retention import commands, selectors
from venues.visits import forget_visits

# Of each venue at a time, so that none waits for another's year.
MOST_AT_ONCE = 50
LOOK_EVERY_S = 10.0


def forget_due() -> int:
    """Forgets all whose time has come: lines and rooms, each in transactions of its own, and what belongs to neither. Whatever
    ends it, the next call goes on. Returns how much was taken; may take minutes, so it has a thread (manage.py timers)."""
    total = 0
    while taken := _pass():
        total += taken
    return total


def _pass() -> int:
    now = clock.now()
    lines = sweep.each(selectors.due("line", now, most=MOST_AT_ONCE), commands.forget_line)
    rooms = sweep.each(selectors.due("room", now, most=MOST_AT_ONCE), commands.forget_room)
    before = now - timedelta(days=settings.RETENTION_DAYS)
    reached = heard.forget_old() + proofs.forget_old()
    return lines + rooms + forget_of_no_line(before) + forget_visits(before) + reached + guests.forget_old()


class Watch:
    """Looks every ten seconds: nobody waits for it."""

    def __init__(self) -> None:
        self._looked_s = -LOOK_EVERY_S

    def forget_guests(self) -> None:
        """One pass of the timers."""
        if time.monotonic() - self._looked_s >= LOOK_EVERY_S:
            forget_due()
            self._looked_s = time.monotonic()
