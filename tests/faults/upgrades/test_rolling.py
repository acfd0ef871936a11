"""F14: the newest older release goes on while today's program migrates and starts beside it, as in a rolling upgrade."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.faults.installation import PENDING, WRONG_FACTS, Load, report
from tests.faults.upgrades.test_older_releases import RELEASES, answers, checked_out, run
from tests.installation import LiveLine, NewStack, Stack, free_port, wait_until

NEWEST = list(RELEASES.values())[-1]
GUESTS = 3
# Joins between one step of the upgrade and the next.
GOES_ON = 25


@contextmanager
def older(stack: Stack, source: Path, *names: str) -> Iterator[None]:
    """These processes of the release, on the installation's databases. Its web is known as "old"."""
    python, port = source / ".venv/bin/python", free_port()
    stack.ports["old"] = port
    commands = {
        "web": ["-m", "uvicorn", "config.asgi:application", "--port", str(port), "--log-level", "warning"],
        "worker": ["-m", "celery", "-A", "config", "--quiet", "worker", "--pool=threads", "--concurrency=4"],
        "timers": ["manage.py", "timers"],
    }
    started = []
    try:
        for name in names:
            with (stack.folder / f"old-{name}.log").open("wb") as log:
                started.append(
                    subprocess.Popen(
                        [python, *commands[name]], cwd=source, env=stack.env, stdout=log, stderr=log,
                        start_new_session=True,
                    )
                )  # fmt: skip
        yield
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            process.wait(20)


def guest(stack: Stack, line: LiveLine, joined: dict[str, str], webs: list[str]) -> Callable[[Load], None]:
    """Joins through one web after the other, again until it is answered; who is in line is host's to call."""
    turn = 0

    def step(load: Load) -> None:
        nonlocal turn
        turn += 1
        name = uuid4().hex[:16]

        def answered() -> httpx.Response | None:
            url = f"{stack.url(webs[turn % len(webs)])}/api/queue/{line.code}/"
            with httpx.Client(base_url=url, timeout=20) as client:
                answer = load.ask(client, "join", {"name": name}, **{"Idempotency-Key": name})
            return None if answer.status_code == 503 else answer

        answer = wait_until(answered, timeout_s=30, what="a join to be answered")
        assert answer.status_code == 200, answer.text
        joined[name] = answer.json()["partyId"]

    return step


@pytest.mark.timeout(600)
def test_the_newest_older_release_writes_beside_todays_program(own_stack: NewStack, folder: Path) -> None:
    source = checked_out(NEWEST, folder)
    stack = own_stack("rolling", 6)
    with psycopg.connect(stack.database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    run([str(source / ".venv/bin/python"), "manage.py", "migrate", "-v0"], cwd=source, env=stack.env)
    joined: dict[str, str] = {}
    webs = ["old"]

    def more() -> None:
        so_far = len(joined)
        wait_until(lambda: len(joined) >= so_far + GOES_ON, timeout_s=60, what="more joins")

    with older(stack, source, "web", "worker", "timers"):
        wait_until(lambda: answers(str(stack.ports["old"])), timeout_s=60, what="the older web")
        created = httpx.post(f"{stack.url('old')}/api/queue/create", json={"eventName": "Friday", "maxGuests": 100})
        line = LiveLine(stack, created.json(), "old")
        stack.sql("UPDATE queues_queue SET max_guests = 1000000 WHERE id = %s", line.session_id)
        load = Load([guest(stack, line, joined, webs) for _ in range(GUESTS)])
        with load.going():
            more()
            stack.manage("migrate", "-v0")
            migrated = len(joined)
            more()
            line.host("advance")
            line.host("message", {"text": "The kitchen is slow"})
            stack.start("web", "worker", "timers")
            webs.append("web")
            more()
            LiveLine(stack, created.json(), "web").host("advance")
            LiveLine(stack, created.json(), "web").host("message", {"text": "It goes on"})
            line.host("advance")
            more()
            webs.remove("old")
            more()
    tickets = [row["ticket"] for row in stack.sql("SELECT ticket FROM queues_party ORDER BY ticket")]
    assert tickets == [*range(1, len(tickets) + 1)]
    there = {row["name"]: str(row["id"]) for row in stack.sql("SELECT id, name FROM queues_party")}
    assert joined == there, "each join that was acknowledged is there once, and no other"
    wait_until(lambda: stack.sql(PENDING)[0]["n"] == 0, timeout_s=60, what="all effects")
    assert stack.sql(WRONG_FACTS) == []
    stack.sql("UPDATE queues_queue SET max_guests = 100")  # as its events have it
    proved = stack.manage("reconcile", check=False)
    assert proved.returncode == 0, proved.stdout + proved.stderr
    again = sum(status == 503 for status in load.statuses)
    report(f"{len(joined)} joins, {migrated} of them before the schema was today's, {again} sent again")
