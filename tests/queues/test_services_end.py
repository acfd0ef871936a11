"""How lines of services end: last entry, closing time, the hard limit. A week of them: tests/faults/test_week.py."""

from datetime import time, timedelta

import pytest

from core.errors import Conflict
from queues import commands, reconcile, refusals, rules, shapes, timers
from queues.models import Queue
from queues.selectors import current_row
from tests.database_clock import DatabaseClock
from tests.queues.service_lines import at, only, service
from venues.hours import Span
from venues.models import Service, Venue

pytestmark = pytest.mark.django_db(transaction=True)


# ------------------------------------------------------------------------------------------------------------------ ending
@pytest.mark.thorough
def test_after_last_entry_no_guest_joins_and_a_host_may_add_one(watch: DatabaseClock, dinner: Service) -> None:
    watch.set(at("2026-03-23 20:00"))
    timers.sweep()
    line = only()
    watch.set(at("2026-03-23 22:29:59"))
    commands.join(line.pk, name="Ann")
    watch.set(at("2026-03-23 22:30"))
    with pytest.raises(Conflict) as refused:
        commands.join(line.pk, name="Bob")
    assert refused.value.reason is refusals.ENTRY_OVER
    commands.add_walk_in(line.pk, name="Cem")
    assert timers.sweep() == 1
    row = current_row(line.pk)
    assert row is not None
    assert shapes.public(row)["entryOver"] is True
    assert shapes.public(row)["hours"]["closing"] == at("2026-03-23 23:30").timestamp() * 1000
    assert timers.sweep() == 0


@pytest.mark.thorough
def test_nobody_is_thrown_out_at_closing_time_and_the_line_ends_with_the_last_party(
    watch: DatabaseClock, dinner: Service
) -> None:
    watch.set(at("2026-03-23 20:00"))
    timers.sweep()
    line = only()
    party = commands.join(line.pk, name="Ann").party
    watch.set(at("2026-03-23 23:30"))
    timers.sweep()
    assert not only().is_closed
    watch.set(at("2026-03-23 23:45"))
    commands.serve(line.pk, party_id=party.pk)
    timers.sweep()
    assert not only().is_closed, "the host may undo it"
    watch.forward(minutes=1)
    assert timers.sweep() == 1
    assert (only().close_reason, only().closed_at) == ("hours", at("2026-03-23 23:46"))
    assert list(reconcile.replayed(line.pk)) == []


@pytest.mark.thorough
def test_the_hard_limit_ends_the_line_with_parties_in_it(watch: DatabaseClock, dinner: Service) -> None:
    watch.set(at("2026-03-23 20:00"))
    timers.sweep()
    commands.join(only().pk, name="Ann")
    watch.set(at("2026-03-24 01:29:59"))
    timers.sweep()
    assert not only().is_closed
    watch.set(at("2026-03-24 01:30"))
    assert timers.sweep() == 1
    assert (only().close_reason, only().parties.get().status) == ("hours", rules.CLOSED)


@pytest.mark.thorough
def test_an_empty_line_is_open_all_its_hours_also_longer_than_twelve(watch: DatabaseClock, restaurant: Venue) -> None:
    all_day = service(restaurant, (Span(time(0), time(0)),), name="Bar")
    watch.set(at("2026-03-24 00:00"))
    timers.sweep()
    line = Queue.objects.get(service=all_day, opens_at=at("2026-03-24 00:00"))
    for hours in (3, 12, 23):
        watch.set(at("2026-03-24 00:00") + timedelta(hours=hours))
        assert timers.sweep() == 0
    commands.edit_line(line.pk, max_guests=30)
    watch.set(at("2026-03-25 00:00"))
    timers.sweep()
    line.refresh_from_db()
    assert line.closed_at == at("2026-03-25 00:00")
    assert Queue.objects.filter(closed_at=None).count() == 1
