"""The copies of polls on the nodes that hold their ballots (decision 0069).

Postgres's `default` is where a poll is opened, reset and deleted. A node hears of it here, in a transaction of the node's
own under its own lock of the poll: from the command right after its commit, from the effect `nodes` until it has worked, and
from a ballot that is newer than the copy. By the poll's version newer replaces older, so the order of these does not matter.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, transaction
from django.db.models import Max, Model

from core.locks import lock_exclusive
from core.start import CannotStart
from outbox.effects import Retry
from outbox.models import Event
from polls import nodes, rules
from polls.models import Ballot, Claim, NodeSeal, Poll, PollOnNode, Seal, Subtree, Tally
from polls.nodes import Node, Placement

logger = logging.getLogger(__name__)

Copied = PollOnNode.Status
# Above every version of a poll: nothing replaces the mark of a deleted one.
_LAST = 2**62
# What a reset deletes. Not the claims: an id of an older round is known by them.
OF_A_ROUND: tuple[type[Model], ...] = (Ballot, Tally, Seal, NodeSeal, Subtree)


def bring_up(placement: Placement, node: Node) -> str | None:
    """Makes the node's copy what the poll is now, and deletes the ballots of rounds before. Returns the poll's status; None for
    one that does not exist (its rows are deleted). Raises django.db.Error.
    """
    poll = Poll.objects.filter(pk=placement.poll_id).first()
    if poll is None:
        _delete(placement.poll_id, node)
        return None
    # A draft may still be edited. Its copy is made once it is open.
    if poll.status != rules.DRAFT:
        _copy(poll, node)
    return poll.status


def _copy(poll: Poll, node: Node) -> None:
    fields = {
        "version": poll.version,
        "epoch": poll.epoch,
        "status": poll.status,
        "starts_at": poll.starts_at,
        "ends_at": poll.ends_at,
        "shards": poll.shards,
        "min_picks": poll.min_picks,
        "max_picks": poll.max_picks,
        "may_change": poll.may_change,
        "choices": poll.choices.count(),
    }
    with transaction.atomic(using=node.alias, durable=True):
        lock_exclusive(poll.pk, using=node.alias)
        known = _known(poll.pk, node)
        if known is not None and known.version >= poll.version:
            return
        if known is not None and known.epoch == poll.epoch and known.status == Copied.CLOSED:
            fields["status"] = Copied.CLOSED  # a round that was closed here stays closed
        if known is not None and known.epoch < poll.epoch:
            forget(poll.pk, node, *OF_A_ROUND)
        _write(poll.pk, node, fields)


def _delete(poll_id: UUID, node: Node) -> None:
    """Deletes the poll's rows on the node and leaves a mark: a ballot under way must not bring the copy back."""
    none: dict[str, Any] = dict.fromkeys(("epoch", "shards", "min_picks", "max_picks", "choices"), 0)
    with transaction.atomic(using=node.alias, durable=True):
        lock_exclusive(poll_id, using=node.alias)
        forget(poll_id, node, *OF_A_ROUND, Claim)
        _write(poll_id, node, none | {"version": _LAST, "status": Copied.DELETED, "may_change": False})


def _known(poll_id: UUID, node: Node) -> PollOnNode | None:
    return PollOnNode.objects.using(node.alias).filter(poll_id=poll_id, shard=node.shards[0]).first()


def _write(poll_id: UUID, node: Node, fields: dict[str, Any]) -> None:
    rows = PollOnNode.objects.using(node.alias)
    if not rows.filter(poll_id=poll_id, shard=node.shards[0]).update(**fields):
        rows.create(poll_id=poll_id, shard=node.shards[0], **fields)


def forget(poll_id: UUID, node: Node, *tables: type[Model]) -> None:
    """Deletes the poll's rows in its shards on this node, in the open transaction."""
    with connections[node.alias].cursor() as cursor:
        # Citus asks for this where a transaction has read these tables before. Postgres takes the setting without knowing it.
        cursor.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
        for table in tables:
            cursor.execute(
                f"DELETE FROM {table._meta.db_table} WHERE poll_id = %s AND shard = ANY(%s::smallint[])",  # noqa: S608
                [poll_id, list(node.shards)],
            )


def bring_up_all(placement: Placement) -> list[str]:
    """Brings up every node of the poll that has copies; returns those that did not answer, for the effect to try again."""
    away: list[str] = []
    for node in placement.all() if placement.nodes else ():
        with perhaps_away(node.alias, away):
            bring_up(placement, node)
    return away


@contextmanager
def perhaps_away(node: str, away: list[str] | None = None) -> Iterator[None]:
    """Goes on after the block when a node other than `default` is away, and adds it to `away`."""
    try:
        yield
    except (DatabaseError, InterfaceError) as problem:
        if node == DEFAULT_DB_ALIAS:
            raise
        logger.warning("a node is away", extra={"node": node, "problem": problem})
        connections[node].close()
        if away is not None:
            away.append(node)


def require_nodes() -> None:
    """Called at the start of a process: raises CannotStart where polls have ballots on nodes that the environment does not name.
    What Postgres cannot tell now does not stop the start.
    """
    try:
        most = Poll.objects.aggregate(most=Max("nodes"))["most"] or 0
    except DatabaseError:
        return
    if most > nodes.count():
        raise CannotStart(
            f"BALLOT_DATABASE_URLS names {nodes.count()} databases, and there are polls whose ballots are on {most}. "
            "Name all of them again, in the order that they had."
        )


def follow(event: Event) -> None:
    """The effect `nodes` (outbox/effects.py): a poll was opened, reset or deleted. Raises Retry while a node is away."""
    placement = Placement(event.stream_id, *event.data["placement"])
    if away := bring_up_all(placement):
        raise Retry(f"away: {', '.join(away)}")
