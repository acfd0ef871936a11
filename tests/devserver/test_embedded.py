"""The embedded servers: crashes, odd places, passwords, one supervisor. Real processes, no Django."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from core import environment as env
from devserver.embedded import Postgres, StartError, servers
from devserver.embedded.account import postgres_account
from devserver.embedded.postgres import POSTGRES_BIN
from devserver.embedded.server import Server

pytestmark = [pytest.mark.program, pytest.mark.usefixtures("no_urls")]

# Prints "up" when the servers run, then waits to be killed.
SUPERVISOR = """
import sys
from pathlib import Path
from devserver.embedded import servers
with servers(Path(sys.argv[1])) as added:
    print("up", added["DATABASE_URL"], added["REDIS_URL"], flush=True)
    sys.stdin.read()
"""


def start_supervisor(data_dir: Path) -> tuple["subprocess.Popen[str]", str, str]:
    """A supervisor in another process, and the two URLs it prints."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(data_dir)],
        cwd=env.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    word, database_url, redis_url = process.stdout.readline().split()
    assert word == "up"
    return process, database_url, redis_url


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_postgres_keeps_its_rows_through_a_crash_and_stays_durable(used_dir: Path) -> None:
    postgres = Postgres(used_dir)
    try:
        postgres.start()
        url = postgres.url
        execute(url, "CREATE TABLE kept AS SELECT 7 AS n")
        postgres.kill()
        postgres.start()
        assert postgres.url == url
        assert execute(url, "SELECT n FROM kept") == [(7,)]
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            assert execute(url, f"SHOW {setting}") == [("on",)]
    finally:
        postgres.stop()


def test_a_killed_supervisor_is_followed_by_one_that_finds_everything(used_dir: Path) -> None:
    first, database_url, _ = start_supervisor(used_dir)
    execute(database_url, "CREATE TABLE kept AS SELECT 7 AS n")
    first.kill()
    first.communicate()
    second, database_url, redis_url = start_supervisor(used_dir)
    assert execute(database_url, "SELECT n FROM kept") == [(7,)]
    second.terminate()
    second.communicate()
    with pytest.raises(psycopg.OperationalError):
        execute(database_url, "SELECT 1")
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(redis_url).ping()


@pytest.fixture
def stranger() -> Iterator[int]:
    """The pid of a living process that has nothing to do with us: what a pid file says after a power cut."""
    account = postgres_account(Path("/"), POSTGRES_BIN)
    options = {} if account is None else account.options()  # Postgres passes over processes of other users
    process = subprocess.Popen(["sleep", "600"], **options)
    yield process.pid
    process.kill()
    process.wait()


def power_cut(*servers_of_it: Server) -> None:
    """Nothing of it runs any more, and nothing was put away."""
    for server in servers_of_it:
        assert server.process is not None
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()


def named_in(path: Path, pid: int) -> None:
    """The pid in the first line of a pid or lock file is now another."""
    _, *rest = path.read_text().splitlines()
    path.write_text("\n".join([str(pid), *rest]) + "\n")


def test_pid_and_lock_files_that_name_a_stranger_are_no_obstacle(used_dir: Path, stranger: int) -> None:
    """The data directory's and the socket's, each by itself and both."""
    postgres = Postgres(used_dir)
    try:
        for chosen in (["postgres/postmaster.pid"], ["socket/.s.PGSQL.5432.lock"],
                       ["postgres/postmaster.pid", "socket/.s.PGSQL.5432.lock"]):  # fmt: skip
            postgres.start()
            power_cut(postgres)
            for name in chosen:
                named_in(used_dir / name, stranger)
            postgres.start()
            assert execute(postgres.url, "SELECT 1") == [(1,)]
    finally:
        postgres.stop()
    assert psutil.pid_exists(stranger)


def test_after_a_power_cut_everything_starts_though_others_have_the_old_pids(used_dir: Path, stranger: int) -> None:
    first, database_url, redis_url = start_supervisor(used_dir)
    execute(database_url, "CREATE TABLE kept AS SELECT 7 AS n")
    pids = [int((used_dir / "postgres/postmaster.pid").read_text().split()[0])]
    pids.append(redis.Redis.from_url(redis_url).info("server")["process_id"])
    first.kill()
    first.communicate()
    for pid in pids:
        os.killpg(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=10)
    for name in ("postgres/postmaster.pid", "socket/.s.PGSQL.5432.lock", "supervisor.lock"):
        named_in(used_dir / name, stranger)
    for name in ("redis/port", "servers.json"):  # torn by the cut
        (used_dir / name).write_bytes(b"\0\xff\0")
    (used_dir / "initdb-torn").mkdir()
    second, database_url, redis_url = start_supervisor(used_dir)
    try:
        assert execute(database_url, "SELECT n FROM kept") == [(7,)]
        assert redis.Redis.from_url(redis_url).ping()
        assert not (used_dir / "initdb-torn").exists()
    finally:
        second.communicate("", timeout=30)
    assert psutil.pid_exists(stranger)


def test_a_stranger_who_looks_like_ours_is_let_alone(used_dir: Path) -> None:
    """A program called `postgres` in another directory, or another program in ours: neither is ended."""
    elsewhere, home = used_dir / "elsewhere", used_dir / "redis"
    elsewhere.mkdir()
    home.mkdir()
    likeness = elsewhere / "postgres"
    likeness.symlink_to(shutil.which("sleep") or "")
    with (
        subprocess.Popen([str(likeness), "600"], cwd=elsewhere) as named,
        subprocess.Popen(["sleep", "600"], cwd=home) as beside,
        servers(used_dir) as added,
    ):
        assert execute(added["DATABASE_URL"], "SELECT 1") == [(1,)]
        assert (named.poll(), beside.poll()) == (None, None)
        for process in (named, beside):
            process.kill()


def test_addresses_left_by_a_power_cut_are_not_believed(used_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program may listen there by now, and would receive the password."""
    monkeypatch.setenv("DATA_DIR", str(used_dir))
    process, _, redis_url = start_supervisor(used_dir)
    assert env.served("REDIS_URL", "nothing") == redis_url
    kept = (used_dir / env.SERVED).read_text()
    process.communicate("", timeout=30)
    (used_dir / env.SERVED).write_text(kept)
    assert env.served("REDIS_URL", "nothing") == "nothing"


def test_a_long_path_with_spaces_and_quotes_works(data_dir: Path) -> None:
    deep = data_dir / 'the host\'s "data", kept' / ("a long name " * 10).strip()
    with servers(deep) as added:
        assert execute(added["DATABASE_URL"], "SELECT current_database()") == [("tallyline",)]
        assert redis.Redis.from_url(added["REDIS_URL"]).ping()


@pytest.mark.skipif(os.geteuid() != 0, reason="Postgres runs as another user only when we are root")
def test_root_may_keep_its_data_where_others_cannot_look(data_dir: Path) -> None:
    private = data_dir / "private"
    private.mkdir(mode=0o700)
    postgres = Postgres(private / "data")
    try:
        postgres.start()
        assert execute(postgres.url, "SELECT 1") == [(1,)]
        assert private.stat().st_mode & 0o777 == 0o701
    finally:
        postgres.stop()


def test_the_right_password_opens_and_a_wrong_one_does_not(used_dir: Path) -> None:
    postgres = Postgres(used_dir)
    try:
        postgres.start()
        assert execute(postgres.url, "SELECT 1") == [(1,)]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            execute(postgres.url.replace(postgres.password, "wrong"), "SELECT 1")
        # Ours is drawn at random and takes one round; those that people choose take many.
        execute(postgres.url, "CREATE ROLE with_chosen_password PASSWORD 'chosen'")
        kept = execute(postgres.url, "SELECT rolpassword FROM pg_authid WHERE rolpassword <> '' ORDER BY rolname")
        assert [str(row[0]).split(":")[0] for row in kept] == ["SCRAM-SHA-256$1", "SCRAM-SHA-256$4096"]
    finally:
        postgres.stop()


def test_a_second_supervisor_is_refused_and_the_first_undisturbed(used_dir: Path) -> None:
    with servers(used_dir) as added:
        command = [sys.executable, "-m", "devserver.embedded", "--data-dir", str(used_dir), "--", "true"]
        second = subprocess.run(command, cwd=env.BASE_DIR, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert second.stderr.strip() == f"Tallyline runs already on {used_dir} (pid {os.getpid()})"
        assert execute(added["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_what_the_environment_names_is_not_started(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/tallyline")
    with servers(data_dir) as added:
        assert list(added) == ["REDIS_URL"]
        assert not (data_dir / "postgres").exists()


def test_the_command_line_gives_its_command_the_servers_and_passes_its_exit_code_on() -> None:
    script = (
        "import os, sys, psycopg, redis; psycopg.connect(os.environ['DATABASE_URL']); "
        "redis.Redis.from_url(os.environ['REDIS_URL']).ping(); print(os.environ['DATA_DIR']); sys.exit(7)"
    )
    command = [sys.executable, "-m", "devserver.embedded", "--temporary", "--", sys.executable, "-c", script]
    done = subprocess.run(command, cwd=env.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 7, done.stderr
    assert not Path(done.stdout.strip()).exists()


def test_sigterm_reaches_the_command_and_stops_the_servers(used_dir: Path) -> None:
    script = "import os; print(os.environ['REDIS_URL'], flush=True); import signal; signal.pause()"
    command = [
        sys.executable,
        "-m",
        "devserver.embedded",
        "--data-dir",
        str(used_dir),
        "--",
        sys.executable,
        "-c",
        script,
    ]
    process = subprocess.Popen(command, cwd=env.BASE_DIR, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    redis_url = process.stdout.readline().strip()
    process.terminate()
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(redis_url).ping()


def test_a_server_that_cannot_start_says_why(used_dir: Path) -> None:
    postgres = Postgres(used_dir)
    (postgres.home / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(StartError, match="nonsense"):
        postgres.start()


def test_management_commands_find_what_runs(used_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(used_dir))
    assert env.served("DATABASE_URL", "nothing") == "nothing"
    process, database_url, redis_url = start_supervisor(used_dir)
    try:
        assert env.served("DATABASE_URL", "nothing") == database_url
        assert env.served("REDIS_URL", "nothing") == redis_url
        assert (used_dir / env.SERVED).stat().st_mode & 0o777 == 0o600
    finally:
        process.communicate("", timeout=30)
    assert env.served("DATABASE_URL", "nothing") == "nothing"
