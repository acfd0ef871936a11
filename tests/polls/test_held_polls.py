"""A command that takes long on one poll (its close may) holds up no ballot of another, over HTTP."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import psycopg

from core.locks import _number
from tests.installation import Stack, wait_until
from tests.polls.running_poll import LivePoll

WAITING = """
    SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database
     WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
"""


@contextmanager
def a_command_on(poll: LivePoll) -> Iterator[None]:
    """Holds the lock that a command holds."""
    with psycopg.connect(poll.stack.database) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_number(UUID(poll.id))])
        yield


def test_ballots_of_other_polls_are_counted_during_a_command(stack: Stack) -> None:
    busy, free = LivePoll(stack), LivePoll(stack)
    with ThreadPoolExecutor(1) as pool:
        with a_command_on(busy):
            late = pool.submit(busy.vote, 1)
            wait_until(lambda: stack.sql(WAITING), what="the ballot to wait for the command")
            for _ in range(3):
                free.voted(0)
            assert not late.done()
        assert late.result().status_code == 201
    assert (busy.counts(exact=True), free.counts(exact=True)) == ([0, 1], [3, 0])


def test_who_waits_too_long_is_told_to_come_again(stack: Stack) -> None:
    busy, free = LivePoll(stack), LivePoll(stack)
    ballot = "0190b3f2-7a54-7c3e-9d8e-0242ac120002"
    with a_command_on(busy):
        told = busy.vote(1, ballot_id=ballot)
        assert (told.status_code, "retry-after" in told.headers) == (503, True)
        free.voted(0)
    assert busy.vote(1, ballot_id=ballot).json()["status"] == "counted"
    assert busy.counts(exact=True) == [0, 1]
