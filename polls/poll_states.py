"""What decides about a ballot, as the node knows it on which the ballot is recorded: read inside the batch's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

from polls import rules
from polls.arrays import array
from polls.nodes import Placement


@dataclass(frozen=True, slots=True)
class PollState:
    """A poll's phase at one instant, its round, and its rules. `choices`: how many there are."""

    phase: str
    epoch: int
    shards: int
    min_picks: int
    max_picks: int
    may_change: bool
    choices: int


_COLUMNS = "status, starts_at, ends_at, epoch, shards, min_picks, max_picks, may_change"
_HERE = f"""
SELECT id, {_COLUMNS}, (SELECT count(*) FROM polls_choice c WHERE c.poll_id = p.id)
  FROM polls_poll p WHERE id = ANY(%s::uuid[])
"""  # noqa: S608 — the names above
_ON_NODE = f"""
SELECT poll_id, {_COLUMNS}, choices
  FROM polls_pollonnode JOIN unnest(%s::uuid[], %s::smallint[]) AS wanted (poll_id, shard) USING (poll_id, shard)
 WHERE status <> 'deleted'
"""  # noqa: S608 — the names above


def read(node: str, placements: Mapping[UUID, Placement], now: datetime) -> dict[UUID, PollState]:
    """The states of these polls at `now`, without those that the node does not know.

    `default` has the polls themselves, every other node its copies of them (polls/on_nodes.py).
    """
    ids = array(poll_id.hex for poll_id in placements)
    with connections[node].cursor() as cursor:
        if node == DEFAULT_DB_ALIAS:
            cursor.execute(_HERE, [ids])
        else:
            firsts = array(str(placement.first_shard(node)) for placement in placements.values())
            cursor.execute(_ON_NODE, [ids, firsts])
        return {
            poll_id: PollState(rules.phase(status=status, starts_at=starts_at, ends_at=ends_at, now=now), *others)
            for poll_id, status, starts_at, ends_at, *others in cursor
        }
