"""The rules of ways against a model of the world: random answers, receipts, guests and kills."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reach import channels, rules
from reach.notices import Kind
from reach.rules import State
from reach.ways import Result, Sent

WAYS = ["push", "sms", "whatsapp", "email"]
FALLBACK_S, TTL_S = 45, 600

answers = st.builds(
    Sent,
    result=st.sampled_from([*Result, Result.SENT, Result.LATER]),
    after_s=st.one_of(st.none(), st.floats(0.5, 900)),
)


@dataclass
class World:
    """One notice that goes by ways as reach/sending.py does it: rows by way, when each is due, what went out when."""

    kind: str
    order: list[str]
    draw: st.DataObject
    kills: int
    now: float = 0.0
    states: dict[str, State] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    went: list[tuple[float, str]] = field(default_factory=list)
    arrived: float | None = None
    answered: float | None = None
    killed: list[tuple[float, str]] = field(default_factory=list)

    def add(self, way: str, in_s: float) -> None:
        assert way not in self.states, "each way once"
        self.states[way] = State.DUE
        self.due[way] = self.began[way] = self.now + in_s

    def step(self) -> bool:
        waiting = {way: at for way, at in self.due.items() if self.states[way] == State.DUE}
        if not waiting:
            return False
        assert len(waiting) == 1, "one message of a notice waits at a time"
        way, at = min(waiting.items(), key=lambda each: each[1])
        self.now = max(self.now, at)
        self.tries[way] = self.tries.get(way, 0) + 1
        others = [state for name, state in self.states.items() if name != way]
        answered = self.answered is not None and self.answered <= self.now
        if rules.needless(self.kind, others, answered=answered):
            self.states[way] = State.SKIPPED
            return True
        sent = self.draw.draw(answers)
        if self.kills and self.draw.draw(st.booleans()):
            self.kills -= 1
            if sent.result == Result.SENT:  # it went out, and nobody wrote that down
                self.killed.append((self.now, way))
                self.went.append((self.now, way))
            self.due[way] = self.now + 30
            return True
        following = rules.next_way(self.order, self.states)
        then = rules.after(
            sent, kind=self.kind, age_s=self.now - self.began[way], attempts=self.tries[way],
            has_next=following is not None, fallback_s=FALLBACK_S, ttl_s=TTL_S,
        )  # fmt: skip
        self.states[way] = then.state
        if then.state == State.SENT:
            self.went.append((self.now, way))
            if self.draw.draw(st.booleans()):
                self.arrived = self.now
                self.states[way] = State.DELIVERED
            if self.answered is None and self.draw.draw(st.booleans()):
                self.answered = self.now + self.draw.draw(st.floats(0, 90))
        if then.again_in_s is not None:
            self.due[way] = self.now + then.again_in_s
        if then.next_in_s is not None and following is not None:
            self.add(following, then.next_in_s)
        return True


@pytest.mark.thorough
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.data(),
    kind=st.sampled_from([Kind.CALLED, Kind.POS_2, Kind.DIRECT]),
    order=st.permutations(WAYS).flatmap(lambda ways: st.integers(1, 4).map(lambda n: list(ways[:n]))),
    kills=st.integers(0, 3),
)
def test_a_notice_goes_in_order_once_a_way_and_stops_when_it_arrived(
    data: st.DataObject, kind: str, order: list[str], kills: int
) -> None:
    world = World(kind, order, data, kills)
    world.add(order[0], 0)
    for _ in range(400):
        if not world.step():
            break
    else:
        raise AssertionError("a notice comes to an end")
    ways = [way for _at, way in world.went]
    assert len(ways) - len(set(ways)) <= len(world.killed), "a double for each kill, no more"
    assert list(dict.fromkeys(ways)) == [way for way in order if way in ways], "in order"
    assert all(world.arrived is None or at <= world.arrived for at, _way in world.went), "nothing after it arrived"
    if kind == Kind.CALLED:
        assert all(world.answered is None or at <= world.answered for at, _way in world.went)
        by_way = {way: at for at, way in world.went if (at, way) not in world.killed}
        for first, second in zip(by_way, list(by_way)[1:], strict=False):
            assert by_way[second] - by_way[first] >= FALLBACK_S - 1e-6, "not before its seconds are over"
        unheard = world.arrived is None and world.answered is None
        assert not unheard or all(way in world.states for way in order), "all ways are tried while nobody has heard"
    else:
        assert sum(state in (State.SENT, State.DELIVERED) for state in world.states.values()) <= 1
        if not ways:
            assert list(world.states) == order, "each way was tried"


def test_ways_follow_the_guest_within_what_the_venue_offers() -> None:
    offered = ["push", "email"]
    assert channels.in_order([], offered, number=True, email=True) == ["push", "email"]
    assert channels.in_order(["email", "push"], offered, number=False, email=True) == ["email", "push"]
    assert channels.in_order(["email"], ["push"], number=False, email=True) == []
    assert channels.in_order([], offered, number=True, email=False) == ["push"]
    assert channels.in_order(["fax"], ["fax", "push"], number=True, email=True) == []
