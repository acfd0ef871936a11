"""Every write to a poll except its ballots (polls/ballots.py): each is one durable transaction under the poll's lock."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Model

from core import clock
from core.actors import HOST, SYSTEM, Actor
from core.change import durable
from core.errors import Conflict, Invalid
from core.hashing import keyed
from core.locks import lock_exclusive
from core.visible import trimmed
from outbox.models import Event
from outbox.once import Once
from outbox.seen import require_seen
from polls import nodes, on_nodes, refusals, rules, seals, voters
from polls.change import STREAM, PollChange
from polls.models import Choice, Claim, OneTimeCode, Poll
from polls.questions import NewPoll as NewPoll
from polls.questions import check, edits, fields_of
from queues.models import Queue
from venues.models import ApiKey, Venue
from venues.renewal import renew
from web import idempotency

# One-time codes of one poll, over all requests: each is a row.
MOST_CODES = 10_000
_CODES_ADDED = Event.objects.filter(type="POLL_CODES_ADDED", stream=STREAM)


class Keep(Enum):
    """Given in place of a value: leave it as it is."""

    KEEP = "keep"


KEEP = Keep.KEEP


def create(
    new: NewPoll,
    *,
    actor: Actor = HOST,
    venue: Venue | None = None,
    api_key: ApiKey | None = None,
    queue: Queue | None = None,
    key: str = "",
    asked: str = "",
    kind: str = "poll",
    open_now: bool = False,
) -> Poll:
    """Makes a draft, or an open poll. The same `key` (Idempotency-Key) returns the same poll.

    `asked`: the fingerprint of the body; `kind`: the API whose keys these are. Raises Invalid; Conflict for a known key with
    another body.
    """
    check(new, queue=queue)
    insert = partial(_insert, new, actor, open_now=open_now, venue=venue, api_key=api_key, queue=queue)
    return idempotency.create_once(Poll, kind, key, asked=asked, owner=api_key or venue, insert=insert)


def made_with(key: str, *, venue_id: UUID | str = "") -> Poll | None:
    """The poll that this key has made for the venue, or for none."""
    return idempotency.made_with(Poll, idempotency.create_key("poll", key, owner=venue_id))


@durable()
def _insert(new: NewPoll, actor: Actor, *, open_now: bool, **fields: Any) -> Poll:
    now = clock.now()
    poll = Poll(id=uuid4(), created_at=now, nodes=nodes.count(), **fields, **fields_of(new))
    if open_now:
        poll.status, poll.opened_at = rules.OPEN, now
    poll.save(force_insert=True)
    _set_choices(poll, new.choices)
    change = PollChange(poll, at=now, actor=actor, action="create")
    change.emit("POLL_CREATED")
    if open_now:
        change.emit("POLL_OPENED")
    change.finish()
    return poll


def _set_choices(poll: Poll, texts: Sequence[str]) -> None:
    Choice.objects.filter(poll=poll).delete()
    Choice.objects.bulk_create(Choice(poll=poll, number=n, text=trimmed(text)) for n, text in enumerate(texts))


def edit(poll_id: UUID, new: NewPoll, *, saw: str = "", actor: Actor = HOST) -> Poll:
    """Edits a draft. Raises Conflict once it has been opened: a question must not change under its votes; Overtaken when what it
    would change is not as the page showed it (`saw`).
    """
    with PollChange.locked(poll_id, actor=actor, action="edit") as change:
        check(new, queue=change.row.queue)
        if change.row.status != rules.DRAFT:
            raise Conflict(refusals.ONLY_DRAFTS)
        require_seen(change.row.pk, saw, edits(change.row, new), by={"edit"}, actor=actor)
        change.set(**fields_of(new))
        _set_choices(change.row, new.choices)
        change.emit("POLL_EDITED")
        return change.row


def open_poll(poll_id: UUID, *, actor: Actor = HOST) -> Poll:
    """Opens the poll for ballots. Does nothing when open. Raises Conflict when it is closed, or its end is past."""
    with PollChange.locked(poll_id, actor=actor, action="open") as change:
        if change.row.phase_at(change.at) == rules.CLOSED:
            raise Conflict(refusals.POLL_CLOSED)
        if change.row.status == rules.DRAFT:
            _require_end_ahead(change)
            change.set(status=rules.OPEN, opened_at=change.at)
            change.emit("POLL_OPENED")
        return change.row


def close(poll_id: UUID, *, actor: Actor = HOST) -> Poll:
    """Closes the poll to ballots. One of few ballots has its digest (B1) at once; of another the timers publish it, once they
    have sealed it (polls/seals.py). Does nothing when closed.
    """
    with PollChange.locked(poll_id, actor=actor, action="close") as change:
        _close(change)
    on_nodes.bring_up_all(change.row.placement)
    return change.row


def close_if_over(poll_id: UUID) -> bool:
    """Closes the poll if its end is past by the clock read under the lock (law 5); returns whether it was."""
    with PollChange.locked(poll_id, actor=SYSTEM, action="close") as change:
        if change.row.status != rules.OPEN or change.row.ends_at is None or change.row.ends_at > change.at:
            return False
        _close(change)
        return True


def _close(change: PollChange) -> None:
    if change.row.status == rules.CLOSED:
        return
    change.set(status=rules.CLOSED, closed_at=change.at, root=seals.seal_few(change.row), digest_version=seals.VERSION)
    change.emit("POLL_CLOSED", root=change.row.root)


def renew_token(poll_id: UUID, *, actor: Actor = HOST) -> Poll:
    """Ends every host token of the poll that was given so far; returns it with the number of those that are good from now on."""
    with PollChange.locked(poll_id, actor=actor, action="renew_token") as change:
        return renew(change)


def renew_tokens_of_line(queue_id: UUID, *, actor: Actor) -> None:
    """In the transaction that renews a line's tokens (outbox.effects): those of its polls end with them, for their hosts are the
    line's."""
    poll_ids = list(Poll.objects.filter(queue_id=queue_id).order_by("pk").values_list("pk", flat=True))
    for poll_id in poll_ids:
        lock_exclusive(poll_id)
    at = clock.now()
    for poll in Poll.objects.filter(pk__in=poll_ids):
        change = PollChange(poll, at=at, actor=actor, action="renew_token")
        renew(change)
        change.finish()


def reset(poll_id: UUID, *, ends_at: datetime | None | Keep = KEEP, actor: Actor = HOST) -> Poll:
    """Deletes all ballots and opens the poll again for a new round. Its version goes on growing.

    `ends_at`: a new end, or None for none. Raises Conflict, and deletes nothing, when the end is past; Invalid for a new end that
    is past or before the start.
    """
    with PollChange.locked(poll_id, actor=actor, action="reset") as change:
        if ends_at is not KEEP:
            if ends_at is not None and ends_at <= max(change.at, change.row.starts_at or change.at):
                raise Invalid("end: must be in the future, and after start.", field="end")
            change.set(ends_at=ends_at)
        _require_end_ahead(change)
        _forget(change.row, *on_nodes.OF_A_ROUND)
        change.set(epoch=change.row.epoch + 1, root="", closed_at=None, status=rules.OPEN, opened_at=change.at)
        change.emit("POLL_RESET")
    on_nodes.bring_up_all(change.row.placement)
    return change.row


def _require_end_ahead(change: PollChange) -> None:
    """Raises Conflict when the end is past, for the poll would be open and over."""
    if change.row.ends_at is not None and change.row.ends_at <= change.at:
        raise Conflict(refusals.END_IS_PAST, field="end")


def delete(poll_id: UUID, *, actor: Actor = HOST) -> None:
    """Deletes the poll, its ballots, counts and events. One event stays: that a poll with this id was deleted."""
    with PollChange.locked(poll_id, actor=actor, action="delete") as change:
        _forget(change.row, *on_nodes.OF_A_ROUND, Claim)
        Event.objects.filter(stream=STREAM, stream_id=poll_id).delete()
        of_line = {"sessionId": str(change.row.queue_id)} if change.row.queue_id else {}
        change.emit("POLL_DELETED", code=change.row.code, **of_line)
        change.finish(keep=False)
        Poll.objects.filter(pk=poll_id).delete()
    on_nodes.bring_up_all(change.row.placement)


def _forget(poll: Poll, *tables: type[Model]) -> None:
    """Deletes the poll's rows on `default`; on its other nodes on_nodes.bring_up_all() does it, after the commit."""
    if not poll.nodes:
        on_nodes.forget(poll.pk, poll.placement.all()[0], *tables)


def add_codes(poll_id: UUID, *, count: int, key: str = "", asked: str = "", actor: Actor = HOST) -> list[str]:
    """Makes one-time codes; they are returned now and kept as hashes. The same `key` (Idempotency-Key) returns the same codes.

    `asked`: the fingerprint of the body. Raises Invalid for a count out of range; Conflict for a known key with another body,
    or when the poll would have more than MOST_CODES.
    """
    if not 1 <= count <= MOST_CODES:
        raise Invalid(f"count: must be from 1 to {MOST_CODES}.", field="count")
    with PollChange.locked(poll_id, actor=actor, action="add_codes") as change:
        if change.row.dedupe != Poll.Dedupe.CODE:
            raise Conflict(refusals.NO_CODES_HERE)
        once = Once(f"codes:{poll_id}", key, asked)
        codes = (
            sorted(voters.codes_for(key, poll_id, count)) if key else list({voters.new_code() for _ in range(count)})
        )
        if once.before(_CODES_ADDED.filter(stream_id=poll_id)):
            return codes
        there = OneTimeCode.objects.filter(poll_id=poll_id).count()
        if there + count > MOST_CODES:
            raise Conflict(refusals.TOO_MANY_CODES.with_values(there=there, most=MOST_CODES), field="count")
        OneTimeCode.objects.bulk_create(
            (OneTimeCode(poll=change.row, digest=code_digest(poll_id, code)) for code in codes),
            ignore_conflicts=True,
        )
        change.emit("POLL_CODES_ADDED", count=len(codes), **once.data)
        return codes


def code_digest(poll_id: UUID, code: str) -> str:
    """The keyed hash that is kept of a one-time code."""
    return keyed(f"poll-code:{poll_id}", code.strip().upper()).hex()
