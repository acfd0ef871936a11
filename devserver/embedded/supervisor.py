"""One supervisor per DATA_DIR: starts the embedded servers, restarts them when they die, stops them at the end."""

import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from core import environment as env
from devserver.embedded.postgres import Postgres
from devserver.embedded.redis import Redis
from devserver.embedded.server import Server, StartError

GUARD_INTERVAL_S, LONGEST_PAUSE_S = 0.5, 15.0
# A program that checks for a supervisor (env.served) holds the lock for an instant.
PROBES_END_S = 0.3


@contextmanager
def servers(data_dir: Path, *, before: Callable[[], None] = lambda: None) -> Iterator[dict[str, str]]:
    """Starts the servers that the environment does not name, yields their variables (DATABASE_URL, REDIS_URL), stops them.
    With the embedded Postgres also those of the secrets that are kept beside it.

    SIGINT, SIGTERM and SIGHUP become one KeyboardInterrupt in the body; later ones are ignored during the stop.
    `before` is called with the lock of `data_dir` held and nothing running. Raises StartError, also when another supervisor
    holds `data_dir`.
    """
    with sole_supervisor(data_dir), _interruptible() as ignore_signals:
        before()
        with _started(data_dir, ignore_signals) as added:
            yield added


@contextmanager
def sole_supervisor(data_dir: Path) -> Iterator[None]:
    """Holds the lock of `data_dir`. Raises StartError when another process holds it; a crash releases it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / env.LOCK).open("a+", errors="replace") as lock:
        deadline = time.monotonic() + PROBES_END_S
        while not _locked(lock):
            if time.monotonic() > deadline:
                lock.seek(0)
                raise StartError(f"Tallyline runs already on {data_dir} (pid {lock.read().strip() or 'unknown'})")
            time.sleep(0.02)
        env.announce(data_dir, {})  # removes what a power cut left
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _interruptible() -> Iterator[Callable[[], None]]:
    """Turns the first SIGINT, SIGTERM or SIGHUP into KeyboardInterrupt; yields a function that ignores them from then on.

    Does nothing outside of the main thread, where signals cannot be caught.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    caught = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # ignored: started by nohup
        caught.append(signal.SIGHUP)

    def ignore() -> None:
        for number in caught:
            signal.signal(number, signal.SIG_IGN)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        ignore()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in caught}
    try:
        yield ignore
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _started(data_dir: Path, ignore_signals: Callable[[], None]) -> Iterator[dict[str, str]]:
    wanted: dict[str, Server] = {}
    if not env.text("DATABASE_URL"):
        wanted["DATABASE_URL"] = Postgres(data_dir, env.folder("WAL_ARCHIVE"))
    if not env.text("REDIS_URL"):
        wanted["REDIS_URL"] = Redis(data_dir)
    leaving = threading.Event()
    guard = threading.Thread(target=_guard, args=(list(wanted.values()), leaving), name="guard", daemon=True)
    try:
        for server in wanted.values():
            server.start()
        guard.start()
        added = {name: server.url for name, server in wanted.items()}
        env.announce(data_dir, added)
        yield added | (env.secrets_beside(data_dir) if "DATABASE_URL" in wanted else {})
    finally:
        ignore_signals()
        env.announce(data_dir, {})
        leaving.set()
        if guard.is_alive():
            guard.join()
        for server in reversed(wanted.values()):
            server.stop()


def _guard(started: list[Server], leaving: threading.Event) -> None:
    """Restarts a server that died (law 1: the rest converges within seconds of its return), with backoff while it fails: a full
    disk, missing memory or a port in use may pass."""
    pauses = dict.fromkeys(started, GUARD_INTERVAL_S)
    due = dict.fromkeys(started, 0.0)
    while not leaving.wait(GUARD_INTERVAL_S):
        for server in started:
            if server.running or time.monotonic() < due[server]:
                continue
            print(f"{server.home.name} died and is started again", file=sys.stderr, flush=True)
            try:
                server.start()
                pauses[server] = GUARD_INTERVAL_S
            except Exception as problem:  # the guard must go on
                pauses[server] = min(LONGEST_PAUSE_S, 2 * pauses[server])
                due[server] = time.monotonic() + pauses[server]
                why = problem if isinstance(problem, StartError) else f"{server.home.name}: {problem!r}"
                print(f"{why}\nTried again in {pauses[server]:.0f} s.", file=sys.stderr, flush=True)
