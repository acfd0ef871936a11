"""One kind of thing that clients follow (lines, polls): its snapshots in one process, its topics and its host tokens."""

from collections.abc import Callable
from typing import ClassVar, Generic
from uuid import UUID

from core.tokens import Holder
from realtime import store
from realtime.hosts import HostTokens
from realtime.pubsub import Following
from realtime.runtime import Runtime
from realtime.snapshot_cache import Item, Row, SnapshotCache


class Loader(Generic[Item]):
    """Base of a slice's loader. `KIND` names the rows in Redis (realtime/store.py), `ID` the row's key of its subject's id.

    `read`, `newer`, `completed` and `make` are as in SnapshotCache. `may_act(subject_id, holder)` tells whether the holder of a
    host token is still a host; it runs as a thread job.
    """

    KIND: ClassVar[str]
    ID: ClassVar[str] = "id"

    def __init__(
        self,
        runtime: Runtime,
        *,
        read: Callable[[str], Row | None],
        newer: Callable[[str, int], Row | None] | None = None,
        completed: Callable[[Row], Row | None],
        make: Callable[[Row], Item],
        may_act: Callable[[UUID, Holder], bool],
    ) -> None:
        self.run, self.hub, self.limiter = runtime.run, runtime.hub, runtime.limiter
        self._hosts = HostTokens(runtime.run, may_act)
        self.cache: SnapshotCache[Item] = SnapshotCache(
            self.KIND,
            read=read,
            newer=newer,
            completed=completed,
            make=make,
            run=runtime.run,
            redis=lambda: runtime.redis,
            hub=runtime.hub,
        )

    async def get(self, name: str) -> Item | None:
        """The newest version of this thing, or None when there is none. Raises Unreadable."""
        return await self.cache.get(name)

    async def is_host(self, token: str, row: Row) -> bool:
        """Whether the token proves a host of the thing with this row. Raises Unreadable."""
        return await self._hosts.prove(token, row[self.ID], row["tokenVersion"])

    def knows_host(self, token: str, row: Row) -> bool:
        """The same of a token that was proved already; False also for one that was not."""
        return self._hosts.known(token, row[self.ID], row["tokenVersion"]) or False

    def follow(self, name: str, known: Item) -> Following[Item]:
        """The topic of this thing; it begins with the version that is `known`."""
        return self.hub.follow(store.key(self.KIND, name), lambda: self.cache.get(name), known)
