"""Host tokens on the event loop. A subject's own token is proved here. Whether the holder of a held token may still act only
Postgres knows; it is asked at most every FRESH_S seconds (decision 0028)."""

import math
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
        # By token, subject and version: what was found, and until when it holds.
        self._known: Bounded[tuple[str, str, int], tuple[bool, float]] = Bounded(MOST_KNOWN)

    def known(self, token: str, subject_id: str, version: int) -> bool | None:
        """What was found of this token, as long as that holds; None: prove it."""
        found, until = self._known.get((token, subject_id, version), (False, 0.0))
        return found if time.monotonic() < until else None

    async def prove(self, token: str, subject_id: str, version: int) -> bool:
        """Whether the token proves a host of this subject. Raises Unreadable."""
        if (known := self.known(token, subject_id, version)) is not None:
            return known
        if proves_host(token, subject_id, version):
            found, until = True, math.inf
        # Postgres is asked only about tokens that we have signed.
        elif (holder := holder_of(token, subject_id, version)) is not None:
            found = await ask(self._run, self._may_act, UUID(subject_id), holder)
            until = time.monotonic() + FRESH_S
        else:
            return False
        self._known[token, subject_id, version] = found, until
        return found
