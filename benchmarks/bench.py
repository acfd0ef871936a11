"""What a benchmark gets: options, a fresh installation, reference servers, and runs in turns."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import redis

from benchmarks.figures import Figure
from benchmarks.installation import Installation
from benchmarks.processes import LOAD_CORE, SERVER_CORE, Program, as_shipped
from queues import quotes
from tests.installation import free_port

Run = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds` of a run, `repeats` of each pair of runs, `ballots` of the poll that S17 closes; `quick` only checks that
    everything works."""

    seconds: float = 5.0
    repeats: int = 5
    ballots: int = 1_000_000
    quick: bool = False
    pin: bool = False


class Bench(ExitStack):
    """The surroundings of one benchmark. The end of the `with` block stops all it started."""

    def __init__(self, options: Options, folder: Path) -> None:
        super().__init__()
        self.options = options
        self.folder = folder
        # Of one run.
        self.seconds = options.seconds
        # Where servers and the load run; None: anywhere.
        self.server_core = SERVER_CORE if options.pin else None
        self.load_core = LOAD_CORE if options.pin else None

    def size(self, full: int) -> int:
        """A number of sockets, guests or the like; a tenth of it when quick."""
        return max(1, full // 10) if self.options.quick else full

    def say(self, text: str) -> None:
        """A line of progress."""
        print(f"  {text}", file=sys.stderr, flush=True)

    # ------------------------------------------------------------------------------------------------------- programs
    def installation(self, *processes: str, workers: int = 1, **environment: str) -> Installation:
        """A fresh database and an emptied Redis, with these processes running; "web" runs `workers` processes."""
        server, _, _ = os.environ["REDIS_URL"].rpartition("/")
        redis_url = f"{server}/15"
        with redis.Redis.from_url(redis_url) as client:
            client.flushdb()
        folder = self.folder / "installation"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        # Lines quote as they do where nothing is set; in tests they quote by model 1.
        environment = {"QUOTE_MODEL": str(quotes.MODEL), **environment}
        made = Installation(
            folder, name="tallyline_bench", database_url=os.environ["DATABASE_URL"], redis_url=redis_url, **environment
        )
        made.core, made.workers = self.server_core, workers
        self.callback(made.stop)
        made.start(*processes)
        return made

    def program(self, command: list[str], *, port: int, **environment: str) -> Program:
        """A program that runs until the benchmark ends; its output goes to a log."""
        log = self.folder / f"{Path(command[0]).name}-{port}.log"
        made = Program(command, port=port, log=log, core=self.server_core, **environment)
        self.callback(made.stop)
        return made

    def on_the_same_server(self, application: str, **environment: str) -> Program:
        """Another ASGI application on the server we ship, with the same flags."""
        port = free_port()
        # The server's protocol (realtime/server/http.py) reads our settings; nothing else of the reference does.
        return self.program(
            as_shipped("web", port, application), port=port, DJANGO_SETTINGS_MODULE="config.settings", **environment
        )

    # ----------------------------------------------------------------------------------------------------------- runs
    def compared(self, figure: Figure, ours: Run, theirs: Run, *, warm: bool = True) -> Figure:
        """The figure with its runs: ours, theirs, ours, theirs ..., `repeats` times each, after one of each that does not
        count."""
        if warm:
            ours(), theirs()
        runs = []
        for _ in range(self.options.repeats):
            runs.append((ours(), theirs()))
            self.say(f"ours {runs[-1][0]:,.4g}   reference {runs[-1][1]:,.4g}")
        return replace(figure, ours=[mine for mine, _ in runs], theirs=[other for _, other in runs])

    def alone(self, figure: Figure, ours: Run) -> Figure:
        """The figure with `repeats` runs, where there is no reference."""
        runs = []
        for _ in range(self.options.repeats):
            runs.append(ours())
            self.say(f"ours {runs[-1]:,.4g}")
        return replace(figure, ours=runs)


@contextmanager
def checked(*checks: Callable[[], None]) -> Iterator[None]:
    """The checks hold before and after what is measured: a wrong answer fails a benchmark however fast it was."""
    for check in checks:
        check()
    yield
    for check in checks:
        check()
