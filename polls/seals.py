"""The close of a poll by seals (decision 0068). A node's seal says how many ballots it holds, and the root of the tree over them.
The tree is made after the close, outside its lock: closed ballots change no more. The poll's root is over the roots of its nodes.

`advance` does the next part of this and commits it, wherever the last one ended. The timers call it until the root stands.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from core import clock
from core.actors import SYSTEM
from core.change import durable
from core.locks import lock_exclusive
from polls import digest, leaves, on_nodes, rules
from polls.change import PollChange
from polls.leaves import Place
from polls.models import NodeSeal, Poll, Seal, Subtree
from polls.nodes import Node

# Of Poll.digest_version.
VERSION = 2
# Ballots under a subtree; a power of two, so that the tree over subtrees is the tree over ballots. A proof reads one subtree.
SUBTREE = 2_048
# Subtrees made in one transaction, from one reading of the ballots. Each reading touches most pages of the table, so few of them
# are quicker; 131,072 ballots are 7 MB.
TURN = 64


def seal_few(poll: Poll) -> str:
    """Seals a poll of few ballots in the transaction that closes it, so that it has its digest at once; returns the root. Empty
    for a poll of more than a subtree, and for one on other nodes than `default`.
    """
    node = poll.placement.all()[0]
    if poll.nodes or sum(_counted(poll, node).values()) > SUBTREE:
        return ""
    _write_seal(poll, node)
    _make_subtrees(poll, node)
    return digest.root(_roots(poll)).hex()


def advance(poll_id: UUID) -> bool:
    """Takes the sealing of a closed poll one turn further; False when nothing is left to do, or others are at it.

    A node that is away keeps the poll unsealed, and holds up no other node. Raises Busy.
    """
    poll = Poll.objects.filter(pk=poll_id, status=rules.CLOSED, root="").first()
    if poll is None:
        return False
    away: list[str] = []
    turns = [False]
    # All nodes are closed to ballots before the first tree is begun.
    for step in (_seal, _grow):
        for node in poll.placement.all():
            with on_nodes.perhaps_away(node.alias, away):
                turns.append(step(poll, node))
    return not away and _publish(poll) or any(turns)


def _seal(poll: Poll, node: Node) -> bool:
    """Counts the ballots of a node that takes no more of them; False when it was sealed before."""
    if _seals(poll, node).exists():
        return False
    if poll.nodes:
        on_nodes.bring_up(poll.placement, node)
    with durable(using=node.alias):
        # The poll, or the node's copy of it, was closed under this lock, which batches share: all that were counted are there.
        lock_exclusive(poll.pk, using=node.alias)
        if not Poll.objects.filter(pk=poll.pk, status=rules.CLOSED, epoch=poll.epoch).exists():
            return False  # reset or deleted
        _write_seal(poll, node)
    return True


def _grow(poll: Poll, node: Node) -> bool:
    """Makes the next subtrees of a sealed node; False when its root stands, or another process is at it (the seal's row is the
    lock)."""
    with durable(using=node.alias):
        unfinished = _seals(poll, node).filter(root="").select_for_update(skip_locked=True)
        if not unfinished:
            return False
        _make_subtrees(poll, node)
    return True


def _publish(poll: Poll) -> bool:
    """Sets the poll's root once all its nodes have theirs; whether it did."""
    roots = _roots(poll)
    if not all(roots):
        return False
    with PollChange.locked(poll.pk, actor=SYSTEM, action="seal") as change:
        row = change.row
        if (row.status, row.epoch, row.root) != (rules.CLOSED, poll.epoch, ""):
            return False
        change.set(root=digest.root(roots).hex())
        change.emit("POLL_SEALED", root=row.root)
        return True


def _write_seal(poll: Poll, node: Node) -> None:
    """In a transaction that holds the poll's lock on the node. A seal that is there already stays as it is."""
    ballots = sum(_counted(poll, node).values())
    seal = NodeSeal(poll=poll, shard=node.shards[0], epoch=poll.epoch, sealed_at=clock.NOW, ballots=ballots)
    NodeSeal.objects.using(node.alias).bulk_create([seal], ignore_conflicts=True)


def _make_subtrees(poll: Poll, node: Node) -> None:
    """In a transaction: the next TURN subtrees, and after the last one the seal's root."""
    made = _subtrees(poll, node, after=_kept(poll, node).last())
    Subtree.objects.using(node.alias).bulk_create(made)
    if len(made) < TURN:
        _seals(poll, node).filter(root="").update(root=digest.root(_hashes(poll, node)).hex())


# ---------------------------------------------------------------------------------------------------------------- proofs
def path_of(poll: Poll, place: Place, leaf: bytes) -> list[tuple[str, bytes]]:
    """The way from a ballot's leaf to the poll's root: through its subtree, its node's tree, and the tree over the nodes. Empty
    for a leaf that is not where its seal has it.
    """
    shard, voter_key = place
    nodes = poll.placement.all()
    index = next(index for index, node in enumerate(nodes) if shard in node.shards)
    kept = _kept(poll, nodes[index])
    subtree = kept.filter(Q(last_shard__gt=shard) | Q(last_shard=shard, last_voter__gte=voter_key)).first()
    if subtree is None:
        return []
    before = kept.filter(number=subtree.number - 1).first()
    found = _leaves(poll, nodes[index], after=before, most=SUBTREE)
    part = found.part(0, len(found))
    if leaf not in part:
        return []
    return [
        *digest.path(digest.levels(part), part.index(leaf)),
        *digest.path(_tree(poll.pk, poll.epoch, nodes[index]), subtree.number),
        *digest.path(digest.levels(_roots(poll)), index),
    ]


@lru_cache(maxsize=16)
def _tree(poll_id: UUID, epoch: int, node: Node) -> list[list[bytes]]:
    """The tree over the subtrees of a sealed node: read once for the many who look at their receipts after the close."""
    return digest.levels(_hashes(Poll(pk=poll_id, epoch=epoch), node))


def problems(poll: Poll) -> Iterator[str]:
    """Where the ballots of a sealed poll differ from its seals, or these from its root. Reads all ballots."""
    for node in poll.placement.all():
        kept = list(_kept(poll, node))
        if any(_told(one) != _told(other) for one, other in zip_longest(_made_again(poll, node), kept)):
            yield f"the ballots on node {node.alias} are not those that were sealed"
        seal = _seals(poll, node).first()
        if seal is None or seal.ballots != sum(subtree.ballots for subtree in kept):
            yield f"the seal of node {node.alias} does not count its ballots"
        elif seal.root != digest.root([bytes(subtree.hash) for subtree in kept]).hex():
            yield f"the seal of node {node.alias} has another root than its ballots"
    if digest.root(_roots(poll)).hex() != poll.root:
        yield "the ballots do not give the published digest"


def _made_again(poll: Poll, node: Node) -> Iterator[Subtree]:
    """All subtrees, from the ballots as they are."""
    last: Subtree | None = None
    while made := _subtrees(poll, node, after=last):
        yield from made
        last = made[-1]


def _told(subtree: Subtree | None) -> tuple[int, int, int, bytes, bytes] | None:
    if subtree is None:
        return None
    number, ballots, shard = subtree.number, subtree.ballots, subtree.last_shard
    return number, ballots, shard, bytes(subtree.last_voter), bytes(subtree.hash)


# ---------------------------------------------------------------------------------------------------------------- reading
def _seals(poll: Poll, node: Node) -> QuerySet[NodeSeal]:
    """The node's seal, if it has one."""
    return NodeSeal.objects.using(node.alias).filter(poll_id=poll.pk, shard=node.shards[0], epoch=poll.epoch)


def _roots(poll: Poll) -> list[bytes]:
    """The roots of the poll's nodes in their order; empty for a node that has none yet."""
    seals = (_seals(poll, node).first() for node in poll.placement.all())
    return [bytes.fromhex(seal.root) if seal else b"" for seal in seals]


def _kept(poll: Poll, node: Node) -> QuerySet[Subtree]:
    """The subtrees that were made so far, in order."""
    kept = Subtree.objects.using(node.alias).filter(poll_id=poll.pk, shard=node.shards[0], epoch=poll.epoch)
    return kept.order_by("number")


def _hashes(poll: Poll, node: Node) -> list[bytes]:
    return [bytes(found) for found in _kept(poll, node).values_list("hash", flat=True)]


def _counted(poll: Poll, node: Node) -> dict[int, int]:
    """How many ballots were counted in each of the node's shards that has any, in order of shards."""
    counts = Seal.objects.using(node.alias).filter(poll_id=poll.pk, shard__in=node.shards)
    return dict(counts.order_by("shard").values_list("shard").annotate(Sum("ballots")))


def _subtrees(poll: Poll, node: Node, *, after: Subtree | None) -> list[Subtree]:
    """The next TURN subtrees after this one, made from the ballots; fewer at the end only."""
    found = _leaves(poll, node, after=after, most=TURN * SUBTREE)
    first = after.number + 1 if after else 0
    made = []
    for number, start in enumerate(range(0, len(found), SUBTREE), first):
        part = found.part(start, min(start + SUBTREE, len(found)))
        shard, voter_key = found.place(start + len(part) - 1)
        made.append(
            Subtree(
                poll_id=poll.pk, shard=node.shards[0], epoch=poll.epoch, number=number, ballots=len(part),
                last_shard=shard, last_voter=voter_key, hash=digest.root(part),
            )
        )  # fmt: skip
    return made


def _leaves(poll: Poll, node: Node, *, after: Subtree | None, most: int) -> leaves.Leaves:
    """The next leaves after this subtree (polls/leaves.py)."""
    place = (after.last_shard, bytes(after.last_voter)) if after else None
    return leaves.following(poll.pk, node.alias, _counted(poll, node), after=place, most=most)
