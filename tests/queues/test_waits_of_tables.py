"""What a line knows of its venue's tables for its waits (decision 0089): when, how, and that waits depend on it."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from queues import commands, quotes
from queues.models import Party, Queue
from queues.quotes import Flow, State, Taken, Turns
from queues.quotes.past import Past
from tests.queues.test_one_wait import Evening, own_wait
from venues.tables import Table

MIN = 60_000
TURNS = Turns(45, 60, 75, 0.3)


@pytest.fixture
def evening(db: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Evening:
    settings.QUOTE_MODEL = 3
    return Evening(monkeypatch, 1, tables=True)


def flow(evening: Evening) -> Flow:
    return Flow.from_json(Queue.objects.get(pk=evening.line.pk).flow)


def sits(evening: Evening, table: int, size: int = 2) -> Party:
    party = commands.join(evening.line.pk, size=size).party
    return commands.serve(evening.line.pk, party_id=party.pk, table_ids=[evening.tables[table]])


@pytest.mark.thorough
def test_each_change_of_who_sits_is_in_the_flow(evening: Evening) -> None:
    assert Past.from_json(evening.line.past).turns is not None and flow(evening).coming == ()
    first = sits(evening, 0)
    seen = [flow(evening).coming]
    assert [row[0] for row in seen[0]] == [2, 2, 1], "free at once: two tables for two, two for four, one for six"
    sits(evening, 3, size=4)
    seen.append(flow(evening).coming)
    evening.wait(10)
    waiting = commands.join(evening.line.pk, size=2).party
    assert flow(evening).coming == seen[-1], "who joins changes no table"
    commands.call(evening.line.pk, party_id=waiting.pk)
    seen.append(flow(evening).coming)
    assert [row[0] for row in seen[-1]] == [1, 1, 1], "a called party is about to sit down at the smallest that it fits"
    commands.change_table(evening.line.pk, party_id=first.pk, table_ids=[evening.tables[5]])
    seen.append(flow(evening).coming)
    commands.free_table(evening.line.pk, party_id=first.pk)
    seen.append(flow(evening).coming)
    commands.undo(evening.line.pk)
    seen.append(flow(evening).coming)
    assert seen[-1] == seen[-3] and len(set(seen)) == len(seen) - 1


def test_a_table_that_another_line_took_is_known_with_the_next_change(evening: Evening) -> None:
    sits(evening, 0)
    new = commands.NewLine(event_name="Bar", max_guests=50)
    bar = commands.open_line(new, venue=evening.venue)
    there = commands.join(bar.pk, size=2).party
    commands.serve(bar.pk, party_id=there.pk, table_ids=[evening.tables[1]])
    sits(evening, 2)
    assert flow(evening).coming[0][0] == 0, "no table for two is free"


@pytest.mark.thorough
def test_the_wait_is_shorter_where_tables_have_been_taken_for_long(evening: Evening) -> None:
    parties = [sits(evening, table, size) for table, size in enumerate((2, 2, 2, 4, 4, 6))]
    for _ in range(4):
        waiting = commands.join(evening.line.pk, size=2).party
    fresh = own_wait(waiting)
    Party.objects.filter(pk__in=[party.pk for party in parties]).update(seated_at=evening.now - timedelta(minutes=50))
    called = commands.join(evening.line.pk, size=5).party
    commands.kick(evening.line.pk, party_id=called.pk)
    late = own_wait(waiting)
    assert late < fresh and late[1] < fresh[1]


@pytest.mark.django_db
def test_a_venue_that_frees_no_tables_is_not_taken_to_keep_them(monkeypatch: pytest.MonkeyPatch) -> None:
    evening = Evening(monkeypatch, 1, tables=True)
    Party.objects.filter(freed_at__isnull=False).order_by("ticket")[:1].get().delete()
    for left in Party.objects.filter(freed_at__isnull=False).order_by("ticket")[19:]:
        left.delete()
    line = commands.open_line(commands.NewLine(event_name="Tonight", max_guests=50), venue=evening.venue)
    assert "turns" not in line.past
    party = commands.join(line.pk, size=2).party
    commands.serve(line.pk, party_id=party.pk, table_ids=[evening.tables[0]])
    assert "coming" not in Queue.objects.get(pk=line.pk).flow or not flow(evening).coming


@pytest.mark.django_db
def test_a_line_whose_tables_were_all_taken_out_of_use_tells_a_wait(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.QUOTE_MODEL = 3
    evening = Evening(monkeypatch, 1, tables=True)
    Table.objects.filter(venue=evening.venue).update(archived_at=evening.now)
    party = [commands.join(evening.line.pk, size=size).party for size in (2, 4, 24)][-1]
    commands.call(evening.line.pk)
    assert 0 <= own_wait(party)[0] < own_wait(party)[1] and flow(evening).coming == ()


def told(coming: quotes.Coming, size: int, ahead: quotes.Ahead = (0, 0, 0)) -> quotes.Quote:
    past = Past(turns=TURNS, outcomes=50)
    return quotes.quote(State(now_ms=0, flow=Flow(coming=coming), past=past, waiting=ahead), size, model=3)


@pytest.mark.pure
@pytest.mark.parametrize("size", [7, 12, 40])
def test_a_party_larger_than_every_table_is_told_a_wait_of_the_rates(size: int) -> None:
    small = quotes.coming_free([Taken(2, 2, 0), Taken(4)], (), TURNS)
    quote = told(small, size, (3, 0, 1))
    assert 0 < quote.low_ms < quote.high_ms <= 12 * 60 * MIN
    assert quote.inputs[6:8] == quote.inputs[0:2], "no table is one of its own: what the rates of calls say"


@pytest.mark.pure
def test_the_longer_parties_sit_the_sooner_their_tables_come_free() -> None:
    waits = [
        told(quotes.coming_free([Taken(2, 2, sat * MIN) for _ in range(6)], (), TURNS), 2, (4, 0, 0)).inputs[6]
        for sat in (-10, 0, 20, 40, 60)
    ]
    assert waits == sorted(waits, reverse=True) and waits[0] > 2 * waits[-1]


@pytest.mark.pure
def test_tables_in_which_nobody_sits_are_not_known() -> None:
    assert quotes.coming_free([Taken(2), Taken(4)], (2,), TURNS) == ()


@pytest.mark.pure
def test_a_called_party_takes_a_table_before_those_that_wait() -> None:
    room = [Taken(2, 2, 30 * MIN), Taken(2), Taken(4)]
    free = told(quotes.coming_free(room, (), TURNS), 2).inputs[6]
    taken = told(quotes.coming_free(room, (2,), TURNS), 2).inputs[6]
    twice = told(quotes.coming_free(room, (2, 2, 2), TURNS), 2).inputs[6]
    assert free == 0 < taken < twice
