"""What the two embedded servers share: start and wait, end, crash, and clean up after a killed supervisor."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from devserver.embedded.account import Account

# Long, because recovery after a crash replays the log first; a server that dies is reported at once.
START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 30.0
LOG_LIMIT_BYTES = 10_000_000


class StartError(RuntimeError):
    """Something cannot start; the message is meant for the person at the terminal."""


class Server(ABC):
    """One server process working in the directory `home`. Restarts keep address and data."""

    programs: tuple[str, ...]

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.log = self.home.with_name(f"{self.home.name}.log")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect, password included. Known after the first start()."""

    @abstractmethod
    def start(self) -> None:
        """Start and wait until it serves. Recovers from a crash. Raises StartError."""

    @abstractmethod
    def stop(self, mode: str = "fast") -> None:
        """End it in good order (`fast`), or without saving anything more (`immediate`)."""

    @abstractmethod
    def _ready(self) -> bool:
        """Whether the process launched last answers now."""

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL, as a crash would; for fault tests."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _end(self, signum: signal.Signals) -> None:
        """Ask it to end; after STOP_TIMEOUT_S kill it (both servers survive that)."""
        if self.process is None:
            return
        self.process.send_signal(signum)
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _launch(self, command: list[str], account: Account | None = None) -> None:
        with self._open_log() as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},  # no secrets of ours, no PG* of somebody's
                start_new_session=True,  # Ctrl-C is for the supervisor alone: the servers stop last
                **({} if account is None else account.options()),
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._ready():
            if not self.running or time.monotonic() > deadline:
                self.kill()
                said = self.log.read_bytes()[begin:].decode(errors="replace").strip()
                raise StartError(f"{self.programs[0]} does not start; {self.log} says:\n{said[-2000:]}")
            time.sleep(0.02)

    def _open_log(self) -> IO[bytes]:
        """The log, for its owner only; begun anew when it is long, or when others could read it: releases before wrote
        failed statements into it, with guests' names."""
        there = self.log.stat() if self.log.exists() else None
        fresh = there is not None and (there.st_size > LOG_LIMIT_BYTES or bool(there.st_mode & 0o077))
        number = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.fchmod(number, 0o600)
        if fresh:
            os.ftruncate(number, 0)
        return os.fdopen(number, "ab")

    def _end_leftovers(self) -> None:
        """End what a killed supervisor left running on this directory. The caller holds the directory's lock.

        Found by name and working directory rather than by a pid file, whose number may belong to somebody else by now.
        """
        left = []
        for process in psutil.process_iter(["name", "cwd"]):
            if process.info["name"] in self.programs and process.info["cwd"] == str(self.home):
                left.append(process)
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGINT)  # Postgres: roll back, shut down; Redis: the same as SIGTERM
        _, stubborn = psutil.wait_procs(left, timeout=STOP_TIMEOUT_S)
        for process in stubborn:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(stubborn)
