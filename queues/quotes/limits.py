"""The numbers that people say: 5, 10, 15 ... minutes, in order, and never longer than the line lives."""

from queues.quotes.outcomes import MINUTE_MS

LONGEST_MS = 12 * 60 * MINUTE_MS
# Up to so many minutes, in steps of so many.
STEPS = ((60, 5), (180, 15), (720, 30))
FINEST_MS = 5 * MINUTE_MS


def said_min(minutes: float) -> int:
    """The nearest number of minutes that people say, 0 to 720."""
    for most, step in STEPS:
        if minutes <= most + step / 2:
            return min(most, max(0, int(minutes / step + 0.5) * step))
    return STEPS[-1][0]


def range_said(low_min: float, high_min: float, *, most_ms: int) -> tuple[int, int]:
    """The range in ms as it is told: rounded, at least one step wide, and at most `most_ms` (until closing)."""
    low, high = said_min(low_min), said_min(high_min)
    if low == high:
        # "20-20 minutes" would promise more than can be known.
        if low_min + high_min < 2 * low and low > 0:
            low = _step_down(low)
        else:
            high = _step_up(high)
    most = most_ms // FINEST_MS * FINEST_MS or most_ms
    return min(low * MINUTE_MS, most), min(high * MINUTE_MS, most)


def most_of(now_ms: int, closing_ms: int | None) -> int:
    """The longest wait that may be told, in ms: until the line closes, twelve hours at most."""
    return LONGEST_MS if closing_ms is None else min(max(closing_ms - now_ms, 0), LONGEST_MS)


def _step_up(minutes: int) -> int:
    step = next((step for most, step in STEPS if minutes < most), 0)
    return minutes + step


def _step_down(minutes: int) -> int:
    return minutes - next(step for most, step in STEPS if minutes <= most)
