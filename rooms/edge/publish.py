"""Copies rooms that were opened, closed or deleted from Postgres to Redis, and counted ticks from Redis to Postgres: after each
command, and again by the timers where a process died first (law 1)."""

from typing import Any
from uuid import UUID

from core import clock
from core.cache import Unavailable, breaker, sync_redis
from realtime import broadcast
from rooms import commands, selectors
from rooms.edge import store
from rooms.models import Room
from rooms.ticks import Tick

KEEP_EVERY_S = 60


def publish(room_id: UUID) -> bool:
    """Opens, closes or removes the room in Redis as Postgres has it, and tells its followers; False when Redis is away."""
    room = Room.objects.filter(pk=room_id).first()
    if not breaker.closed:
        return False
    with breaker:
        if room is None:
            _remove(room_id)
        elif room.status == Room.Status.OPEN:
            _open(room, pause_s=0)
        else:
            finish(room)
        return True
    return False


def refresh() -> bool:
    """One pass of the timers: opens the rooms that Redis has lost, keeps counted ticks, finishes closed rooms and removes deleted
    ones. False when Redis is away."""
    rooms, closed = selectors.open_rooms(), selectors.unfinished()
    if not breaker.closed:
        return False
    try:
        # A pipeline would wait for a frozen node of a cluster once per command.
        sync_redis().ping()
        ours = {str(room.pk) for room in (*rooms, *closed)}
        pipeline = sync_redis().pipeline(transaction=False)
        pipeline.smembers(store.OPEN)
        for room in rooms:
            pipeline.hexists(store.keys(room.pk)[0], "open")
        if ours:
            pipeline.sadd(store.OPEN, *ours)
        listed, *known = pipeline.execute()[: 1 + len(rooms)]
        now_s = clock.now().timestamp()
        for room, there in zip(rooms, known, strict=True):
            if not there:
                _open(room, pause_s=store.REPORT_WITHIN_S)
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
    """Deletes keys of rooms that have a wrong type, which we did not write: every script of the room would fail on them."""
    wanted = store.types(rooms)
    with breaker:
        pipeline = sync_redis().pipeline(transaction=False)
        for key in wanted:
            pipeline.type(key)
        for (key, kind), there in zip(wanted.items(), pipeline.execute(), strict=True):
            if there not in (kind, b"none"):
                sync_redis().delete(key)


def finish(room: Room) -> None:
    """Ends a closed room in Redis: no more ticks, then the last ones are kept. Does nothing yet when Redis had lost the room:
    processes report it first, and the timers call again. Raises one of `Unavailable`."""
    redis = sync_redis()
    every = store.keys(room.pk)
    if not redis.eval(store.CLOSE, len(every), *every, store.CLOSED_FOR_S, store.REPORT_WITHIN_S):
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
    if breaker.closed:
        with breaker:
            return kept + counted(room_id, after=kept[-1].ts if kept else 0)
    return kept


def _open(room: Room, *, pause_s: int) -> None:
    """Writes the kept history first: once `meta` is there, seconds are counted; after a pause where Redis had lost the room, so
    that none is counted before all votes are reported again."""
    *_, history = every = store.keys(room.pk)
    redis = sync_redis()
    if kept := selectors.kept(room.pk):
        redis.zadd(history, store.members(kept))
    redis.eval(store.SEED, len(every), *every, room.kept_until, pause_s)
    redis.sadd(store.OPEN, str(room.pk))


def _remove(room_id: UUID) -> None:
    sync_redis().delete(*store.keys(room_id))
    sync_redis().srem(store.OPEN, str(room_id))  # last: the timers try again what is still listed
    _tell(room_id)


def _tell(room_id: UUID) -> None:
    broadcast.tell_and_wait(store.topic(room_id), 0)
