"""Each second: counts the rooms whose lease this process holds, and reports which of its sockets are alive.

One process counts a room: the holder of its lease in Redis (rooms/edge/store.py: TICK), and when that one dies,
the next to ask.
"""

import asyncio
import logging
from typing import Any
from uuid import UUID

from core.cache import Unavailable, breaker
from realtime import broadcast
from realtime.postgres import Unreadable
from realtime.runtime import Runtime
from realtime.tasks import end
from rooms.edge import store
from rooms.edge.room import Presence, Rooms
from rooms.ticks import Tick

logger = logging.getLogger(__name__)

# Counts in the middle of a second: being half a second early or late loses none.
MIDDLE_S = 0.5
# Between tries while Redis is away: short enough to report the users before a second is counted again (store.REPORT_WITHIN_S).
RETRY_S = 0.25
# What Redis forgot of the history is less than this; older ticks are kept in Postgres.
RECENT_S = 150


class Ticker:
    """One per process, bound to its event loop."""

    def __init__(self, runtime: Runtime, rooms: Rooms) -> None:
        self._runtime = runtime
        self._rooms = rooms
        self._task: asyncio.Task[None] | None = None
        self._mine: set[UUID] = set()

    def start(self) -> None:
        """Begins."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stops, and releases its rooms to other processes."""
        if self._task is not None:
            await end([self._task])
        with breaker:
            for room_id in self._mine if breaker.closed else ():
                await self._rooms.run_script(self._runtime.redis, "RELEASE", room_id, self._rooms.process)

    async def _run(self) -> None:
        while True:
            wait_s = None
            try:
                if breaker.closed:
                    with breaker:
                        wait_s = await self._beat()
                if wait_s is None:
                    self._rooms.forget_reports()
            except Exception:  # the ticker must not stop
                logger.exception("a second of the rooms failed")
                wait_s = 1.0
            await asyncio.sleep(RETRY_S if wait_s is None else wait_s)

    async def _beat(self) -> float:
        """One second of all rooms; returns how long to wait for the next, in seconds. Raises one of `Unavailable`."""
        redis, rooms = self._runtime.redis, self._rooms
        members: set[Any] = await redis.smembers(store.OPEN)
        ids = [UUID(found.decode()) for found in members]
        here = [room_id for room_id in rooms.here if room_id in ids]
        pipeline = redis.pipeline(transaction=False)
        for room_id in ids:
            rooms.run_script(pipeline, "TICK", room_id, rooms.process, store.LEASE_MS, store.DEAD_AFTER_MS)
        for room_id in here:
            rooms.run_script(pipeline, "BEAT", room_id, rooms.process)
        answers = await pipeline.execute()
        seconds, microseconds = await redis.time()
        rooms.clock.learn(seconds * 1000 + microseconds / 1000)
        ticks = dict(zip(ids, answers, strict=False))
        self._mine = {room_id for room_id, (happened, _) in ticks.items() if happened > 0}
        for room_id, (happened, now_ms) in ticks.items():
            if happened == store.COUNTED:
                broadcast.tell(store.topic(room_id), now_ms // 1000)
        for room_id, known in zip(here, answers[len(ids) :], strict=True):
            still = rooms.here.get(room_id)
            if still is not None and (not known or still.forgotten):
                await self._announce(room_id)
        return 1.0 + MIDDLE_S - microseconds / 1_000_000

    async def _announce(self, room_id: UUID) -> None:
        """Reports all that this process knows of a room: Redis was emptied, or away, or took the process for dead."""
        logger.info("a room is reported again", extra={"room": str(room_id)})
        try:
            history = await self._rooms.history(room_id)
        except Unreadable:
            return  # the next second tries again
        here = self._rooms.here.get(room_id)
        if here is None:
            return
        pipeline = self._runtime.redis.pipeline(transaction=False)
        self._rooms.announce(room_id, here, pipeline)
        said = {user: presence.sockets > 0 for user, presence in here.users.items()}
        answers_of_users = len(pipeline)
        recent: list[Tick] = history.after(history.last - RECENT_S) if history is not None else []
        if recent:
            pipeline.zadd(store.keys(room_id)[-1], store.members(recent))
        here.forgotten = False
        try:
            answers = await pipeline.execute()
        except Unavailable:
            here.forgotten = True
            raise
        if 0 in answers[:answers_of_users]:
            here.forgotten = True
        for user, was_here in said.items():
            presence = here.users.setdefault(user, Presence())
            if was_here != (presence.sockets > 0):
                here.forgotten = True  # they came or left during the report: Redis may have heard either last
            elif not was_here and not presence.lock.locked():
                del here.users[user]
        self._rooms.leave_empty(room_id, here)
