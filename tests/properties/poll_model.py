"""A poll as its promises say it: one ballot a voter, one voter an id, rounds apart from each other. Plain values, no database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

COUNTED, CHANGED, ALREADY = "counted", "changed", "already_counted"
REFUSED, ID_USED, OTHER_ROUND, CLOSED, INVALID, NO_VOTER = (
    "refused", "id_used", "other_round", "closed", "invalid", "no_voter",
)  # fmt: skip
IN_THE_COUNT = frozenset({COUNTED, CHANGED, ALREADY})


@dataclass
class OneBallot:
    """What a voter has in the count."""

    id: str
    choices: tuple[int, ...]
    replaced: set[str] = field(default_factory=set)


@dataclass
class PollModel:
    """`ids`: the round and the voter of each id that was ever counted."""

    choices: int
    max_picks: int
    may_change: bool
    epoch: int = 0
    is_open: bool = True
    ballots: dict[int, OneBallot] = field(default_factory=dict)
    ids: dict[str, tuple[int, int]] = field(default_factory=dict)

    def cast(
        self, voter: int | None, ballot_id: str, picks: Sequence[int], epoch: int | None
    ) -> tuple[str, int | None]:
        """What becomes of it, and whose ballot it turned out to be. No voter: a form without its cookie."""
        if epoch is not None and epoch != self.epoch:
            return OTHER_ROUND, voter
        if not 1 <= len(set(picks)) == len(picks) <= self.max_picks or not set(picks) <= set(range(self.choices)):
            return INVALID, voter
        if ballot_id in self.ids:
            round_of_id, voter = self.ids[ballot_id]
            if round_of_id != self.epoch:
                return OTHER_ROUND, voter
        elif voter is None:
            return (NO_VOTER if self.is_open else CLOSED), None
        assert voter is not None
        mine = self.ballots.get(voter)
        chosen = tuple(sorted(picks))
        if mine is None:
            if not self.is_open:
                return CLOSED, voter
            self.ballots[voter] = OneBallot(ballot_id, chosen)
            self.ids[ballot_id] = self.epoch, voter
            return COUNTED, voter
        if mine.id == ballot_id:
            return (ALREADY if mine.choices == chosen else ID_USED), voter
        if ballot_id in mine.replaced:
            return ALREADY, voter
        if not self.is_open:
            return CLOSED, voter
        if not self.may_change:
            return REFUSED, voter
        self.ballots[voter] = OneBallot(ballot_id, chosen, mine.replaced | {mine.id})
        self.ids[ballot_id] = self.epoch, voter
        return CHANGED, voter

    def reset(self) -> None:
        """A new round."""
        self.epoch += 1
        self.is_open = True
        self.ballots = {}

    def counts(self) -> list[int]:
        """Picks by choice."""
        picked = Counter(choice for one in self.ballots.values() for choice in one.choices)
        return [picked[number] for number in range(self.choices)]
