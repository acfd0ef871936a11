"""`manage.py reconcile`: silent after anything commands do, loud after anything else."""

import io
import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils.module_loading import import_string

from config.management.commands.reconcile import SUBJECTS
from core.errors import Refused
from outbox import dispatcher, work
from outbox.models import Effect, Event
from queues import commands
from queues.models import Party, Queue
from queues.replay import Replay
from venues import commands as venue_commands

pytestmark = pytest.mark.thorough

MOVES = 30


def reconcile(*arguments: str) -> str:
    """What it prints. Raises CommandError, which manage.py turns into exit code 1."""
    out = io.StringIO()
    try:
        call_command("reconcile", *arguments, stdout=out)
    except CommandError as problem:
        raise CommandError(f"{out.getvalue()}\n{problem}", returncode=problem.returncode) from None
    return out.getvalue()


def found(*arguments: str) -> str:
    """The differences it prints; fails when there are none."""
    with pytest.raises(CommandError) as failure:
        reconcile(*arguments)
    assert failure.value.returncode == 1
    return str(failure.value)


def sql(query: str, *values: Any) -> None:
    """Tampering."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        assert cursor.rowcount > 0, "nothing was tampered with"


def any_party(rng: random.Random, line: Queue) -> Any:
    """A party of the line, in line or gone."""
    known = line.parties.order_by("ticket")
    present = list(known.filter(status__in=Party.IN_LINE).values_list("pk", flat=True))
    all_ids = list(known.values_list("pk", flat=True))
    return rng.choice(present if present and rng.random() < 0.7 else all_ids or [line.pk])


def close_by_mistake(code: str) -> None:
    """And open again."""
    commands.close(code)
    commands.undo(code)


def busy(line: Queue, seed: int, moves: int = MOVES) -> None:
    """Random commands of hosts and guests; refusals are fine."""
    rng = random.Random(seed)
    code = line.code
    for number in range(moves):
        party = any_party(rng, line)
        choices: list[Callable[[], Any]] = [
            *[partial(commands.join, code, name=f"guest {number}", size=rng.randint(1, 9))] * 5,
            *[partial(commands.call, code)] * 2,
            *[partial(commands.undo, code)] * 2,
            *[partial(commands.resume, code)] * 2,
            partial(commands.pause, code),
            partial(commands.call, code, party_id=party),
            partial(commands.advance, code),
            partial(commands.serve, code, party_id=party),
            partial(commands.kick, code, party_id=party),
            partial(commands.leave, code, party_id=party),
            partial(commands.no_show, code, party_id=party),
            partial(commands.put_back, code, party_id=party),
            partial(commands.declare_nearby, code, party_id=party),
            partial(commands.edit_party, code, party_id=party, name="Ada", note=" by the window", size=3),
            partial(commands.reorder, code, party_id=party, position=rng.randint(1, 9)),
            partial(commands.add_walk_in, code, name="", size=2, note="tall"),
            partial(commands.expire_call, line.pk, party_id=party),
            partial(close_by_mistake, code),
        ]
        try:
            rng.choice(choices)()
        except Refused:
            continue


def every_end(code: str) -> None:
    """One party each that waits, is called, was seated, left, was removed and did not come."""
    commands.call(code, party_id=commands.add_walk_in(code).party.pk)
    commands.serve(code, party_id=commands.add_walk_in(code).party.pk)
    commands.leave(code, party_id=commands.add_walk_in(code).party.pk)
    commands.kick(code, party_id=commands.add_walk_in(code).party.pk)
    commands.no_show(code, party_id=commands.call(code, party_id=commands.add_walk_in(code).party.pk).pk)
    commands.add_walk_in(code)


def perform_all() -> None:
    """Keeps the facts of all events; what is pushed is not pushed here."""
    for effect_id in Effect.objects.filter(name="analytics", status="pending").values_list("pk", flat=True):
        work.perform(effect_id)


@pytest.fixture
def line(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """A line that has seen everything, its facts kept."""
    monkeypatch.setattr(dispatcher, "after_commit", lambda *_: None)
    venue = venue_commands.create_venue(name="Nonna", timezone_name="UTC")
    new = commands.NewLine(event_name="Busy", max_guests=2000, call_window_s=0)
    line = commands.open_line(new, venue=venue)
    busy(line, seed=1)
    every_end(line.code)
    perform_all()
    return line


def test_nothing_differs_after_a_busy_evening(line: Queue) -> None:
    busy(line, seed=9, moves=150)
    perform_all()
    # The story must have been one: every kind of thing has happened in it.
    assert line.parties.count() > 30
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT action), count(DISTINCT type) FROM outbox_event")
        actions, types = cursor.fetchone()
    assert actions >= 15 and types >= 13
    assert "1 looked at, no differences" in reconcile()


@pytest.mark.parametrize("seed", range(2, 4))
def test_random_commands_leave_no_difference(line: Queue, seed: int) -> None:
    busy(line, seed=seed, moves=100)
    other = commands.open_line(commands.NewLine(event_name="Other", max_guests=100, timezone="Asia/Tokyo"))
    busy(other, seed=seed, moves=30)
    commands.close(line.code)
    assert "2 looked at, no differences" in reconcile()
    assert "1 looked at, no differences" in reconcile("--line", other.code.lower())


def test_the_state_of_a_party_changed_by_hand_is_found(line: Queue) -> None:
    party = line.parties.filter(status=Party.Status.SERVED).first()
    assert party is not None
    sql("UPDATE queues_party SET status = 'left' WHERE id = %s", party.pk)
    assert f"party {party.pk} (ticket {party.ticket}): status is 'left', its events give 'served'" in found()


@pytest.mark.parametrize("which", [0, -1, 7], ids=["first", "last", "another"])
def test_an_event_that_was_deleted_is_found(line: Queue, which: int) -> None:
    event = list(Event.objects.filter(seq=0).order_by("version").values_list("pk", flat=True))[which]
    for query in (
        "DELETE FROM outbox_effect WHERE event_id = %s",
        "DELETE FROM analytics_fact WHERE event_id = %s",
        "DELETE FROM outbox_event WHERE id = %s",
    ):
        with connection.cursor() as cursor:
            cursor.execute(query, [event])
    assert f"line {line.code}: " in found()


@pytest.mark.parametrize("by", [-1, 1])
def test_a_version_that_was_changed_is_found(line: Queue, by: int) -> None:
    sql("UPDATE queues_queue SET version = version + %s", by)
    line.refresh_from_db()
    assert f"its version is {line.version}, its last event's {line.version - by}" in found()


TAMPERING = {
    "the line": ("UPDATE queues_queue SET max_guests = max_guests + 1", "line: max_guests is 2001, its events give 2000"),
    "a name": ("UPDATE queues_party SET name = 'Eve' WHERE ticket = 3", "(ticket 3): name is 'Eve'"),
    "a party deleted": ("DELETE FROM queues_party WHERE ticket = 5", "joined by an event, but has no row"),
    "a ticket missing": ("DELETE FROM queues_party WHERE ticket = 5", "tickets are missing or too many"),
    "a ticket too many": ("UPDATE queues_queue SET next_ticket = next_ticket + 1", "tickets are missing or too many"),
    "a closed line": (
        "UPDATE queues_queue SET closed_at = clock_timestamp() "
        "WHERE EXISTS (SELECT 1 FROM queues_party WHERE status = 'waiting')",
        "it is closed, and",
    ),
    "a time": (
        "UPDATE queues_party SET ended_at = NULL WHERE status = 'served'",
        "is served, which does not go with its times",
    ),
    "an effect deleted": ("DELETE FROM outbox_effect WHERE name = 'push'", "its effect push is missing"),
    "an effect too many": (
        "UPDATE outbox_event SET type = 'QUEUE_PAUSED' WHERE type = 'QUEUE_MEMBER_JOINED'",
        "its effect analytics should not be",
    ),
    "a fact deleted": ("DELETE FROM analytics_fact WHERE type = 'QUEUE_MEMBER_SERVED'", "is done, but there is no fact"),
    "a fact too early": (
        "UPDATE outbox_effect SET status = 'pending' WHERE name = 'analytics'",
        "but its effect `analytics` is not done",
    ),
    "an event's changes": (
        "UPDATE outbox_event SET changes = '{}' WHERE type = 'QUEUE_MEMBER_LEFT'",
        "status is 'left', its events give 'waiting'",
    ),
}  # fmt: skip


def test_tampering_is_found(line: Queue) -> None:
    checks = [import_string(path) for path in SUBJECTS[0].checks]
    for what, (query, sentence) in TAMPERING.items():
        with transaction.atomic():
            sql(query)
            told = [problem for check in checks for problem in check(line.pk)]
            transaction.set_rollback(True)
        assert any(sentence in problem for problem in told), f"{what}: {told}"
    assert "no differences" in reconcile()


def test_a_line_that_vanished_and_a_line_that_is_not_there(line: Queue) -> None:
    sql("UPDATE outbox_event SET stream_id = gen_random_uuid() WHERE version > 3")
    assert "are of a line" in found()
    assert "There is no line ZZZZZZ." in found("--line", "zzzzzz").upper().replace(
        "THERE IS NO LINE", "There is no line"
    )


def test_a_line_in_use_is_seen_at_one_instant(line: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """While its events are read, another connection changes the line: the rows read later must not show that."""
    original = Replay.compare_queue

    def change_between(self: Any, *args: Any, **options: Any) -> Any:
        def join() -> None:
            try:
                commands.resume(line.code)
                commands.add_walk_in(line.code, size=1)
            finally:
                connections.close_all()

        thread = threading.Thread(target=join)
        thread.start()
        thread.join(20)
        return original(self, *args, **options)

    monkeypatch.setattr(Replay, "compare_queue", change_between)
    before = Queue.objects.get(pk=line.pk).version
    assert "no differences" in reconcile()
    assert Queue.objects.get(pk=line.pk).version > before
