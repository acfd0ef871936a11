"""F12: a master of a Redis Cluster, or the one that Sentinels watch, dies or stands still under load; its replica takes over."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest

from devserver.embedded import Redis
from realtime import store
from tests.contracts.vote_ws import Room
from tests.faults.ballots import SERVERS, proved, shown_right
from tests.faults.installation import SLACK, Target, report
from tests.faults.test_redis import check, refusals, under_load
from tests.installation import wait_until
from tests.polls.ballot_load import Crowd, voters
from tests.polls.running_poll import LivePoll
from tests.redis_groups import Cluster, Group, Watched

Failing = tuple[Target, Group]


@pytest.fixture(scope="module", params=[Cluster, Watched], ids=["cluster", "sentinels"])
def failing(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    own_target: Callable[..., AbstractContextManager[Target]],
) -> Iterator[Failing]:
    """An installation on these servers. Celery's broker cannot be a cluster: that of the cluster has one server."""
    folder = tmp_path_factory.mktemp("failing")
    group: Group = Cluster(folder, replicas=1) if request.param is Cluster else Watched(folder)
    broker = {} if request.param is Cluster else {"CELERY_BROKER_URL": group.url}
    try:
        with own_target(f"failover_{request.param.__name__.lower()}", REDIS_URL=group.url, **broker) as target:
            yield target, group
    finally:
        group.stop()


def hears(target: Target) -> set[bool]:
    """What /readyz of each process says of Redis."""
    return {httpx.get(f"{target.stack.url(server)}/readyz").json()["redis"] for server in SERVERS}


def master(group: Group, poll: LivePoll) -> Redis:
    """The server that holds the poll's row."""
    return group.owner(store.key("poll", poll.id))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_a_replica_takes_over(failing: Failing, fault: str) -> None:
    target, group = failing
    lines, load = under_load(target)
    quiet = target.line()
    poll, room = LivePoll(target.stack), Room(target.stack)
    crowd = Crowd(target.stack, voters(poll))
    with quiet.client() as guest, quiet.client(host=True) as staff:
        called = guest.post("join", json={}).json()["partyId"]
        staff.post("advance", json={})
    with room.socket() as socket, load.going(), crowd.going():
        socket.vote("yes", time.time())
        socket.until(1, 0)
        crowd.more(100)
        wait_until(lambda: len(load.statuses) > 60, what="the load to begin")
        wait_until(lambda: hears(target) == {True}, what="both to hear")
        before, load.seconds = len(load.statuses), []
        victim = master(group, poll)
        assert victim.process is not None
        began = time.monotonic()
        victim.process.send_signal(signal.SIGKILL if fault == "killed" else signal.SIGSTOP)
        wait_until(lambda: hears(target) == {False}, timeout_s=5 * SLACK, what="both to notice")
        told = time.monotonic() - began
        # The timers do not wait for Redis.
        target.stack.sql("UPDATE queues_party SET call_deadline = now() WHERE id = %s", called)
        wait_until(lambda: quiet.party(called)["status"] == "no_show", timeout_s=4 * SLACK, what="the deadline")
        wait_until(lambda: hears(target) == {True}, timeout_s=20 * SLACK, what="the replica to take over")
        returned = time.monotonic()
        assert master(group, poll) is not victim
        crowd.more(100)
        wait_until(lambda: len(load.statuses) > before + 60, what="the load to go on")
        slowest = load.slowest()
        last = socket.ticks[-1].ts
        socket.hear(2)
        assert all(tick[1:] == (1, 0) for tick in socket.ticks if tick.ts > last)
    assert not refusals(load)
    assert slowest < 1 * SLACK
    after = check(target, lines, returned)
    shown = shown_right(poll)
    proved(poll, crowd, "--poll", poll.code)  # lines of faults have more room than their events say
    report(
        f"{fault}: /readyz told {told:.1f} s later, Redis was back after {returned - began:.1f} s; p99 {slowest * 1000:.0f} ms, "
        f"{len(crowd.sent)} ballots, none lost, none twice, shown right {shown:.1f} s later; {after}"
    )
    group.bring_back(victim)
