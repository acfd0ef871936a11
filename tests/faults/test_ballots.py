"""F1, F4, F5, F6 for ballots: whatever dies, forgets or stands still, acknowledged means counted, and counted once."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis

from devserver.embedded import Postgres
from tests.contracts import sse
from tests.contracts.queueup import http
from tests.faults.installation import CONVERGES_WITHIN_S, SLACK, Rig, report
from tests.installation import FULL, wait_until
from tests.polls.ballot_load import Crowd, Sent, there, voters
from tests.polls.running_poll import LivePoll

SERVERS = ("web", "web2")
KILLS = 20 if FULL else 2
CRASHES = 5 if FULL else 1
AWAY_S = 30.0 if FULL else 2.0
BALLOTS = 20_000 if FULL else 3_000


@pytest.fixture
def polls(crash_rig: tuple[Rig, Postgres]) -> Iterator[Rig]:
    """The installation with two web processes and the timers, and without earlier polls."""
    rig, postgres = crash_rig
    if not postgres.running:
        postgres.start()
    rig.stack.sql("TRUNCATE polls_poll, polls_ballot, polls_tally, polls_seal, outbox_event CASCADE")
    rig.run(*SERVERS, "timers")
    yield rig
    rig.thaw_redis()


def counts_of(ballots: dict[str, list[int]]) -> list[int]:
    """Red and white, counted by hand."""
    picked = Counter(choice for choices in ballots.values() for choice in choices)
    return [picked[0], picked[1]]


def counted(crowd: Crowd) -> dict[str, list[int]]:
    """What was acknowledged: ballot id → choices."""
    return {each.ballot_id: list(each.choices) for each in crowd.sent if each.counted}


def shown_right(poll: LivePoll, *, within_s: float = CONVERGES_WITHIN_S) -> float:
    """Exact at once, and what is shown soon, on both processes; seconds it took."""
    truth = counts_of(there(poll))
    began = time.monotonic()
    for server in SERVERS:
        assert poll.counts(server, exact=True) == truth
    for server in SERVERS:
        left = max(0.1, began + within_s - time.monotonic())
        wait_until(lambda s=server: poll.counts(s) == truth, timeout_s=left, what=f"{truth} on {server}")  # type: ignore[misc]
    return time.monotonic() - began


def proved(poll: LivePoll, crowd: Crowd) -> None:
    """Every ballot was acknowledged in the end, is there once, and the counts are theirs."""
    assert {each.status for each in crowd.sent} == {201}
    assert there(poll) == counted(crowd)
    assert len(there(poll)) == len(crowd.sent)
    poll.stack.manage("reconcile")


# ------------------------------------------------------------------------------------------------------------- F1: kill -9
@pytest.mark.timeout(300 if FULL else 240)
def test_a_web_killed_under_ballots_loses_none_and_doubles_none(polls: Rig) -> None:
    poll = LivePoll(polls.stack)
    crowd = Crowd(polls.stack, voters(poll))
    with crowd.going():
        for kill in range(KILLS):
            crowd.more(150)
            polls.stack.kill(SERVERS[kill % 2])
            crowd.more(50)  # by the one that is left
            polls.stack.start(SERVERS[kill % 2])
        crowd.more(50)
    assert crowd.troubles > 0, "nobody noticed"
    shown_right(poll)
    proved(poll, crowd)
    again = sum(each.tries > 1 for each in crowd.sent)
    report(f"{KILLS} kills under {len(crowd.sent)} ballots, {again} of them sent again: none lost, none twice")


def test_control_without_a_ballot_id_a_lost_answer_costs_or_doubles_a_vote(polls: Rig) -> None:
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
def test_a_crash_of_postgres_takes_no_acknowledged_ballot(polls: Rig, crash_rig: tuple[Rig, Postgres]) -> None:
    postgres = crash_rig[1]
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
def noticed(rig: Rig) -> None:
    """Waits until no process believes Redis any more: a frozen one is believed for a moment (docs/decisions/0012)."""
    for server in SERVERS:
        wait_until(lambda s=server: not httpx.get(f"{rig.stack.url(s)}/readyz").json()["redis"], what="the silence")  # type: ignore[misc]


def followers(poll: LivePoll, stack: ExitStack) -> list[sse.Stream]:
    """Somebody on each stream of each process."""
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
def test_redis_emptied_under_ballots(polls: Rig) -> None:
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
def test_without_redis_ballots_are_counted_and_results_shown(trouble: str, polls: Rig) -> None:
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
                    # From Postgres: whatever is acknowledged is shown.
                    assert sum(poll.counts(server)) >= at_least
                    assert sum(poll.counts(server, exact=True)) >= at_least
            meanwhile = crowd.acknowledged() - before
            for stream in streams:  # they look by the clock meanwhile
                stream.until(lambda message: sum(heard(message)) > before)
            polls.redis.start() if trouble == "killed" else polls.thaw_redis()
            crowd.more(100)
        shown_s = shown_right(poll)
        hear_the_truth(streams, poll)
    assert crowd.troubles == 0
    assert meanwhile > 20 * AWAY_S / 3
    proved(poll, crowd)
    report(f"Redis {trouble} {AWAY_S:.0f} s: {meanwhile} ballots meanwhile, results within {slowest * 1000:.0f} ms; "
           f"shown right {shown_s:.1f} s after the load")  # fmt: skip


def test_what_was_deleted_while_redis_stood_still_is_gone_when_it_is_back(polls: Rig) -> None:
    """The row is there still, and nobody could say that it should not be."""
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


# ------------------------------------------------------------------------------------------------------------- F6: the crowd
def mixed(fixed: LivePoll, changing: LivePoll, ballots: int) -> Iterator[list[Sent]]:
    """Voters of both polls, until there are so many ballots: one ballot, the same again, a second one, a wrong one."""
    chance, number, left = random.Random(7), 0, ballots
    while left > 0:
        number += 1
        poll, token = chance.choice((fixed, changing)), f"voter-{number}"
        voter = [Sent(poll, token, (chance.randrange(2),))]
        for _ in range(chance.choice((0, 0, 0, 1, 2, 3))):
            kind = chance.choice(("again", "another", "wrong"))
            if kind == "again":
                known = chance.choice([each for each in voter if max(each.choices) < 2])
                voter.append(Sent(poll, token, known.choices, known.ballot_id))
            else:
                wrong: tuple[tuple[int, ...], ...] = ((2,), (0, 1), (0, 0), (32_767,))
                voter.append(Sent(poll, token, (chance.randrange(2),) if kind == "another" else chance.choice(wrong)))
        left -= len(voter)
        yield voter


def expected(voter: list[Sent], *, may_change: bool) -> tuple[list[int], str, list[int]]:
    """The statuses a voter must get, and the ballot that counts in the end: its id and choices."""
    statuses: list[int] = []
    cast: list[Sent] = []
    for each in voter:
        if max(each.choices) > 1 or len(each.choices) > 1:
            statuses.append(400)
        elif any(each.ballot_id == known.ballot_id for known in cast):
            statuses.append(201)
        elif not cast or may_change:
            statuses.append(201)
            cast.append(each)
        else:
            statuses.append(409)
    return statuses, cast[-1].ballot_id, list(cast[-1].choices)


@pytest.mark.timeout(300)
def test_a_crowd_is_counted_exactly(polls: Rig) -> None:
    fixed, changing = LivePoll(polls.stack, shards=5), LivePoll(polls.stack, mayChange=True)
    everybody = list(mixed(fixed, changing, BALLOTS))
    crowd = Crowd(polls.stack, everybody, clients=64).all_of_them()
    assert crowd.troubles == 0
    truth: dict[str, dict[str, list[int]]] = {fixed.id: {}, changing.id: {}}
    seals: dict[tuple[str, str], Any] = {}
    for voter in everybody:
        statuses, ballot_id, choices = expected(voter, may_change=voter[0].poll is changing)
        assert [each.status for each in voter] == statuses
        truth[voter[0].poll.id][ballot_id] = choices
        for each in voter:
            if each.counted:  # the same ballot, the same receipt
                receipt = each.answer["receipt"]
                if receipt["ballotId"] == each.ballot_id:
                    assert seals.setdefault((each.token, each.ballot_id), receipt) == receipt
                else:  # a late retry of one that was replaced
                    assert voter[0].poll is changing
    for poll in (fixed, changing):
        assert there(poll) == truth[poll.id]
        shown_right(poll)
        view = poll.results(exact=True)
        assert view["ballots"] == len(truth[poll.id])
    polls.stack.manage("reconcile")
    answers = Counter(each.status for each in crowd.sent)
    rate = len(crowd.sent) / crowd.seconds
    report(f"{len(crowd.sent)} ballots by 64 clients over two processes in {crowd.seconds:.1f} s ({rate:.0f}/s): "
           f"{dict(answers)}, counted {sum(map(len, truth.values()))}")  # fmt: skip


@pytest.mark.timeout(240)
def test_1000_ballots_racing_with_the_close(polls: Rig) -> None:
    poll = LivePoll(polls.stack, shards=3)
    crowd = Crowd(polls.stack, (voter for voter, _ in zip(voters(poll), range(1_000), strict=False)), clients=32)
    with crowd.going():
        crowd.more(200)
        poll.act("close", "web2")
        wait_until(lambda: len(crowd.sent) == 1_000 and all(each.status for each in crowd.sent), what="all answers")
    answers = Counter(each.status for each in crowd.sent)
    assert set(answers) <= {201, 409}
    assert crowd.troubles == 0
    assert there(poll) == counted(crowd)
    for server in SERVERS:  # a host's command is shown at once
        assert sum(poll.counts(server)) == answers[201]
        assert poll.results(server)["root"]
    # Those who were counted are told so for ever, and nobody else.
    for each in random.Random(1).sample(crowd.sent, 20):
        again = poll.vote(*each.choices, ballot_id=each.ballot_id, token=each.token)
        assert again.status_code == each.status
    polls.stack.manage("reconcile")
    report(f"1000 ballots against a close: {dict(answers)}")


@pytest.mark.parametrize("same_ballot", [True, False])
def test_100_ballots_of_one_voter_over_two_processes_are_one(same_ballot: bool, polls: Rig) -> None:
    poll, one = LivePoll(polls.stack), str(uuid4())
    ids = [one if same_ballot else str(uuid4()) for _ in range(100)]

    def vote(n: int) -> httpx.Response:
        return poll.vote(0 if same_ballot else n % 2, server=SERVERS[n % 2], ballot_id=ids[n], token="x")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(vote, range(100)))
    counted_now = [answer.json()["receipt"] for answer in answers if answer.status_code == 201]
    assert [answer.status_code for answer in answers if answer.status_code != 201] == (
        [] if same_ballot else [409] * 99
    )
    assert len({str(receipt) for receipt in counted_now}) == 1
    assert list(there(poll)) == [counted_now[0]["ballotId"]]
    assert sum(poll.counts(exact=True)) == 1
    shown_right(poll, within_s=5 * SLACK)
