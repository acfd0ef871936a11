"""The timers' repair of what is shown of polls: one pass asks for the versions of all that changed, however many."""

from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from core import clock
from core.cache import sync_redis
from polls import commands, selectors
from polls.edge import publish
from polls.models import Poll
from realtime import store
from tests.polls.database_polls import HOUR, ballot, cast, made, sql

pytestmark = pytest.mark.django_db(transaction=True)


def in_every_state() -> list[Poll]:
    """A draft, an open poll of several shards with changed ballots, one that was reset, one that is closed."""
    draft, busy, again, closed = made(open_now=False), made(shards=5, may_change=True), made(), made()
    for voter in range(12):
        cast(ballot(busy, voter, 0))
    for voter in range(4):
        cast(ballot(busy, voter, 1))
    cast(ballot(again, "Ann", 0))
    commands.reset(again.pk)
    cast(ballot(closed, "Ann", 2))
    commands.close(closed.pk)
    return [draft, busy, again, closed]


def test_the_versions_of_many_polls_are_those_of_each(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ids = [poll.pk for poll in in_every_state()]
    unknown = uuid4()
    with django_assert_num_queries(2):
        together = selectors.versions_on_default([*ids, unknown])
    assert together == {poll: selectors.current_version(poll) for poll in ids} | {unknown: 0}
    assert len(set(together.values())) > 2
    assert selectors.versions_on_default([]) == {}


def test_each_stale_row_and_each_of_a_poll_that_is_gone_is_repaired() -> None:
    since = clock.now() - HOUR
    polls = in_every_state()
    gone = made()
    for poll in (*polls, gone):
        assert publish.publish(poll.pk)
    right = {poll.pk: store.read(publish.KIND, str(poll.pk)) for poll in polls}
    sql("DELETE FROM polls_choice WHERE poll_id = %s", gone.pk)
    sql("DELETE FROM polls_poll WHERE id = %s", gone.pk)
    for poll in polls:
        sync_redis().hset(store.key(publish.KIND, str(poll.pk)), mapping={"v": 0, "row": "{}"})
    assert publish.refresh(since)
    assert {poll.pk: store.read(publish.KIND, str(poll.pk)) for poll in polls} == right
    assert store.read(publish.KIND, str(gone.pk)) is None
