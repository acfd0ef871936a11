"""What a process refuses to start without, and how Celery's client is told to wait."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import broker
from core import environment as env
from tests.installation import ROOT, command, free_port
from tests.warm_start import Programs

OWN_DATABASE = "postgresql://db.example/tallyline"


def test_with_a_database_that_hosts_share_no_secret_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATABASE_URL": OWN_DATABASE,
        "DATA_DIR": str(tmp_path),
        **dict.fromkeys(env.SHARED_SECRETS, ""),
    }.items():
        monkeypatch.setenv(name, value)
    assert [env.kept_secret(name) for name in env.SHARED_SECRETS] == ["", ""]
    assert list(tmp_path.iterdir()) == []
    assert "Set SECRET_KEY and VAPID_PRIVATE_KEY too, the same on every host" in env.missing_secrets()
    assert "secrets.token_urlsafe(48)" in env.missing_secrets()
    monkeypatch.setenv("SECRET_KEY", "given")
    assert "Set VAPID_PRIVATE_KEY too" in env.missing_secrets()
    # An installation that ran before goes on with the key that browsers have subscribed to.
    (tmp_path / "vapid_private_key").touch()
    assert f"{tmp_path}/vapid_private_key holds the VAPID_PRIVATE_KEY used so far." in env.missing_secrets()
    monkeypatch.setenv("VAPID_PRIVATE_KEY", "given")
    assert env.missing_secrets() == ""
    assert [env.kept_secret(name) for name in env.SHARED_SECRETS] == ["given", "given"]


@pytest.fixture(scope="module")
def without_secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """Programs of a host that knows the database and nothing else."""
    left_out = dict.fromkeys(env.SHARED_SECRETS, "")
    folder = str(tmp_path_factory.mktemp("host"))
    programs = Programs(cwd=ROOT, env={**os.environ, **left_out, "DATABASE_URL": OWN_DATABASE, "DATA_DIR": folder})
    yield programs
    programs.close()


@pytest.mark.program
@pytest.mark.parametrize(
    "arguments",
    [*(command(kind, free_port()) for kind in ("web", "daphne", "worker", "timers")), ["-m", "devserver.run"]],
    ids=["web", "daphne", "worker", "timers", "make run"],
)
def test_no_process_starts_without_the_shared_secrets(arguments: list[str], without_secrets: Programs) -> None:
    ended = without_secrets.run(arguments, timeout_s=20)
    printed = ended.stdout + ended.stderr
    assert ended.returncode not in (0, None)
    assert "Set SECRET_KEY and VAPID_PRIVATE_KEY too, the same on every host" in printed
    assert "Traceback" not in printed


@pytest.mark.program
@pytest.mark.parametrize(
    "arguments",
    [*(command(kind, free_port()) for kind in ("web", "worker", "timers")), ["-m", "devserver.run"]],
    ids=["web", "worker", "timers", "make run"],
)
def test_no_process_starts_with_a_setting_that_cannot_be(arguments: list[str], tmp_path: Path) -> None:
    given = dict.fromkeys(env.SHARED_SECRETS, "given")
    environment = {
        **os.environ,
        **given,
        "DATABASE_URL": OWN_DATABASE,
        "DATA_DIR": str(tmp_path),
        "RETENTION_DAYS": "0",
    }
    ended = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode not in (0, None)
    assert ended.stderr.strip() == "RETENTION_DAYS must be a whole number from 1 to 3650, not '0'."


@pytest.mark.parametrize("url", ["amqp://guest:guest@rabbit:5672//", "amqps://rabbit/", "amqp://one//;amqp://two//"])
def test_rabbitmq_is_not_waited_for_without_end(url: str) -> None:
    options = broker.transport_options(url)
    assert [options[name] for name in ("connect_timeout", "read_timeout", "write_timeout")] == [2, 2, 2]
    assert options["max_retries"] == 0
    assert broker.queue_type(url) == "quorum"


@pytest.mark.parametrize("url", ["redis://:x@redis:6379/0", "rediss://redis/1", "unix:///run/redis.sock"])
def test_redis_is_not_waited_for_without_end(url: str) -> None:
    options = broker.transport_options(url)
    assert (options["socket_connect_timeout"], options["socket_timeout"], options["max_retries"]) == (1, 2, 0)
    assert broker.queue_type(url) == "classic"
