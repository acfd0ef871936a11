"""queues/quotes: what every quote must be, whatever the state of the line."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import quotes, rules
from queues.quotes import Flow, Outcome, Past, Quote, State, Told

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
# A Monday, 18:00 UTC.
OPENS_MS = 1_767_636_000_000
TIMES = st.integers(OPENS_MS, OPENS_MS + 12 * HOUR_MS)
COUNTS = st.integers(0, 10_000)
SIZES = st.integers(1, 40)
FIGURES = st.floats(0, 5_000)
ROWS = st.tuples(FIGURES, FIGURES, FIGURES, FIGURES)
MINUTES = st.floats(10, 300)
TURNS = st.builds(quotes.Turns, MINUTES, MINUTES, MINUTES, st.floats(0.15, 0.6))


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    """A party of a venue's past, also an unlikely one."""
    joined = draw(st.integers(OPENS_MS - 90 * 24 * HOUR_MS, OPENS_MS))
    told = None
    if draw(st.booleans()):
        places = draw(st.integers(1, 500))
        figures = draw(st.sampled_from([6, 8]))
        inputs = (*(draw(FIGURES) for _ in range(figures)), min(places, draw(st.integers(1, 500))), places)
        told = Told(10 * MINUTE_MS, 25 * MINUTE_MS, 15 * MINUTE_MS, 2, inputs)
    # A clock that was set back makes a wait negative.
    waited = draw(st.integers(-HOUR_MS, 13 * HOUR_MS))
    line, minute = draw(st.integers(0, 5)), draw(st.integers(0, 10_079))
    return Outcome(line, joined, minute, draw(SIZES), waited, draw(st.booleans()), told)


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """Of a venue with up to thirty parties behind it."""
    found = draw(st.lists(outcomes(), max_size=30))
    last = draw(st.none() | st.builds(Flow, factor=st.floats(0.4, 3.0)))
    return quotes.summary_of(
        found,
        opens_ms=OPENS_MS,
        minute=draw(st.integers(0, 10_079)),
        last=last,
        turns=draw(st.none() | TURNS),
        model=draw(st.sampled_from([2, 3])),
    )


@st.composite
def coming(draw: st.DrawFn) -> quotes.Coming:
    """Of any room: tables without a party, parties that sit for hours, more called than fit."""
    since = st.integers(-30 * MINUTE_MS, 12 * HOUR_MS)
    tables = draw(st.lists(st.builds(quotes.Taken, st.integers(1, 60), st.integers(0, 40), since), max_size=12))
    return quotes.coming_free(tables, draw(st.lists(SIZES, max_size=5)), draw(TURNS))


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """After any joins and calls: far apart, at one instant, or with a clock that goes back."""
    flow = Flow(factor=draw(st.floats(0.4, 3.0)), coming=draw(st.just(()) | coming()))
    now = OPENS_MS
    for _ in range(draw(st.integers(0, 25))):
        now += draw(st.sampled_from([0, 120, 20_000, 5 * MINUTE_MS, 2 * HOUR_MS, -HOUR_MS]))
        size = draw(SIZES)
        if draw(st.booleans()):
            ahead = draw(st.tuples(*[st.integers(0, 3)] * 3))
            flow = quotes.flow_after_join(flow, now_ms=now, size=size, ahead=ahead)
        else:
            state = State(now_ms=now, flow=flow, waiting=draw(st.tuples(*[st.integers(0, 3)] * 3)))
            told = draw(st.sampled_from([quotes.quote(state, size).told, None]))
            joined = now - draw(st.sampled_from([0, MINUTE_MS, 40 * MINUTE_MS, 11 * HOUR_MS, -MINUTE_MS]))
            flow = quotes.flow_after_call(flow, now_ms=now, size=size, joined_ms=joined, told=told)
    return flow


@st.composite
def states(draw: st.DrawFn, **fixed: Any) -> State:
    """Any line."""
    fields: dict[str, Any] = {
        "now_ms": draw(TIMES),
        "flow": draw(flows()),
        "past": draw(st.sampled_from([Past()]) | pasts()),
        "waiting": draw(st.tuples(COUNTS, COUNTS, COUNTS)),
        "called": draw(st.integers(0, 50)),
        "closing_ms": draw(st.none() | st.integers(OPENS_MS - HOUR_MS, OPENS_MS + 14 * HOUR_MS)),
    }
    return State(**fields | fixed)


# How long an example takes says nothing of quotes.
busy = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
MODELS = pytest.mark.parametrize("model", sorted(quotes.MODELS))


@pytest.mark.thorough
@busy
@given(state=states(), size=SIZES)
def test_a_quote_is_a_range_until_closing_at_most(state: State, size: int) -> None:
    quote = quotes.quote(state, size)
    most = 12 * HOUR_MS if state.closing_ms is None else max(state.closing_ms - state.now_ms, 0)
    assert 0 <= quote.low_ms <= quote.expected_ms <= quote.high_ms <= most
    assert all(each == each and 0 <= each < float("inf") for each in quote.inputs)


@pytest.mark.thorough
@busy
@given(state=states(), size=SIZES)
def test_quotes_are_whole_minutes_that_people_say(state: State, size: int) -> None:
    quote = quotes.quote(replace(state, closing_ms=None), size)
    assert quote.low_ms % (5 * MINUTE_MS) == quote.high_ms % (5 * MINUTE_MS) == quote.expected_ms % MINUTE_MS == 0


@pytest.mark.thorough
@MODELS
@busy
@given(state=states(), size=SIZES, row=st.integers(0, 2))
def test_one_more_ahead_never_makes_the_wait_shorter(model: int, state: State, size: int, row: int) -> None:
    ahead = state.waiting
    more = one_more(ahead, row)
    assert not falls(quotes.quote(state, size, ahead, model=model), quotes.quote(state, size, more, model=model))


@pytest.mark.thorough
@MODELS
@busy
@given(state=states(closing_ms=None), size=SIZES, later=st.integers(0, 12 * HOUR_MS))
def test_no_quote_falls_while_nothing_moves(model: int, state: State, size: int, later: int) -> None:
    before = quotes.quote(state, size, model=model)
    assert not falls(before, quotes.quote(replace(state, now_ms=state.now_ms + later), size, model=model))


@pytest.mark.thorough
@MODELS
@busy
@given(state=states(closing_ms=None), size=SIZES, newcomer=SIZES)
def test_who_joins_behind_makes_no_other_wait_shorter(model: int, state: State, size: int, newcomer: int) -> None:
    ahead = state.waiting
    grown = one_more(ahead, quotes.class_of(newcomer))
    flow = quotes.flow_after_join(state.flow, now_ms=state.now_ms, size=newcomer, ahead=ahead)
    after = replace(state, flow=flow, waiting=grown)
    if sum(ahead):
        assert not falls(quotes.quote(state, size, ahead, model=model), quotes.quote(after, size, ahead, model=model))


def one_more(ahead: quotes.Ahead, row: int) -> quotes.Ahead:
    """With one more party of this class."""
    small, middle, large = (count + (each == row) for each, count in enumerate(ahead))
    return small, middle, large


def falls(before: Quote, after: Quote) -> bool:
    """Whether an end of the range is nearer than before."""
    return after.low_ms < before.low_ms or after.high_ms < before.high_ms or after.expected_ms < before.expected_ms


def test_a_line_without_history_cannot_say_yet() -> None:
    quote = quotes.quote(State(now_ms=OPENS_MS, waiting=(2, 0, 0)), 2)
    assert not quote.known
    assert quote.high_ms > 0
    assert quotes.quote(State(now_ms=OPENS_MS), 2).known, "the first of a line is soon called"


def test_three_calls_are_enough_to_say() -> None:
    flow = Flow()
    for number in range(3):
        now = OPENS_MS + number * 4 * MINUTE_MS
        flow = quotes.flow_after_join(flow, now_ms=now, size=2, ahead=(number, 0, 0))
    for number in range(3):
        assert not quotes.quote(State(now_ms=OPENS_MS, flow=flow, waiting=(1, 0, 0)), 2).known
        now = OPENS_MS + (20 + 4 * number) * MINUTE_MS
        flow = quotes.flow_after_call(flow, now_ms=now, size=2, joined_ms=OPENS_MS + number * 4 * MINUTE_MS)
    assert quotes.quote(State(now_ms=OPENS_MS, flow=flow, waiting=(1, 0, 0)), 2).known


def test_five_hundred_calls_in_a_minute_are_forgotten_within_an_hour() -> None:
    flow = quotes.flow_after_join(Flow(), now_ms=OPENS_MS, size=2, ahead=quotes.NOBODY)
    for number in range(500):
        now = OPENS_MS + 10 * MINUTE_MS + number * 120
        flow = quotes.flow_after_call(flow, now_ms=now, size=2, joined_ms=OPENS_MS)
    fast = quotes.quote(State(now_ms=now, flow=flow, waiting=(10, 0, 0)), 2)
    for number in range(12):
        joined, now = now, OPENS_MS + (20 + 5 * number) * MINUTE_MS
        flow = quotes.flow_after_call(flow, now_ms=now, size=2, joined_ms=joined - MINUTE_MS)
    slow = quotes.quote(State(now_ms=now, flow=flow, waiting=(10, 0, 0)), 2)
    assert fast.expected_ms < 20 * MINUTE_MS
    assert slow.expected_ms > 30 * MINUTE_MS


def test_a_kitchen_that_stops_makes_the_wait_longer() -> None:
    flow = quotes.flow_after_join(Flow(), now_ms=OPENS_MS, size=2, ahead=quotes.NOBODY)
    flow = quotes.flow_after_call(flow, now_ms=OPENS_MS + 5 * MINUTE_MS, size=2, joined_ms=OPENS_MS)
    moving = State(now_ms=OPENS_MS + 6 * MINUTE_MS, flow=flow, waiting=(3, 1, 0))
    stopped = replace(moving, now_ms=OPENS_MS + 40 * MINUTE_MS)
    assert quotes.quote(stopped, 2).high_ms > quotes.quote(moving, 2).high_ms


def test_a_party_larger_than_all_before_is_told_a_wait() -> None:
    flow = quotes.flow_after_join(Flow(), now_ms=OPENS_MS, size=2, ahead=quotes.NOBODY)
    for number in range(5):
        now = OPENS_MS + (5 + 4 * number) * MINUTE_MS
        flow = quotes.flow_after_call(flow, now_ms=now, size=2, joined_ms=OPENS_MS)
    small, large = (quotes.quote(State(now_ms=now, flow=flow, waiting=(3, 0, 0)), size) for size in (2, 30))
    assert large.known
    assert 0 < large.high_ms <= 12 * HOUR_MS
    assert small.high_ms > 0


def test_a_call_taken_back_gives_the_quotes_of_before_back() -> None:
    """Undo sets the flow back; the same state is the same quote."""
    flow = quotes.flow_after_join(Flow(), now_ms=OPENS_MS, size=2, ahead=quotes.NOBODY)
    state = State(now_ms=OPENS_MS + MINUTE_MS, flow=flow, waiting=(2, 0, 0))
    quotes.flow_after_call(flow, now_ms=OPENS_MS + 2 * MINUTE_MS, size=2, joined_ms=OPENS_MS)
    assert quotes.quote(state, 2) == quotes.quote(replace(state, flow=Flow.from_json(flow.as_json())), 2)


@pytest.mark.thorough
@busy
@given(state=states(), size=SIZES)
def test_model_1_is_the_rule_of_before(state: State, size: int) -> None:
    parties = sum(state.waiting) + (state.called > 0)
    quote = quotes.quote(state, size, model=1)
    assert (quote.low_ms, quote.high_ms) == rules.quote_ms(ahead=parties, pace_ms=state.flow.pace_ms)
    assert quote.model == 1


@pytest.mark.thorough
@busy
@given(flow=flows(), past=pasts(), told=outcomes().map(lambda each: each.told))
def test_what_rows_keep_comes_back_as_it_was(flow: Flow, past: Past, told: Told | None) -> None:
    assert Flow.from_json(json.loads(json.dumps(flow.as_json()))) == flow
    assert Past.from_json(json.loads(json.dumps(past.as_json()))) == past
    if told:
        kept = Told.from_json(json.loads(json.dumps(told.as_json())))
        assert kept is not None
        assert kept.as_json() == told.as_json()


def test_rows_of_before_have_neither_flow_nor_past() -> None:
    assert Flow.from_json({}) == Flow.from_json(None) == Flow()
    assert Past.from_json({}) == Past.from_json(None) == Past()
    assert Told.from_json({}) is None
    assert Flow.from_json({"paceMs": 1, "a_later_field": [1, 2]}) == Flow()


def test_the_models_number_is_of_a_model() -> None:
    assert quotes.MODEL in quotes.MODELS
    assert all(quotes.quote(State(now_ms=0), 2, model=model).model == model for model in quotes.MODELS)
    with pytest.raises(KeyError):
        quotes.quote(State(now_ms=0), 2, model=0)
