"""F3, F8: workers and timers die at the worst moment. Effects: none lost, none twice. Deadlines: each once, when they return."""

import time

import psycopg
import pytest

from tests.faults.installation import CONVERGES_WITHIN_S, DONE, PENDING, SLACK, Load, Target, report
from tests.installation import FULL, wait_until

# The Procfile, and Celery's worker_prefetch_multiplier.
WORKER_THREADS, PREFETCHED = 8, 4
# Threads that wait for a lock on a table of the installation; other tests use the same Postgres.
STANDING = """SELECT count(*) FROM pg_locks
 WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
EVENTS, KILLS = (10_000, 50) if FULL else (200, 3)


@pytest.mark.timeout(600 if FULL else 240)
def test_killed_workers_lose_nothing_and_do_nothing_twice(target: Target) -> None:
    """Control: until the timers run, the killed workers' wake-ups are lost for ever, as Celery and Redis leave them."""
    target.run("web")
    line = target.line()
    with line.client() as guest:
        for _ in range(EVENTS - 1):
            assert guest.post("join", json={}).status_code == 200
    assert target.number(DONE) == 0
    todo = target.number(PENDING)
    assert todo >= EVENTS
    target.kill_workers(KILLS, todo, lambda: target.number(DONE), "effects to be done")
    target.run("web", "worker")
    wait_until(lambda: target.wake_ups() == 0, timeout_s=120, what="the workers to take every wake-up there is")
    lost = target.settled(PENDING)
    assert lost > 0, "the kills lost nothing, so this test shows nothing"
    began = time.monotonic()
    target.run("web", "worker", "timers")
    took = target.all_done(since=began, timeout_s=(2 if FULL else 1) * CONVERGES_WITHIN_S)
    report(f"{todo} effects, {KILLS} kills: {lost} wake-ups lost, all done {took:.1f} s after the timers were started")
    assert target.number("SELECT count(*) FROM outbox_event") >= EVENTS
    assert target.number("SELECT count(*) FROM outbox_effect WHERE attempts > 0") == 0, "a kill counted as a failure"
    target.check_facts()


def test_a_busy_worker_finds_a_redis_that_was_away(target: Target) -> None:
    """The worker has as much in hand as it takes at a time. As Celery comes, it would then take nothing more, ever."""
    target.run("web")
    line = target.line()
    with line.client() as guest:
        # A wake-up is for the effects of many joins when those come quickly.
        while target.wake_ups() < 2 * WORKER_THREADS * PREFETCHED:
            assert guest.post("join", json={}).status_code == 200
    todo = target.wake_ups()
    with psycopg.connect(target.stack.database) as holder:
        holder.execute("LOCK TABLE analytics_fact")  # every thread of the worker stands still in its first effect
        target.run("web", "worker")
        wait_until(lambda: target.number(STANDING) == WORKER_THREADS, timeout_s=60, what="all threads to stand")
        wait_until(lambda: todo - target.wake_ups() >= WORKER_THREADS * PREFETCHED, what="the worker to take its fill")
        target.redis.kill()
    left = target.settled(PENDING)
    assert left > 0, "the worker had it all in hand"
    target.redis.start()
    began = time.monotonic()
    target.run("web", "worker", "timers")
    took = target.all_done(since=began)
    target.check_facts()
    report(f"Redis gone under a busy worker: its {left} other effects done {took:.1f} s after its return")


def test_a_deadline_that_passed_while_all_were_down_ends_a_call_once(target: Target) -> None:
    target.run("web")
    line = target.line()
    with line.client() as guest, line.client(host=True) as host:
        parties = [guest.post("join", json={"name": f"P{n}"}).json() for n in range(3)]
        assert host.post("advance", json={}).status_code == 200
    called = parties[0]["partyId"]
    target.stack.sql("UPDATE queues_party SET call_deadline = now() - interval '1 minute' WHERE id = %s", called)
    # Control: nothing else than the timers ends a call.
    assert target.settled("SELECT count(*) FROM outbox_event", for_s=2) and line.party(called)["status"] == "called"
    began = time.monotonic()
    target.run("web", "worker", "timers", "timers2", "timers3")
    wait_until(lambda: line.party(called)["status"] == "no_show", timeout_s=5 * SLACK)
    took = time.monotonic() - began
    target.all_done(timeout_s=5 * SLACK)
    dropped = line.events("QUEUE_MEMBER_DROPPED")
    assert [str(event["party_id"]) for event in dropped] == [called]
    assert [str(event["party_id"]) for event in line.events("QUEUE_MEMBER_CALLED")] == [called, parties[1]["partyId"]]
    target.check_facts()
    report(f"no-show {took:.1f} s after three timers were started (their start included)")


def test_frozen_timers_catch_up_at_once(target: Target) -> None:
    """The same without the time a process takes to start: at most one pass, a second, and what it does."""
    target.run("web", "worker", "timers", "timers2")
    line = target.line()
    with line.client() as guest, line.client(host=True) as host:
        called = [guest.post("join", json={}).json()["partyId"] for _ in range(20)]
        for _ in called:
            assert host.post("call", json={}).status_code == 200
    for name in ("timers", "timers2", "worker"):
        target.freeze(name)
    target.stack.sql("UPDATE queues_party SET call_deadline = now() - interval '1 minute' WHERE status = 'called'")
    assert target.settled("SELECT count(*) FROM queues_party WHERE status = 'called'") == 20
    began = time.monotonic()
    for name in ("timers", "timers2", "worker"):
        target.thaw(name)
    wait_until(
        lambda: target.number("SELECT count(*) FROM queues_party WHERE status = 'no_show'") == 20, timeout_s=2 * SLACK
    )
    report(f"20 no-shows {time.monotonic() - began:.2f} s after two timers went on")
    target.all_done(since=began)
    assert sorted(str(event["party_id"]) for event in line.events("QUEUE_MEMBER_DROPPED")) == sorted(called)
    target.check_facts()


def test_a_line_that_is_never_idle_still_ends_its_calls(target: Target) -> None:
    """A command that only tried a lock that is always held would never get it: the no-show must queue for it."""
    target.run("web", "web2", "timers")
    line = target.line()
    clients = [line.client(server) for server in ("web", "web2") * 6]
    with line.client(host=True) as host:
        assert clients[0].post("join", json={}).status_code == 200
        called = host.post("call", json={}).json()["nowServing"]["id"]
    load = Load([lambda load, c=client: load.ask(c, "join") and None for client in clients])  # type: ignore[misc]
    with load.going():
        wait_until(lambda: len(load.statuses) > 50, what="the load to begin")
        target.stack.sql("UPDATE queues_party SET call_deadline = now() - interval '1 minute' WHERE id = %s", called)
        began = time.monotonic()
        wait_until(lambda: line.party(called)["status"] == "no_show", timeout_s=2 * SLACK)
        took = time.monotonic() - began
    assert set(load.statuses) == {200}
    report(f"no-show {took:.2f} s after its deadline, under {len(load.statuses)} joins")
