"""F1, F4, F5 for ballots: when parts die, forget or stand still, acknowledged still means counted, and counted once."""

import time
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis

from devserver.embedded import Postgres
from tests.contracts import sse
from tests.contracts.queueup import http
from tests.faults.ballots import SERVERS, counts_of, proved, shown_right
from tests.faults.installation import CONVERGES_WITHIN_S, Target, report
from tests.installation import FULL, wait_until
from tests.polls.ballot_load import Crowd, there, voters
from tests.polls.running_poll import LivePoll

KILLS = 20 if FULL else 2
CRASHES = 5 if FULL else 1
AWAY_S = 30.0 if FULL else 1.0


# ------------------------------------------------------------------------------------------------------------- F1: kill -9
@pytest.mark.timeout(300 if FULL else 240)
def test_a_web_killed_under_ballots_loses_none_and_doubles_none(polls: Target) -> None:
    poll = LivePoll(polls.stack)
    crowd = Crowd(polls.stack, voters(poll))
    with crowd.going():
        for kill in range(KILLS):
            crowd.more(150)
            polls.stack.kill(SERVERS[kill % 2])
            crowd.more(50)  # by the one that is left
            polls.stack.start(SERVERS[kill % 2])
        crowd.more(50)
    assert crowd.troubles > 0, "no client noticed"
    shown_right(poll)
    proved(poll, crowd)
    again = sum(each.tries > 1 for each in crowd.sent)
    report(f"{KILLS} kills under {len(crowd.sent)} ballots, {again} of them sent again: none lost, none twice")


def test_control_without_a_ballot_id_a_lost_answer_costs_or_doubles_a_vote(polls: Target) -> None:
    """What the id is for. The client does not see the first answer; to it these are one vote."""
    url = f"{polls.stack.url()}/api/vote"
    made = {"question": "?", "voteType": "single", "choices": [{"text": "a"}, {"text": "b"}]}

    def twice(sent: dict[str, Any], headers: dict[str, str]) -> tuple[int, int]:
        """The status of the retry, and how many votes there are."""
        session = f"{url}/{http.post(url, json=made).json()['sessionId']}"
        http.post(session, json=sent, headers=headers)
        again = http.post(session.replace(polls.stack.url(), polls.stack.url("web2")), json=sent, headers=headers)
        return again.status_code, http.get(f"{session}/export?format=json").json()["totalVotes"]

    known, vote = {"Cookie": "voter_token=mine"}, {"choiceIds": ["1"]}
    assert twice(vote, {}) == (201, 2)  # counted twice
    assert twice(vote, known) == (409, 1)  # refused, and the voter does not know whether it counts
    for headers in ({}, known):
        assert twice({**vote, "ballotId": str(uuid4())}, headers) == (201, 1)


# ------------------------------------------------------------------------------------------------------- F5: Postgres crashes
@pytest.mark.timeout(300 if FULL else 240)
def test_a_crash_of_postgres_takes_no_acknowledged_ballot(polls: Target, crash_target: tuple[Target, Postgres]) -> None:
    postgres = crash_target[1]
    poll = LivePoll(polls.stack)
    crowd = Crowd(polls.stack, voters(poll))
    with crowd.going():
        for _ in range(CRASHES):
            crowd.more(150)
            noticed = crowd.troubles
            polls.close()
            postgres.stop("immediate")
            wait_until(lambda n=noticed: crowd.troubles > n + 16, what="the clients to notice")  # type: ignore[misc]
            postgres.start()
            crowd.more(150)
    shown = shown_right(poll)
    proved(poll, crowd)
    report(
        f"{CRASHES} crashes under {len(crowd.sent)} ballots, {crowd.troubles} times sent again; right {shown:.1f} s later"
    )


# ---------------------------------------------------------------------------------------------------------------- F4: Redis
def noticed(target: Target) -> None:
    """Waits until no process believes Redis any more: a frozen one is believed for a moment (docs/decisions/0012)."""
    for server in SERVERS:
        wait_until(lambda s=server: not httpx.get(f"{target.stack.url(s)}/readyz").json()["redis"], what="the silence")  # type: ignore[misc]


def followers(poll: LivePoll, stack: ExitStack) -> list[sse.Stream]:
    """A client on each stream of each process."""
    paths = (f"/api/polls/{poll.id}/stream", f"/api/vote/{poll.id}/stream")
    return [stack.enter_context(sse.opened(poll.stack.url(server) + path)) for server in SERVERS for path in paths]


def heard(message: sse.Message) -> list[int]:
    """The counts in a message of either stream."""
    view = message.json.get("data", message.json)
    return [choice.get("count", choice.get("voteCount")) for choice in view["choices"]]


def hear_the_truth(streams: list[sse.Stream], poll: LivePoll) -> None:
    """Each comes to the final counts, never having told of a count that fell."""
    truth = counts_of(there(poll))
    for stream in streams:
        stream.until(lambda message: heard(message) == truth)
        for of_one in zip(*(heard(message) for message in stream.messages), strict=True):
            assert list(of_one) == sorted(of_one)


@pytest.mark.timeout(240 if FULL else 240)
def test_redis_emptied_under_ballots(polls: Target) -> None:
    poll = LivePoll(polls.stack)
    crowd = Crowd(polls.stack, voters(poll), clients=4)
    with ExitStack() as open_now, redis.Redis.from_url(polls.redis.url) as client:
        streams = followers(poll, open_now)
        with crowd.going():
            for _ in range(5):
                crowd.more(100)
                client.flushall()
                at_least = crowd.acknowledged()
                for server in SERVERS:
                    assert sum(poll.counts(server, exact=True)) >= at_least
                    wait_until(
                        lambda s=server, n=at_least: sum(poll.counts(s)) >= n,  # type: ignore[misc]
                        timeout_s=CONVERGES_WITHIN_S,
                        what="what was counted",
                    )
        client.flushall()
        shown_s = shown_right(poll)
        hear_the_truth(streams, poll)
    assert crowd.troubles == 0
    proved(poll, crowd)
    report(f"Redis emptied 6 times under {len(crowd.sent)} ballots: shown right {shown_s:.1f} s after the last")


@pytest.mark.timeout(240 if FULL else 240)
@pytest.mark.parametrize("trouble", ["killed", "frozen"])
def test_without_redis_ballots_are_counted_and_results_shown(trouble: str, polls: Target) -> None:
    poll = LivePoll(polls.stack)
    crowd = Crowd(polls.stack, voters(poll), clients=4)
    with ExitStack() as open_now:
        streams = followers(poll, open_now)
        with crowd.going():
            crowd.more(100)
            polls.redis.kill() if trouble == "killed" else polls.freeze_redis()
            noticed(polls)
            away_until, before = time.monotonic() + AWAY_S, crowd.acknowledged()
            slowest = 0.0
            while time.monotonic() < away_until:
                for server in SERVERS:
                    at_least, began = crowd.acknowledged(), time.monotonic()
                    poll.counts(server)  # may share a read that had begun
                    slowest = max(slowest, time.monotonic() - began)
                    # From Postgres: all that is acknowledged is shown.
                    assert sum(poll.counts(server)) >= at_least
                    assert sum(poll.counts(server, exact=True)) >= at_least
            recorded = crowd.acknowledged() - before
            for stream in streams:  # they read by the clock in that time
                stream.until(lambda message: sum(heard(message)) > before)
            polls.redis.start() if trouble == "killed" else polls.thaw_redis()
            crowd.more(100)
        shown_s = shown_right(poll)
        hear_the_truth(streams, poll)
    assert crowd.troubles == 0
    assert recorded > 20 * AWAY_S / 3
    proved(poll, crowd)
    report(f"Redis {trouble} {AWAY_S:.0f} s: {recorded} ballots in that time, results within {slowest * 1000:.0f} ms; "
           f"shown right {shown_s:.1f} s after the load")  # fmt: skip


def test_what_was_deleted_while_redis_stood_still_is_gone_when_it_is_back(polls: Target) -> None:
    """The row is still there, and no process could tell that it is stale."""
    poll = LivePoll(polls.stack)
    poll.voted(1)
    for server in SERVERS:
        wait_until(lambda s=server: poll.counts(s) == [0, 1], what="the vote")  # type: ignore[misc]
    polls.freeze_redis()
    noticed(polls)
    poll.delete()
    assert [poll.get(server).status_code for server in SERVERS] == [404, 404]
    polls.thaw_redis()
    back = time.monotonic()
    for server in SERVERS:
        wait_until(lambda s=server: poll.get(s).status_code == 404, timeout_s=CONVERGES_WITHIN_S, what="404")  # type: ignore[misc]
    # For good: what looked away while Redis was gone looks again now.
    wait_until(lambda: time.monotonic() - back > 1.5)
    wait_until(lambda: [poll.get(server).status_code for server in SERVERS] == [404, 404], timeout_s=CONVERGES_WITHIN_S)
    with redis.Redis.from_url(polls.redis.url) as client:
        wait_until(lambda: client.hget(f"tl:poll:{poll.id}", "row") in {None, b"null"}, timeout_s=CONVERGES_WITHIN_S)
