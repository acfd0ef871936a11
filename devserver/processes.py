"""Supervises a set of processes: one that ends is restarted with backoff while the others run on."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from core import environment as env

STOP_TIMEOUT_S = 10.0
# Restart after a pause that doubles each time the process ends within STEADY_S seconds, up to the longest.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_S = 20.0
# After this many ends without ever working the vital process is given up.
MOST_FAILED_STARTS = 4


class Processes:
    """Processes by name, each a shell command. `vital`: without this one the rest has no use (the web).

    The main thread calls `run`; any thread may call `works`. `say` prints a line to the terminal.
    """

    def __init__(
        self, commands: Mapping[str, str], environment: dict[str, str], *, vital: str, say: Callable[[str], None]
    ) -> None:
        self._commands = commands
        self._environment = environment
        self._vital = vital
        self._say = say
        self._works = threading.Event()
        self._ended: queue.SimpleQueue[tuple[str, int | str]] = queue.SimpleQueue()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._failures = dict.fromkeys(commands, 0)
        # When each ended process is restarted.
        self._due: dict[str, float] = {}

    def works(self) -> None:
        """Records that the vital process works: from now on every process is restarted without limit."""
        self._works.set()

    def run(self, cannot_start: Callable[[], str] = lambda: "") -> int:
        """Runs all processes until KeyboardInterrupt; stops all before it returns or raises.

        Returns 1 when the vital one ended MOST_FAILED_STARTS times without ever working, or `cannot_start` gives a reason.
        """
        try:
            for name in self._commands:
                self._start(name)
            while True:
                wait_s = min(self._due.values(), default=float("inf")) - time.monotonic()
                with suppress(queue.Empty):
                    name, code = self._ended.get(timeout=None if wait_s == float("inf") else max(0.0, wait_s))
                    if reason := self._after(name, code, cannot_start):
                        print(reason, file=sys.stderr, flush=True)
                        return 1
                for name in [name for name, at in self._due.items() if at <= time.monotonic()]:
                    del self._due[name]
                    self._start(name)
        finally:
            self._say("Stopping ...")
            stop(list(self._children.values()))

    def _after(self, name: str, code: int | str, cannot_start: Callable[[], str]) -> str:
        """Schedules the restart of a process that ended; or returns why a restart is of no use."""
        lived_s = time.monotonic() - self._started[name]
        failures = self._failures[name] = 1 if lived_s > STEADY_S else self._failures[name] + 1
        if name == self._vital and not self._works.is_set():
            if why := cannot_start():
                return why
            if failures >= MOST_FAILED_STARTS:
                return (
                    f"{name} cannot start here: it ended {failures} times ({code}), as it says above. Everything stops."
                )
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (failures - 1))
        self._due[name] = time.monotonic() + pause_s
        again = "it is started again" if pause_s < 1 else f"it is started again in {pause_s:.0f} s"
        print(f"{name} ended ({code}); {again}, all else runs on", file=sys.stderr, flush=True)
        return ""

    def _start(self, name: str) -> None:
        self._started[name] = time.monotonic()
        try:
            child = spawn(["/bin/sh", "-c", self._commands[name]], {**self._environment, "PROCESS_NAME": name})
            self._children[name] = child
            threading.Thread(target=self._wait, args=(name, child), daemon=True).start()
        except (OSError, RuntimeError) as problem:  # out of memory, processes or threads: may pass
            self._ended.put((name, str(problem)))

    def _wait(self, name: str, child: subprocess.Popen[bytes]) -> None:
        code = child.wait()
        self._ended.put((name, f"code {code}" if code >= 0 else f"signal {-code}"))


def spawn(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Starts a child in a new session: Ctrl-C reaches only the supervisor, and a signal to the group reaches all descendants."""
    return subprocess.Popen(
        command, env=environment, cwd=env.BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True
    )


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Sends SIGTERM to each, then SIGKILL to the group of each that still runs after STOP_TIMEOUT_S seconds in total."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_S
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
