"""F11: a crowd. The connections to Postgres stay within what the processes were given, and no client gets a 5xx."""

import asyncio
import threading
import time
from collections import Counter

import httpx
import pytest

from tests.faults.installation import Target, TargetLine, report, snapshots_right
from tests.installation import FULL

CLIENTS = 1000 if FULL else 60
# DJANGO_THREADS for each of two webs; the threads of the worker (Procfile); those of the timers: deadlines, effects,
# sealing, webhooks, messages, forgetting.
BOUND = 2 * 4 + 8 + 6
OURS = """SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""


async def crowd(target: Target, lines: list[TargetLine]) -> Counter[int]:
    """All arrive at once, each with a new connection: join, look, near, leave."""
    statuses: Counter[int] = Counter()
    # No expiry: on a slow machine httpx closes connections as expired that it has just given to a request.
    limits = httpx.Limits(keepalive_expiry=None)

    async def come(number: int) -> None:
        async with httpx.AsyncClient(limits=limits, timeout=60) as client:
            await visit(client, number)

    async def visit(client: httpx.AsyncClient, number: int) -> None:
        line = lines[number % len(lines)]
        api = f"{target.stack.url('web2' if number % 2 else 'web')}/api/queue/{line.code}"
        joined = await client.post(f"{api}/join", json={"size": 1 + number % 4})
        statuses[joined.status_code] += 1
        party = {"partyId": joined.json()["partyId"]}
        for answer in (
            await client.get(f"{api}/snapshot", params=party),
            await client.post(f"{api}/declare-nearby", json=party),
            await client.post(f"{api}/leave", json=party),
        ):
            statuses[answer.status_code] += 1

    await asyncio.gather(*(come(number) for number in range(CLIENTS)))
    return statuses


@pytest.mark.timeout(300 if FULL else 240)
def test_a_crowd_does_not_open_connections_without_bound(target: Target) -> None:
    target.run("web", "web2", "worker", "timers")
    lines = [target.line() for _ in range(8)]
    most, over = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.02):
            most = max(most, target.number(OURS))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.monotonic()
    try:
        statuses = asyncio.run(crowd(target, lines))
    finally:
        over.set()
        watcher.join()
    took = time.monotonic() - began
    assert statuses == {200: 4 * CLIENTS}
    assert 4 <= most <= BOUND
    report(f"{CLIENTS} clients at once, {4 * CLIENTS / took:.0f} requests/s: at most {most} connections of {BOUND}")
    snapshots_right(lines)
    target.all_done(timeout_s=60)
    target.check_facts()
