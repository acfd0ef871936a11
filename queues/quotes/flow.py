"""How a line moves, as running figures: what its row keeps and its commands bring up to date under the lock.

Small on purpose: each event of the line records it before and after, so that a replay proves it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from queues import rules
from queues.quotes import ranges
from queues.quotes.outcomes import MINUTE_MS, Told
from queues.quotes.sizes import CLASSES, Ahead, class_of
from queues.quotes.tables import Coming

# The last of four rows of figures: all parties, whatever their size.
ALL = CLASSES
# What was seen counts half as much after so many minutes. Of the calls seen, at most so many count.
HALF_LIFE_MIN = 45.0
MOST_CALLS = 12.0
# A gap between two calls counts as at most so long: a pause, not the service.
LONGEST_GAP_MIN = 30.0
# A party that is called sooner than this after it came to an empty line found a free table.
AT_ONCE_MIN = 3.0
# The weight of the newest party's wait per place.
NEWEST = 0.25


@dataclass(frozen=True, slots=True)
class Flow:
    """Of one line. Rows of four: small, middle, large parties (`class_of`), and all.

    `calls`, `busy_min`: parties called, and the minutes in which one of the row was waiting for it, the older the less.
    `since_ms`: since when a party of the row waits for the next call: the last call, or the join that ended an empty
    row; 0: never.
    `per_place_min`: the waits of the last parties, per place that they had at their join; None: no party yet.
    `factor`: how much wider the range is made so that it holds (ranges.py).
    `coming`: tables free and turning (tables.py), as of the last change of who sits; (): not known.
    `seen`: calls of parties that waited. `moved_ms`: the last call. `pace_ms`, `last_called_ms`: model 1's.
    """

    calls: tuple[float, ...] = (0.0,) * 4
    busy_min: tuple[float, ...] = (0.0,) * 4
    since_ms: tuple[int, ...] = (0,) * 4
    per_place_min: tuple[float | None, ...] = (None,) * 4
    factor: float = 1.0
    coming: Coming = ()
    seen: int = 0
    moved_ms: int = 0
    pace_ms: int = rules.DEFAULT_PACE_MS
    last_called_ms: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For the line's row. Numbers have four decimals at most, and `from_json` gives the same flow again."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> "Flow":
        """As stored by `as_json`; names that this release does not know are left out, {} is a new line."""
        kept = {name: stored[name] for name in cls.__slots__ if name in stored} if stored else {}
        fields: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
        if fields.get("coming"):
            fields["coming"] = tuple(map(tuple, fields["coming"]))
        return cls(**fields)


def flow_after_join(flow: Flow, *, now_ms: int, size: int, ahead: Ahead) -> Flow:
    """After a party of this size joined, or came back into the line, behind or before `ahead` others. Changes only when no other
    of its class waits: the same flow (`is`) otherwise."""
    row = class_of(size)
    begun = [each for each, others in ((row, ahead[row]), (ALL, sum(ahead))) if others == 0]
    if not begun:
        return flow
    since = tuple(now_ms if each in begun else since for each, since in enumerate(flow.since_ms))
    return replace(flow, since_ms=since)


def flow_after_call(
    flow: Flow, *, now_ms: int, size: int, joined_ms: int, told: Told | None = None, first: bool = True
) -> Flow:
    """After a waiting party was called (or seated without a call). `told`: its quote of the join, unless a host promised
    another wait. `first`: its first call; only that is compared with the quote.

    A second call of a party that is called already is no call of this kind: leave the flow as it is.
    """
    row = class_of(size)
    kept = 0.5 ** (_minutes(flow.moved_ms, now_ms) / HALF_LIFE_MIN) if flow.moved_ms else 1.0
    calls, busy = [each * kept for each in flow.calls], [each * kept for each in flow.busy_min]
    waited, seen = _minutes(joined_ms, now_ms), flow.seen
    for each in (row, ALL):
        gap = _minutes(flow.since_ms[each], now_ms) if flow.since_ms[each] else None
        if gap is None or (joined_ms >= flow.since_ms[each] and waited < AT_ONCE_MIN):
            continue
        seen += each == ALL
        calls[each], busy[each] = calls[each] + 1, busy[each] + min(gap, LONGEST_GAP_MIN)
        if calls[each] > MOST_CALLS:
            busy[each] *= MOST_CALLS / calls[each]
            calls[each] = MOST_CALLS
    since = tuple(now_ms if each in (row, ALL) else at for each, at in enumerate(flow.since_ms))
    after = replace(
        flow,
        calls=_rounded(calls),
        busy_min=_rounded(busy),
        since_ms=since,
        seen=seen,
        moved_ms=max(now_ms, flow.moved_ms),
        pace_ms=_next_pace_ms(flow, now_ms=now_ms, joined_ms=joined_ms),
        last_called_ms=now_ms,
    )
    return _compared(after, told, waited, row) if first and told and told.inputs else after


def _compared(flow: Flow, told: Told, waited: float, row: int) -> Flow:
    """The flow, with what came of this party's quote. The last two of its `inputs` are its places in its class and among all
    (floor.py)."""
    of_class, of_all = told.inputs[-2:]
    per_place = list(flow.per_place_min)
    for each, places in ((row, of_class), (ALL, of_all)):
        seen, before = waited / places, per_place[each]
        per_place[each] = round(seen if before is None else before + NEWEST * (seen - before), 4)
    factor = ranges.factor_after(flow.factor, held=told.held(int(waited * MINUTE_MS)))
    return replace(flow, per_place_min=tuple(per_place), factor=round(factor, 4))


def _next_pace_ms(flow: Flow, *, now_ms: int, joined_ms: int) -> int:
    since = None
    if flow.last_called_ms is not None and joined_ms <= flow.last_called_ms:
        since = timedelta(milliseconds=now_ms - flow.last_called_ms)
    return rules.next_pace_ms(pace_ms=flow.pace_ms, since_last_call=since)


def _minutes(since_ms: int, now_ms: int) -> float:
    """Never negative: the database's clock may have been set back in between."""
    return max(now_ms - since_ms, 0) / MINUTE_MS


def _rounded(values: list[float]) -> tuple[float, ...]:
    return tuple(round(each, 4) for each in values)
