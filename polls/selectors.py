"""Reads of polls."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from core.codes import is_code, row_by_code
from core.identifiers import read_id
from core.locks import lock_exclusive
from outbox.models import Event
from polls import audit, nodes, on_nodes, rules, shapes
from polls.change import STREAM
from polls.models import Ballot, Poll, Seal

# Makes another lock of a poll's id: that of reading its counts.
_READING = 0xC0DE << 112


def poll_by_code(code: str) -> Poll | None:
    """The poll with this code, in any case."""
    return row_by_code(Poll.objects.select_related("venue", "queue", "api_key"), code)


def poll_by_id(poll_id: UUID | str) -> Poll | None:
    """The poll with this id; None also for what is no id."""
    wanted = poll_id if isinstance(poll_id, UUID) else read_id(poll_id)
    if wanted is None:
        return None
    return Poll.objects.select_related("venue", "queue", "api_key").filter(pk=wanted).first()


_COLUMNS = [field.column for field in Poll._meta.concrete_fields]
_ROW = f"""
SELECT (SELECT coalesce(json_agg(text ORDER BY number), '[]') FROM polls_choice WHERE poll_id = p.id),
       (SELECT code FROM queues_queue WHERE id = p.queue_id),
       {", ".join(f"p.{column}" for column in _COLUMNS)}
  FROM polls_poll p WHERE p.id = %s
"""  # noqa: S608 — column names of our own model


def current_row(poll_id: UUID | str) -> shapes.Row | None:
    """The poll and its exact counts as they are now, as one row for all views; None for an unknown poll.

    A version has one set of counts, or a count could be seen to fall. Its parts only grow, so two readers who add up the same
    version must have read the same parts: on one node they do, where the poll has not changed before and after the read; over
    several nodes one reader at a time reads them.
    """
    while (found := _poll_row(poll_id)) is not None:
        poll, texts, line = found
        with _one_reader(poll):
            totals = audit.totals_of(poll)
            if Poll.objects.filter(pk=poll.pk).values_list("version", flat=True).first() == poll.version:
                return shapes.build_row(poll, line=line, texts=texts, totals=totals)
    return None


def _poll_row(poll_id: UUID | str) -> tuple[Poll, list[str], str | None] | None:
    """The poll, the texts of its choices, and the code of its line."""
    with connection.cursor() as cursor:
        cursor.execute(_ROW, [poll_id])
        found = cursor.fetchone()
    if found is None:
        return None
    texts, line, *columns = found
    return Poll.from_db(None, [field.attname for field in Poll._meta.concrete_fields], columns), texts, line


@contextmanager
def _one_reader(poll: Poll) -> Iterator[None]:
    """Lets one process after another read the counts of a poll whose shards are on several nodes."""
    if not poll.placement.is_spread:
        yield
        return
    with transaction.atomic():
        lock_exclusive(UUID(int=poll.pk.int ^ _READING))
        yield


def polls_of(venue_id: UUID, *, open_only: bool) -> QuerySet[Poll]:
    """Polls of a venue with their lines, to be paged by `created_at` (index poll_of_venue). Open: opened and not closed, whatever
    its start says."""
    rows = Poll.objects.filter(venue_id=venue_id).select_related("queue")
    return rows.filter(status=Poll.Status.OPEN) if open_only else rows


def row_of(wanted: str) -> shapes.Row | None:
    """The same by an id, or a code in any case."""
    poll_id = id_of_code(wanted.upper()) if is_code(wanted) else read_id(wanted)
    return current_row(poll_id) if poll_id is not None else None


def current_version(poll_id: UUID) -> int:
    """The version its row would have now (shapes.version_of); 0 for an unknown poll."""
    poll = Poll.objects.filter(pk=poll_id).first()
    if poll is None:
        return 0
    return shapes.version_of(poll, audit.totals_of(poll))


def versions_on_default(poll_ids: Collection[UUID]) -> dict[UUID, int]:
    """The same for many polls in two statements: for those whose ballots are all on `default`, and unknown ones."""
    polls = Poll.objects.in_bulk(poll_ids)
    here = [poll for poll in polls.values() if not poll.nodes]
    counted = Seal.objects.filter(poll_id__in=[poll.pk for poll in here]).order_by().values_list("poll_id")
    changes = dict(counted.annotate(Sum("changes")))
    found = dict.fromkeys(set(poll_ids) - set(polls), 0)
    return found | {poll.pk: shapes.version_of(poll, audit.Totals(changes=changes.get(poll.pk, 0))) for poll in here}


def ballots_of(poll: Poll, voter_key: bytes) -> QuerySet[Ballot]:
    """The ballot of this voter that is in the count, if there is one."""
    shard = rules.shard_of(voter_key, poll.shards)
    rows = Ballot.objects.using(poll.placement.node_of(shard))
    return rows.filter(poll_id=poll.pk, shard=shard, voter_key=voter_key)


def has_voted(poll: Poll, voter_key: bytes | None) -> bool:
    """Whether this voter has a ballot in the count; a voter who is not known (None) has none."""
    return voter_key is not None and ballots_of(poll, voter_key).exists()


def polls_over(now: Any) -> list[UUID]:
    """Ids of open polls whose end is past."""
    return list(Poll.objects.filter(status=Poll.Status.OPEN, ends_at__lte=now).values_list("pk", flat=True))


def polls_unsealed() -> list[UUID]:
    """Ids of closed polls without a root, in the order in which they were closed."""
    unsealed = Poll.objects.filter(status=Poll.Status.CLOSED, root="").order_by("closed_at", "pk")
    return list(unsealed.values_list("pk", flat=True))


def polls_changed_since(moment: Any) -> list[UUID]:
    """The ids of the polls that got ballots, or to which a host did something, after `moment`; also of those deleted. Without
    ballots on nodes that are away."""
    voted: set[UUID] = set()
    for node in nodes.aliases():
        with on_nodes.perhaps_away(node):
            voted.update(Seal.objects.using(node).filter(changed_at__gt=moment).values_list("poll_id", flat=True))
    done = Event.objects.filter(stream=STREAM, at__gt=moment).values_list("stream_id", flat=True)
    return list(voted | set(done))


def id_of_code(code: str) -> UUID | None:
    """The id of the poll with this (upper-case) code."""
    return Poll.objects.filter(code=code).values_list("pk", flat=True).first()
