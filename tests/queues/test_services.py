"""Lines that services open: by the sweep, exactly once; by a host, early and once more; and how they end."""

from datetime import date, time

import pytest
from django.db import transaction

from core.errors import Conflict, Invalid
from outbox.models import Event
from queues import commands, reconcile, rules, timers
from queues.models import Queue
from tests.database_clock import DatabaseClock
from tests.queues.service_lines import DINNER, LUNCH, at, lines, only, service
from tests.threads import in_threads
from venues import commands as venue_commands
from venues.hours import Span
from venues.log import lock_venue
from venues.models import Service, Venue

pytestmark = pytest.mark.django_db(transaction=True)


# ---------------------------------------------------------------------------------------------------------------- opening
def test_the_sweep_opens_a_line_at_the_minute_and_once(watch: DatabaseClock, dinner: Service) -> None:
    watch.set(at("2026-03-23 19:59:59"))
    assert timers.sweep() == 0
    watch.set(at("2026-03-23 20:00"))
    assert (timers.sweep(), timers.sweep()) == (1, 0)
    assert lines() == ["Dinner Mon 20:00-23:30: 20:00-"]
    line = only()
    assert (line.service, line.venue, line.zone, line.open_time, line.close_time) == (
        dinner, dinner.venue, "Europe/Madrid", time(20), time(23, 30),
    )  # fmt: skip
    assert (line.last_entry_at, line.closing_at, line.closes_at) == (
        at("2026-03-23 22:30"), at("2026-03-23 23:30"), at("2026-03-24 01:30"),
    )  # fmt: skip
    assert list(reconcile.replayed(line.pk)) == []
    dinner.refresh_from_db()
    assert dinner.opens_next_at == at("2026-03-24 20:00")


@pytest.mark.thorough
def test_sweepers_at_once_open_each_line_once(watch: DatabaseClock, restaurant: Venue) -> None:
    for number in range(4):
        service(restaurant, (DINNER,), name=f"Room {number}")
    watch.set(at("2026-03-23 20:00"))
    assert sum(in_threads(4, timers.sweep)) == 4
    assert Queue.objects.count() == Event.objects.filter(type="QUEUE_OPENED").count() == 4


@pytest.mark.thorough
def test_hours_that_change_at_that_moment_open_one_line(watch: DatabaseClock, dinner: Service) -> None:
    """The opening moves by a minute as the sweep opens it: one line, whichever comes first."""
    watch.set(at("2026-03-23 20:00"))
    later = Span(time(20, 1), time(23, 30))
    work = iter([timers.sweep, lambda: venue_commands.change_service(service_id=dinner.pk, week=[(later,)] * 7)] * 2)
    in_threads(4, lambda: next(work)())
    watch.set(at("2026-03-23 20:01"))
    timers.sweep()
    timers.sweep()
    assert Queue.objects.count() == 1


@pytest.mark.thorough
def test_a_change_of_the_venue_holds_up_no_opening(watch: DatabaseClock, dinner: Service) -> None:
    watch.set(at("2026-03-23 20:00"))
    with transaction.atomic():
        lock_venue(dinner.venue_id)
        assert in_threads(1, timers.sweep) == [1]


def test_a_sweeper_killed_before_its_commit_has_opened_nothing(
    watch: DatabaseClock, dinner: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.set(at("2026-03-23 20:00"))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(venue_commands, "schedule", killed)
        timers.sweep()
    assert not Queue.objects.exists()
    watch.forward(seconds=1)
    assert timers.sweep() == 1
    assert lines() == ["Dinner Mon 20:00-23:30: 20:00-"]


@pytest.mark.parametrize(
    ("back", "opened"),
    [("23:29", ["Dinner Mon 20:00-23:30: 23:29-"]), ("23:30", []), ("23:59", [])],
)
def test_after_a_stop_a_span_that_is_on_is_opened_and_none_that_is_over(
    back: str, opened: list[str], watch: DatabaseClock, dinner: Service
) -> None:
    watch.set(at(f"2026-03-23 {back}"))
    timers.sweep()
    assert lines() == opened
    dinner.refresh_from_db()
    assert dinner.opens_next_at == at("2026-03-24 20:00")


@pytest.mark.thorough
def test_what_is_closed_that_day_or_archived_opens_nothing(
    watch: DatabaseClock, restaurant: Venue, dinner: Service
) -> None:
    lunch = service(restaurant, (LUNCH,), name="Lunch")
    venue_commands.set_exception(venue_id=restaurant.pk, service_id=None, day=date(2026, 3, 24), name="A holiday")
    party = Span(time(21), time(23))
    venue_commands.set_exception(venue_id=restaurant.pk, service_id=dinner.pk, day=date(2026, 3, 24), spans=(party,))
    venue_commands.archive_service(service_id=lunch.pk)
    for each in (dinner, lunch):
        each.refresh_from_db()
    assert (dinner.opens_next_at, lunch.opens_next_at) == (at("2026-03-23 20:00"), None)
    for moment in ("2026-03-24 12:00", "2026-03-24 20:00", "2026-03-24 21:00"):
        watch.set(at(moment))
        timers.sweep()
    assert lines() == ["Dinner Tue 21:00-23:00: 21:00-"]


def test_a_new_zone_moves_what_opens_next(watch: DatabaseClock, restaurant: Venue, dinner: Service) -> None:
    venue_commands.change_venue(venue_id=restaurant.pk, name="Casa Ana", timezone_name="Atlantic/Canary")
    dinner.refresh_from_db()
    assert dinner.opens_next_at == at("2026-03-23 21:00")


# --------------------------------------------------------------------------------------------------------------- by a host
def test_a_host_opens_early_and_the_sweep_opens_no_second_line(watch: DatabaseClock, dinner: Service) -> None:
    watch.set(at("2026-03-23 18:40"))
    line = commands.open_service(dinner.pk)
    with pytest.raises(Conflict, match="open already"):
        commands.open_service(dinner.pk)
    watch.set(at("2026-03-23 20:00"))
    timers.sweep()
    assert lines() == ["Dinner Mon 20:00-23:30: 18:40-"]
    assert line.closing_at == at("2026-03-23 23:30")


@pytest.mark.thorough
def test_what_a_host_closed_early_stays_closed_until_they_open_it(watch: DatabaseClock, dinner: Service) -> None:
    watch.set(at("2026-03-23 20:00"))
    timers.sweep()
    watch.set(at("2026-03-23 21:00"))
    commands.close(only().pk)
    venue_commands.change_service(service_id=dinner.pk, week=[(Span(time(20, 30), time(23, 30)),)] * 7)
    timers.sweep()
    assert lines() == ["Dinner Mon 20:00-23:30: 20:00-21:00"]
    watch.set(at("2026-03-23 21:30"))
    again = commands.open_service(dinner.pk)
    assert (again.opens_at, again.closing_at) == (at("2026-03-23 21:30"), at("2026-03-23 23:30"))
    watch.set(at("2026-03-24 20:30"))
    timers.sweep()
    assert lines()[-1] == "Dinner Tue 20:30-23:30: 20:30-"


@pytest.mark.thorough
def test_a_day_without_hours_is_opened_by_hand_and_takes_nothing_from_the_next(
    watch: DatabaseClock, restaurant: Venue
) -> None:
    brunch = service(restaurant, *[()] * 6, (LUNCH,), name="Brunch")
    line = commands.open_service(brunch.pk)
    assert (line.closing_at, line.last_entry_at) == (None, None)
    assert line.closes_at - line.opened_at == rules.LONGEST_LIFE
    commands.close(line.pk)
    watch.set(at("2026-03-29 12:00"))
    timers.sweep()
    assert lines()[-1] == "Brunch Sun 12:00-15:30: 12:00-"


@pytest.mark.thorough
def test_extending_moves_last_entry_and_end_and_undo_moves_them_back(watch: DatabaseClock, dinner: Service) -> None:
    watch.set(at("2026-03-23 20:00"))
    timers.sweep()
    watch.set(at("2026-03-23 22:45"))
    timers.sweep()
    assert only().entry_over
    commands.edit_line(only().pk, close_time=time(0, 30))
    line = only()
    assert (line.last_entry_at, line.closing_at, line.closes_at, line.entry_over) == (
        at("2026-03-23 23:30"), at("2026-03-24 00:30"), at("2026-03-24 02:30"), False,
    )  # fmt: skip
    commands.join(line.pk)
    commands.leave(line.pk, party_id=line.parties.get().pk)
    commands.undo(line.pk)
    line = only()
    assert (line.last_entry_at, line.closing_at, line.entry_over) == (
        at("2026-03-23 22:30"), at("2026-03-23 23:30"), False,
    )  # fmt: skip
    assert timers.sweep() == 1
    assert only().entry_over
    assert list(reconcile.replayed(line.pk)) == []


@pytest.mark.thorough
def test_a_last_entry_that_is_taken_back_is_not_over(watch: DatabaseClock, dinner: Service) -> None:
    watch.set(at("2026-03-23 20:00"))
    timers.sweep()
    watch.set(at("2026-03-23 21:30"))
    commands.edit_line(only().pk, close_time=time(22, 31))
    watch.set(at("2026-03-23 21:31"))
    timers.sweep()
    assert only().entry_over
    commands.undo(only().pk)
    assert not only().entry_over
    commands.join(only().pk)


def test_a_line_cannot_be_extended_into_the_next_opening(watch: DatabaseClock, restaurant: Venue) -> None:
    service(restaurant, (LUNCH, DINNER), name="Kitchen")
    timers.sweep()
    with pytest.raises(Invalid) as refused:
        commands.edit_line(only().pk, close_time=time(20, 30))
    assert refused.value.field == "closeTime"
    commands.edit_line(only().pk, close_time=time(17))
