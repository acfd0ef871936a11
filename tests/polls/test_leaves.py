"""Leaves are read in the order of their key, a stretch after the other (decision 0081), and the digest stays what it was."""

from typing import Any

import pytest

from polls import ballots, commands, digest, leaves, timers
from polls.models import Ballot, Poll
from tests.polls.database_polls import ballot, made, sql

pytestmark = pytest.mark.django_db


@pytest.mark.thorough
@pytest.mark.parametrize("most", [1, 7, 20, 100])
@pytest.mark.parametrize("told", [1, 40, 10_000])
def test_leaves_come_in_order_and_each_once_however_they_are_read(most: int, told: int) -> None:
    """Also where the number of ballots that is told is wrong, and where all keys lie close together."""
    poll = made(shards=2)
    ballots.record([ballot(poll, n, n % 3) for n in range(40)])
    sql(
        "UPDATE polls_ballot SET voter_key = decode('00000000', 'hex') || substr(voter_key, 5)"
        " WHERE poll_id = %s AND shard = 0",
        poll.pk,
    )
    rows = Ballot.objects.filter(poll_id=poll.pk).order_by("shard", "voter_key")
    expected = [
        ((row.shard, bytes(row.voter_key)), digest.leaf(row.ballot_id, row.choices, row.cast_at)) for row in rows
    ]
    found: list[Any] = []
    while True:
        after = found[-1][0] if found else None
        more = leaves.following(poll.pk, "default", {0: told, 1: told}, after=after, most=most)
        assert len(more) == min(most, len(expected) - len(found))
        found += [(more.place(index), leaf) for index, leaf in enumerate(more.part(0, len(more)))]
        if len(more) < most:
            break
    assert found == expected


def test_digests_that_older_releases_published_stay_what_they_are() -> None:
    """Ballots as they stood in a database of 2026-11-28, and the root made of them without this program."""
    poll = made(shards=2)
    sql(
        "INSERT INTO polls_ballot (poll_id, shard, voter_key, ballot_id, choices, cast_at, mac)"
        " SELECT %s, n %% 2, decode(repeat(to_hex(16 + 9 - n), 16), 'hex'), lpad((n + 1)::text, 32, '0')::uuid,"
        "        ARRAY[n %% 3]::smallint[], '2026-11-28 20:15:00+00'::timestamptz + n * interval '1.000001 s', ''"
        "   FROM generate_series(0, 5) AS n",
        poll.pk,
    )
    sql(
        "INSERT INTO polls_seal (poll_id, shard, slot, ballots, changes, sum, changed_at)"
        " SELECT %s, shard, 0, 3, 3, 0, now() FROM generate_series(0, 1) AS shard",
        poll.pk,
    )
    commands.close(poll.pk)
    timers.seal_closed()
    assert Poll.objects.get(pk=poll.pk).root == "3f767fb67c315672cb2c403261979921e1413d22f99320bacaebb4f7e1387357"
