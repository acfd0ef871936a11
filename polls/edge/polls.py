"""Polls in this process's memory, found by id or code."""

from functools import partial
from typing import Any
from uuid import UUID

from core.bounded import Bounded
from polls import rules, selectors, shapes
from polls.casting import Paper
from polls.models import Poll
from realtime.loaders import Loader
from realtime.postgres import ask
from realtime.runtime import Runtime
from realtime.snapshot_cache import Row, Snapshot
from venues.proofs import may_act_for

MOST_CODES = 4096


class PollSnapshot(Snapshot):
    """A poll at one version."""

    __slots__ = ("news", "paper")

    def __init__(self, row: Row) -> None:
        super().__init__(row)
        self.paper = Paper(
            UUID(row["id"]), row["dedupe"], row["workBits"], row["code"], row["line"] or "", shapes.placement_of(row)
        )
        # The views of it that were made (polls/edge/viewers.py: news_of).
        self.news: dict[Any, Any] = {}


class Polls(Loader[PollSnapshot]):
    """Polls by their ids. One per process."""

    KIND = "poll"

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(
            runtime,
            read=selectors.current_row,
            completed=shapes.completed,
            make=PollSnapshot,
            may_act=partial(may_act_for, Poll),
        )
        self._ids: Bounded[str, str] = Bounded(MOST_CODES)

    async def find(self, wanted: str) -> PollSnapshot | None:
        """The poll with this id (lower case), or code in any case; None when there is none. Raises Unreadable."""
        if len(wanted) != 6:
            return await self.get(wanted)
        code = wanted.upper()
        found = await self.get(self._ids[code]) if code in self._ids else None
        if found is not None:
            return found
        # Not seen before, or deleted since and the code given to another poll.
        poll_id = await ask(self.run, selectors.id_of_code, code)
        if poll_id is None:
            return None
        self._ids[code] = str(poll_id)
        return await self.get(str(poll_id))

    async def ballot_paper(self, wanted: str) -> PollSnapshot | None:
        """The poll that a ballot is for. The rules of an opened poll are fixed (polls/commands.py: edit), so any version in
        memory will do, while each batch of ballots makes a new one; whether it still takes ballots is decided where they are
        recorded. Else as `find`."""
        known = self.cache.last_known(self._ids.get(wanted.upper(), wanted))
        return known if known is not None and known.row["status"] != rules.DRAFT else await self.find(wanted)
