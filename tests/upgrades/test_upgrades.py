"""F14: what older releases left is taken over exactly. tests/upgrades/record.py says how the recordings were made."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis
from django.test import Client

from polls import digest
from polls import shapes as poll_shapes
from polls.selectors import current_row as poll_row
from queues import fields, shapes
from queues.commands import join
from queues.edge.lines import Line
from queues.selectors import current_row as line_row
from tests.installation import NewStack, Stack
from tests.polls.api_client import Maker
from tests.queues.line_rows import made
from tests.upgrades.record import SECRET_KEY

HERE = Path(__file__).parent
RELEASES = ["release_1", "release_2"]
# Lines, polls and rooms.
LEFT = {"release_1": 5, "release_2": 6}

# What the first release recorded in events. Never to be changed: a field that came later has a default (queues/fields.py).
FIRST_QUEUE_FIELDS = (
    "event_name", "max_guests", "location", "contact_info", "open_time", "close_time", "timezone", "call_window_s",
    "auto_advance", "opened_at", "closes_at", "paused", "closed_at", "close_reason", "next_ticket", "pace_ms",
    "last_called_at", "time_scale",
)  # fmt: skip
FIRST_PARTY_FIELDS = (
    "ticket", "rank", "name", "size", "note", "status", "nearby", "walk_in", "joined_at", "quote_low_ms",
    "quote_high_ms", "called_at", "call_deadline", "call_count", "ended_at", "told_position_2", "told_position_5",
)  # fmt: skip

UNDO = """
from queues.commands import undo
from queues.models import Queue
from core.actors import HOST
for queue in Queue.objects.filter(closed_at=None):
    print(queue.code, undo(queue.code, actor=HOST).action)
"""

# A group that may change rooms, which were models of another app.
STAFF = """
WITH staff AS (INSERT INTO auth_group (name) VALUES ('Rooms') RETURNING id)
INSERT INTO auth_group_permissions (group_id, permission_id)
SELECT staff.id, p.id FROM staff, auth_permission p WHERE codename IN ('change_room', 'view_participant')
"""


@pytest.fixture(scope="module", params=RELEASES)
def upgraded(request: pytest.FixtureRequest, own_stack: NewStack) -> Iterator[tuple[Stack, str]]:
    """An installation of today on what a release left, migrated."""
    name: str = request.param
    stack = own_stack(f"upgrade_{name}", 5 + RELEASES.index(name), SECRET_KEY=SECRET_KEY)
    with psycopg.connect(stack.database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.execute((HERE / f"{name}.sql").read_bytes())
        connection.execute(STAFF)
    stack.manage("migrate", "-v0")
    yield stack, name
    stack.stop()


def put_rows(stack: Stack, name: str) -> dict[str, dict[str, str]]:
    """The rows that the release left in Redis, as if the upgrade took no time."""
    rows: dict[str, dict[str, str]] = json.loads((HERE / f"{name}.json").read_text())
    with redis.Redis.from_url(stack.env["REDIS_URL"]) as client:
        client.flushdb()
        for key, fields in rows.items():
            client.hset(key, mapping=fields)
    return rows


def test_everything_an_older_release_left_is_proved_right(upgraded: tuple[Stack, str]) -> None:
    stack, name = upgraded
    put_rows(stack, name)
    done = stack.manage("reconcile", check=False)
    assert (done.returncode, done.stdout) == (0, f"{LEFT[name]} looked at, no differences.\n"), (
        done.stdout + done.stderr
    )


def test_the_proof_of_a_poll_closed_before_seals_leads_to_its_digest(upgraded: tuple[Stack, str]) -> None:
    stack, _ = upgraded
    [poll] = stack.sql("SELECT id, root, digest_version FROM polls_poll WHERE status = 'closed'")
    assert poll["digest_version"] == 1
    stack.start("web")
    for row in stack.sql("SELECT ballot_id FROM polls_ballot WHERE poll_id = %s", poll["id"]):
        view = httpx.get(f"{stack.url()}/api/polls/{poll['id']}/receipt/{row['ballot_id']}").json()
        steps = [(step["side"], bytes.fromhex(step["hash"])) for step in view["proof"]["path"]]
        assert view["root"] == poll["root"]
        assert digest.proves(bytes.fromhex(view["proof"]["leaf"]), steps, bytes.fromhex(poll["root"]))
    stack.stop()


def test_who_might_change_rooms_still_may(upgraded: tuple[Stack, str]) -> None:
    stack, name = upgraded
    may = stack.sql(
        "SELECT c.app_label, p.codename FROM auth_group_permissions g JOIN auth_permission p ON p.id = g.permission_id"
        " JOIN django_content_type c ON c.id = p.content_type_id ORDER BY 2"
    )
    held = ["rooms.change_room", "rooms.view_participant"] if name == RELEASES[1] else []
    assert [f"{each['app_label']}.{each['codename']}" for each in may] == held
    assert not stack.sql("SELECT 1 AS n FROM django_content_type WHERE app_label = 'polls' AND model LIKE '%%room%%'")


def test_rows_an_older_release_left_in_redis_are_understood(upgraded: tuple[Stack, str]) -> None:
    stack, name = upgraded
    put_rows(stack, name)
    stack.start("web")
    for code, version in [(row["code"], row["version"]) for row in stack.sql("SELECT code, version FROM queues_queue")]:
        view = httpx.get(f"{stack.url()}/api/queue/{code}/snapshot")
        assert (view.status_code, view.json()["version"], view.json()["message"] is None) == (
            200,
            version,
            name == RELEASES[0],
        )
    polls = stack.sql("SELECT id, status FROM polls_poll")
    assert len(polls) == 3
    for poll in polls:
        view = httpx.get(f"{stack.url()}/api/polls/{poll['id']}/results")
        assert view.status_code in {200, 404}, view.text
        assert view.status_code == 200 or poll["status"] == "draft"
    stack.stop()


def test_an_old_action_is_undone_and_all_is_still_proved(upgraded: tuple[Stack, str]) -> None:
    """The action recorded no value for fields that came later. It is made young: an undo ends after ten minutes."""
    stack, _ = upgraded
    stack.sql("UPDATE outbox_event SET at = now() WHERE action = 'call' RETURNING seq")
    done = stack.manage("shell", "-v0", "-c", UNDO)
    assert done.stdout.split()[1::2] == ["call"]
    [party] = stack.sql(
        "SELECT p.status, p.more_time FROM queues_party p JOIN queues_queue q ON q.id = p.queue_id"
        " WHERE p.nearby AND q.closed_at IS NULL"
    )
    assert (party["status"], party["more_time"]) == ("waiting", "")
    done = stack.manage("reconcile", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_field_that_came_later_has_a_default() -> None:
    for names, first, added in (
        (fields.QUEUE_FIELDS, FIRST_QUEUE_FIELDS, fields.QUEUE_FIELDS_ADDED),
        (fields.PARTY_FIELDS, FIRST_PARTY_FIELDS, fields.PARTY_FIELDS_ADDED),
    ):
        assert set(names) == {*first, *added}, "give the new field its migration's value in queues/fields.py"
        assert not set(first) & set(added)


def row_of(name: str, kind: str) -> dict[str, Any]:
    """A row that a release left in Redis."""
    rows = json.loads((HERE / f"{name}.json").read_text())
    found = [json.loads(fields["row"]) for key, fields in rows.items() if key.startswith(f"tl:{kind}:")]
    return max(found, key=lambda row: len(row.get("waiting", ())))


@pytest.mark.django_db(transaction=True)
def test_every_field_of_a_row_that_came_later_has_a_default_or_is_needed() -> None:
    """Of lines, their parties and polls: what is written today, and what the oldest release that wrote such rows wrote."""
    first = row_of("release_1", "line")
    made_line = Client().post("/api/queue/create", {"eventName": "Friday", "maxGuests": 9}, "application/json").json()
    join(made_line["code"], name="Ada", size=2)
    row = line_row(made_line["code"])
    assert row is not None
    assert set(row) == {*first, *shapes.ADDED}, "give the new field a default in queues/shapes.py"
    first_party = {*first["waiting"][0]} - {"waitLowMs", "waitHighMs"}
    assert {*row["waiting"][0]} == {*first_party, *shapes.PARTY_ADDED, *shapes.PARTY_NEEDED}
    shown = poll_row(Maker().poll.pk)
    assert shown is not None
    assert set(shown) == {*row_of("release_2", "poll"), *poll_shapes.ADDED}, "give it a default in polls/shapes.py"


def test_what_an_older_release_tells_of_a_long_line_is_read_again() -> None:
    row = {**made("ABCDEF", 6, "Ada"), **shapes.ADDED}
    told = {"version": 7, "since": 6, "parties": [], "called": [], "served": []}
    assert Line(row).after(told) is None
    assert Line(row).after({**told, **shapes.ADDED}) is not None
