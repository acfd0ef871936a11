"""Host tokens on the event loop. A subject's own token is proved here. Whether the holder of a held token may still act only
Postgres knows; it is asked at most every FRESH_S seconds (decision 0028)."""

import time
from collections.abc import Callable
from uuid import UUID

from core.bounded import Bounded
from core.tokens import Holder, holder_of, proves_host
from realtime.postgres import Run, ask

# A member who was removed, or has signed out, may see what hosts see for this long.
FRESH_S = 2.0
MOST_KNOWN = 4_096


class HostTokens:
    """Tokens of one kind of subject. One per process; `may_act(subject_id, holder)` runs as a thread job of `run`."""

    def __init__(self, run: Run, may_act: Callable[[UUID, Holder], bool]) -> None:
        self._run = run
        self._may_act = may_act
        self._known: Bounded[tuple[str, int], tuple[bool, float]] = Bounded(MOST_KNOWN)

    async def prove(self, token: str, subject_id: str, version: int) -> bool:
        """Whether the token proves a host of this subject. Raises Unreadable."""
        if not token or proves_host(token, subject_id, version):
            return bool(token)
        # Postgres is asked only about tokens that we have signed.
        if (holder := holder_of(token, subject_id, version)) is None:
            return False
        known, until = self._known.get((token, version), (False, 0.0))
        if time.monotonic() < until:
            return known
        known = await ask(self._run, self._may_act, UUID(subject_id), holder)
        self._known[token, version] = known, time.monotonic() + FRESH_S
        return known
