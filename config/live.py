"""The live parts of one web process: what the slices keep in memory, their batches, and what runs each second."""

from collections.abc import Callable

from polls.edge.batcher import BallotBox, Record
from polls.edge.polls import Polls
from queues.edge.joins import JoinViews
from queues.edge.lines import Lines
from realtime.clock import ClockReader
from realtime.pictures import Drawer
from realtime.postgres import Run
from realtime.runtime import Runtime
from rooms.edge.room import Rooms
from rooms.edge.ticker import Ticker
from web import charts


class Live:
    """One per process, bound to its event loop. `run` performs a function as a thread job, `record` a batch of ballots."""

    def __init__(self, run: Run, record: Record, *, drawer: Drawer | None = None) -> None:
        self.runtime = Runtime(run)
        self.lines = Lines(self.runtime)
        self.polls = Polls(self.runtime)
        self.rooms = Rooms(self.runtime)
        self.box = BallotBox(record)
        self.joins = JoinViews(self.runtime)
        self.drawer = drawer or Drawer(charts.PROGRAM)
        self.clock = ClockReader(run)
        self.started = False
        self._ticker = Ticker(self.runtime, self.rooms)

    @property
    def waiting(self) -> dict[str, Callable[[], int]]:
        """How many wait in each of its queues, by name."""
        return {"ballots": lambda: self.box.waiting, "joins": lambda: self.joins.waiting}

    def start(self) -> None:
        """Begins. Servers that send no lifespan events (daphne) do it with the first request or socket."""
        self.started = True
        self.runtime.hub.start()
        self._ticker.start()
        self.clock.start()

    async def aclose(self) -> None:
        """Records what is waiting, then stops."""
        await self.box.aclose()
        await self.joins.aclose()
        await self.drawer.aclose()
        await self._ticker.aclose()
        await self.clock.aclose()
        await self.runtime.aclose()
