"""The rooms of S14 and the scores: a small run of what `make bench` measures in full."""

from random import Random

import pytest

from benchmarks import s14_waits
from benchmarks.waits.evenings import Evening
from benchmarks.waits.rooms import TUNING, Room
from benchmarks.waits.scores import Score


def test_the_interval_score_is_the_width_and_ten_times_what_lies_outside() -> None:
    score = Score()
    score.add(10, 20, 15, 12)
    score.add(10, 20, 15, 23)
    score.add(10, 20, 15, 8)
    assert score.error == pytest.approx(6)
    assert score.winkler == pytest.approx((10 + 40 + 30) / 3)
    assert score.coverage == pytest.approx(100 / 3)


@pytest.mark.parametrize("room", TUNING, ids=lambda room: room.name)
def test_nobody_in_a_room_is_called_before_joining_or_twice(room: Room) -> None:
    evening = Evening(room, Random(1), day=5)
    times = [each.at for each in evening.happenings]
    assert times == sorted(times)
    ends = [each.party for each in evening.happenings if each.what != "join"]
    assert len(ends) == len(set(ends)) == sum(each.what == "join" for each in evening.happenings) > 20
    assert not evening.waiting


def test_the_same_seed_is_the_same_evening() -> None:
    one, other = ([(each.at, each.what) for each in Evening(TUNING[1], Random(3), day=4).happenings] for _ in range(2))
    assert one == other


@pytest.mark.thorough
def test_ours_is_better_than_each_reference_after_a_week() -> None:
    """Of one of the rooms that the constants were chosen on, so that a change of the model is seen at once."""
    room = TUNING[1]
    ours, kept, *others = s14_waits.scored(
        s14_waits.simulated(room), s14_waits.tellers(), name=f"{room.name} 101", warm=8, days=6
    )
    assert 70 < ours.coverage < 90
    assert kept.error <= ours.error and kept.winkler <= ours.winkler, "who sits where since when tells more"
    assert all(ours.error < 0.85 * other.error and ours.winkler < 0.7 * other.winkler for other in others)
