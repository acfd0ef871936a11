"""Who is a host on the event loop. A line's or poll's own token is proved here; whose a held token is, and whether they still
may act, Postgres knows, and is asked at most every few seconds (decision 0028)."""

import time
from collections import OrderedDict
from typing import Any
from uuid import UUID

from core.tokens import holder_of, proves_host
from polls.models import Poll
from queues.models import Queue
from realtime.postgres import Run, ask
from venues.proofs import Subject, may_act

# So long a member who was removed, or has signed out, may still be shown what hosts see.
FRESH_S = 2.0
MOST_KNOWN = 4_096


class Hosts:
    """One per process. `run` performs a function as a thread job."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._known: OrderedDict[tuple[str, int], tuple[bool, float]] = OrderedDict()

    async def of_line(self, token: str, row: dict[str, Any]) -> bool:
        """Whether the token proves a host of the line with this row. Raises Unreadable."""
        return await self._proves(token, row["sessionId"], row["tokenVersion"], Queue)

    async def of_poll(self, token: str, row: dict[str, Any]) -> bool:
        """The same of a poll."""
        return await self._proves(token, row["id"], row["tokenVersion"], Poll)

    async def _proves(self, token: str, subject_id: str, version: int, kind: type[Queue] | type[Poll]) -> bool:
        if not token or proves_host(token, subject_id, version):
            return bool(token)
        # Only those that we gave out are asked about.
        if (holder := holder_of(token, subject_id, version)) is None:
            return False
        known, until = self._known.get((token, version), (False, 0.0))
        if time.monotonic() < until:
            return known
        known = await ask(self._run, _may_act, kind, UUID(subject_id), holder)
        self._known[token, version] = known, time.monotonic() + FRESH_S
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return known


def _may_act(kind: type[Queue] | type[Poll], subject_id: UUID, holder: tuple[int, int]) -> bool:
    found = kind.objects.filter(pk=subject_id).first()
    return found is not None and may_act(holder, Subject.of(found)) is not None
