"""What this process reads for everybody who follows a line or a poll (realtime/snapshot_cache.py)."""

from collections import OrderedDict
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from core.cache import async_redis
from polls import rules as poll_rules
from polls import selectors as poll_selectors
from polls import shapes as poll_shapes
from queues import rules, selectors, shapes
from queues.edge.lines import Line
from realtime.conditional import Answer
from realtime.hosts import Hosts
from realtime.postgres import Run, ask
from realtime.pubsub import Hub
from realtime.rate_limit import Gate
from realtime.snapshot_cache import Row, Rows, Shown

MOST_ENDED = 4096
MOST_CODES = 4096


class PollShown(Shown):
    """A poll at one version."""

    __slots__ = ("poll_id",)

    def __init__(self, row: Row) -> None:
        super().__init__(row)
        self.poll_id = UUID(row["id"])


class Reader:
    """One per process, bound to its event loop. `run` performs a function as a thread job."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._redis: Redis | None = None
        self.hub = Hub()
        self.gate = Gate(lambda: self.redis)
        self.hosts = Hosts(run)
        shared: Any = {"run": run, "redis": lambda: self.redis, "hub": self.hub}
        self.lines: Rows[Line] = Rows(
            "line", read=selectors.current_row, newer=selectors.newest, completed=shapes.completed, make=Line, **shared
        )
        self.polls: Rows[PollShown] = Rows(
            "poll", read=poll_selectors.current_row, completed=poll_shapes.completed, make=PollShown, **shared
        )
        self._ended: OrderedDict[tuple[str, int], str | None] = OrderedDict()
        self._codes: OrderedDict[str, str] = OrderedDict()

    @property
    def redis(self) -> Redis:
        """Made on first use, inside the loop."""
        if self._redis is None:
            self._redis = async_redis()
        return self._redis

    async def line(self, code: str) -> Line | None:
        """The line with this (upper-case) code, or None. Raises Unreadable."""
        return await self.lines.get(code)

    async def poll(self, wanted: str) -> PollShown | None:
        """The poll with this id (in small letters), or code in any case; None when there is none. Raises Unreadable."""
        if len(wanted) != 6:
            return await self.polls.get(wanted)
        code = wanted.upper()
        found = await self.polls.get(self._codes[code]) if code in self._codes else None
        if found is not None:
            return found
        # Not seen before, or deleted since and the code given to another poll.
        poll_id = await ask(self.run, poll_selectors.id_of_code, code)
        if poll_id is None:
            return None
        self._codes[code] = str(poll_id)
        if len(self._codes) > MOST_CODES:
            self._codes.popitem(last=False)
        return await self.polls.get(str(poll_id))

    async def ballot_paper(self, wanted: str) -> PollShown | None:
        """The poll that a ballot is for. Once opened its rules stay (polls/commands.py: edit), so whatever version is at hand
        will do, while each batch of ballots makes a new one; whether it still takes ballots is decided where they are
        recorded. Else as `poll`."""
        known = self.polls.remembered(self._codes.get(wanted.upper(), wanted))
        return known if known is not None and known.row["status"] != poll_rules.DRAFT else await self.poll(wanted)

    async def guest(self, line: Line, party_id: str) -> Answer | None:
        """What one party's phone is told; None for a party that never was in this line. Raises Unreadable as `line`."""
        found = line.place_of(party_id)
        if found is None and party_id not in line.row["gone"]:
            status = await self._status(line, party_id)
            if status in {rules.WAITING, rules.CALLED}:
                # The row is older than the party's place in line: somebody could not write the newer one.
                newer = await self.lines.rebuilt(line.row["code"], newer_than=line.version)
                return await self.guest(newer, party_id) if newer is not None and newer.version > line.version else None
            view = shapes.guest(line.row, party_id, found=None, ended=status)
            return Answer(view) if view else None
        return line.answer(party_id, lambda row: shapes.guest(row, party_id, found=found) or {})

    async def aclose(self) -> None:
        """Gives the connections back."""
        await self.hub.aclose()
        if self._redis is not None:
            await self._redis.aclose()

    async def _status(self, line: Line, party_id: str) -> str | None:
        """Postgres's word on a party that is not in the row; kept per version, for an undo may bring it back."""
        wanted = (party_id, line.version)
        if wanted in self._ended:
            return self._ended[wanted]
        status: str | None = await ask(self.run, selectors.party_status, line.row["sessionId"], party_id)
        if status not in {rules.WAITING, rules.CALLED}:
            self._ended[wanted] = status
            if len(self._ended) > MOST_ENDED:
                self._ended.popitem(last=False)
        return status
