"""manage.py reconcile on polls and rooms: what is shown is what was counted, and the log is whole (B2)."""

import io
from collections.abc import Iterator

import orjson
import pytest
from django.core.management import CommandError, call_command

from core.cache import sync_redis
from outbox.effects import FOLLOWERS
from polls import commands
from polls.edge import publish
from polls.models import Poll
from realtime import store
from rooms import commands as rooms
from tests.polls.database_polls import HOUR, ballot, cast, made, sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_ballots_left(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empties polls_ballot afterwards: Django does not manage this table."""
    # At once: a thread would repair what a test has just changed by hand.
    monkeypatch.setitem(FOLLOWERS, "ballots", "polls.edge.publish.publish")
    yield
    sql("TRUNCATE polls_ballot")


def reconcile(**options: str) -> str:
    """What it prints; its error's text when it finds a difference."""
    out = io.StringIO()
    try:
        call_command("reconcile", stdout=out, **options)
    except CommandError as problem:
        return f"{out.getvalue()} {problem}"
    return out.getvalue()


def voted() -> Poll:
    """An open poll with two ballots, and its published row."""
    poll = made()
    cast(ballot(poll, "Ann", 0))
    cast(ballot(poll, "Bob", 1))
    assert publish.publish(poll.pk)
    return poll


def test_a_sound_poll_and_room_are_found_sound() -> None:
    voted()
    room = rooms.create(rooms.NewRoom(title="Live?"))
    rooms.close(room.pk)
    assert "2 looked at, no differences" in reconcile()


def test_a_total_that_is_shown_and_was_not_counted_is_found() -> None:
    poll = voted()
    row = store.read(publish.KIND, str(poll.pk))
    assert row is not None
    row["choices"][0]["count"] += 1
    sync_redis().hset(store.key(publish.KIND, str(poll.pk)), "row", orjson.dumps(row))
    assert "the totals that are shown are not its tallies" in reconcile(poll=poll.code)


def test_a_total_that_stays_behind_is_found_and_one_that_is_late_is_not() -> None:
    poll = voted()
    old = store.read(publish.KIND, str(poll.pk))
    assert old is not None
    cast(ballot(poll, "Cem", 1))
    publish.publish(poll.pk)
    sync_redis().hset(
        store.key(publish.KIND, str(poll.pk)),
        mapping={"v": old["version"], "r": old["version"], "row": orjson.dumps(old)},
    )
    assert "no differences" in reconcile(poll=poll.code)
    sql("UPDATE polls_seal SET changed_at = changed_at - %s WHERE poll_id = %s", HOUR, poll.pk)
    sql("UPDATE outbox_event SET at = at - %s WHERE stream_id = %s", HOUR, poll.pk)
    assert f"version {old['version']} is shown" in reconcile(poll=poll.code)


@pytest.mark.parametrize("kind", ["poll", "room"])
def test_a_hole_in_the_log_is_found(kind: str) -> None:
    if kind == "poll":
        poll = made()
        commands.close(poll.pk)
        pk, code = poll.pk, poll.code
    else:
        room = rooms.create(rooms.NewRoom(title="Live?"))
        rooms.close(room.pk)
        pk, code = room.pk, room.code
    assert "no differences" in reconcile(**{kind: code})
    sql("DELETE FROM outbox_event WHERE stream_id = %s AND version = 1", pk)
    assert "its log has 1 changes up to 2, it is at version 2" in reconcile(**{kind: code})
