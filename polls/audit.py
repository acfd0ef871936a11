"""Reads the counts and verifies them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connections

from polls import claims, counting, seals, whole_digest
from polls.arrays import array
from polls.models import Poll
from polls.nodes import Node


@dataclass(slots=True)
class Totals:
    """A poll's counts: picks by choice, picks by shard and choice, ballots, and the number of changes."""

    picks: Counter[int] = field(default_factory=Counter)
    shards: dict[int, Counter[int]] = field(default_factory=dict)
    ballots: int = 0
    changes: int = 0

    @classmethod
    def of(cls, picks: Iterable[tuple[int, int, int]], *, ballots: int, changes: int) -> "Totals":
        """From (shard, choice, count) triples."""
        found = cls(ballots=ballots, changes=changes)
        for shard, choice, count in picks:
            found.picks[choice] += count
            found.shards.setdefault(shard, Counter())[choice] += count
        return found

    def add(self, more: "Totals") -> None:
        """Adds the counts of other shards."""
        self.picks.update(more.picks)
        self.shards |= more.shards
        self.ballots += more.ballots
        self.changes += more.changes


# By shard: counts of picks, and the number of ballots with the sum of their parts.
Picks = dict[int, Counter[int]]
Sums = dict[int, tuple[int, int]]


def totals_of(poll: Poll) -> Totals:
    """The counts of all the poll's nodes. Nodes that have not heard of the poll's last reset have none (polls/on_nodes.py)."""
    totals = Totals()
    for node in poll.placement.all():
        with connections[node.alias].cursor() as cursor:
            # One statement, for counts and their number of changes belong to one instant.
            cursor.execute(
                """
                SELECT picks, ballots, changes, epoch
                  FROM (SELECT coalesce(json_agg(json_build_array(shard, choice, count)), '[]') AS picks
                          FROM (SELECT shard, choice, sum(count)::bigint AS count FROM polls_tally
                                 WHERE poll_id = %(poll)s AND shard = ANY(%(shards)s::smallint[]) GROUP BY 1, 2) AS by
                       ) AS tallies,
                       (SELECT coalesce(sum(ballots), 0)::bigint AS ballots, coalesce(sum(changes), 0)::bigint AS changes
                          FROM polls_seal WHERE poll_id = %(poll)s AND shard = ANY(%(shards)s::smallint[])) AS seals,
                       (SELECT max(epoch) AS epoch FROM polls_pollonnode
                         WHERE poll_id = %(poll)s AND shard = %(first)s) AS copy
                """,
                {"poll": poll.pk, "shards": array(map(str, node.shards)), "first": node.shards[0]},
            )
            picks, ballots, changes, epoch = cursor.fetchone()
        if epoch is None or epoch == poll.epoch:
            totals.add(Totals.of(picks, ballots=ballots, changes=changes))
    return totals


def problems(poll: Poll) -> list[str]:
    """Differences in a poll's counts; none if ballots = shard tallies = totals and no row was edited by hand.

    Checks each ballot's mac and claim, recounts picks and ballots by shard, compares the sum of their parts with the seals, and,
    for a closed poll, recomputes the published digest.
    """
    wrong = [problem for node in poll.placement.all() for problem in _problems_on(node, poll)]
    if poll.root and poll.digest_version == seals.VERSION:
        wrong += seals.problems(poll)
    elif poll.root and whole_digest.root_of(poll.pk).hex() != poll.root:
        wrong.append("the ballots do not give the published digest")
    return wrong


def _problems_on(node: Node, poll: Poll) -> Iterator[str]:
    picks: Picks = {}
    there: Sums = {}
    for rows in _ballots_on(node, poll):
        claimed = _claimed(poll, [ballot_id for _, _, ballot_id, *_ in rows])
        for shard, voter_key, ballot_id, choices, cast_at, mac, signer in rows:
            expected = counting.proof_of(
                poll.pk, bytes(voter_key), ballot_id, choices, cast_at, bytes(signer) if signer else None
            )
            if bytes(mac) != expected.mac:
                yield f"ballot {ballot_id} was changed by hand"
            if claimed.get(ballot_id) != (bytes(voter_key), poll.epoch):  # decision 0021
                yield f"the id of ballot {ballot_id} is not claimed by its voter"
            picks.setdefault(shard, Counter()).update(choices)
            number, total = there.get(shard, (0, 0))
            there[shard] = number + 1, total + expected.part
    shown, sealed = _counted_on(node, poll)
    for shard in sorted({*picks, *shown, *sealed}):
        if +picks.get(shard, Counter()) != +shown.get(shard, Counter()):
            yield f"the tallies of shard {shard} are not its ballots"
        (counted, total), (number, expected_total) = sealed.get(shard, (0, 0)), there.get(shard, (0, 0))
        if counted != number:
            yield f"shard {shard} has {number} ballots, {counted} were counted"
        if total % counting.MODULUS != expected_total % counting.MODULUS:
            yield f"a ballot of shard {shard} was put in or taken out by hand"


def _ballots_on(node: Node, poll: Poll) -> Iterator[list[Any]]:
    """The rows of the poll's ballots on this node, some thousands at a time."""
    with connections[node.alias].cursor() as cursor:
        cursor.execute(
            "SELECT shard, voter_key, ballot_id, choices, cast_at, mac, signer FROM polls_ballot"
            " WHERE poll_id = %s AND shard = ANY(%s::smallint[])",
            [poll.pk, array(map(str, node.shards))],
        )
        while rows := cursor.fetchmany(5_000):
            yield rows


def _counted_on(node: Node, poll: Poll) -> tuple[Picks, Sums]:
    """What was counted on this node."""
    wanted: list[Any] = [poll.pk, array(map(str, node.shards))]
    with connections[node.alias].cursor() as cursor:
        cursor.execute(
            "SELECT shard, sum(ballots)::bigint, sum(sum) FROM polls_seal"
            " WHERE poll_id = %s AND shard = ANY(%s::smallint[]) GROUP BY shard",
            wanted,
        )
        sums = {shard: (int(number), int(total)) for shard, number, total in cursor.fetchall()}
        cursor.execute(
            "SELECT shard, choice, sum(count)::bigint FROM polls_tally"
            " WHERE poll_id = %s AND shard = ANY(%s::smallint[]) GROUP BY 1, 2",
            wanted,
        )
        return Totals.of(cursor.fetchall(), ballots=0, changes=0).shards, sums


def _claimed(poll: Poll, ballot_ids: Iterable[UUID]) -> dict[UUID, claims.Claimed]:
    """The claims of these ids, each of which may be on any of the poll's nodes."""
    keys: dict[str, list[claims.Key]] = {}
    for ballot_id in ballot_ids:
        keys.setdefault(poll.placement.node_of_claim(ballot_id), []).append(
            claims.key_of(poll.pk, ballot_id, shards=poll.shards)
        )
    return {key.claim: found for node in keys for key, found in claims.find(keys[node], using=node).items()}
