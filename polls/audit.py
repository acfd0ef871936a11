"""Reads the counts and verifies them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from polls import counting, digest
from polls.models import Poll


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


def problems(poll: Poll) -> list[str]:
    """Differences in a poll's counts; none if ballots = shard tallies = totals and no row was edited by hand.

    Checks each ballot's mac and claim, recounts picks and ballots by shard, compares the sum of their parts with the seals, and,
    for a closed poll, recomputes the published digest.
    """
    wrong: list[str] = []
    picks: dict[int, Counter[int]] = {}
    count: Counter[int] = Counter()
    sums: Counter[int] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shard, voter_key, ballot_id, choices, cast_at, mac, signer FROM polls_ballot WHERE poll_id = %s",
            [poll.pk],
        )
        while rows := cursor.fetchmany(5_000):
            for shard, voter_key, ballot_id, choices, cast_at, mac, signer in rows:
                expected = counting.proof_of(
                    poll.pk, bytes(voter_key), ballot_id, choices, cast_at, bytes(signer) if signer else None
                )
                if bytes(mac) != expected.mac:
                    wrong.append(f"ballot {ballot_id} was changed by hand")
                picks.setdefault(shard, Counter()).update(choices)
                count[shard] += 1
                sums[shard] += expected.part
        cursor.execute(
            "SELECT shard, sum(ballots)::bigint, sum(sum) FROM polls_seal WHERE poll_id = %s GROUP BY shard", [poll.pk]
        )
        seals = {shard: (int(number), int(total)) for shard, number, total in cursor.fetchall()}
        cursor.execute(
            "SELECT shard, choice, sum(count)::bigint FROM polls_tally WHERE poll_id = %s GROUP BY 1, 2", [poll.pk]
        )
        shown = Totals.of(cursor.fetchall(), ballots=0, changes=0).shards
    for shard in sorted({*picks, *shown, *seals}):
        if +picks.get(shard, Counter()) != +shown.get(shard, Counter()):
            wrong.append(f"the tallies of shard {shard} are not its ballots")
        number, total = seals.get(shard, (0, 0))
        if number != count[shard]:
            wrong.append(f"shard {shard} has {count[shard]} ballots, {number} were counted")
        if total % counting.MODULUS != sums[shard] % counting.MODULUS:
            wrong.append(f"a ballot of shard {shard} was put in or taken out by hand")
    wrong += _claims_problems(poll)
    if poll.root and digest.root_of(poll.pk).hex() != poll.root:
        wrong.append("the ballots do not give the published digest")
    return wrong


def _claims_problems(poll: Poll) -> list[str]:
    """Ballots whose id is claimed by another voter or by none (decision 0021)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.ballot_id FROM polls_ballot b
             WHERE b.poll_id = %(poll)s AND NOT EXISTS (
                   SELECT FROM polls_claim c WHERE c.poll_id = b.poll_id AND c.claim = b.ballot_id
                      AND c.shard = ('x' || left(b.ballot_id::text, 8))::bit(32)::bigint %% %(shards)s
                      AND c.voter_key = b.voter_key AND c.epoch = %(epoch)s)
            """,
            {"poll": poll.pk, "shards": poll.shards, "epoch": poll.epoch},
        )
        return [f"the id of ballot {ballot_id} is not claimed by its voter" for (ballot_id,) in cursor.fetchall()]
