"""Starts Python programs in 0.5 s of CPU instead of 1.8: each is forked from a process that has imported the libraries
already, and nothing of ours, for our settings are the environment's (docs/decisions/0016).
"""

import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

LIBRARIES = (
    "celery.bin.worker",
    "channels.routing",
    "channels_redis.core",
    "csp.middleware",
    "django.contrib.messages.api",
    "django.contrib.postgres.fields",
    "django.contrib.sessions.backends.db",
    "django.core.handlers.wsgi",
    "django.db.backends.postgresql.base",
    "django.template.loader",
    "django.views.generic",
    "prometheus_client",
    "pywebpush",
    "redis.asyncio",
    "requests",
    "structlog",
    "uvicorn.main",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "uvloop",
)
_server = get_context("forkserver")
_server.set_forkserver_preload([*LIBRARIES, __name__])


class Started:
    """A running program, with what is used of subprocess.Popen. Arguments as Python's own: "-m module ..." or "file ..."."""

    def __init__(self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> None:
        begun, begins = _server.Pipe(duplex=False)
        # Daemonic: were it left behind, it would end with the tests.
        self._process = _server.Process(target=_run, args=(arguments, cwd, dict(env), log, begins), daemon=True)
        self._process.start()
        begins.close()
        begun.recv()
        self.pid = int(self._process.pid or 0)

    def poll(self) -> int | None:
        """Its exit code, negative when a signal ended it; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return self._process.exitcode


def _run(arguments: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path, begins: Connection) -> None:
    """In the new process: becomes the program, in a session of its own."""
    assert "config.settings" not in sys.modules, "one of LIBRARIES has read our settings"
    os.setsid()
    begins.send(True)
    begins.close()
    with log.open("ab", buffering=0) as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    if arguments[0] == "-m":
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(arguments)
        runpy.run_path(arguments[0], run_name="__main__")
