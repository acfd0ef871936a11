"""F3, F8: workers and timers die at the worst moment. Effects: none lost, none twice. Deadlines: each once, when they return."""

import time

import psycopg
import pytest

from tests.faults.installation import CONVERGES_WITHIN_S, DONE, PENDING, SLACK, Load, Rig, report
from tests.installation import FULL, wait_until

# tests/installation.py, and Celery's worker_prefetch_multiplier.
WORKER_THREADS, PREFETCHED = 4, 4
EVENTS, KILLS = (10_000, 50) if FULL else (300, 3)


@pytest.mark.timeout(600 if FULL else 240)
def test_killed_workers_lose_nothing_and_do_nothing_twice(rig: Rig) -> None:
    """Control: until the timers run, the killed workers' wake-ups are lost for ever, as Celery and Redis leave them."""
    rig.run("web")
    line = rig.line()
    with line.client() as guest:
        for _ in range(EVENTS - 1):
            assert guest.post("join", json={}).status_code == 200
    assert rig.number(DONE) == 0
    todo = rig.number(PENDING)
    assert todo >= EVENTS
    rig.kill_workers(KILLS, todo, lambda: rig.number(DONE), "effects to be done")
    rig.run("web", "worker")
    wait_until(lambda: rig.wake_ups() == 0, timeout_s=120, what="the workers to take every wake-up there is")
    lost = rig.settled(PENDING)
    assert lost > 0, "the kills lost nothing, so this test shows nothing"
    began = time.monotonic()
    rig.run("web", "worker", "timers")
    took = rig.all_done(since=began, timeout_s=(2 if FULL else 1) * CONVERGES_WITHIN_S)
    report(f"{todo} effects, {KILLS} kills: {lost} wake-ups lost, all done {took:.1f} s after the timers were started")
    assert rig.number("SELECT count(*) FROM outbox_event") >= EVENTS
    assert rig.number("SELECT count(*) FROM outbox_effect WHERE attempts > 0") == 0, "a kill counted as a failure"
    rig.check_facts()


def test_a_busy_worker_finds_a_redis_that_was_away(rig: Rig) -> None:
    """The worker has as much in hand as it takes at a time. As Celery comes, it would then take nothing more, ever."""
    rig.run("web")
    line = rig.line()
    with line.client() as guest:
        # A wake-up is for the effects of many joins when those come quickly.
        while rig.wake_ups() < 2 * WORKER_THREADS * PREFETCHED:
            assert guest.post("join", json={}).status_code == 200
    todo = rig.wake_ups()
    with psycopg.connect(rig.stack.database) as holder:
        holder.execute("LOCK TABLE analytics_fact")  # every thread of the worker stands still in its first effect
        rig.run("web", "worker")
        wait_until(lambda: rig.number("SELECT count(*) FROM pg_locks WHERE NOT granted") == WORKER_THREADS)
        wait_until(lambda: todo - rig.wake_ups() >= WORKER_THREADS * PREFETCHED, what="the worker to take its fill")
        rig.redis.kill()
    left = rig.settled(PENDING)
    assert left > 0, "the worker had it all in hand"
    rig.redis.start()
    began = time.monotonic()
    rig.run("web", "worker", "timers")
    took = rig.all_done(since=began)
    rig.check_facts()
    report(f"Redis gone under a busy worker: its {left} other effects done {took:.1f} s after its return")


def test_a_deadline_that_passed_while_all_were_down_ends_a_call_once(rig: Rig) -> None:
    rig.run("web")
    line = rig.line()
    with line.client() as guest, line.client(host=True) as host:
        parties = [guest.post("join", json={"name": f"P{n}"}).json() for n in range(3)]
        assert host.post("advance", json={}).status_code == 200
    called = parties[0]["partyId"]
    rig.stack.sql("UPDATE queues_party SET call_deadline = now() - interval '1 minute' WHERE id = %s", called)
    # Control: nothing else than the timers ends a call.
    assert rig.settled("SELECT count(*) FROM outbox_event", for_s=2) and line.party(called)["status"] == "called"
    began = time.monotonic()
    rig.run("web", "worker", "timers", "timers2", "timers3")
    wait_until(lambda: line.party(called)["status"] == "no_show", timeout_s=5 * SLACK)
    took = time.monotonic() - began
    rig.all_done(timeout_s=5 * SLACK)
    dropped = line.events("QUEUE_MEMBER_DROPPED")
    assert [str(event["party_id"]) for event in dropped] == [called]
    assert [str(event["party_id"]) for event in line.events("QUEUE_MEMBER_CALLED")] == [called, parties[1]["partyId"]]
    rig.check_facts()
    report(f"no-show {took:.1f} s after three timers were started (their start included)")


def test_frozen_timers_catch_up_at_once(rig: Rig) -> None:
    """The same without the time a process takes to start: at most one pass, a second, and what it does."""
    rig.run("web", "worker", "timers", "timers2")
    line = rig.line()
    with line.client() as guest, line.client(host=True) as host:
        called = [guest.post("join", json={}).json()["partyId"] for _ in range(20)]
        for _ in called:
            assert host.post("call", json={}).status_code == 200
    for name in ("timers", "timers2", "worker"):
        rig.freeze(name)
    rig.stack.sql("UPDATE queues_party SET call_deadline = now() - interval '1 minute' WHERE status = 'called'")
    assert rig.settled("SELECT count(*) FROM queues_party WHERE status = 'called'") == 20
    began = time.monotonic()
    for name in ("timers", "timers2", "worker"):
        rig.thaw(name)
    wait_until(
        lambda: rig.number("SELECT count(*) FROM queues_party WHERE status = 'no_show'") == 20, timeout_s=2 * SLACK
    )
    report(f"20 no-shows {time.monotonic() - began:.2f} s after two timers went on")
    rig.all_done(since=began)
    assert sorted(str(event["party_id"]) for event in line.events("QUEUE_MEMBER_DROPPED")) == sorted(called)
    rig.check_facts()


def test_a_line_that_is_never_idle_still_ends_its_calls(rig: Rig) -> None:
    """Whoever only tried a lock that is always held would never come in: the no-show must queue for it."""
    rig.run("web", "web2", "timers")
    line = rig.line()
    clients = [line.client(server) for server in ("web", "web2") * 6]
    with line.client(host=True) as host:
        assert clients[0].post("join", json={}).status_code == 200
        called = host.post("call", json={}).json()["nowServing"]["id"]
    load = Load([lambda load, c=client: load.ask(c, "join") and None for client in clients])  # type: ignore[misc]
    with load.going():
        wait_until(lambda: len(load.statuses) > 50, what="the load to begin")
        rig.stack.sql("UPDATE queues_party SET call_deadline = now() - interval '1 minute' WHERE id = %s", called)
        began = time.monotonic()
        wait_until(lambda: line.party(called)["status"] == "no_show", timeout_s=2 * SLACK)
        took = time.monotonic() - began
    assert set(load.statuses) == {200}
    report(f"no-show {took:.2f} s after its deadline, under {len(load.statuses)} joins")
