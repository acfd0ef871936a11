"""queues/quotes: what a venue's past teaches its quotes."""

import pytest

from queues import quotes
from queues.quotes import Flow, Outcome, Past, State, Told

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
# A Monday, 18:00 UTC.
OPENS_MS = 1_767_636_000_000


def party(number: int, *, waited_min: float, places: int, foretold: float = 20, left: bool = False) -> Outcome:
    """One of a venue's past, five minutes after the other, that had so many places at its join."""
    joined = OPENS_MS - 7 * 24 * HOUR_MS + number * 5 * MINUTE_MS
    figures = (foretold,) * 6
    made = Told(0, 0, 0, 2, (*figures, places, places))
    return Outcome(number // 30, joined, 18 * 60 + number, 2, int(waited_min * MINUTE_MS), left, made)


def test_a_past_in_which_long_lines_went_quickly_gives_no_weight_below_nought() -> None:
    """Otherwise one more party ahead would make a wait shorter."""
    past = quotes.summary_of(
        [
            party(number, waited_min=60 - 5 * (number % 10), places=1 + number % 10, foretold=3 + number % 10)
            for number in range(300)
        ],
        opens_ms=OPENS_MS,
        minute=18 * 60,
    )
    assert min(past.weights) >= 0


def evenings(pace_min: int, *, days: int) -> tuple[Past, list[Outcome]]:
    """Of a venue that calls a party each `pace_min`, always with five waiting: what is known after so many days."""
    outcomes: list[Outcome] = []
    past, flow = Past(), Flow()
    for day in range(days):
        opens = OPENS_MS + day * 24 * HOUR_MS
        past = quotes.summary_of(outcomes, opens_ms=opens, minute=18 * 60 + day * 1_440, last=flow)
        flow = quotes.first_flow(past)
        waiting: list[tuple[int, Told]] = []
        for number in range(40):
            now = opens + number * pace_min * MINUTE_MS
            if len(waiting) == 5:
                joined, made = waiting.pop(0)
                flow = quotes.flow_after_call(flow, now_ms=now, size=2, joined_ms=joined, told=made)
                minute = 18 * 60 + day * 1_440 + (joined - opens) // MINUTE_MS
                outcomes.append(Outcome(day, joined, minute % 10_080, 2, now - joined, told=made))
            ahead = (len(waiting), 0, 0)
            waiting.append((now, quotes.quote(State(now_ms=now, flow=flow, past=past, waiting=ahead), 2).told))
            flow = quotes.flow_after_join(flow, now_ms=now, size=2, ahead=ahead)
    return past, outcomes


@pytest.mark.parametrize("pace_min", [2, 5, 12])
def test_a_venue_learns_how_long_a_place_takes(pace_min: int) -> None:
    past, outcomes = evenings(pace_min, days=4)
    state = State(now_ms=past.from_ms, flow=quotes.first_flow(past), past=past, waiting=(4, 0, 0))
    quote = quotes.quote(state, 2)
    assert quote.known
    assert quote.expected_ms / MINUTE_MS == pytest.approx(5 * pace_min, rel=0.15)
    late = [each for each in outcomes if each.line == 3 and each.told is not None]
    assert sum(each.told is not None and each.told.held(each.waited_ms) for each in late) > 0.7 * len(late)


def test_a_venue_whose_parties_give_up_tells_shorter_waits_in_a_long_line() -> None:
    def leaving(share: int) -> float:
        seen = [party(number, waited_min=20, places=5, left=number % share == 0) for number in range(300)]
        return quotes.summary_of(seen, opens_ms=OPENS_MS, minute=18 * 60).leaving

    assert leaving(4) > 2 * leaving(50)
