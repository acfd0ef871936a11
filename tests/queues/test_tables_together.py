"""Hosts of two lines of one venue at once: no table ever has two parties, and everything is proved afterwards."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.errors import Conflict, Refused
from queues import commands, reconcile
from queues.models import Party, Queue
from tests.queues.dining_room import DiningRoom
from tests.threads import in_threads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

MOVES, HOSTS = 40, 2


def taken_twice() -> list[str]:
    """Tables at which two parties sit, as one statement sees them."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT t.id FROM queues_party p CROSS JOIN LATERAL jsonb_array_elements_text(p.tables) AS t (id)
             WHERE p.seated_at IS NOT NULL AND p.freed_at IS NULL GROUP BY t.id HAVING count(*) > 1""")
        return [row[0] for row in cursor.fetchall()]


def act(rng: random.Random, room: DiningRoom, line: Queue) -> None:
    """One thing that a host does. Raises Refused."""
    parties = list(line.parties.order_by("ticket").values_list("pk", "status", "seated_at", "freed_at"))
    waiting = [pk for pk, status, *_ in parties if status in Party.IN_LINE]
    seated = [pk for pk, status, *_ in parties if status == "served"]
    sitting = [pk for pk, _, since, until in parties if since and not until]
    tables = rng.choice([["1"], ["2"], ["3"], ["4"], ["5"], ["3", "4"], ["5", "4"], ["5", "4", "3"]])
    what = rng.choice(["seat"] * 4 + ["free"] * 3 + ["undo"] * 2 + ["move", "move", "put back", "join"])
    if what == "seat" and waiting:
        commands.serve(line.pk, party_id=rng.choice(waiting), table_ids=room.ids(*tables))
    elif what == "free" and sitting:
        commands.free_table(line.pk, party_id=rng.choice(sitting))
    elif what == "move" and seated:
        commands.change_table(line.pk, party_id=rng.choice(seated), table_ids=room.ids(*tables))
    elif what == "put back" and seated:
        commands.put_back(line.pk, party_id=rng.choice(seated))
    elif what == "undo":
        commands.undo(line.pk)
    else:
        commands.join(line.pk, size=rng.randint(1, 8))


@pytest.mark.parametrize("seed", range(3))
def test_random_hosts_of_two_lines_never_seat_two_parties_at_one_table(seed: int) -> None:
    room = DiningRoom.made()
    lines = [room.line("Bar"), room.line("Dinner")]
    for line in lines:
        for _ in range(5):
            commands.join(line.pk, size=2)
    done, refused, twice = 0, 0, []
    count, over = threading.Lock(), threading.Event()

    def host(number: int) -> None:
        nonlocal done, refused
        rng = random.Random(f"{seed} {number}")
        try:
            for _ in range(MOVES):
                try:
                    act(rng, room, lines[number % 2])
                except Refused:
                    with count:
                        refused += 1
                else:
                    with count:
                        done += 1
        finally:
            connection.close()

    def watcher() -> None:
        try:
            while not over.is_set():
                twice.extend(taken_twice())
        finally:
            connection.close()

    with ThreadPoolExecutor(2 * HOSTS + 1) as pool:
        watching = pool.submit(watcher)
        hosts = [pool.submit(host, number) for number in range(2 * HOSTS)]
        for each in hosts:
            each.result()
        over.set()
        watching.result()
    assert twice == [] and taken_twice() == []
    assert done > MOVES and refused > 0, "they got in each other's way"
    for line in lines:
        assert [*reconcile.replayed(line.pk), *reconcile.structure(line.pk)] == []


def test_of_hosts_who_want_one_table_at_the_same_moment_one_gets_it() -> None:
    room = DiningRoom.made()
    lines = [room.line(f"Line {number}") for number in range(4)]
    parties = {line.pk: commands.join(line.pk).party.pk for line in lines}
    left = list(parties.items())

    def seat() -> str:
        line, party = left.pop()
        try:
            commands.serve(line, party_id=party, table_ids=room.ids("3", "4"))
        except Conflict as refused:
            return refused.message
        return "seated"

    answers = in_threads(4, seat)
    assert sorted(answer[:15] for answer in answers) == ["Tables 3 and 4 "] * 3 + ["seated"]
    assert [len(who) for who in room.sits().values()] == [1, 1]


def test_a_table_with_two_parties_is_found_by_reconcile() -> None:
    room = DiningRoom.made()
    bar, dinner = room.line("Bar"), room.line("Dinner")
    there, other = room.seat(bar, "1"), room.seat(dinner, "2")
    Party.objects.filter(pk=other.pk).update(tables=there.tables)
    table = room.tables["1"]
    assert f"party {there.pk} (ticket 1) sits at table {table}, and so does party {other.pk}" in list(
        reconcile.structure(bar.pk)
    )
    Party.objects.filter(pk=other.pk).update(seated_at=None)
    assert any("does not go with its tables" in each for each in reconcile.structure(dinner.pk))
