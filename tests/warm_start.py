"""The programs of one installation, started in 0.1 s of CPU each instead of 1.8 (docs/decisions/0016).

Two forks lead to a program. The first makes a process that has imported the libraries, and nothing of ours, for our settings
are the environment's. It is given an environment, reads the settings and imports what all our programs use; of it the second
fork makes each program of that environment.
"""

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

LIBRARIES = (
    "axes",
    "celery.app.base",
    "celery.apps.worker",
    "celery.bin.celery",
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
    "django.db.migrations.operations",
    "django.template.loader",
    "django.test.client",
    "django.views.generic",
    "django_vite.core.asset_loader",
    "drf_spectacular.utils",
    "environ",
    "fido2.server",
    "kombu.messaging",
    "limits.aio.storage.redis",
    "msgspec.json",
    "orjson",
    "packaging.version",
    "phonenumbers",
    "PIL.ImageOps",
    "PIL.ImageStat",
    "prometheus_client",
    "pywebpush",
    "redis.asyncio",
    "requests",
    "rest_framework.serializers",
    "segno",
    "standardwebhooks",
    "structlog",
    "twilio.base.exceptions",
    "twilio.http.response",
    "unfold.dataclasses",
    "uvicorn.main",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "uvloop",
)
_libraries = get_context("forkserver")
_libraries.set_forkserver_preload([*LIBRARIES, __name__])
_prepared = get_context("fork")


Ended = subprocess.CompletedProcess[str]


class Program:
    """A running program, with what is used of subprocess.Popen. It leads a session and a process group."""

    def __init__(self, told: int) -> None:
        self._told = os.fdopen(told)
        self.pid = int(self._told.readline())
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative when a signal ended it; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        if self._code is None:
            if not wait([self._told.fileno()], timeout):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self._code = int(self._told.readline())
            self._told.close()
        return self._code


class Programs:
    """Programs with one working directory and one environment."""

    def __init__(self, *, cwd: Path, env: Mapping[str, str]) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            _libraries.Process(target=_serve, args=(theirs, cwd, dict(env))).start()
        # Also before this process ends, for multiprocessing waits for the other one then.
        self.close = weakref.finalize(self, self._requests.close)
        """Ends all of them."""

    def start(self, arguments: Sequence[str], *, log: Path, errors: Path | None = None) -> Program:
        """Starts one. Arguments as Python's own: "-m module ..." or "file ..."."""
        told, tells = os.pipe()
        request = json.dumps([list(arguments), str(log), str(errors or log)])
        socket.send_fds(self._requests, [request.encode()], [tells])
        os.close(tells)
        return Program(told)

    def run(self, arguments: Sequence[str], *, timeout_s: float) -> Ended:
        """Starts one and waits for its end. Raises subprocess.TimeoutExpired, when it has been killed."""
        with tempfile.TemporaryDirectory(prefix="tl-") as folder:
            out, errors = Path(folder, "out"), Path(folder, "err")
            program = self.start(arguments, log=out, errors=errors)
            try:
                code = program.wait(timeout_s)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)
                raise
            return Ended(arguments, code, out.read_text(), errors.read_text())


def run_alone(arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Ended:
    """Runs one program in an environment that no other has. It is killed after a minute: raises subprocess.TimeoutExpired."""
    programs = Programs(cwd=cwd, env=env)
    try:
        return programs.run(arguments, timeout_s=60)
    finally:
        programs.close()


def _serve(requests: socket.socket, cwd: Path, env: Mapping[str, str]) -> None:
    """In the process that programs are forked from. When the tests close their end, or end, it ends with all that run."""
    os.environ.clear()
    os.environ.update({"DJANGO_SETTINGS_MODULE": "config.settings", **env})
    os.chdir(cwd)
    _import_what_is_ours()
    running: dict[int, tuple[BaseProcess, int]] = {}
    while True:
        for ready in wait([requests, *running]):
            if isinstance(ready, int):
                process, tells = running.pop(ready)
                process.join()
                os.write(tells, f"{process.exitcode}\n".encode())
                os.close(tells)
                continue
            request, files, _, _ = socket.recv_fds(requests, 65_536, 1)
            if not request:
                for process, _ in running.values():
                    os.killpg(process.pid or 0, signal.SIGKILL)
                return
            process = _prepared.Process(target=_run, args=(*json.loads(request), files[0], requests))
            process.start()
            running[process.sentinel] = process, files[0]


def _import_what_is_ours() -> None:
    assert "config.settings" not in sys.modules, "one of LIBRARIES has read our settings"
    # For all programs: as the web process has it (config/asgi.py).
    gc.set_threshold(10_000, 20, 20)
    import django

    django.setup()
    from django.contrib.auth.hashers import Argon2PasswordHasher

    import config.urls  # noqa: F401  # pages, APIs and the admin

    # A password costs 0.2 s of CPU on purpose, to keep and to check. Here it is the same function with the least work.
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1

    # What was imported before a fork stays for good: looking through it again and again took an eighth of a start.
    gc.freeze()


def _run(arguments: Sequence[str], log: str, errors: str, tells: int, requests: socket.socket) -> None:
    """In the new process: becomes the program."""
    requests.close()
    os.setsid()
    os.write(tells, f"{os.getpid()}\n".encode())
    os.close(tells)
    for number, path in enumerate((log, errors), start=1):
        with open(path, "ab", buffering=0) as file:  # noqa: PTH123
            os.dup2(file.fileno(), number)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    if arguments[0] == "-m":
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(arguments)
        runpy.run_path(arguments[0], run_name="__main__")
