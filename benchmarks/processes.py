"""Programs that a benchmark starts: each in its own session, stopped by its process id, watched by psutil."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import redis
from honcho.environ import parse_procfile

from devserver import processes
from tests.installation import ROOT, wait_until

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


def started(
    command: Sequence[str], *, log: Path, core: int | None, environment: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """Starts the command; its output is added to the log."""
    with log.open("ab") as output:
        return subprocess.Popen(
            pinned(command, core), cwd=ROOT, env=environment,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip


def output_of(command: Sequence[str], *, within_s: float, core: int | None = None, **options: Any) -> str:
    """What the command prints. AssertionError with what it says when it fails. `options`: as subprocess.run."""
    done = subprocess.run(
        pinned(command, core), capture_output=True, text=True, timeout=within_s, check=False, **{"cwd": ROOT, **options}
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-1000:]} {done.stderr[-3000:]}"
    return done.stdout


def gunicorn(reference: str, port: int, *, workers: int, threads: int) -> list[str]:
    """The command for a reference of benchmarks/references under WSGI."""
    return [
        str(Path(sys.executable).with_name("gunicorn")), f"benchmarks.references.{reference}:application",
        "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--worker-class", "gthread", "--threads", str(threads),
        "--keep-alive", "65", "--log-level", "warning",
    ]  # fmt: skip


class Program:
    """A running program, up once it listens on `port`. AssertionError when it does not."""

    def __init__(
        self, command: Sequence[str], *, port: int, log: Path, core: int | None = None, **environment: str
    ) -> None:
        self.port = port
        self.log = log
        self.process = started(command, log=log, core=core, environment={**os.environ, **environment})
        try:
            wait_until(self._listens, timeout_s=START_TIMEOUT_S, what=f"{command} to listen")
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """http://127.0.0.1:port."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to its group when that does not help."""
        processes.stop([self.process])

    def _listens(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def cpu_s(process: psutil.Process) -> float:
    """Seconds of CPU that the process has used, user and system."""
    times = process.cpu_times()
    return float(times.user + times.system)


def family_cpu_s(pid: int) -> float:
    """The same of the process and its living children."""
    process = psutil.Process(pid)
    return sum(map(cpu_s, (process, *process.children(recursive=True))))


def postgres_cpu_s(backend: int) -> float:
    """Of all processes of the Postgres whose backend this is. Those that have ended count with their parent."""
    postmaster = psutil.Process(backend).parent()
    assert postmaster is not None
    ended = postmaster.cpu_times()
    living = 0.0
    for each in postmaster.children():
        with suppress(psutil.NoSuchProcess):  # it has ended since
            living += cpu_s(each)
    return cpu_s(postmaster) + float(ended.children_user + ended.children_system) + living


def redis_cpu_s(client: redis.Redis) -> float:
    """User and system, by its own account."""
    told: Any = client.info("cpu")
    return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])


def settled_memory_kib(pid: int, *, within_s: float = 20.0) -> float:
    """What the process holds in memory (RSS), in KiB, once it has not changed for a second."""
    end = time.monotonic() + within_s
    held = _memory_kib(pid)
    while time.monotonic() < end:
        time.sleep(1.0)
        before, held = held, _memory_kib(pid)
        if abs(held - before) < 64:
            break
    return held


def _memory_kib(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss / 1024)
