"""What every benchmark is given: its options, a fresh installation, reference servers, and runs taken in turns."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from benchmarks.processes import LOAD_CORE, SERVER_CORE, Program, as_shipped, pinned
from tests.installation import ROOT, Stack, free_port

Run = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds` of a run, `repeats` of each pair of runs; `quick` looks whether everything works, and measures little."""

    seconds: float = 5.0
    repeats: int = 5
    quick: bool = False
    pin: bool = False


class Installation(Stack):
    """The program as it is shipped: the commands of the Procfile."""

    core: int | None = None
    workers = 1

    def launch(self, name: str, log: Path) -> "subprocess.Popen[bytes]":
        """By the Procfile's command, on this process's port."""
        command = pinned(as_shipped(name.rstrip("0123456789"), self.ports[name], workers=self.workers), self.core)
        with log.open("ab") as output:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=output, stderr=output, start_new_session=True
            )

    def pid(self, name: str = "web") -> int:
        """Of the process itself: the shell that started it has become it."""
        return self.processes[name].pid

    def inside(self, *words: str) -> str:
        """What `python -m benchmarks.inside` prints in this installation."""
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.inside", *words],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


class Bench:
    """The surroundings of one benchmark. The end of the `with` block stops all it started."""

    def __init__(self, options: Options, folder: Path) -> None:
        self.options = options
        self.folder = folder
        self._started = ExitStack()

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *problem: Any) -> None:
        self._started.close()

    # -------------------------------------------------------------------------------------------------------- options
    @property
    def seconds(self) -> float:
        """Of one run."""
        return self.options.seconds

    @property
    def server_core(self) -> int | None:
        """Where servers run; None: anywhere."""
        return SERVER_CORE if self.options.pin else None

    @property
    def load_core(self) -> int | None:
        """Where the load runs; None: anywhere."""
        return LOAD_CORE if self.options.pin else None

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
        made = Installation(
            folder, name="tallyline_bench", database_url=os.environ["DATABASE_URL"], redis_url=redis_url, **environment
        )
        made.core, made.workers = self.server_core, workers
        self._started.callback(made.stop)
        made.start(*processes)
        return made

    def program(self, command: list[str], *, port: int | None, **environment: str) -> Program:
        """A program that runs until the benchmark ends; its output goes to a log."""
        log = self.folder / f"{Path(command[0]).name}-{port}.log"
        made = Program(command, port=port, log=log, core=self.server_core, **environment)
        self._started.callback(made.stop)
        return made

    def on_the_same_server(self, application: str, **environment: str) -> Program:
        """Another ASGI application on the server we ship, with the same flags."""
        port = free_port()
        # The server's protocol (realtime/server/http.py) reads our settings; nothing else of the reference does.
        return self.program(
            as_shipped("web", port, application), port=port, DJANGO_SETTINGS_MODULE="config.settings", **environment
        )

    # ----------------------------------------------------------------------------------------------------------- runs
    def in_turns(self, ours: Run, theirs: Run, *, warm: bool = True) -> tuple[list[float], list[float]]:
        """Ours, theirs, ours, theirs ..., `repeats` times each, after one of each that does not count."""
        if warm:
            ours(), theirs()
        runs = []
        for _ in range(self.options.repeats):
            runs.append((ours(), theirs()))
            self.say(f"ours {runs[-1][0]:,.4g}   reference {runs[-1][1]:,.4g}")
        return [mine for mine, _ in runs], [other for _, other in runs]

    def alone(self, ours: Run) -> list[float]:
        """`repeats` runs where there is no reference."""
        runs = []
        for _ in range(self.options.repeats):
            runs.append(ours())
            self.say(f"ours {runs[-1]:,.4g}")
        return runs


@contextmanager
def checked(*checks: Callable[[], None]) -> Iterator[None]:
    """The checks hold before and after what is measured: a wrong answer fails a benchmark however fast it was."""
    for check in checks:
        check()
    yield
    for check in checks:
        check()
