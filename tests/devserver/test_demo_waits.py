"""How often the demo's waits are as told: its evenings through the code that the commands use, without a program."""

from statistics import fmean

import pytest

from devserver.demo import arrivals
from queues import quotes
from queues.quotes import Flow, Quote, State

pytestmark = pytest.mark.pure

MINUTE_MS = 60_000
OPENS_MS = 1_767_636_000_000
CLOSES_MS = OPENS_MS + 12 * 60 * MINUTE_MS
# The seed of `manage.py demo`, and others of the same room.
SHOWN, OTHERS = 1, range(30)


def held(seed: int, model: int = quotes.MODEL) -> float:
    """The share of the evening's seated parties that were called within the range that they were told, to the minute, as reports
    count it. The evening is the venue's first."""
    plan, flow = arrivals.evening(seed), Flow()
    waiting: list[int] = []
    told: dict[int, tuple[int, Quote]] = {}
    seated = {action.party for action in plan.actions if action.kind == "serve"}
    found = []
    for action in plan.actions:
        now, size = OPENS_MS + int(1000 * action.at_s), plan.guests[action.party].size
        if action.kind == "join":
            ahead = quotes.ahead_of(plan.guests[party].size for party in waiting)
            state = State(now_ms=now, flow=flow, waiting=ahead, closing_ms=CLOSES_MS)
            told[action.party] = now, quotes.quote(state, size, model=model)
            flow = quotes.flow_after_join(flow, now_ms=now, size=size, ahead=ahead)
            waiting.append(action.party)
        elif action.kind in {"leave", "call"}:
            waiting.remove(action.party)
        if action.kind == "call":
            joined, quote = told[action.party]
            flow = quotes.flow_after_call(flow, now_ms=now, size=size, joined_ms=joined, told=quote.told)
            within = quote.low_ms - MINUTE_MS <= now - joined <= quote.high_ms + MINUTE_MS
            found += [within] if action.party in seated else []
    return fmean(found)


def test_of_the_evening_that_is_shown_four_in_five_waits_were_as_told() -> None:
    assert 0.75 <= held(SHOWN) <= 0.85


@pytest.mark.thorough
def test_no_evening_of_the_demos_room_is_told_much_worse() -> None:
    """Not the number of tables that happens to suit one seed: the range of a usual room is wide for this one, never narrow."""
    shares = sorted(held(seed) for seed in OTHERS)
    assert shares[0] >= 0.75 and 0.8 <= fmean(shares) <= 0.93, shares
    assert fmean(held(seed, model=1) for seed in OTHERS) < 0.6, "the first rules, in the same evenings"
