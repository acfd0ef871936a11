"""B6: letting others pass, and more time for who is called, without losing the place."""

from datetime import timedelta

import pytest
from django.db.models import F

from core import clock
from core.actors import GUEST, HOST
from core.errors import Conflict, NotFound
from queues import commands, reconcile, rules, timers
from queues.models import Party
from tests.queues.database_lines import Floor

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def told(floor: Floor, event: str) -> list[str]:
    """Whom the newest version's events of this type are about."""
    names = {party.pk: party.name for party in Party.objects.filter(queue=floor.queue)}
    newest = [each for each in floor.events() if each.version == floor.version]
    return [names[each.party_id] for each in newest if each.type == event and each.party_id]


def sound(floor: Floor) -> list[str]:
    """What `manage.py reconcile` has to say against the line."""
    return [*reconcile.replayed(floor.pk), *reconcile.structure(floor.pk), *reconcile.effects(floor.pk)]


# ----------------------------------------------------------------------------------------------------------- let others pass
@pytest.mark.parametrize(
    ("who", "parties", "order", "passed"),
    [
        ("Ann", 1, ["Bob", "Ann", "Cem", "Dia", "Eva"], 1),
        ("Ann", 3, ["Bob", "Cem", "Dia", "Ann", "Eva"], 3),
        ("Cem", 1, ["Ann", "Bob", "Dia", "Cem", "Eva"], 1),
        ("Cem", 9, ["Ann", "Bob", "Dia", "Eva", "Cem"], 2),
        ("Dia", 1, ["Ann", "Bob", "Cem", "Eva", "Dia"], 1),
    ],
)
def test_who_lets_others_pass_keeps_its_place_among_the_rest(
    who: str, parties: int, order: list[str], passed: int
) -> None:
    floor = Floor.opened("Ann", "Bob", "Cem", "Dia", "Eva")
    assert commands.let_pass(floor.pk, party_id=floor.id(who), parties=parties) == passed
    assert floor.waiting() == order
    event = next(each for each in floor.events() if each.type == "QUEUE_MEMBER_LET_PASS")
    assert (event.actor, event.action, event.data["parties"], event.data["position"]) == (
        "guest", "let_pass", passed, order.index(who) + 1,
    )  # fmt: skip
    commands.join(floor.pk, name="New")
    assert floor.waiting() == [*order, "New"]
    assert sound(floor) == []


def test_the_same_key_lets_a_party_pass_once() -> None:
    floor = Floor.opened("Ann", "Bob", "Cem", "Dia")
    ann, version = floor.id("Ann"), floor.version
    for _ in range(3):
        assert commands.let_pass(floor.pk, party_id=ann, parties=2, key="tap") == 2
    assert (floor.waiting(), floor.version) == (["Bob", "Cem", "Ann", "Dia"], version + 1)
    assert commands.let_pass(floor.pk, party_id=ann, key="another tap") == 1
    # A key is one party's own.
    assert commands.let_pass(floor.pk, party_id=floor.id("Bob"), key="tap") == 1
    assert "tap" not in str([event.data for event in floor.events()])
    assert sound(floor) == []


def test_the_nearly_up_are_those_who_came_closer() -> None:
    floor = Floor.opened("Ann", "Bob", "Cem", "Dia", "Eva", "Fay")
    commands.call(floor.pk)
    commands.let_pass(floor.pk, party_id=floor.id("Bob"), parties=4)
    assert floor.waiting() == ["Cem", "Dia", "Eva", "Fay", "Bob"]
    assert told(floor, "QUEUE_POSITION_2") == ["Cem"]
    assert told(floor, "QUEUE_POSITION_5") == ["Fay"]


@pytest.mark.thorough
def test_others_pass_again_and_again_until_there_is_no_room_between_two_ranks() -> None:
    floor = Floor.opened("Ann", "Bob", "Cem")
    for _ in range(60):
        first = floor.waiting()[0]
        commands.let_pass(floor.pk, party_id=floor.id(first))
        assert floor.waiting()[1] == first
    assert floor.waiting()[2] == "Cem"
    assert sound(floor) == []


def test_the_last_in_line_has_no_party_to_let_pass() -> None:
    floor = Floor.opened("Ann", "Bob")
    version = floor.version
    with pytest.raises(Conflict, match="Nobody is behind you"):
        commands.let_pass(floor.pk, party_id=floor.id("Bob"))
    commands.call(floor.pk)
    with pytest.raises(NotFound):
        commands.let_pass(floor.pk, party_id=floor.id("Ann"))
    assert floor.version == version + 1


# ----------------------------------------------------------------------------------------------------------------- more time
@pytest.fixture
def floor() -> Floor:
    """Ann is called, for two minutes; Bob and Cem wait."""
    made = Floor.opened("Ann", "Bob", "Cem", call_window_s=120)
    commands.call(made.pk)
    return made


def test_asking_is_shown_to_the_host_and_moves_no_clock(floor: Floor) -> None:
    before = floor.party("Ann").call_deadline
    assert [party["wantsMoreTime"] for party in floor.row()["called"]] == [False]
    for _ in range(2):
        commands.ask_more_time(floor.pk, party_id=floor.id("Ann"))
    assert [party["wantsMoreTime"] for party in floor.row()["called"]] == [True]
    assert floor.party("Ann").call_deadline == before
    assert [each.type for each in floor.events()].count("QUEUE_MEMBER_ASKED_TIME") == 1
    assert sound(floor) == []


@pytest.mark.parametrize(("minutes", "more"), [(None, 2), (1, 1), (10, 10)])
def test_the_host_gives_it_from_the_deadline_on(floor: Floor, minutes: int | None, more: int) -> None:
    before = floor.party("Ann").call_deadline
    commands.ask_more_time(floor.pk, party_id=floor.id("Ann"))
    commands.give_more_time(floor.pk, party_id=floor.id("Ann"), minutes=minutes)
    party = floor.party("Ann")
    assert before and party.call_deadline == before + more * MINUTE
    assert [each["wantsMoreTime"] for each in floor.row()["called"]] == [False]
    event = floor.events()[-1]
    assert (event.type, event.actor) == ("QUEUE_MEMBER_GIVEN_TIME", "host")
    assert event.data["deadline"] == int(party.call_deadline.timestamp() * 1000)
    assert sound(floor) == []


def test_a_deadline_that_is_over_counts_from_now(floor: Floor) -> None:
    Party.objects.filter(pk=floor.id("Ann")).update(call_deadline=F("call_deadline") - timedelta(hours=1))
    before = clock.now()
    commands.give_more_time(floor.pk, party_id=floor.id("Ann"), minutes=3)
    deadline = floor.party("Ann").call_deadline
    assert deadline and before + 3 * MINUTE <= deadline <= clock.now() + 3 * MINUTE


def test_the_sweep_waits_as_long_as_was_given(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    commands.give_more_time(floor.pk, party_id=floor.id("Ann"))
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + 3 * MINUTE)
    assert (timers.sweep(), floor.party("Ann").status) == (0, rules.CALLED)
    monkeypatch.setattr(clock, "now", lambda: real() + 5 * MINUTE)
    assert (timers.sweep(), floor.party("Ann").status) == (1, rules.NO_SHOW)


def test_once_per_call(floor: Floor) -> None:
    ann = floor.id("Ann")
    commands.give_more_time(floor.pk, party_id=ann)  # unasked: she may still ask
    commands.ask_more_time(floor.pk, party_id=ann)
    commands.give_more_time(floor.pk, party_id=ann)
    with pytest.raises(Conflict, match="given more time already"):
        commands.ask_more_time(floor.pk, party_id=ann)
    commands.give_more_time(floor.pk, party_id=ann)  # a host may give as often as they like
    commands.call(floor.pk, party_id=ann)
    commands.ask_more_time(floor.pk, party_id=ann)
    assert [party["wantsMoreTime"] for party in floor.row()["called"]] == [True]


def test_what_was_asked_in_one_call_is_not_asked_in_the_next(floor: Floor) -> None:
    commands.ask_more_time(floor.pk, party_id=floor.id("Ann"))
    commands.put_back(floor.pk, party_id=floor.id("Ann"))
    assert not any(party["wantsMoreTime"] for party in floor.row()["waiting"])
    commands.call(floor.pk, party_id=floor.id("Ann"))
    assert [party["wantsMoreTime"] for party in floor.row()["called"]] == [False]


def test_undo_takes_the_time_back_and_the_question_stands_again(floor: Floor) -> None:
    commands.ask_more_time(floor.pk, party_id=floor.id("Ann"), actor=GUEST)
    commands.give_more_time(floor.pk, party_id=floor.id("Ann"), minutes=30, actor=HOST)
    given = floor.party("Ann").call_deadline
    assert commands.undo(floor.pk).action == "give_more_time"
    left = floor.party("Ann").call_deadline
    assert given and left and left < given
    # What was promised is not cut short: at least a call window is left.
    assert left >= floor.events()[-1].at + 2 * MINUTE
    assert [party["wantsMoreTime"] for party in floor.row()["called"]] == [True]
    assert sound(floor) == []
