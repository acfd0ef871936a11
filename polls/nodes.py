"""Which Postgres node holds which ballots (decision 0069). A node is a Django database alias.

Ballots, claims, tallies and seals of one shard of a poll are on one node. Without BALLOT_DATABASE_URLS, and for the polls
made before it was set, that is `default`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from polls import rules

# The models whose rows are on the nodes, as Django's migrations name them; all others are on `default` only.
ON_NODES = frozenset({"ballot", "claim", "tally", "seal", "pollonnode", "nodeseal", "subtree"})


class Node(NamedTuple):
    """A node of a poll, and the poll's shards on it. Statements name the shards beside the poll, for the nodes of a Citus
    cluster show each other's rows."""

    alias: str
    shards: Sequence[int]


class Placement(NamedTuple):
    """Where a poll's shards are: spread over the first `nodes` nodes of BALLOT_DATABASE_URLS, from one that its id chooses; 0:
    all on `default`. `together`: all on one node. Fixed once the poll is open."""

    poll_id: UUID
    shards: int = 1
    nodes: int = 0
    together: bool = False

    @property
    def is_spread(self) -> bool:
        """Whether its shards are on more than one node."""
        return self.nodes > 1 and self.shards > 1 and not self.together

    def node_of(self, shard: int) -> str:
        """The node of this shard."""
        if not self.nodes:
            return DEFAULT_DB_ALIAS
        number = (self.poll_id.int + (0 if self.together else shard)) % self.nodes
        return alias(number)

    def node_of_voter(self, voter_key: bytes) -> str:
        """The node of this voter's ballot."""
        return DEFAULT_DB_ALIAS if not self.nodes else self.node_of(rules.shard_of(voter_key, self.shards))

    def node_of_claim(self, claim: UUID) -> str:
        """The node of this claim."""
        return DEFAULT_DB_ALIAS if not self.nodes else self.node_of(rules.claim_shard(claim, self.shards))

    def all(self) -> list[Node]:
        """The poll's nodes, in a fixed order. Each has at least one shard."""
        if not self.nodes or self.together:
            return [Node(self.node_of(0), range(self.shards))]
        firsts = range(min(self.nodes, self.shards))
        return [Node(self.node_of(first), range(first, self.shards, self.nodes)) for first in firsts]

    def first_shard(self, node: str) -> int | None:
        """The lowest of the poll's shards on this node; None when it holds none."""
        return next((each.shards[0] for each in self.all() if each.alias == node), None)


def alias(number: int) -> str:
    """The alias of the node at this place in BALLOT_DATABASE_URLS, from 0."""
    return f"ballots{number + 1}"


def count() -> int:
    """How many nodes a poll that is made now is spread over; 0: its ballots are on `default`."""
    return len(settings.BALLOT_DATABASE_URLS)


def aliases() -> list[str]:
    """All databases that may hold ballots, `default` first."""
    return [DEFAULT_DB_ALIAS, *(alias(number) for number in range(count()))]


class Router:
    """Django's database router: tables of ballots are made on every node, all others on `default` only.

    A migration's RunSQL or RunPython that makes or changes them says so by `hints={"on_nodes": True}`. Reads and writes
    name their node (`using`).
    """

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        """Whether this operation is performed in this database."""
        if db == DEFAULT_DB_ALIAS:
            return None
        return app_label == "polls" and (model_name in ON_NODES or bool(hints.get("on_nodes")))
