"""The running program for tests: its real processes (web, worker, timers), with their own database and Redis number."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

import certifi
import httpx
import redis
from honcho.environ import parse_procfile
from psycopg.conninfo import make_conninfo

from tests.kept_connection import KeptConnection
from tests.migrated import migrated, remake
from tests.warm_start import Ended, Program, Programs

# Each client of httpx reads all certificates it may trust (24 ms of CPU for certifi's, 0.5 for one). Tests meet servers on
# loopback only, so the first one is enough; httpx reads SSL_CERT_FILE.
_CERTIFICATE = tempfile.NamedTemporaryFile(suffix=".pem")  # noqa: SIM115
_CERTIFICATE.write(
    certifi.contents().partition("-----END CERTIFICATE-----")[0].encode() + b"-----END CERTIFICATE-----\n"
)
_CERTIFICATE.flush()
os.environ["SSL_CERT_FILE"] = _CERTIFICATE.name
# `make faults` runs its tests at the size of the promise, `make test` a small copy of each.
FULL = os.environ.get("FAULTS_FULL", "") not in ("", "0", "off")
ROOT = Path(__file__).resolve().parent.parent
# The origin in ALLOWED_ORIGINS of the fixture `site`: the page of an older client.
LISTED_ORIGIN = "https://old-client.example"
# The whole browser; `make` sets CHROMIUM.
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
# The other server that Tallyline runs on.
_DAPHNE = "daphne -b $HOST -p $PORT -v 0 config.asgi:application"


def command(name: str, port: int) -> list[str]:
    """Python's arguments for "web", "worker" or "timers" as the Procfile has it, or "daphne". A number may follow the name."""
    commands = {**parse_procfile((ROOT / "Procfile").read_text()).processes, "daphne": _DAPHNE}
    text = commands[name.rstrip("0123456789")].removeprefix("exec ")
    program, *rest = shlex.split(Template(text).substitute(HOST="127.0.0.1", PORT=port, WEB_WORKERS=1))
    return rest if program == "python" else ["-m", program, *rest]


def free_port() -> int:
    """A loopback port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], Any], *, timeout_s: float = 15.0, what: str = "") -> Any:
    """Polls until `condition` is true and returns its value; AssertionError after `timeout_s`."""
    end = time.monotonic() + timeout_s
    while True:
        if value := condition():
            return value
        assert time.monotonic() < end, f"waited {timeout_s} s in vain for {what or condition}"
        time.sleep(0.02)


def kept_version(redis_url: str, code: str) -> int:
    """The version of the line's row in Redis (realtime/store.py); 0 when there is none."""
    with redis.Redis.from_url(redis_url) as client:
        return int(client.hget(f"tl:line:{code}", "v") or 0)


class Stack:
    """One installation. `database_url` and `redis_url` name servers; the database is made anew."""

    def __init__(self, folder: Path, *, name: str, database_url: str, redis_url: str, **extra: str) -> None:
        self.folder = folder
        self.database = make_conninfo(database_url, dbname=name)
        self.processes: dict[str, Program | subprocess.Popen[bytes]] = {}
        self._programs: dict[frozenset[tuple[str, str]], Programs] = {}
        self.ports: dict[str, int] = {}
        self._held: list[socket.socket] = []
        self.asking = KeptConnection()
        self.env = {
            **os.environ,
            "DATABASE_URL": self.database,
            "REDIS_URL": redis_url,
            "CELERY_BROKER_URL": redis_url,
            "DATA_DIR": str(folder),
            "RATE_LIMITS": "off",
            "PYTHONUNBUFFERED": "1",
            **extra,
        }
        remake(database_url, name, migrated(database_url))

    # ------------------------------------------------------------------------------------------------------ processes
    def start(self, *names: str) -> "Stack":
        """Starts processes ("web", "web2", "daphne", "worker", "timers") and waits until a server answers."""
        for name in names:
            self.ports.setdefault(name, free_port())
            self.processes[name] = self.launch(name, self.folder / f"{name}.log")
        for name in names:
            if name in self.ports and name.startswith(("web", "daphne")):
                wait_until(lambda name=name: self._answers(name), what=f"{name}: {self.log(name)[-2000:]}")  # type: ignore[misc]
        return self

    def launch(self, name: str, log: Path) -> Program | subprocess.Popen[bytes]:
        """Starts this process."""
        return self._with_env().start(command(name, self.ports[name]), log=log)

    def _with_env(self) -> Programs:
        """Starts programs with `env` as it is now; those that run keep the one they were started with."""
        key = frozenset(self.env.items())
        return self._programs.get(key) or self._programs.setdefault(key, Programs(cwd=ROOT, env=self.env))

    def _answers(self, name: str) -> bool:
        assert self.processes[name].poll() is None, f"{name} ended: {self.log(name)[-3000:]}"
        with socket.socket() as probe:  # costs a fiftieth of a request
            if probe.connect_ex(("127.0.0.1", self.ports[name])):
                return False
        try:
            return httpx.get(f"{self.url(name)}/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def log(self, name: str) -> str:
        """What a process has written."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def signal(self, name: str, number: int) -> None:
        """To the process and all its children."""
        os.killpg(self.processes[name].pid, number)

    def kill(self, name: str) -> None:
        """kill -9, and wait until it is dead."""
        self.signal(name, signal.SIGKILL)
        self.processes.pop(name).wait(10)

    def rest(self) -> None:
        """Ends the processes, until `wake`. Their ports are kept."""
        self._end()
        for name in self.processes:
            held = socket.socket()
            # The system may still know the port of connections that have ended.
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(("127.0.0.1", self.ports[name]))
            self._held.append(held)

    def wake(self) -> None:
        """Starts those again that `rest` has ended."""
        while self._held:
            self._held.pop().close()
        self.start(*self.processes)

    def _end(self) -> None:
        self.asking.close()
        for name, process in self.processes.items():
            if process.poll() is None:
                self.signal(name, signal.SIGTERM)
        for name, process in self.processes.items():
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                self.signal(name, signal.SIGKILL)
                process.wait(5)

    def stop(self) -> None:
        """Ends everything that runs."""
        self._end()
        self.processes.clear()
        for programs in self._programs.values():
            programs.close()
        self._programs.clear()
        while self._held:
            self._held.pop().close()

    # ---------------------------------------------------------------------------------------------------------- using
    def url(self, name: str = "web") -> str:
        """http://127.0.0.1:port of a server."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def manage(self, *arguments: str, check: bool = True) -> Ended:
        """Runs a management command in this installation."""
        done = self._with_env().run(["manage.py", *arguments], timeout_s=110)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def refuse(self, name: str) -> Ended:
        """Starts a process that must not start; what it has printed."""
        done = self._with_env().run(command(name, free_port()), timeout_s=60)
        assert done.returncode != 0, f"{name} ended well: {done.stdout}"
        return done

    def sql(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows straight from Postgres. No connection is left where no process runs: some commands refuse to run beside others."""
        return self.asking.rows(self.database, query, parameters, keep=bool(self.processes))

    def new_key(self) -> str:
        """An API key of a new venue."""
        code = (
            "from venues import commands as c; v = c.create_venue(name='Blue Door', timezone_name='UTC'); "
            "print('KEY', c.create_api_key(venue=v, name='till')[1])"
        )
        printed = self.manage("shell", "-c", code).stdout
        return next(row.split()[1] for row in printed.splitlines() if row.startswith("KEY"))

    def open_line(self, **fields: Any) -> "LiveLine":
        """A line opened through the API."""
        body = {"eventName": "Friday night", "maxGuests": 100, **fields}
        answer = httpx.post(f"{self.url()}/api/queue/create", json=body)
        assert answer.status_code == 200, answer.text
        return LiveLine(self, answer.json())

    def open_poll(self, server: str = "web", headers: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
        """A poll made through the API; the answer to its creator."""
        body = {"title": "Which wine?", "choices": ["Red", "White"], "open": True, **fields}
        return self._created("/api/polls/", body, server, headers)

    def open_room(self, server: str = "web", headers: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
        """A room opened through the API; the answer to its creator."""
        return self._created("/api/rooms", {"title": "Stay open?", **fields}, server, headers)

    def _created(self, path: str, body: Any, server: str, headers: dict[str, str] | None) -> dict[str, Any]:
        answer = httpx.post(self.url(server) + path, json=body, headers=headers, timeout=20)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created


class Attached(Stack):
    """An installation that another program has started, and described in a file."""

    def __init__(self, described: str) -> None:
        found = json.loads(Path(described).read_text())
        self.folder, self.database = Path(found["folder"]), found["database"]
        self.env, self.ports = found["env"], found["ports"]
        self.processes, self._programs, self._held = {}, {}, []
        self.asking = KeptConnection()

    def start(self, *names: str) -> "Stack":
        """Starts those that do not run yet."""
        return super().start(*(name for name in names if name not in self.ports))


class LiveLine:
    """A line in a running installation, used as its clients use it."""

    def __init__(self, stack: Stack, created: dict[str, Any], server: str = "web") -> None:
        self.stack, self.created, self.server = stack, created, server
        self.code: str = created["code"]
        self.session_id: str = created["sessionId"]
        self.token: str = created["hostAuthToken"]

    @property
    def api(self) -> str:
        """The line's part of the API."""
        return f"{self.stack.url(self.server)}/api/queue/{self.code}"

    def post(self, action: str, body: Any = None, *, host: bool = False, **headers: str) -> httpx.Response:
        """POST to the line, as a guest or as its host."""
        sent = {**headers, **({"x-host-auth": self.token} if host else {})}
        content = json.dumps(body or {})
        return httpx.post(f"{self.api}/{action}", content=content, headers=sent, timeout=20)

    def join(self, name: str = "", size: int = 1, **headers: str) -> dict[str, Any]:
        """Joins and returns the answer; AssertionError when refused."""
        answer = self.post("join", {"name": name, "size": size}, host=False, **headers)
        assert answer.status_code == 200, answer.text
        joined: dict[str, Any] = answer.json()
        return joined

    def host(self, action: str, body: Any = None) -> dict[str, Any]:
        """A host action that must succeed."""
        answer = self.post(action, body, host=True)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def snapshot(self, party_id: str | None = None, *, host: bool = False, **headers: str) -> httpx.Response:
        """GET snapshot as guest, host or public."""
        sent = {**headers, **({"x-host-auth": self.token} if host else {})}
        query = {"partyId": party_id} if party_id else {}
        shown = f"{self.api}/snapshot"
        return httpx.get(shown, params=query, headers=sent, timeout=20)

    def socket_url(self, **query: str) -> str:
        """The WebSocket's address."""
        base = self.api.replace("http", "ws", 1) + "/connect"
        return f"{base}?{httpx.QueryParams(query)}" if query else base


NewStack = Callable[..., Stack]
