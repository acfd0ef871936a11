"""kill -9 of the timers amid a run of retention: what stands is whole, begun again it ends, and nothing is counted twice."""

import random
from collections.abc import Iterator

import psycopg
import pytest

from tests.database_clock import moved_clock_of
from tests.installation import FULL, NewStack, Stack, wait_until
from tests.queues.service_lines import at
from tests.retention.everything import in_tables_of

# At full size a line is forgotten in three steps, each of 500 parties.
LINES, PARTIES, KILLS = (12, 1_200, 25) if FULL else (6, 20, 3)
CANARY, NUMBERS = "quillfeather", "+3460088"
pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800 if FULL else 240)]
VENUE = """
from venues import commands
print("VENUE", commands.create_venue(name="Casa Ana", timezone_name="Europe/Madrid").pk)
"""
LINE = f"""
from queues import commands
from queues.contacts import Contact
from venues.models import Venue
new = commands.NewLine(event_name="Dinner", max_guests=20000)
code = commands.open_line(new, venue=Venue.objects.get(pk="{{venue}}"), key="key-of-{CANARY}-{{line}}").code
for number in range({PARTIES}):
    contact = Contact(number=f"{NUMBERS}{{{{number:04}}}}", ways=("sms",)) if number % 4 == 0 else None
    commands.join(code, name=f"{CANARY} {{{{number}}}}", contact=contact)
commands.close(code)
"""
PENDING = "SELECT count(*) AS n FROM outbox_effect WHERE status = 'pending'"
FORGOTTEN = "SELECT count(*) AS n FROM queues_queue WHERE forgotten_at IS NOT NULL"
EVENTS = "SELECT stream_id, data FROM outbox_event WHERE type = 'QUEUE_FORGOTTEN'"
NAMED = "SELECT count(*) AS n FROM queues_party WHERE name <> ''"
# The last slice of the table waits in the middle of a transaction that has forgotten a line's names already.
STANDS = """SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND relation = 'analytics_fact'::regclass
 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.fixture
def stack(own_stack: NewStack) -> Iterator[Stack]:
    made = own_stack("retention-killed", 14, RETENTION_DAYS="30")
    yield made
    made.stop()


def test_a_run_that_is_killed_again_and_again_ends_with_each_party_counted_once(stack: Stack) -> None:
    clock = moved_clock_of(stack, at("2026-03-23 20:00"))
    venue = stack.manage("shell", "--command", VENUE).stdout.split()[-1]
    for line in range(LINES):
        stack.manage("shell", "--command", LINE.format(venue=venue, line=line))
    stack.start("worker", "timers")
    wait_until(clock.goes_on(lambda: stack.sql(PENDING)[0]["n"] == 0), timeout_s=600, what="the effects of all joins")
    stack.kill("timers")
    clock.forward(days=31)
    _killed_in_the_middle(stack)
    random_ = random.Random(19)
    for _ in range(KILLS):
        done = len(stack.sql(EVENTS))
        stack.start("timers")
        more = done + random_.randint(1, 2)
        wait_until(lambda more=more: len(stack.sql(EVENTS)) >= more or _all_done(stack), timeout_s=120, what="a step")  # type: ignore[misc]
        stack.kill("timers")
        if _all_done(stack):
            break
        assert "no differences" in stack.manage("reconcile").stdout
    stack.start("timers")
    wait_until(lambda: _all_done(stack), timeout_s=600, what="what was killed to be ended")
    stack.kill("timers")
    told = [row["data"] for row in stack.sql(EVENTS)]
    assert sum(each["parties"] for each in told) == LINES * PARTIES
    assert sum(each.get("contacts", 0) for each in told) == LINES * PARTIES // 4
    lasts = (
        "SELECT count(*) AS n FROM queues_queue q JOIN outbox_event e ON e.stream_id = q.id AND e.version = q.version"
    )
    assert stack.sql(lasts + " WHERE e.type = 'QUEUE_FORGOTTEN' AND e.at = q.forgotten_at")[0]["n"] == LINES
    assert "no differences" in stack.manage("reconcile").stdout
    assert in_tables_of(stack, [CANARY, NUMBERS]) == []


def _all_done(stack: Stack) -> bool:
    return bool(stack.sql(FORGOTTEN)[0]["n"] == LINES)


def _killed_in_the_middle(stack: Stack) -> None:
    """Control: the kill comes while a transaction has forgotten some, and nothing of it stays."""
    named = stack.sql(NAMED)[0]["n"]
    before = len(stack.sql(EVENTS))
    with psycopg.connect(stack.database) as holder:
        holder.execute("LOCK TABLE analytics_fact")
        stack.start("timers")
        wait_until(lambda: stack.sql(STANDS)[0]["n"] > 0, timeout_s=60, what="a run to stand in its middle")
        stood = len(stack.sql(EVENTS)) - before  # steps of a long line that came before
        assert stack.sql(NAMED)[0]["n"] == named - stood * 500
        stack.kill("timers")
    wait_until(lambda: stack.sql(STANDS)[0]["n"] == 0, timeout_s=30, what="the killed transaction to end")
    assert stack.sql(NAMED)[0]["n"] == named - stood * 500
    assert not _all_done(stack)
