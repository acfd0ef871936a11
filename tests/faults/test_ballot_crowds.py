"""F6 for ballots: a crowd over two processes, a race with the close, one voter a hundred times; each counted once."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.faults.ballots import SERVERS, counted, shown_right
from tests.faults.installation import SLACK, Target, report
from tests.installation import FULL, wait_until
from tests.polls.ballot_load import Crowd, Sent, there, voters
from tests.polls.running_poll import LivePoll

BALLOTS = 20_000 if FULL else 1_000


# ------------------------------------------------------------------------------------------------------------- F6: the crowd
def mixed(fixed: LivePoll, changing: LivePoll, ballots: int) -> Iterator[list[Sent]]:
    """Voters of both polls, until there are this many ballots: one ballot, the same again, a second one, a wrong one."""
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
def test_a_crowd_is_counted_exactly(polls: Target) -> None:
    fixed, changing = LivePoll(polls.stack, shards=5), LivePoll(polls.stack, mayChange=True)
    all_voters = list(mixed(fixed, changing, BALLOTS))
    crowd = Crowd(polls.stack, all_voters, clients=64).all_of_them()
    assert crowd.troubles == 0
    truth: dict[str, dict[str, list[int]]] = {fixed.id: {}, changing.id: {}}
    seals: dict[tuple[str, str], Any] = {}
    for voter in all_voters:
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
def test_1000_ballots_racing_with_the_close(polls: Target) -> None:
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
    # Exactly those who were counted are told so for ever.
    for each in random.Random(1).sample(crowd.sent, 20):
        again = poll.vote(*each.choices, ballot_id=each.ballot_id, token=each.token)
        assert again.status_code == each.status
    polls.stack.manage("reconcile")
    report(f"1000 ballots against a close: {dict(answers)}")


@pytest.mark.parametrize("same_ballot", [True, False])
def test_100_ballots_of_one_voter_over_two_processes_are_one(same_ballot: bool, polls: Target) -> None:
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
