"""Every write to a room. Votes are not written: they last as long as the voter's socket (contract vote-websocket.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from core import clock
from core.actors import HOST, SYSTEM, Actor
from core.change import durable
from core.errors import Conflict, Invalid, existing
from core.locks import lock_exclusive, lock_shared
from core.visible import shown
from outbox.models import Event
from rooms import selectors
from rooms.change import STREAM, RoomChange
from rooms.models import Participant, Room, RoomTicks
from rooms.refusals import NO_SUCH_ROOM, ROOM_CLOSED
from rooms.ticks import Tick
from venues.models import Venue
from venues.renewal import renew
from web import idempotency
from web.idempotency import create_key

LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRoom:
    """A room to open. Without `closes_at` it closes LIFETIME after its opening."""

    title: str
    closes_at: datetime | None = None


def create(new: NewRoom, *, actor: Actor = HOST, venue: Venue | None = None, key: str = "", asked: str = "") -> Room:
    """Opens a room. The same `key` (Idempotency-Key) returns the same room; with another body (`asked`: its fingerprint) it
    raises Conflict. Raises Invalid.
    """
    insert = partial(_insert, new, actor, venue=venue)
    return idempotency.create_once(Room, "room", key, asked=asked, owner=venue, insert=insert)


def made_with(key: str) -> Room | None:
    """The room that this key has opened for no venue."""
    return idempotency.made_with(Room, create_key("room", key, owner=""))


@durable()
def _insert(new: NewRoom, actor: Actor, **fields: Any) -> Room:
    now = clock.now()
    closes_at = new.closes_at or now + LIFETIME
    if not now < closes_at <= now + LIFETIME:
        raise Invalid("closesAt: must be within the next 12 hours.", field="closesAt")
    room = Room(
        id=uuid4(),
        title=shown(new.title, "title", required=True),
        opened_at=now,
        closes_at=closes_at,
        **fields,
    )
    room.save(force_insert=True)
    change = RoomChange(room, at=now, actor=actor, action="create")
    change.emit("ROOM_OPENED")
    change.finish()
    return room


def add_participant(room_id: UUID, *, name: str = "", key: str = "", asked: str = "") -> Participant:
    """Adds a participant; the same `key` (Idempotency-Key) returns the same one. Raises NotFound; Conflict when the room is
    closed or a known key comes with another body (`asked`: its fingerprint).

    Like a ballot it makes no event and takes the lock shared: many may come at once.
    """
    with durable():
        lock_shared([room_id])
        if existing(selectors.status_of(room_id), NO_SUCH_ROOM) != Room.Status.OPEN:
            raise Conflict(ROOM_CLOSED)
        new = Participant(
            room_id=room_id,
            name=shown(name, "name"),
            create_key=create_key(f"participant:{room_id}", key),
            create_asked=asked if key else "",
            joined_at=clock.now(),
        )
        # Of two requests with one key the second waits here for the first, and then finds its row.
        Participant.objects.bulk_create([new], ignore_conflicts=True)
        if new.create_key is None:
            return new
        made = Participant.objects.get(create_key=new.create_key)
        idempotency.require_same(made.create_asked, asked)
        return made


def close(room_id: UUID, *, actor: Actor = HOST) -> Room:
    """Closes the room. Does nothing when closed."""
    with RoomChange.locked(room_id, actor=actor, action="close") as change:
        _close(change)
        return change.row


def renew_token(room_id: UUID, *, actor: Actor = HOST) -> Room:
    """Ends every host token of the room that was given so far; returns it with the number of those that are good from now on."""
    with RoomChange.locked(room_id, actor=actor, action="renew_token") as change:
        return renew(change)


def close_if_over(room_id: UUID) -> bool:
    """Closes the room if its end is past by the clock read under the lock (law 5); returns whether it was."""
    with RoomChange.locked(room_id, actor=SYSTEM, action="close") as change:
        if change.row.status != Room.Status.OPEN or change.row.closes_at > change.at:
            return False
        _close(change)
        return True


def _close(change: RoomChange) -> None:
    if change.row.status == Room.Status.OPEN:
        change.set(status=Room.Status.CLOSED, closed_at=change.at)
        change.emit("ROOM_CLOSED")


def keep(room_id: UUID, ticks: Sequence[Tick], *, final: bool = False) -> int:
    """Keeps those of `ticks` (oldest first) that are newer than the last one kept; returns how many. `final`: the room is closed
    and these are its last.

    It makes no version and no event. Keeping the same ticks again does nothing.
    """
    with durable():
        lock_exclusive(room_id)
        room = Room.objects.filter(pk=room_id).first()
        if room is None:
            return 0
        fresh = [tick for tick in ticks if tick.ts > room.kept_until]
        if fresh:
            RoomTicks.objects.create(
                room=room,
                first_ts=fresh[0].ts,
                ts=[tick.ts for tick in fresh],
                yes=[tick.yes for tick in fresh],
                no=[tick.no for tick in fresh],
            )
            room.kept_until = fresh[-1].ts
        room.complete = final and room.status == Room.Status.CLOSED
        room.save(update_fields=["kept_until", "complete"])
        return len(fresh)


def delete(room_id: UUID, *, actor: Actor = HOST) -> None:
    """Deletes the room, its participants and history. One event stays: that a room with this id was deleted."""
    with RoomChange.locked(room_id, actor=actor, action="delete") as change:
        Event.objects.filter(stream=STREAM, stream_id=room_id).delete()
        change.emit("ROOM_DELETED", code=change.row.code)
        change.finish(keep=False)
        Room.objects.filter(pk=room_id).delete()
