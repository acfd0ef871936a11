"""How fast a line moves (`Queue.flow`): brought up to date under its lock by the commands that let parties in and call them."""

from collections.abc import Sequence

from queues import quotes, waits
from queues.change import LineChange
from queues.models import Party
from queues.quotes import Told


def after_join(change: LineChange, party: Party, *, ahead: Sequence[int]) -> None:
    """A party has joined or come back; `ahead` counts those before it by class of size. Call it before the event is emitted."""
    small, middle, large = ahead
    flow = waits.flow_of(change.queue)
    after = quotes.flow_after_join(flow, now_ms=_now_ms(change), size=party.size, ahead=(small, middle, large))
    if after is not flow:
        change.set(flow=after.as_json())


def after_call(change: LineChange, party: Party) -> None:
    """A waiting party is about to be called or seated: call it before its row changes. Its quote is compared with its wait, the
    first time only, and not where a host promised another wait."""
    flow = quotes.flow_after_call(
        waits.flow_of(change.queue),
        now_ms=_now_ms(change),
        size=party.size,
        joined_ms=waits.line_ms(change.queue, party.joined_at),
        told=None if party.quoted_by_host else Told.from_json(party.told),
        first=party.call_count == 0,
    )
    # The older API tells waits by the pace alone (contract queueup.md).
    change.set(flow=flow.as_json(), pace_ms=flow.pace_ms, last_called_at=change.at)


def _now_ms(change: LineChange) -> int:
    return waits.line_ms(change.queue, change.at)
