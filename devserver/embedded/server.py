"""Base of the two embedded servers: start and wait, stop, crash, and clean up after a killed supervisor."""

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

# Long, because recovery replays the log; a server that dies is reported at once.
START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 30.0
LOG_LIMIT_BYTES = 10_000_000


class StartError(RuntimeError):
    """A part cannot start; the message is for the person at the terminal."""


class Server(ABC):
    """One server process in the directory `home`. Restarts keep address and data."""

    programs: tuple[str, ...]
    start_timeout_s = START_TIMEOUT_S

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
        """Starts it and waits until it serves. Recovers from a crash. Raises StartError."""

    @abstractmethod
    def stop(self, mode: str = "fast") -> None:
        """Stops it in good order (`fast`), or without saving (`immediate`)."""

    @abstractmethod
    def _ready(self) -> bool:
        """Whether the newest process answers."""

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Kills it with SIGKILL, as a crash; for fault tests."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _end(self, signum: signal.Signals) -> None:
        """Asks it to stop; kills it after STOP_TIMEOUT_S seconds (both servers survive that)."""
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
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},  # no secrets, no PG* variables
                start_new_session=True,  # Ctrl-C reaches the supervisor only: the servers stop last
                **({} if account is None else account.options()),
            )
        deadline = time.monotonic() + self.start_timeout_s
        while not self._ready():
            if not self.running or time.monotonic() > deadline:
                self.kill()
                said = self.log.read_bytes()[begin:].decode(errors="replace").strip()
                raise StartError(f"{self.programs[0]} does not start; {self.log} says:\n{said[-2000:]}")
            time.sleep(0.02)

    def _open_log(self) -> IO[bytes]:
        """Opens the log, readable by its owner only; truncates one that is long, or was readable by others: older releases wrote
        failed statements with guests' names."""
        there = self.log.stat() if self.log.exists() else None
        fresh = there is not None and (there.st_size > LOG_LIMIT_BYTES or bool(there.st_mode & 0o077))
        number = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.fchmod(number, 0o600)
        if fresh:
            os.ftruncate(number, 0)
        return os.fdopen(number, "ab")

    def end_leftovers(self) -> None:
        """Ends servers that a killed supervisor left in this directory. The caller holds the directory's lock.

        Finds them by name and working directory, not by a pid file, whose pid may be another process's by now.
        """
        left = [
            process
            for process in psutil.process_iter(["name", "cwd"])
            if process.info["name"] in self.programs and process.info["cwd"] == str(self.home)
        ]
        # Postgres: roll back, shut down; Redis: the same as SIGTERM.
        end(left, signal.SIGINT, within_s=STOP_TIMEOUT_S)


def end(processes: list[psutil.Process], number: signal.Signals, *, within_s: float) -> None:
    """Sends them a signal, and SIGKILL to those that have not ended `within_s` seconds later."""
    stubborn = processes
    for sent in (number, signal.SIGKILL):
        for process in stubborn:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(sent)
        _, stubborn = psutil.wait_procs(stubborn, timeout=within_s)
