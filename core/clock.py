"""The one clock (law 2): Postgres's. Machines' clocks drift apart, and a deadline must be the same for all of them."""

import time
from datetime import UTC, datetime, timedelta
from typing import overload

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, Func

# `now()` inside a statement, for columns that hold when something was done.
NOW = Func(function="clock_timestamp", output_field=DateTimeField())

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
# Differences between readings below this are network delay.
_SLOW_MS = 50.0


def now(*, using: str = DEFAULT_DB_ALIAS) -> datetime:
    """The database's time at this instant (aware, UTC). Read it once per command, after the lock is held."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    moment: datetime = row[0]
    if using == DEFAULT_DB_ALIAS:
        estimate.learn((moment - _EPOCH) / _MS)
    return moment


@overload
def milliseconds(moment: datetime) -> int: ...
@overload
def milliseconds(moment: None) -> None: ...
@overload
def milliseconds(moment: datetime | None) -> int | None: ...
def milliseconds(moment: datetime | None) -> int | None:
    """A time as APIs write it: whole ms since 1970. None stays None."""
    return None if moment is None else (moment - _EPOCH) // _MS


class Estimate:
    """The database's clock as this process estimates it without a query: the last reading plus its own monotonic clock since
    (decision 0021). For what is shown; commands read the clock.
    """

    def __init__(self) -> None:
        self._ahead_ms: float | None = None

    def learn(self, moment_ms: float) -> None:
        """Takes a reading that has just arrived (ms since 1970). Delay makes readings early, so of two the later one is
        better."""
        ahead_ms = moment_ms - _monotonic_ms()
        known = self._ahead_ms
        if known is None or ahead_ms > known or ahead_ms < known - _SLOW_MS:
            self._ahead_ms = ahead_ms

    def now_ms(self) -> int:
        """The database's time in ms since 1970; 0 before the first reading, by which nothing is over."""
        return int(_monotonic_ms() + self._ahead_ms) if self._ahead_ms is not None else 0


def _monotonic_ms() -> float:
    return time.monotonic_ns() / 1e6


estimate = Estimate()
