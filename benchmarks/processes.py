"""Programs that a benchmark starts: each in its own session, stopped by its process id, watched by psutil."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from honcho.environ import parse_procfile

from tests.installation import ROOT

START_TIMEOUT_S = 30.0
APPLICATION = "config.asgi:application"
# With --pin: the servers on one core, the load on another.
SERVER_CORE, LOAD_CORE = 0, 1


def as_shipped(name: str, port: int, application: str = APPLICATION, *, workers: int = 1) -> list[str]:
    """The Procfile's command for "web", "worker" or "timers", on a loopback port, with `workers` web processes; `application` in
    place of ours, for a reference on the same server with the same flags."""
    command = parse_procfile((ROOT / "Procfile").read_text()).processes[name]
    assert application == APPLICATION or APPLICATION in command, command
    command = command.replace(APPLICATION, application)
    place = f"export HOST=127.0.0.1 PORT={port} WEB_WORKERS={workers} PATH={Path(sys.executable).parent}:$PATH"
    return ["/bin/sh", "-c", f"{place}; {command}"]


def pinned(command: Sequence[str], core: int | None) -> list[str]:
    """The command on one core; anywhere when that is None."""
    return list(command) if core is None else ["taskset", "-c", str(core), *command]


class Program:
    """A running program, up once it listens on `port` (any program when that is None)."""

    def __init__(
        self, command: Sequence[str], *, port: int | None, log: Path, core: int | None = None, **environment: str
    ) -> None:
        self.port = port
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                pinned(command, core), cwd=ROOT, env={**os.environ, **environment},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + START_TIMEOUT_S
        while port is not None and not self._listens():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"{command} does not start: {log.read_text()[-2000:]}")
            time.sleep(0.02)

    @property
    def url(self) -> str:
        """http://127.0.0.1:port."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to its group when that does not help."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def _listens(self) -> bool:
        family = [psutil.Process(self.process.pid)] if self.process.poll() is None else []
        try:
            family += family[0].children(recursive=True) if family else []
            return any(
                connection.status == psutil.CONN_LISTEN and connection.laddr.port == self.port
                for each in family
                for connection in each.net_connections("tcp")
            )
        except psutil.Error:
            return False


def cpu_s(pid: int) -> float:
    """Seconds of CPU the process and its living children have used."""
    used = 0.0
    for each in (process := psutil.Process(pid), *process.children(recursive=True)):
        times = each.cpu_times()
        used += times.user + times.system
    return used


def memory_kib(pid: int) -> float:
    """What the process holds in memory (RSS), in KiB."""
    return float(psutil.Process(pid).memory_info().rss / 1024)


def settled_memory_kib(pid: int, *, within_s: float = 20.0) -> float:
    """The same once it has not changed for a second."""
    end = time.monotonic() + within_s
    held = memory_kib(pid)
    while time.monotonic() < end:
        time.sleep(1.0)
        before, held = held, memory_kib(pid)
        if abs(held - before) < 64:
            break
    return held
