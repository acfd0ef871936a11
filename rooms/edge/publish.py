"""What Postgres knows of rooms, told to Redis; and what Redis has counted, kept in Postgres: after each command, and again
by the timers when a process died before it did (law 1)."""

import logging
from typing import Any
from uuid import UUID

from core import clock
from core.cache import Unavailable, breaker, sync_redis
from realtime import broadcast
from rooms import commands, selectors
from rooms.edge import store
from rooms.models import Room
from rooms.ticks import Tick

logger = logging.getLogger(__name__)

KEEP_EVERY_S = 60


def publish(room_id: UUID) -> bool:
    """Opens, closes or removes the room in Redis, as Postgres has it, and tells; False when Redis is away."""
    room = Room.objects.filter(pk=room_id).first()
    if not breaker.closed:
        return False
    try:
        if room is None:
            _remove(room_id)
        elif room.status == Room.Status.OPEN:
            _open(room, pause_s=0)
        else:
            finish(room)
    except Unavailable as problem:
        breaker.trip(problem)
        return False
    return True


def refresh() -> bool:
    """One pass of the timers: opens in Redis what it has forgotten, keeps what was counted, finishes what was closed, and
    removes what was deleted."""
    rooms, closed = selectors.open_rooms(), selectors.unfinished()
    if not breaker.closed:
        return False
    try:
        redis = sync_redis()
        ours = {str(room.pk) for room in (*rooms, *closed)}
        pipeline = redis.pipeline()
        pipeline.smembers(store.OPEN)
        for room in rooms:
            pipeline.hexists(store.keys(room.pk)[0], "open")
        if ours:
            pipeline.sadd(store.OPEN, *ours)
        listed, *known = pipeline.execute()[: 1 + len(rooms)]
        now_s = clock.now().timestamp()
        for room, there in zip(rooms, known, strict=True):
            if not there:
                _open(room, pause_s=store.SAY_AGAIN_S)
            elif now_s - max(room.kept_until, room.opened_at.timestamp()) >= KEEP_EVERY_S:
                commands.keep(room.pk, counted(room.pk, after=room.kept_until))
        for room in closed:
            finish(room)
        for other in {member.decode() for member in listed} - ours:
            publish(UUID(other))  # deleted or closed while Redis was away, or opened since Postgres was asked
    except Unavailable as problem:
        breaker.trip(problem)
        if "WRONGTYPE" in str(problem):
            _remove_strangers([room.pk for room in (*rooms, *closed)])
        return False
    return True


def _remove_strangers(rooms: list[UUID]) -> None:
    """Keys of another type are not ours, and would be in the way of every room for ever."""
    wanted = store.types(rooms)
    try:
        with sync_redis().pipeline(transaction=False) as pipeline:
            for key in wanted:
                pipeline.type(key)
            found = pipeline.execute()
        for (key, kind), there in zip(wanted.items(), found, strict=True):
            if there not in (kind, b"none"):
                sync_redis().delete(key)
    except Unavailable as problem:
        breaker.trip(problem)


def finish(room: Room) -> None:
    """Ends a closed room in Redis: no more ticks, then the last ones are kept. If Redis had forgotten it, the processes are
    asked first what they know of it, and the timers come again. Raises one of `Unavailable`."""
    redis = sync_redis()
    every = store.keys(room.pk)
    if not redis.eval(store.CLOSE, len(every), *every, store.CLOSED_FOR_S, store.SAY_AGAIN_S):
        return
    redis.srem(store.OPEN, str(room.pk))
    commands.keep(room.pk, counted(room.pk, after=room.kept_until), final=True)
    _tell(room.pk)


def counted(room_id: UUID, *, after: int) -> list[Tick]:
    """The ticks in Redis after a second, oldest first. Raises one of `Unavailable`."""
    *_, history = store.keys(room_id)
    members: list[Any] = sync_redis().zrangebyscore(history, f"({after}", "+inf")
    return [store.tick_of(member) for member in members]


def whole_history(room_id: UUID) -> list[Tick]:
    """All ticks so far: those kept, and the newer ones if Redis has them."""
    kept = selectors.kept(room_id)
    if not breaker.closed:
        return kept
    try:
        return kept + counted(room_id, after=kept[-1].ts if kept else 0)
    except Unavailable as problem:
        breaker.trip(problem)
        return kept


def _open(room: Room, *, pause_s: int) -> None:
    """The kept history first: once `meta` is there, seconds are counted; after a pause where Redis had forgotten the room,
    so that none is counted before everybody's vote is said again."""
    *_, history = every = store.keys(room.pk)
    redis = sync_redis()
    if kept := selectors.kept(room.pk):
        redis.zadd(history, store.members(kept))
    redis.eval(store.SEED, len(every), *every, room.kept_until, pause_s)
    redis.sadd(store.OPEN, str(room.pk))


def _remove(room_id: UUID) -> None:
    pipeline = sync_redis().pipeline()  # all or nothing: what is still listed, the timers come back to
    pipeline.delete(*store.keys(room_id))
    pipeline.srem(store.OPEN, str(room_id))
    pipeline.execute()
    _tell(room_id)


def _tell(room_id: UUID) -> None:
    broadcast.tell_and_wait(store.topic(room_id), 0)
