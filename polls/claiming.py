"""Whose each ballot of a batch is, by the claims on the batch's node (decisions 0021, 0069)."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from polls import claims, refusals, rules
from polls.claims import Claimed, Key
from polls.outcomes import Cast, Outcome, Settled, Status
from polls.poll_states import PollState


def claim(
    node: str, left: dict[int, Cast], outcomes: list[Outcome | None], polls: dict[UUID, PollState]
) -> dict[int, list[Key]]:
    """Finds out whose each ballot is: in a poll for a line the voter that its browser is, and always the voter that has used
    its id first. Changes the casts in `left` accordingly and takes out those of an older round. Returns what was claimed anew,
    by the cast that did it.
    """
    taken: dict[int, list[Key]] = {}
    browsers = {
        index: claims.browser(cast.poll_id, polls[cast.poll_id].epoch, cast.browser)
        for index, cast in left.items()
        if cast.browser
    }
    ids = {index: cast.ballot_id for index, cast in left.items() if cast.settled is None}
    for names in (browsers, ids):
        wanted: dict[Key, Claimed] = {}
        new: dict[int, Key] = {}
        others: dict[int, Key] = {}
        for index, name in names.items():
            cast = left[index]
            poll = polls[cast.poll_id]
            key = claims.key_of(cast.poll_id, name, shards=poll.shards)
            # Of two in one batch the first has the name.
            if cast.voter_key and poll.phase == rules.OPEN and key not in wanted:
                new[index], wanted[key] = key, Claimed(cast.voter_key, poll.epoch)
            else:
                others[index] = key
        known = claims.take(wanted, using=node) | claims.find({*others.values()} - wanted.keys(), using=node)
        for index, key in new.items():
            if known and key in known:
                others[index] = key
            else:
                taken.setdefault(index, []).append(key)
        for index, key in others.items():
            if problem := _settle(index, left, known.get(key) or wanted.get(key), polls[key.poll_id]):
                outcomes[index] = problem
    for index in [index for index in left if outcomes[index] is not None]:
        del left[index]
    return taken


def move(
    node: str,
    batch: Sequence[Cast],
    left: dict[int, Cast],
    outcomes: list[Outcome | None],
    polls: dict[UUID, PollState],
) -> None:
    """Takes out the ballots whose voter is on another node, now that their ids are claimed."""
    for index, cast in [*left.items()]:
        if cast.settled is not None or cast.placement is None or not cast.placement.is_spread:
            continue
        poll = polls[cast.poll_id]
        settled = Settled(poll.epoch, batch[index].voter_key, claimed=poll.phase == rules.OPEN)
        moved = replace(cast, settled=settled)
        if moved.node != node:
            outcomes[index] = Outcome(Status.MOVED, moved=moved)
            del left[index]


def _settle(index: int, left: dict[int, Cast], claimed: Claimed | None, poll: PollState) -> Outcome | None:
    """Makes the ballot its first voter's. Returns why it cannot be: an older round, or no known voter."""
    if claimed is None:
        unknown = not left[index].voter_key and poll.phase == rules.OPEN
        return Outcome(Status.NO_VOTER, problem=refusals.NO_COOKIES) if unknown else None
    if claimed.epoch != poll.epoch:
        return Outcome(Status.OTHER_ROUND, problem=refusals.EARLIER_ROUND)
    if claimed.voter_key != left[index].voter_key:
        left[index] = replace(left[index], voter_key=claimed.voter_key)
    return None


def give_back(node: str, taken: dict[int, list[Key]], outcomes: list[Outcome | None]) -> None:
    """Claims stay with ballots that are in the count, or on their way to it; refusals must not fill the table."""
    stay = {Status.COUNTED, Status.CHANGED, Status.MOVED}
    refused = (index for index in taken if (outcome := outcomes[index]) is None or outcome.status not in stay)
    claims.give_back((key for index in refused for key in taken[index]), using=node)
