"""Law 2 behind a pooler: a lock is waited for 3 s, also when each transaction gets another connection of pgbouncer's."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest

from core.environment import TIME_OUTS
from core.locks import _number
from tests.faults.ballots import proved
from tests.faults.engines.pgbouncer import PgBouncer
from tests.faults.installation import Target, report
from tests.faults.told import Told
from tests.installation import wait_until
from tests.polls.ballot_load import Crowd, voters
from tests.polls.running_poll import LivePoll

NAME = "pooled"
HELD_S = 8.0
LOCK_WAIT_S = 3.0


@pytest.fixture(scope="module")
def pooler() -> Iterator[PgBouncer]:
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        server = PgBouncer(Path(directory).resolve(), os.environ["DATABASE_URL"])
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def pooled(
    own_target: Callable[..., AbstractContextManager[Target]], pooler: PgBouncer, told: Told
) -> Iterator[Target]:
    """An installation behind it. Its role has no time-outs yet."""
    with own_target(NAME, DATABASE_URL=pooler.url_of(f"tallyline_{NAME}"), **told.hosts) as target:
        yield target


def alter_role(target: Target, pooler: PgBouncer, what: str) -> None:
    """For this database; the pooler makes new connections, which have it."""
    target.run()
    target.stack.sql(f"ALTER ROLE CURRENT_USER IN DATABASE tallyline_{NAME} {what}")
    pooler.stop()
    pooler.start()


@pytest.fixture
def ready(pooled: Target, pooler: PgBouncer) -> Target:
    """With the time-outs that docs/operations.md asks for."""
    for name, value in TIME_OUTS.items():
        alter_role(pooled, pooler, f"SET {name} = '{value}'")
    return pooled


@contextmanager
def held(target: Target, statement: str, key: object) -> Iterator[None]:
    """The lock of this statement is held, past pgbouncer."""
    with psycopg.connect(target.stack.database) as holder:
        holder.execute(statement, [key])
        yield


def waited(target: Target, poll: LivePoll) -> tuple[int, float]:
    """What the close of a poll is answered whose lock is held, and after how many seconds."""
    with held(target, "SELECT pg_advisory_xact_lock(%s)", _number(UUID(poll.id))):
        began = time.monotonic()
        try:
            status = httpx.post(poll.url("/close"), headers=poll.host, timeout=HELD_S).status_code
        except httpx.TimeoutException:
            status = 0
        return status, time.monotonic() - began


def test_without_time_outs_nothing_starts_and_is_told_why(pooled: Target, pooler: PgBouncer) -> None:
    alter_role(pooled, pooler, "RESET ALL")
    for name in ("web", "worker", "timers"):
        ended = pooled.stack.refuse(name)
        printed = ended.stdout + ended.stderr
        assert "Postgres has no lock_timeout: a pooler has dropped the options" in printed
        assert f"""ALTER ROLE "postgres" IN DATABASE "tallyline_{NAME}" SET lock_timeout = '3s';""" in printed
        assert "Traceback" not in printed


def test_a_close_waits_3_s_for_a_held_lock(ready: Target) -> None:
    ready.run("web", "web2", "worker", "timers")
    poll, line = LivePoll(ready.stack), ready.line()
    status, seconds = waited(ready, poll)
    assert status == 503
    assert LOCK_WAIT_S - 0.5 < seconds < LOCK_WAIT_S + 1
    with (
        held(ready, "SELECT 1 FROM queues_queue WHERE id = %s FOR UPDATE", line.session_id),
        line.client(host=True) as staff,
    ):
        began = time.monotonic()
        assert staff.post("close", json={}).status_code == 503
        assert time.monotonic() - began < LOCK_WAIT_S + 1
    poll.act("close")
    report(f"behind pgbouncer a close waits {seconds:.1f} s for a lock that is held")


def test_all_else_works_as_without(ready: Target, told: Told) -> None:
    """Ballots over both processes with fewer connections than threads, a line, its effects, a webhook, texts, what retention
    forgets, and what reconcile reads."""
    ready.renew()
    ready.run("web", "web2", "worker", "timers")
    told.connect(ready.stack)
    poll, line = LivePoll(ready.stack), told.open_line()
    crowd = Crowd(ready.stack, islice(voters(poll), 2_000)).all_of_them()
    for _ in range(20):
        told.join(line)
    ready.all_done()
    wait_until(told.all_told, timeout_s=60, what="the webhook and the texts")
    assert told.texts() >= 20 and told.again_and_late() == (0, 0)
    line.host("close")
    moved = "UPDATE queues_queue SET closed_at = closed_at + make_interval(days => %s) WHERE id = %s"
    ready.stack.sql(moved, -31, line.session_id)
    forgotten = "SELECT count(*) FROM reach_contact c JOIN queues_party p ON p.id = c.party_id"
    wait_until(lambda: ready.number(forgotten) == 0, timeout_s=30, what="the guests to be forgotten")
    ready.stack.sql(moved, 31, line.session_id)  # as its events have it
    ready.check_facts()
    proved(poll, crowd)
    for name in ("web", "web2", "worker", "timers"):
        assert "Traceback" not in ready.stack.log(name), ready.stack.log(name)[-2000:]


def test_control_without_the_roles_time_outs_a_close_waits_on(pooled: Target, pooler: PgBouncer) -> None:
    """DEBUG turns off what refuses to start."""
    alter_role(pooled, pooler, "RESET ALL")
    pooled.stack.env["DEBUG"] = "on"
    pooled.run("web")
    status, seconds = waited(pooled, LivePoll(pooled.stack))
    del pooled.stack.env["DEBUG"]
    assert (status, seconds > LOCK_WAIT_S + 2) == (0, True)
