"""Lines in this process's memory: each at one version, and how it comes to its next one (decision 0015)."""

from collections.abc import Mapping
from functools import partial
from typing import Self

from core.bounded import Bounded
from core.json_types import View
from queues import deltas, rules, selectors, shapes
from queues.models import Queue
from queues.shapes import Row
from realtime.conditional import Answer
from realtime.loaders import Loader
from realtime.postgres import ask
from realtime.runtime import Runtime
from realtime.snapshot_cache import Snapshot
from venues.proofs import may_act_for

# Versions kept as deltas: a client that is behind by more gets the whole snapshot.
MOST_STEPS = 256
MOST_ENDED = 4096

# From the version it began with: the parties it changed, as they were.
Step = tuple[int, Mapping[str, View | None]]


class Line(Snapshot):
    """A line at one version."""

    __slots__ = ("_now", "_parties", "_steps")

    def __init__(self, row: Row, parties: deltas.Parties | None = None, steps: tuple[Step, ...] = ()) -> None:
        super().__init__(row)
        self._parties = deltas.parties_of(row) if parties is None else parties
        self._steps = steps
        self._now: View | None = None
        self.long = len(row["waiting"]) > selectors.LONG_LINE

    def after(self, changes: deltas.Changes) -> Self | None:
        """The line after these changes; None when they are not its own next ones, or an older release told them."""
        if not shapes.ADDED.keys() <= changes.keys():
            return None
        try:
            row, parties, before = deltas.applied(self.row, self._parties, changes)
        except deltas.Unfit:
            return None
        return type(self)(row, parties, self._next_steps(before))

    def remember(self, before: Self) -> None:
        """Clients that saw the line as it was `before` are told only what changed, also where it was read as a whole."""
        if not self._steps and self.row["sessionId"] == before.row["sessionId"]:
            self._steps = before._next_steps(deltas.differences(before._parties, self._parties))

    def _next_steps(self, before: Mapping[str, View | None]) -> tuple[Step, ...]:
        return (*self._steps[1 - MOST_STEPS :], (self.version, before))

    def place_of(self, party_id: str) -> tuple[str, int] | None:
        """Where a party stands in the row; None when it is not in line."""
        party = self._parties.get(party_id)
        return shapes.place_of(self.row, party) if party is not None else None

    def public(self, since: int | None = None) -> Answer:
        """The public snapshot; or what changed after version `since`, when that is still known."""
        if since is None:
            return self.answer("public", shapes.public, shared=True)
        before = self._before(since)
        if before is None:
            # A proxy must not keep it: any number can be asked for.
            return self.answer("whole", shapes.public)
        return self.answer(f"since:{since}", lambda row: self._public_changes(row, before, since=since), shared=True)

    def _public_changes(self, row: Row, before: Mapping[str, View | None], *, since: int) -> View:
        if self._now is None:
            self._now = deltas.public_now(row)
        return deltas.public_changes(row, self._parties, before, since=since) | self._now

    def _before(self, since: int) -> dict[str, View | None] | None:
        """The parties that changed after that version, as they were then; None when that is not known."""
        if since == self.version:
            return {}
        found: dict[str, View | None] = {}
        for version, before in reversed(self._steps):
            found.update(before)
            if version <= since:
                return found if version == since else None
        return None


class Lines(Loader[Line]):
    """Lines by their (upper-case) codes. One per process."""

    KIND = "line"
    ID = "sessionId"

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(
            runtime,
            read=selectors.current_row,
            newer=selectors.newest,
            completed=shapes.completed,
            make=Line,
            may_act=partial(may_act_for, Queue),
        )
        self._ended: Bounded[tuple[str, int], str | None] = Bounded(MOST_ENDED)

    async def guest(self, line: Line, party_id: str) -> Answer | None:
        """What one party's phone is told; None for a party that never was in this line. Raises Unreadable."""
        name = f"partyId:{party_id}"
        if (made := line.made(name)) is not None:
            return made
        found = line.place_of(party_id)
        if found is None and party_id not in line.row["gone"]:
            status = await self._status(line, party_id)
            if status in {rules.WAITING, rules.CALLED}:
                # The row is older than the party's place in line: the process that changed it could not write the newer one.
                newer = await self.cache.rebuilt(line.row["code"], newer_than=line.version)
                return await self.guest(newer, party_id) if newer is not None and newer.version > line.version else None
            view = shapes.guest(line.row, party_id, found=None, ended=status)
            return Answer(view) if view else None
        return line.answer(name, lambda row: shapes.guest(row, party_id, found=found) or {})

    async def _status(self, line: Line, party_id: str) -> str | None:
        """A party's status in Postgres when the row does not have it; kept per version, for an undo may bring it back."""
        wanted = (party_id, line.version)
        if wanted in self._ended:
            return self._ended[wanted]
        status: str | None = await ask(self.run, selectors.party_status, line.row["sessionId"], party_id)
        if status not in {rules.WAITING, rules.CALLED}:
            self._ended[wanted] = status
        return status
