"""F12: a poll whose ballots are on two database nodes, one of which is restarted, then frozen: two plain Postgres, and two
workers of a Citus cluster. Nothing acknowledged is lost, nothing is there twice, and the other node's polls go on."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from polls import digest
from polls.nodes import Placement
from realtime.batcher import PATIENCE_S
from tests.faults.ballots import SERVERS, counted, counts_of
from tests.faults.engines.nodes import CITUS_NODES, WHY_NOT, Node, PlainNode, join_cluster
from tests.faults.installation import Target, report
from tests.installation import wait_until
from tests.polls.ballot_load import Crowd, voters
from tests.polls.running_poll import LivePoll

BALLOTS = 20_000
FROZEN_S = 15.0
NAME = "nodes"
OwnTarget = Callable[..., AbstractContextManager[Target]]


@dataclass
class Site:
    """The installation, its two nodes, and the databases that hold ballots, each row in one of them."""

    target: Target
    nodes: list[Node]
    databases: list[str]

    def ballots_of(self, poll: LivePoll) -> dict[str, list[int]]:
        """Those that are there: id → choices."""
        found: dict[str, list[int]] = {}
        for database in self.databases:
            with psycopg.connect(database, autocommit=True) as connection:
                rows = connection.execute(
                    "SELECT ballot_id, choices FROM polls_ballot WHERE poll_id = %s", [poll.id]
                ).fetchall()
            assert not {str(row[0]) for row in rows} & set(found), "a ballot is there twice"
            found |= {str(ballot_id): choices for ballot_id, choices in rows}
        return found

    def poll_on(self, number: int) -> LivePoll:
        """A poll all of whose ballots are on this node."""
        while True:
            poll = LivePoll(self.target.stack)
            if Placement(UUID(poll.id), nodes=2).node_of(0) == f"ballots{number + 1}":
                return poll


def two_plain_nodes(own_target: OwnTarget, surroundings: ExitStack) -> Site:
    folder = Path(surroundings.enter_context(tempfile.TemporaryDirectory(prefix="tl-"))).resolve()
    nodes = [PlainNode(folder / name) for name in ("one", "two")]
    for node in nodes:
        surroundings.callback(node.stop)
    urls = [node.url for node in nodes]
    target = surroundings.enter_context(own_target(NAME, BALLOT_DATABASE_URLS=",".join(urls)))
    target.stack.manage("migrate", "-v0")
    return Site(target, [*nodes], urls)


def citus_cluster(own_target: OwnTarget, surroundings: ExitStack) -> Site:
    coordinator, *workers = (Node(url) for url in CITUS_NODES)
    database = f"tallyline_{NAME}"
    urls = ",".join(worker.at(database) for worker in workers)
    target = surroundings.enter_context(own_target(NAME, database_url=coordinator.url, BALLOT_DATABASE_URLS=urls))
    join_cluster(coordinator, workers, database)
    for _ in range(2):  # the second finds that all is done
        report(target.stack.manage("distribute").stdout)
    target.stack.manage("migrate", "-v0")
    return Site(target, workers, [coordinator.at(database)])


@pytest.fixture(params=["plain", pytest.param("citus", marks=pytest.mark.skipif(not CITUS_NODES, reason=WHY_NOT))])
def site(request: pytest.FixtureRequest, own_target: OwnTarget) -> Iterator[Site]:
    """Two web processes, worker and timers on two nodes."""
    with ExitStack() as surroundings:
        made = (two_plain_nodes if request.param == "plain" else citus_cluster)(own_target, surroundings)
        made.target.run(*SERVERS, "worker", "timers")
        yield made


def vote_s(poll: LivePoll, expected: int) -> float:
    """How long a ballot's answer took; it must be this one."""
    began = time.monotonic()
    answer = poll.vote(0)
    assert answer.status_code == expected, answer.text
    assert expected != 503 or answer.headers["retry-after"]
    return time.monotonic() - began


@pytest.mark.timeout(900)
def test_a_node_is_restarted_and_frozen_under_load(site: Site) -> None:
    poll = LivePoll(site.target.stack, shards=8)
    polls = [site.poll_on(0), site.poll_on(1)]
    for each in polls:
        each.voted(0)
    crowd = Crowd(site.target.stack, voters(poll), clients=32)
    with crowd.going():
        crowd.more(BALLOTS // 4)
        site.nodes[1].restart()
        restarted = time.monotonic()
        crowd.more(BALLOTS // 4)
        wait_until(lambda: polls[1].vote(0).status_code == 201, timeout_s=60, what="the restarted node")
        back = time.monotonic() - restarted
        with site.nodes[1].frozen():
            until, refused, taken = time.monotonic() + FROZEN_S, [], []
            while time.monotonic() < until:
                refused.append(vote_s(polls[1], 503))
                taken.append(vote_s(polls[0], 201))
                assert httpx.get(polls[0].url("/results")).status_code == 200
        thawed = time.monotonic()
        wait_until(lambda: polls[1].vote(0).status_code == 201, timeout_s=60, what="the thawed node")
        thaw = time.monotonic() - thawed
        while crowd.acknowledged() < BALLOTS:
            crowd.more(500)
    assert {each.status for each in crowd.sent} == {201}
    assert site.ballots_of(poll) == counted(crowd)
    assert max(refused) < PATIENCE_S + 1
    closed_and_proved(site, poll, crowd)
    report(f"{len(crowd.sent)} ballots over two nodes, {crowd.troubles} sent again, each counted once")
    report(
        f"restarted: back in {back:.1f} s; frozen {FROZEN_S:.0f} s: {len(refused)} answered 503, the slowest after "
        f"{max(refused):.1f} s, the other node's {len(taken)} after {max(taken):.2f} s at most; back in {thaw:.1f} s"
    )
    poll.act("reset")
    assert site.ballots_of(poll) == {} and poll.counts(exact=True) == [0, 0]
    poll.voted(1)
    assert poll.counts(exact=True) == [0, 1]
    poll.delete()
    assert site.ballots_of(poll) == {}
    site.target.stack.manage("reconcile")


def closed_and_proved(site: Site, poll: LivePoll, crowd: Crowd) -> None:
    """What was acknowledged is counted, under the published digest, and nothing comes after."""
    before = crowd.sent[:3] + crowd.sent[-3:]
    poll.act("close")
    truth: Any = counts_of(counted(crowd))
    wait_until(lambda: poll.results(exact=True)["root"], timeout_s=60, what="the digest")
    for server in SERVERS:
        assert poll.counts(server, exact=True) == truth
    assert poll.vote(0).status_code == 409
    for each in before:
        view = httpx.get(poll.url(f"/receipt/{each.ballot_id}")).json()
        steps = [(step["side"], bytes.fromhex(step["hash"])) for step in view["proof"]["path"]]
        assert digest.proves(bytes.fromhex(view["proof"]["leaf"]), steps, bytes.fromhex(view["root"])), view
    site.target.stack.manage("reconcile", "--poll", poll.code)
