"""The rules of a line, as pure functions on plain values: without database or clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LONGEST_LIFE = timedelta(hours=12)
IDLE_LIFE = timedelta(hours=2)
# A service's line ends this long after its closing time, even if parties are in line.
SEATING_LIFE = timedelta(hours=2)
# Once it is over and empty it stays open for as long, so that the host can undo the last action.
EMPTY_LIFE = timedelta(minutes=1)

RANK_STEP = 1 << 20

# How long texts may be, in characters.
LONGEST_LINE_NAME, LONGEST_LOCATION, LONGEST_CONTACT = 120, 240, 500
LONGEST_NAME, LONGEST_NOTE, LONGEST_MESSAGE = 80, 200, 200
# Guests in line at once, in a line of no venue (contract queueup.md, create).
ACCOUNTLESS_MOST_GUESTS = 100
MOST_MINUTES = 120
# How long a wait that a host sets is good for, in minutes.
WAIT_HOLDS_MIN, WAIT_HOLDS_AT_LEAST_MIN, WAIT_HOLDS_AT_MOST_MIN = 60, 5, 720
# Larger numbers do not fit the columns.
MOST_NUMBER = 2_000_000_000

# Old clients look for "already in this queue" (contract queueup.md, join).
NAME_TAKEN = "A party with this name is already in this queue."

DEFAULT_PACE_MS = 180_000
FASTEST_PACE_MS, SLOWEST_PACE_MS = 1_000, 1_800_000
PACE_WEIGHT = 0.2
# Until quotes are calibrated, a range of -30 % to +30 % around the expected wait.
QUOTE_LOW_PERCENT, QUOTE_HIGH_PERCENT = 70, 130

WAITING, CALLED, SERVED, LEFT, KICKED, NO_SHOW, CLOSED = (
    "waiting", "called", "served", "left", "kicked", "no_show", "closed",
)  # fmt: skip

# The states that may come before each.
MAY_BECOME: dict[str, frozenset[str]] = {
    WAITING: frozenset({CALLED, SERVED, LEFT, KICKED, NO_SHOW}),
    CALLED: frozenset({WAITING, CALLED}),
    SERVED: frozenset({CALLED, WAITING}),
    LEFT: frozenset({WAITING, CALLED}),
    KICKED: frozenset({WAITING, CALLED}),
    NO_SHOW: frozenset({CALLED}),
    CLOSED: frozenset({WAITING, CALLED}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A waiting party's place. `number` is what our pages, messages and consoles show: 1 for the head of the line, 0 for a
    party that does not wait. The others are the contract's (queueup.md, join): they count a party being served, and only its
    API gives them.
    """

    ahead: int
    position: int
    queue_length: int
    number: int = 0


def place(*, waiting_ahead: int, waiting: int, being_served: bool) -> Place:
    """The contract's arithmetic: a party being served counts as one ahead and one in line."""
    served = 1 if being_served else 0
    ahead = waiting_ahead + served
    return Place(ahead=ahead, position=ahead + 1, queue_length=waiting + served, number=waiting_ahead + 1)


def expected_wait_ms(*, ahead: int, pace_ms: int) -> int:
    """The wait with `ahead` parties ahead, in ms."""
    return ahead * pace_ms


def quote_ms(*, ahead: int, pace_ms: int) -> tuple[int, int]:
    """The range promised to a guest, (low, high) in ms."""
    expected = expected_wait_ms(ahead=ahead, pace_ms=pace_ms)
    return expected * QUOTE_LOW_PERCENT // 100, expected * QUOTE_HIGH_PERCENT // 100


def wait_by_hand(
    low_ms: int | None, high_ms: int | None, *, until: datetime | None, now: datetime
) -> tuple[int, int] | None:
    """The wait that a host has set for new guests, (low, high) in ms; None without one, or when it is over."""
    return (low_ms or 0, high_ms or 0) if until is not None and until > now else None


def left_of_promise(low_at: int, high_at: int, *, now_ms: int, time_scale: int = 1) -> tuple[int, int]:
    """What is left at `now_ms` of a wait that a host promised until those times (ms since 1970): (low, high) in ms of the line's
    own time, never negative.
    """
    return max(low_at - now_ms, 0) * time_scale, max(high_at - now_ms, 0) * time_scale


def next_pace_ms(*, pace_ms: int, since_last_call: timedelta | None) -> int:
    """The pace after one more call, in ms: an exponential mean of the times between calls, within bounds.

    `since_last_call` is None when the line was empty in between: the time says nothing about the service then.
    """
    if since_last_call is None:
        return pace_ms
    seen = min(max(int(since_last_call.total_seconds() * 1000), FASTEST_PACE_MS), SLOWEST_PACE_MS)
    return int(pace_ms + PACE_WEIGHT * (seen - pace_ms))


def closes_at(*, opened_at: datetime, close_time: time | None, timezone: str) -> datetime:
    """When a line closes by itself: at its closing time in `timezone`, at the latest twelve hours after opening."""
    latest = opened_at + LONGEST_LIFE
    return latest if close_time is None else min(latest, next_time(close_time, after=opened_at, timezone=timezone))


def next_time(at: time, *, after: datetime, timezone: str) -> datetime:
    """When the clock in `timezone` shows this time of day next."""
    zone = ZoneInfo(timezone)
    today = after.astimezone(zone).date()
    # When clocks are set back a time of day occurs twice in one night: both are tried.
    times = (
        datetime.combine(today + timedelta(days=days), at.replace(fold=fold), tzinfo=zone).astimezone(after.tzinfo)
        for days in (0, 1, 2)
        for fold in (0, 1)
    )
    return next(moment for moment in times if moment > after)


def service_ends(closes: datetime, *, last_entry_min: int) -> dict[str, Any]:
    """The times at which a service's line ends, by the line's fields, when its service closes at `closes`."""
    return {
        "last_entry_at": closes - timedelta(minutes=last_entry_min),
        "closing_at": closes,
        "closes_at": closes + SEATING_LIFE,
    }


def entry_is_over(last_entry_at: datetime | None, *, now: datetime) -> bool:
    """Whether guests may not join any more, by the hours of the line's service."""
    return last_entry_at is not None and now >= last_entry_at


def closes_when_empty(*, closing_at: datetime | None, last_activity_at: datetime, now: datetime) -> bool:
    """Whether a line with no party in it is to be closed: a service's after its closing time, all others after two idle hours."""
    if closing_at is None:
        return now - last_activity_at >= IDLE_LIFE
    return now >= max(closing_at, last_activity_at + EMPTY_LIFE)


def hours_problem(*, open_time: time | None, close_time: time | None, over_midnight: bool) -> str:
    """Why these hours are invalid, or "". `over_midnight`: they may end on the next day."""
    if open_time is None or close_time is None or close_time > open_time:
        return ""
    return "" if over_midnight and close_time < open_time else "must be after openTime."


def rank_after(last: int | None, *, ticket: int = 1) -> int:
    """The rank of a party that joins at the end of the line; `last` is the rank of the present last party.

    At least its `ticket`'s, so that a party that an undo brings back stands before those that joined after it.
    """
    return max(ticket * RANK_STEP, RANK_STEP if last is None else last + RANK_STEP)


def rank_between(before: int | None, after: int | None) -> int | None:
    """A rank between `before` and `after` (None: that end of the line), or None when none is free."""
    if after is None:
        return RANK_STEP if before is None else before + RANK_STEP
    if before is None:
        return after - RANK_STEP
    middle = (before + after) // 2
    return middle if before < middle < after else None


# Only the first parties waiting, this many, can be at a place that the contract announces.
PLACES_TOLD = 4
# A guest may choose to be told when so many parties wait before it, at most.
MOST_AHEAD = 9


def told_places(waiting: Sequence[str], *, being_served: bool) -> tuple[str | None, str | None]:
    """Which parties are at the 2nd and the 5th place (contract, events): the first waiting while a party is being served, and
    the fourth waiting."""
    second = waiting[0] if waiting and being_served else None
    fifth = waiting[3] if len(waiting) > 3 else None
    return second, fifth
