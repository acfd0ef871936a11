"""Canaries go in through every door of the running program; a day after the close no table, no key of Redis, no log and no file
has one. Postgres' own files keep old versions of rows until they are vacuumed, and are not searched (docs/operations.md).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from redis import Redis

from tests.database_clock import moved_clock_of
from tests.installation import NewStack, Stack, wait_until
from tests.queues.service_lines import at
from tests.retention.everything import in_redis, in_tables

NAME, NOTE, SAID, CONTACT, ENDPOINT = "Quillfeather", "aviary-note", "aviary-said", "aviary-contact", "aviary-endpoint"
NUMBER, EMAIL, KEY, ADDRESS = "600887711", "canary@aviary.example", "aviary-key-0123456789", "203.0.113.77"
CANARIES = [NAME, NOTE, SAID, CONTACT, ENDPOINT, NUMBER, EMAIL, KEY, ADDRESS]
SET_UP = """
from venues import commands
venue = commands.create_venue(name="Casa Ana", timezone_name="Europe/Madrid")
print("KEY", commands.create_api_key(venue=venue, name="till")[1])
"""
# Venues that take numbers have to be set up first; what their forms do is this.
REACH = f"""
from queues.contacts import Contact
from reach.commands import choose
choose("{{code}}", party_id="{{party}}", contact=Contact(number="+34{NUMBER}", email="{EMAIL}", ways=("email",)))
"""
PUSH = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "AAECAwQFBgcICQoLDA0ODw",
}


@pytest.fixture
def stack(own_stack: NewStack) -> Iterator[Stack]:
    made = own_stack("retention", 15, RETENTION_DAYS="1", TRUSTED_PROXIES="1", RATE_LIMITS="on")
    yield made
    made.stop()


def written(stack: Stack) -> dict[str, str]:
    """Every file of the installation and of its servers that is not Postgres' or Redis' data."""
    data = {"base", "pg_wal", "global", "pg_xact", "pg_multixact", "pg_stat_tmp", "pg_dynshmem"}
    folders = (stack.folder, Path(os.environ["DATA_DIR"]))
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not data & set(path.parts)]
    return {str(path): path.read_text(errors="replace") for path in files if path.stat().st_size < 20_000_000}


def everywhere(stack: Stack, values: list[str]) -> list[str]:
    """Where any of them stands."""

    def run(query: str, *parameters: str) -> list[Any]:
        with psycopg.connect(stack.database, autocommit=True) as connection:
            return connection.execute(query.encode(), parameters or None).fetchall()

    redis = Redis.from_url(stack.env["REDIS_URL"])
    in_files = [f"{path} has {value}" for path, text in written(stack).items() for value in values if value in text]
    return in_tables(values, run) + in_redis(values, redis) + in_files


def plant(stack: Stack, key: str) -> str:
    """A line in which all that is personal came in over HTTP; its code."""
    headers = {"api-key": key, "x-forwarded-for": ADDRESS}
    with httpx.Client(base_url=stack.url(), headers=headers, timeout=20) as client:

        def post(path: str, body: Any, **more: str) -> Any:
            answer = client.post(path, json=body, headers=more)
            assert answer.status_code < 400, f"{path}: {answer.text}"
            return answer.json() if "json" in answer.headers["content-type"] else answer.text

        opened = {"eventName": "Dinner", "maxGuests": 50, "contactInfo": CONTACT}
        made = post("/api/queue/create", opened, **{"idempotency-key": f"{KEY}-1"})
        code, session = made["code"], made["sessionId"]
        line = f"/api/queue/{code}"
        party = post(f"{line}/join", {"name": NAME, "size": 2}, **{"idempotency-key": f"{KEY}-2"})["partyId"]
        post(f"{line}/edit", {"partyId": party, "name": f"{NAME} II", "note": NOTE})
        post("/api/push/subscribe", {
            "sessionId": session, "partyId": party,
            "subscription": {"endpoint": f"https://fcm.googleapis.com/fcm/send/{ENDPOINT}", "keys": PUSH},
        })  # fmt: skip
        post(
            "/api/track", {"sessionId": session, "partyId": party, "type": "seen", "meta": {"name": NAME, "page": NOTE}}
        )
        post(f"{line}/message", {"text": SAID})
        post(f"{line}/message-party", {"partyId": party, "text": SAID})
        post(f"{line}/pause", {"reason": SAID})
        post(f"{line}/resume", {})
        post(f"{line}/walk-in", {"name": f"{NAME} III", "note": NOTE})
        room = post("/api/rooms", {"title": "Louder?"})
        post(f"/api/rooms/{room['code']}/participants", {"name": NAME})
        stack.manage("shell", "--command", REACH.format(code=code, party=party))
        page = f"/queue/{code}"
        client.get(page)
        form = {
            "csrfmiddlewaretoken": client.cookies.get("csrftoken", ""),
            "key": str(uuid4()),
            "name": f"{NAME} IV",
            "size": "2",
            "note": NOTE,
        }
        joined = client.post(page, data=form, headers={"referer": stack.url() + page})
        assert joined.status_code in (200, 303), joined.text
        # What fails, fails without a word of it.
        client.post(f"{line}/join", content=f'{{"name": "{NAME}'.encode())
        client.post(f"{line}/leave", json={"partyId": NAME})
        for ending in (f"{line}/close", f"/api/rooms/{room['code']}/close"):
            post(ending, {})
        return str(code)


def test_a_day_after_the_close_no_canary_is_anywhere(stack: Stack) -> None:
    clock = moved_clock_of(stack, at("2026-03-23 20:00"))
    key = stack.manage("shell", "--command", SET_UP).stdout.split("KEY ")[1].strip()
    stack.start("web", "worker", "timers")
    plant(stack, key)
    known = {value for value in CANARIES for found in everywhere(stack, [value]) if found}
    assert {NAME, NOTE, SAID, CONTACT, ENDPOINT, NUMBER, EMAIL} <= known, "the search does not see what is there"
    assert KEY not in known, "keys are hashed"
    clock.forward(days=1, minutes=1)
    forgotten = "SELECT count(*) AS n FROM queues_queue WHERE forgotten_at IS NOT NULL"
    wait_until(lambda: stack.sql(forgotten)[0]["n"] == 1, timeout_s=40, what="the timers to forget the line")
    room = "SELECT count(*) AS n FROM polls_room WHERE forgotten_at IS NOT NULL"
    wait_until(lambda: stack.sql(room)[0]["n"] == 1, timeout_s=40, what="the timers to forget the room")
    # Redis tells its own time: what it keeps of requests ends by itself, snapshots within 30 s.
    wait_until(lambda: not everywhere(stack, CANARIES), timeout_s=60, what=str(everywhere(stack, CANARIES)))
    assert "no differences" in stack.manage("reconcile").stdout
