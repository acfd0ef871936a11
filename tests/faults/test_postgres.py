"""F5: Postgres crashes under load. What was acknowledged is there; what was not is sent again, and is there once."""

import time
from collections.abc import Callable, Sized
from uuid import uuid4

import httpx
import pytest

from devserver.embedded import Postgres
from tests.faults.installation import Load, Target, TargetLine, report, snapshots_right
from tests.installation import FULL, wait_until

CRASHES = 5 if FULL else 1
CLIENTS = 8


def guest(line: TargetLine, acknowledged: dict[str, str], *, patient: bool = True) -> Callable[[Load], None]:
    """Joins, each time with a new key. A patient one sends again what got no answer or one that says "try again"."""
    client = line.client()

    def step(load: Load) -> None:
        key = str(uuid4())
        while True:
            try:
                answer = load.ask(client, "join", {}, **{"Idempotency-Key": key})
            except httpx.TransportError:
                load.statuses.append(0)
            else:
                if answer.status_code == 200:
                    acknowledged[key] = answer.json()["partyId"]
                    return
                assert answer.status_code >= 500, answer.text
            load.over.wait(0.1)
            if not patient:
                return

    return step


def more_than(counted: Sized, count: int) -> None:
    """Waits until there are more than this many."""
    wait_until(lambda: len(counted) > count, timeout_s=60, what=f"more than {count} answers")


def crash_under_load(target: Target, postgres: Postgres, line: TargetLine) -> tuple[dict[str, str], set[str], Load]:
    """Clients join while Postgres crashes and returns; (acknowledged: key → party, the parties that are there, load)."""
    acknowledged: dict[str, str] = {}
    load = Load([guest(line, acknowledged) for _ in range(CLIENTS)])
    with load.going():
        for _ in range(CRASHES):
            more_than(acknowledged, len(acknowledged) + 60)
            target.close()
            postgres.stop("immediate")
            more_than(load.statuses, len(load.statuses) + CLIENTS)  # the clients notice
            postgres.start()
            more_than(acknowledged, len(acknowledged) + 60)
    return acknowledged, parties(target, line), load


def parties(target: Target, line: TargetLine) -> set[str]:
    """The ids of all parties the line has had."""
    rows = target.rows("SELECT id FROM queues_party WHERE queue_id = %s", line.session_id)
    return {str(row["id"]) for row in rows}


@pytest.mark.timeout(300 if FULL else 240)
def test_a_crash_of_postgres_takes_no_acknowledged_join_and_doubles_none(crash_target: tuple[Target, Postgres]) -> None:
    target, postgres = crash_target
    target.run("web", "worker", "timers")
    line = target.line()
    acknowledged, there, load = crash_under_load(target, postgres, line)
    assert 0 in load.statuses or 500 in load.statuses or 503 in load.statuses, "no client noticed the crash"
    began = time.monotonic()
    assert set(acknowledged.values()) == there  # none lost, none twice
    assert len(acknowledged) == len(there)
    # The same processes go on with the Postgres that returned.
    shown = snapshots_right([line])
    done = target.all_done(timeout_s=30, since=began)
    target.check_facts()
    versions = [event["version"] for event in line.events("QUEUE_OPENED", "QUEUE_MEMBER_JOINED")]
    assert versions == list(range(1, len(versions) + 1))
    troubled = sum(status != 200 for status in load.statuses)
    report(f"{CRASHES} crashes under {len(acknowledged)} joins, {troubled} sent again; "
           f"snapshot right {shown:.2f} s, effects done {done:.1f} s after the load")  # fmt: skip


@pytest.mark.timeout(300 if FULL else 240)
def test_control_without_synchronous_commit_acknowledged_joins_are_lost(crash_target: tuple[Target, Postgres]) -> None:
    """What the program refuses to run on (core/durability.py) does lose guests, and the test above would show it."""
    target, postgres = crash_target
    target.run()
    name = "tallyline_crash"
    target.stack.sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    target.stack.sql("ALTER SYSTEM SET wal_writer_delay = '10s'")
    target.stack.sql("ALTER SYSTEM SET wal_writer_flush_after = '1GB'")
    target.close()
    postgres.stop("fast")
    postgres.start()
    target.stack.env["DEBUG"] = "on"
    target.run("web")
    line = target.line()
    acknowledged: dict[str, str] = {}
    with Load([guest(line, acknowledged, patient=False) for _ in range(CLIENTS)]).going():
        more_than(acknowledged, 60)
        target.close()
        postgres.stop("immediate")
    postgres.start()
    lost = set(acknowledged.values()) - parties(target, line)
    assert lost
    report(f"control: {len(lost)} of {len(acknowledged)} acknowledged joins were lost without synchronous_commit")
