"""The rows of polls: written at once after a command, at most four times a second while ballots come in, and again by the
timers where a process died before it could (law 1)."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, InterfaceError

from core.cache import breaker
from polls import selectors
from realtime import store
from realtime.throttle import Throttle

logger = logging.getLogger(__name__)

KIND = "poll"


def publish(poll_id: UUID) -> bool:
    """Writes the poll's row as it is now, or that it is gone; False when Redis is away (readers ask Postgres then)."""
    store.changed(KIND, str(poll_id))
    if not breaker.closed:
        return False
    row = selectors.current_row(poll_id)
    return store.write(KIND, str(poll_id), row) if row is not None else store.bury(KIND, str(poll_id))


# The same within a second, in a thread of this process; returns at once. Called for each batch of ballots. Until then even this
# process shows the results as they were: its voters would ask for them anew with each ballot.
publish_soon = Throttle(KIND, publish).touch


def refresh(changed_since: datetime) -> bool:
    """Repairs what a dying process or a lost message left behind, for every poll changed since then, or gone (store.repair).

    Polls with ballots on a node that is away are left out: their rows expire.
    """
    current = []
    changed = selectors.polls_changed_since(changed_since)
    known = selectors.versions_on_default(changed)
    for poll_id in changed:
        try:
            version = known[poll_id] if poll_id in known else selectors.current_version(poll_id)
            current.append((str(poll_id), version or store.GONE))
        except (DatabaseError, InterfaceError) as problem:
            logger.warning("a poll cannot be counted", extra={"poll": str(poll_id), "problem": problem})
    return store.repair(KIND, current, lambda name: publish(UUID(name)))
