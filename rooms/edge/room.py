"""The rooms of one process: the users connected to it and their votes, reported to Redis, and again when Redis lost them."""

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from core import clock
from core.bounded import Bounded
from core.cache import breaker
from realtime.postgres import ask
from realtime.pubsub import Following
from realtime.runtime import Runtime
from rooms import selectors
from rooms.edge import store
from rooms.edge.history import Feed, History

MOST_FEEDS = 256
MOST_CODES = 4096
# Scripts that may wait for a connection at once: were a thousand to wait, their time-outs would look as if Redis were away.
MOST_AT_ONCE = 16
# JOIN returns this when the process was unknown to Redis.
FIRST = 2


@dataclass(slots=True)
class Presence:
    """A user with sockets in this process, and the latest vote that came over them: value, its time in seconds, when it was
    received in microseconds."""

    sockets: int = 0
    vote: tuple[str, float, int] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Here:
    """A room with sockets in this process. `forgotten`: Redis does not know all of it, and is to be told again."""

    users: dict[str, Presence] = field(default_factory=dict)
    forgotten: bool = False


class Rooms:
    """One per process, bound to its event loop."""

    def __init__(self, runtime: Runtime) -> None:
        self.process = secrets.token_hex(8)
        self.here: dict[UUID, Here] = {}
        self.run = runtime.run
        # An estimate of Redis's clock, whose seconds the ticks are; it goes on while Redis is away.
        self.clock = clock.Estimate()
        self._runtime = runtime
        self.hub = runtime.hub
        self._feeds: Bounded[UUID, Feed] = Bounded(MOST_FEEDS)
        self._ids: Bounded[str, UUID] = Bounded(MOST_CODES)
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    # --------------------------------------------------------------------------------------------------------- reading
    async def find(self, wanted: str) -> UUID | None:
        """The id of the room with this id, or this code in any case; None when there is none. Raises Unreadable."""
        known = self._ids.get(wanted.upper())
        if known is not None:
            return known
        room = await ask(self._runtime.run, selectors.room_by, wanted)
        if room is None:
            return None
        found: UUID = room.pk
        self._ids[wanted.upper()] = found
        return found

    async def history(self, room_id: UUID) -> History | None:
        """All ticks of the room so far; None when there is no such room (any more). Raises Unreadable."""
        found = await self._feed(room_id).read()
        if found is None:
            self._feeds.pop(room_id, None)
            for name in [name for name, known in self._ids.items() if known == room_id]:
                del self._ids[name]
        return found

    def follow(self, room_id: UUID) -> Following[History]:
        """The room's history, kept up to date while it has followers."""
        return self.hub.follow(store.topic(room_id), self._feed(room_id).read)

    def _feed(self, room_id: UUID) -> Feed:
        feed = self._feeds.get(room_id)
        if feed is None:
            feed = self._feeds[room_id] = Feed(room_id, redis=lambda: self._runtime.redis, run=self._runtime.run)
        self._feeds.move_to_end(room_id)
        return feed

    # ------------------------------------------------------------------------------------------------ presence and votes
    async def enter(self, room_id: UUID, user: str) -> None:
        """Adds a socket of the user, until `leave`. A call that is cancelled has left already."""
        here = self.here.setdefault(room_id, Here())
        presence = here.users.setdefault(user, Presence())
        presence.sockets += 1
        try:
            if presence.sockets == 1:
                async with presence.lock:
                    await self._try(here, "JOIN", room_id, user, self.process)
        except BaseException:
            await self.leave(room_id, user)
            raise

    async def leave(self, room_id: UUID, user: str) -> None:
        """Removes a socket; with the last one the user leaves, and their vote is withdrawn."""
        here = self.here[room_id]
        presence = here.users[user]
        presence.sockets -= 1
        if presence.sockets == 0:
            # Shielded: a server that stops cancels what serves its sockets, and the vote must still be withdrawn.
            await asyncio.shield(asyncio.create_task(self._left(room_id, here, user, presence)))

    async def vote(self, room_id: UUID, user: str, value: str, ts: float) -> None:
        """The user's latest vote by `ts` (seconds) counts: "yes", "no", or "cancel"; of equal times the one received last.
        Kept in this process while Redis is away."""
        here = self.here[room_id]
        presence = here.users[user]
        async with presence.lock:
            counts_for = await self._try(here, "VOTE", room_id, user, value, repr(ts), store.MOST_AHEAD_S, "")
            if counts_for is None:
                self._vote_here(presence, value, ts)
            elif counts_for:
                at, received = counts_for.split()
                presence.vote = (value, float(at), int(received))

    def _vote_here(self, presence: Presence, value: str, ts: float) -> None:
        """What VOTE does (rooms/edge/store.py), as far as this process can know it; Redis corrects what is too far ahead."""
        now_ms = self.clock.now_ms() or clock.estimate.now_ms()
        _, last, heard = presence.vote or ("", 0.0, 0)
        at = max(now_ms / 1000, last) if now_ms and ts > now_ms / 1000 + store.MOST_AHEAD_S else ts
        if at >= last:
            presence.vote = (value, at, max(now_ms * 1000, heard + 1))

    async def _left(self, room_id: UUID, here: Here, user: str, presence: Presence) -> None:
        async with presence.lock:
            # Another presence of the user has come since: this one has left already.
            if here.users.get(user) is presence:
                presence.vote = None
                await self._try(here, "LEAVE", room_id, user, self.process)
                if presence.sockets:  # a socket came while Redis was asked
                    await self._try(here, "JOIN", room_id, user, self.process)
                elif not here.forgotten:
                    del here.users[user]
        self.leave_empty(room_id, here)

    def leave_empty(self, room_id: UUID, here: Here) -> None:
        """Forgets a room without sockets."""
        if not here.users and self.here.get(room_id) is here:
            del self.here[room_id]

    async def _try(self, here: Here, name: str, room_id: UUID, *arguments: str | int) -> bytes | None:
        """A script's answer in bytes, if any; `forgotten` when Redis is away, or does not know the room or who is here."""
        found: Any = 0  # while Redis is away it knows no room
        async with self._turns:
            if breaker.closed:
                with breaker:
                    found = await self.run_script(self._runtime.redis, name, room_id, *arguments)
        if found == 0 or (found == FIRST and len(here.users) > 1):
            here.forgotten = True
        return found if isinstance(found, bytes) else None

    def forget_reports(self) -> None:
        """Redis was away: a replica that took over may lack the latest votes, so all rooms are reported again."""
        for here in self.here.values():
            here.forgotten = True

    def announce(self, room_id: UUID, here: Here, pipeline: Pipeline) -> None:
        """Puts a report of this process into a pipeline: who is connected, who has left, and how they voted."""
        for user, presence in here.users.items():
            if not presence.sockets:
                self.run_script(pipeline, "LEAVE", room_id, user, self.process)
                continue
            self.run_script(pipeline, "JOIN", room_id, user, self.process)
            if presence.vote is not None:
                value, at, received = presence.vote
                self.run_script(pipeline, "VOTE", room_id, user, value, repr(at), store.MOST_AHEAD_S, received)

    @staticmethod
    def run_script(redis: Redis, name: str, room_id: UUID, *arguments: str | int) -> Any:
        """A script of rooms/edge/store.py: to be awaited, or queued in a pipeline. Sent in full, for a node of a cluster that has
        just taken over knows none."""
        keys = store.keys(room_id)
        return redis.eval(getattr(store, name), len(keys), *keys, *arguments)
