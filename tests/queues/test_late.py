"""Nobody is thrown out unseen: at its deadline a party is late, and a host decides (decision 0074)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from core import clock
from core.errors import NotFound
from queues import commands, reconcile, rules, shapes, timers
from queues.models import Party, Queue
from tests.queues.database_lines import Floor

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def floor() -> Floor:
    """Ann is called, for two minutes; Bob and Cem wait. Nothing is done by itself."""
    made = Floor.opened("Ann", "Bob", "Cem", auto_no_show=False, auto_advance=False, on_my_way_s=300)
    commands.call(made.pk)
    return made


def run_out(floor: Floor, *names: str) -> None:
    """The calls of these parties are over, and the sweep comes by."""
    ids = [floor.id(name) for name in names]
    Party.objects.filter(pk__in=ids).update(call_deadline=F("called_at") - timedelta(seconds=1))
    timers.sweep()


def public(floor: Floor) -> dict[int, Any]:
    """What everybody sees of the called parties, by ticket."""
    return {party["ticket"]: party for party in shapes.public(floor.row())["called"]}


# ------------------------------------------------------------------------------------------------------------------ late
def test_at_its_deadline_a_party_is_late_and_stays_called(floor: Floor) -> None:
    run_out(floor, "Ann")
    party, version = floor.party("Ann"), floor.version
    assert (party.status, party.late_at) == (rules.CALLED, floor.events()[-1].at)
    assert [party["lateAt"] is not None for party in floor.row()["called"]] == [True]
    assert public(floor)[1]["late"] is True
    event = floor.events()[-1]
    assert (event.type, event.actor, event.party_id) == ("QUEUE_MEMBER_LATE", "system", party.pk)
    assert (timers.sweep(), floor.version) == (0, version), "once"
    assert floor.waiting() == ["Bob", "Cem"]


@pytest.mark.parametrize(
    "act",
    [
        lambda f, party: commands.call(f.pk, party_id=party),
        lambda f, party: commands.give_more_time(f.pk, party_id=party),
        lambda f, party: commands.declare_nearby(f.pk, party_id=party),
        lambda f, party: commands.serve(f.pk, party_id=party),
        lambda f, party: commands.no_show(f.pk, party_id=party),
        lambda f, party: commands.put_back(f.pk, party_id=party),
        lambda f, party: commands.leave(f.pk, party_id=party),
        lambda f, party: commands.close(f.pk),
    ],
)
def test_lateness_ends_with_the_deadline_it_belongs_to(act: Any, floor: Floor) -> None:
    run_out(floor, "Ann")
    act(floor, floor.id("Ann"))
    party = floor.party("Ann")
    assert party.late_at is None
    assert party.call_deadline is None or party.call_deadline > clock.now()
    assert [*reconcile.structure(floor.pk)] == []


def test_the_public_snapshot_says_nothing_of_who_is_in_time(floor: Floor) -> None:
    assert public(floor)[1].keys() == {"ticket", "size", "status", "nearby", "deadline"}


@pytest.mark.thorough
def test_no_show_and_next_call_are_two_choices() -> None:
    for no_show, advance, called, status in (
        (True, True, ["Bob"], rules.NO_SHOW),
        (True, False, [], rules.NO_SHOW),
        (False, True, ["Ann", "Bob"], rules.CALLED),
        (False, False, ["Ann"], rules.CALLED),
    ):
        floor = Floor.opened("Ann", "Bob", "Cem", auto_no_show=no_show, auto_advance=advance)
        commands.call(floor.pk)
        run_out(floor, "Ann")
        assert (floor.called(), floor.party("Ann").status) == (called, status)


@pytest.mark.thorough
def test_a_line_left_alone_keeps_everybody_also_where_it_calls_by_itself() -> None:
    names = [f"Party {n}" for n in range(12)]
    floor = Floor.opened(*names, auto_no_show=False, auto_advance=True)
    commands.call(floor.pk)
    for _ in range(20):
        run_out(floor, *floor.called())
    assert floor.called() == names[:2], "one call by the clock, no chain"
    assert floor.waiting() == names[2:]
    assert not Party.objects.filter(queue=floor.pk, ended_at__isnull=False).exists()


def test_lines_of_the_older_api_and_those_of_before_end_calls_as_ever() -> None:
    assert Floor.opened("Ann").queue.auto_no_show is True
    field: Any = Queue._meta.get_field("auto_no_show")
    assert (field.db_default, field.default) == (True, False), "rows of before keep what they did"


# ------------------------------------------------------------------------------------------------------- parties without a phone
def test_a_party_without_a_phone_is_never_ended_by_the_clock() -> None:
    floor = Floor.opened("Ann", auto_advance=False)
    commands.add_walk_in(floor.pk, name="Wes")
    commands.join(floor.pk, name="Kio", without_phone=True)
    for _ in range(3):
        commands.call(floor.pk)
    run_out(floor, "Ann", "Wes", "Kio")
    assert floor.called() == ["Wes", "Kio"]
    assert floor.party("Ann").status == rules.NO_SHOW
    assert [party["hasPhone"] for party in floor.row()["called"]] == [False, False]


def test_who_takes_the_ticket_has_a_phone_and_the_clock_counts() -> None:
    floor = Floor.opened(auto_advance=False)
    commands.add_walk_in(floor.pk, name="Wes")
    commands.take_ticket(floor.pk, party_id=floor.id("Wes"))
    commands.call(floor.pk)
    assert [party["hasPhone"] for party in floor.row()["called"]] == [True]
    run_out(floor, "Wes")
    assert floor.party("Wes").status == rules.NO_SHOW
    with pytest.raises(NotFound):
        commands.take_ticket(floor.pk, party_id=floor.id("Wes"))


# ------------------------------------------------------------------------------------------------------------- on my way
def test_on_my_way_gives_more_time_once_in_each_call(floor: Floor) -> None:
    ann, before = floor.id("Ann"), floor.party("Ann").call_deadline
    for _ in range(3):
        commands.declare_nearby(floor.pk, party_id=ann)
    party = floor.party("Ann")
    assert before and party.call_deadline == before + 5 * MINUTE
    assert (party.nearby, party.on_my_way_at) == (True, floor.events()[-1].at)
    assert floor.row()["called"][0]["onMyWayAt"] is not None
    commands.call(floor.pk, party_id=ann)
    again = floor.party("Ann")
    assert again.on_my_way_at is None and again.call_deadline
    commands.declare_nearby(floor.pk, party_id=ann)  # said before, and yet it answers this call
    assert floor.party("Ann").call_deadline == again.call_deadline + 5 * MINUTE
    assert [*reconcile.replayed(floor.pk)] == []


def test_who_was_late_and_comes_now_counts_from_now(floor: Floor) -> None:
    run_out(floor, "Ann")
    commands.declare_nearby(floor.pk, party_id=floor.id("Ann"))
    party = floor.party("Ann")
    assert (party.late_at, party.call_deadline) == (None, floor.events()[-1].at + 5 * MINUTE)


def test_who_waits_is_near_and_has_not_answered_a_call(floor: Floor) -> None:
    bob = floor.id("Bob")
    commands.declare_nearby(floor.pk, party_id=bob)
    assert floor.party("Bob").on_my_way_at is None
    commands.call(floor.pk, party_id=bob)
    commands.declare_nearby(floor.pk, party_id=bob)
    assert floor.party("Bob").on_my_way_at is not None
    commands.put_back(floor.pk, party_id=bob)
    assert floor.row()["waiting"][0]["onMyWayAt"] is None


def test_on_a_line_of_the_older_api_it_moves_no_deadline() -> None:
    floor = Floor.opened("Ann")
    commands.declare_nearby(floor.pk, party_id=floor.id("Ann"))
    commands.call(floor.pk)
    before, version = floor.party("Ann").call_deadline, floor.version
    commands.declare_nearby(floor.pk, party_id=floor.id("Ann"))
    assert (floor.party("Ann").call_deadline, floor.version) == (before, version)
