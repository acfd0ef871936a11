"""Facts: one per event, in the line's own time, without names."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import serializers
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from analytics import facts
from analytics.models import Fact
from core.errors import Conflict
from outbox import work
from outbox.models import Effect, Event
from queues import commands
from queues.models import Queue
from tests.analytics.conftest import OPENING, Watch, keep_facts, pending


def test_a_fact_says_who_when_how_long_and_what_was_quoted(watch: Watch, line: Queue) -> None:
    commands.join(line.code, size=2)
    watch.at(1)
    party = commands.join(line.code, name="Ada Lovelace", size=3).party
    watch.at(9)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    joined = Fact.objects.get(type="QUEUE_MEMBER_JOINED", party_id=party.pk)
    assert (joined.queue, joined.venue, joined.size) == (line, line.venue, 3)
    assert (joined.quoted_low_ms, joined.quoted_high_ms) == (126_000, 234_000)
    assert joined.at == OPENING + timedelta(minutes=1)
    served = Fact.objects.get(type="QUEUE_MEMBER_SERVED")
    assert (served.waited_ms, served.reason, served.quoted_high_ms) == (8 * 60_000, "served", 234_000)


def test_a_clock_that_was_set_back_keeps_no_fact_out(watch: Watch, line: Queue) -> None:
    watch.at(60)
    party = commands.join(line.code).party
    watch.at(1)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    assert Fact.objects.get(type="QUEUE_MEMBER_SERVED").waited_ms == 0
    assert Event.objects.get(type="QUEUE_MEMBER_SERVED").data["waitedMs"] == 0


def test_no_name_note_or_contact_comes_into_a_fact(line: Queue) -> None:
    party = commands.add_walk_in(line.code, name="Ada Lovelace", note="by the window, 555-0100").party
    commands.edit_party(line.code, party_id=party.pk, name="Grace Hopper")
    commands.no_show(line.code, party_id=commands.call(line.code).pk)
    keep_facts()
    everything = serializers.serialize("json", Fact.objects.all())
    assert str(party.pk) in everything
    assert not [word for word in ("Lovelace", "Grace", "window", "0100") if word in everything]


def test_facts_of_all_kinds_read_a_line_and_its_parties_once_and_no_names(watch: Watch, line: Queue) -> None:
    """Only the columns that are needed; a needed one that is not read would be asked for by one more statement."""
    party = commands.join(line.code, name="Ada").party
    commands.edit_party(line.code, party_id=party.pk, size=3, quote_ms=(300_000, 600_000))
    commands.call(line.code, party_id=party.pk)
    commands.serve(line.code, party_id=party.pk)
    commands.undo(line.code)
    commands.no_show(line.code, party_id=party.pk)
    events = list(Event.objects.filter(effects__name="analytics").order_by("pk"))
    with CaptureQueriesContext(connection) as queries:
        facts.keep(events)
    assert Fact.objects.count() == len(events) >= 6
    read = [each["sql"] for each in queries if each["sql"].startswith("SELECT")]
    assert len(read) == 2 and not [sql for sql in read if "name" in sql]


def test_the_size_is_the_one_at_the_join(line: Queue) -> None:
    party = commands.join(line.code, size=2).party
    commands.edit_party(line.code, party_id=party.pk, size=7)
    keep_facts()
    assert Fact.objects.get(type="QUEUE_MEMBER_JOINED").size == 2


@pytest.mark.thorough
def test_eight_workers_at_once_keep_one_fact(line: Queue) -> None:
    commands.join(line.code)
    effects = pending()
    start = threading.Barrier(8)

    def perform() -> None:
        try:
            start.wait(10)
            for effect_id in effects:
                work.perform(effect_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(perform) for _ in range(8)]:
            done.result()
    assert not pending()
    assert Fact.objects.count() == len(effects) == 2


def test_a_fact_is_kept_once_even_if_the_mark_is_lost(line: Queue) -> None:
    commands.join(line.code)
    keep_facts()
    Effect.objects.update(status=Effect.Status.PENDING)
    keep_facts()
    for event in Event.objects.all():
        facts.keep([event])
    assert Fact.objects.count() == Event.objects.filter(effects__name="analytics").count() == 2


def test_a_replayed_lines_times_are_its_own(watch: Watch, line: Queue) -> None:
    commands.mark_replay(line.code, time_scale=60)
    watch.at(1)
    party = commands.join(line.code).party
    watch.at(1.25)
    commands.call(line.code, party_id=party.pk)
    watch.at(1.5)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    served = Fact.objects.get(type="QUEUE_MEMBER_SERVED")
    assert served.waited_ms == 30 * 60_000
    assert served.at == OPENING + timedelta(minutes=90)
    assert Fact.objects.get(type="QUEUE_MEMBER_CALLED").waited_ms == 15 * 60_000


@pytest.mark.thorough
def test_a_replayed_lines_quotes_are_in_its_own_time(watch: Watch, line: Queue) -> None:
    commands.mark_replay(line.code, time_scale=60)
    for number in range(30):
        commands.join(line.code, name=f"guest {number}")
    for number in range(29):
        watch.at(number / 12)
        commands.call(line.code)
    # A call each 5 s at 60 times real speed is a pace of 5 minutes, and that is what the next guest is told to expect.
    line.refresh_from_db()
    assert 290_000 < line.pace_ms <= 300_000


def test_undone_needs_no_order(watch: Watch, line: Queue) -> None:
    party = commands.join(line.code).party
    commands.kick(line.code, party_id=party.pk)
    commands.undo(line.code)
    keep_facts(backwards=True)
    kicked = Fact.objects.get(type="QUEUE_MEMBER_KICKED")
    assert Fact.objects.get(type="QUEUE_ACTION_UNDONE").undoes == kicked.version


def test_mark_replay_is_refused_once_a_party_has_joined(new_line: Callable[..., Queue]) -> None:
    line = new_line()
    commands.join(line.code)
    with pytest.raises(Conflict):
        commands.mark_replay(line.code, time_scale=2)
    line.refresh_from_db()
    assert (line.time_scale, line.version) == (1, 2)
