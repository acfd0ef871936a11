"""What must be true of a poll's ballots after a fault."""

import time
from collections import Counter

from tests.faults.installation import CONVERGES_WITHIN_S
from tests.installation import wait_until
from tests.polls.ballot_load import Crowd, there
from tests.polls.running_poll import LivePoll

SERVERS = ("web", "web2")


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


def proved(poll: LivePoll, crowd: Crowd, *looked_at: str) -> None:
    """Every ballot was acknowledged in the end, is there once, and the counts are theirs. `looked_at`: what `reconcile` is told
    to look at; nothing: all there is."""
    assert {each.status for each in crowd.sent} == {201}
    assert there(poll) == counted(crowd)
    assert len(there(poll)) == len(crowd.sent)
    poll.stack.manage("reconcile", *looked_at)
