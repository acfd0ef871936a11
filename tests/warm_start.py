"""Starts Python programs in 0.5 s of CPU instead of 1.8: each is forked from a process that has imported the libraries
already, and nothing of ours, for our settings are the environment's (docs/decisions/0016).
"""

import gc
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

LIBRARIES = (
    "axes",
    "celery.app.base",
    "celery.bin.worker",
    "celery.worker.worker",
    "channels.routing",
    "channels_redis.core",
    "csp.middleware",
    "django.contrib.admin.options",
    "django.contrib.humanize.templatetags.humanize",
    "django.contrib.messages.api",
    "django.contrib.postgres.fields",
    "django.contrib.sessions.backends.db",
    "django.core.handlers.wsgi",
    "django.db.backends.postgresql.base",
    "django.template.loader",
    "django.test.client",
    "django.views.generic",
    "django_vite.core.asset_loader",
    "drf_spectacular.utils",
    "kombu.messaging",
    "limits.aio.storage.redis",
    "packaging.version",
    "prometheus_client",
    "pywebpush",
    "redis.asyncio",
    "requests",
    "rest_framework.serializers",
    "structlog",
    "unfold.dataclasses",
    "uvicorn.main",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "uvloop",
)
_server = get_context("forkserver")
_server.set_forkserver_preload([*LIBRARIES, __name__])


Ended = subprocess.CompletedProcess[str]


class Started:
    """A running program, with what is used of subprocess.Popen. Arguments as Python's own: "-m module ..." or "file ..."."""

    def __init__(
        self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path, errors: Path | None = None
    ) -> None:
        begun, begins = _server.Pipe(duplex=False)
        output = (log, errors or log)
        # Daemonic: were it left behind, it would end with the tests.
        self._process = _server.Process(target=_run, args=(arguments, cwd, dict(env), output, begins), daemon=True)
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


def run(arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout_s: float) -> Ended:
    """Starts a program and waits for its end. Raises subprocess.TimeoutExpired, when it has been killed."""
    with tempfile.TemporaryDirectory(prefix="tl-") as folder:
        out, errors = Path(folder, "out"), Path(folder, "err")
        program = Started(arguments, cwd=cwd, env=env, log=out, errors=errors)
        try:
            code = program.wait(timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            raise
        return Ended(arguments, code, out.read_text(), errors.read_text())


def _run(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str], output: tuple[Path, Path], begins: Connection
) -> None:
    """In the new process: becomes the program, in a new session."""
    assert "config.settings" not in sys.modules, "one of LIBRARIES has read our settings"
    # What was imported before the fork stays for good: looking through it again and again took an eighth of a start.
    gc.freeze()
    os.setsid()
    begins.send(True)
    begins.close()
    for number, path in enumerate(output, start=1):
        with path.open("ab", buffering=0) as file:
            os.dup2(file.fileno(), number)
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
