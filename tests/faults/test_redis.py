"""F4: Redis dies and comes back empty, or stands still, under load. No request is refused, nothing is lost, all converges."""

import threading
import time
from collections.abc import Callable

import httpx
import pytest

from tests.faults.installation import CONVERGES_WITHIN_S, SLACK, Load, Target, TargetLine, report, snapshots_right
from tests.installation import FULL, wait_until

AWAY_S = 30.0 if FULL else 2.0
# What a client waits between two steps: the backlog of an outage must be one that the worker does in the 5 s of law 1.
THINKS_S = 0.1


def guest(line: TargetLine, server: str) -> Callable[[Load], None]:
    """Joins, looks, and every other time leaves again."""
    client = line.client(server)

    def step(load: Load) -> None:
        joined = load.ask(client, "join").json()
        looked = client.get("snapshot", params={"partyId": joined["partyId"]})
        assert looked.status_code == 200, looked.text
        if joined["ticket"] % 2:
            answer = load.ask(client, "leave", {"partyId": joined["partyId"]})
            assert answer.status_code in {200, 404}, answer.text  # 404: a host has served it
        load.over.wait(THINKS_S)

    return step


def host(line: TargetLine, server: str) -> Callable[[Load], None]:
    """Seats whom it called last and calls the next."""
    client = line.client(server, host=True)
    serving: list[str | None] = [None]

    def step(load: Load) -> None:
        answer = load.ask(client, "advance", {"servedParty": serving[0]})
        if answer.status_code == 400:  # the guest has left
            serving[0] = None
            return
        now = answer.json()["nowServing"]
        serving[0] = now["id"] if now else None
        load.over.wait(THINKS_S)

    return step


def under_load(target: Target) -> tuple[list[TargetLine], Load]:
    target.run("web", "web2", "worker", "timers")
    lines = [target.line() for _ in range(2)]
    steps = [make(line, server) for line in lines for make, server in ((guest, "web"), (guest, "web2"), (host, "web"))]
    return lines, Load(steps)


def refusals(load: Load) -> set[int]:
    """What no client may be answered."""
    return set(load.statuses) - {200, 400, 404}


def check(target: Target, lines: list[TargetLine], returned: float) -> str:
    """All is as Postgres says, on both servers, within 5 s of the return of Redis, and done: what has piled up by then takes the
    worker as long as it takes.
    """
    for server in ("web", "web2"):
        snapshots_right(lines, timeout_s=returned + CONVERGES_WITHIN_S - time.monotonic(), server=server)
    shown = time.monotonic() - returned
    done = target.all_done(since=returned, timeout_s=CONVERGES_WITHIN_S + 3 * AWAY_S)
    target.check_facts()
    return f"snapshots right {shown:.1f} s, effects done {done:.1f} s after its return, load included"


@pytest.mark.timeout(240 if FULL else 240)
def test_redis_dies_and_comes_back_empty(target: Target) -> None:
    lines, load = under_load(target)
    with load.going():
        wait_until(lambda: len(load.statuses) > 60, what="the load to begin")
        before = len(load.statuses)
        target.redis.kill()
        away_until = time.monotonic() + AWAY_S
        wait_until(lambda: time.monotonic() > away_until, timeout_s=AWAY_S + 5)
        mutations = len(load.statuses) - before
        target.redis.start()
        returned = time.monotonic()
        wait_until(lambda: len(load.statuses) > before + mutations + 20, what="the load to go on")
    assert mutations > 20 * AWAY_S / 3
    assert not refusals(load)
    assert load.slowest() < 1 * SLACK
    report(f"Redis gone {AWAY_S:.0f} s: {mutations} mutations in that time, p99 {load.slowest() * 1000:.0f} ms; "
           + check(target, lines, returned))  # fmt: skip


@pytest.mark.timeout(240 if FULL else 240)
def test_redis_stands_still(target: Target) -> None:
    lines, load = under_load(target)
    with load.going():
        wait_until(lambda: len(load.statuses) > 60, what="the load to begin")
        before, load.seconds = len(load.statuses), []
        target.freeze_redis()
        away_until = time.monotonic() + AWAY_S
        wait_until(lambda: time.monotonic() > away_until, timeout_s=AWAY_S + 5)
        mutations, slowest = len(load.statuses) - before, load.slowest()
        target.thaw_redis()
        returned = time.monotonic()
        wait_until(lambda: len(load.statuses) > before + mutations + 20, what="the load to go on")
    assert mutations > 20 * AWAY_S / 3
    assert not refusals(load)
    assert slowest < 1 * SLACK
    report(f"Redis frozen {AWAY_S:.0f} s: {mutations} mutations in that time, p99 {slowest * 1000:.0f} ms; "
           + check(target, lines, returned))  # fmt: skip


def test_a_call_ends_in_time_while_redis_stands_still(target: Target) -> None:
    """The timers talk to Redis too: what it does not answer must not hold up the deadlines."""
    target.run("web", "timers")
    line = target.line()
    with line.client() as client, line.client(host=True) as staff:
        parties = [client.post("join", json={}).json()["partyId"] for _ in range(3)]
        staff.post("advance", json={})
        target.freeze_redis()
        for party in parties[
            :2
        ]:  # the first no-show calls the next party; the second call by the clock waits for a host
            target.stack.sql("UPDATE queues_party SET call_deadline = now() WHERE id = %s", party)
            began = time.monotonic()
            wait_until(lambda p=party: line.party(p)["status"] == "no_show", timeout_s=4 * SLACK)  # type: ignore[misc]
            report(f"no-show {time.monotonic() - began:.1f} s after its deadline, Redis frozen")
        # A guest's page is answered from Postgres in that time.
        assert client.get("snapshot", params={"partyId": parties[2]}).json()["type"] == "position"
    assert len(line.events("QUEUE_MEMBER_DROPPED")) == 2


def test_pages_are_answered_while_redis_is_gone(target: Target) -> None:
    """A miss is rebuilt from Postgres, never answered as an empty line; many readers at once are answered by one look."""
    target.run("web")
    line = target.line()
    with line.client() as client:
        for _ in range(5):
            client.post("join", json={})
    target.redis.kill()
    found: list[dict[str, object]] = []
    readers = [threading.Thread(target=lambda: found.append(line.shown())) for _ in range(16)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(20)
    assert [view["waiting"] for view in found] == [[1, 2, 3, 4, 5]] * 16
    target.redis.start()
    assert line.shown()["waiting"] == [1, 2, 3, 4, 5]
    with pytest.raises(httpx.HTTPStatusError):
        httpx.get(f"{target.stack.url()}/api/queue/ZZZZZZ/snapshot").raise_for_status()
