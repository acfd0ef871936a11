"""`manage.py backup` and `restore`: everything comes back on another machine, or nothing changes."""

import re
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from config.backups.errors import Refused
from config.backups.manifest import Dump, Manifest
from tests.config.test_sealed import changed
from tests.installation import NewStack, Stack, free_port
from tests.upgrades.record import SECRET_KEY

RELEASE = Path(__file__).parent.parent / "upgrades/release_2.sql"
PASSPHRASE = "correct horse battery staple"
MAIL = "7f0c55a5-4ad5-4b0e-9c5b-0d2d4f2a9b1e.eml"


@pytest.fixture(scope="module")
def source(own_stack: NewStack) -> Stack:
    """What an older release left, with a mail, on a machine whose SECRET_KEY is in its environment."""
    stack = own_stack("backup", 3, SECRET_KEY=SECRET_KEY, BACKUP_PASSPHRASE=PASSPHRASE)
    with psycopg.connect(stack.database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.execute(RELEASE.read_bytes())
    (stack.folder / "mail").mkdir()
    (stack.folder / "mail" / MAIL).write_text("Your table is ready")
    return stack


@pytest.fixture(scope="module")
def backup(source: Stack) -> Path:
    """A backup of it, with secrets."""
    path = source.folder / "tallyline.backup"
    done = source.manage("backup", str(path), "--with-secrets")
    assert re.match(rf"{path}: \d+ rows and 3 files, \d\.\d MB, in \d+ s\.\n", done.stdout)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path


@pytest.fixture(scope="module")
def target(own_stack: NewStack) -> Stack:
    """A new installation, with a key of its own, kept in DATA_DIR, and nothing else."""
    stack = own_stack("restored", 3, SECRET_KEY="another key", BACKUP_PASSPHRASE=PASSPHRASE)
    (stack.folder / "secret_key").write_text("another key")
    return stack


def refusal(stack: Stack, *arguments: str) -> str:
    """What a command says that ends with an error, in one line."""
    done = stack.manage(*arguments, check=False)
    assert done.returncode == 1, done.stdout
    [line] = done.stderr.splitlines()
    return line


def test_a_damaged_backup_and_another_passphrase_change_nothing(backup: Path, target: Stack, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    damaged, passphrase = tmp_path / "damaged", tmp_path / "passphrase"
    passphrase.write_text("correct horse battery stable\n")
    for content, said in ((whole[:-1], "cut off"), (changed(whole, len(whole) // 2), "was changed")):
        damaged.write_bytes(content)
        assert said in refusal(target, "restore", str(damaged))
    assert "not the passphrase" in refusal(target, "restore", str(backup), "--passphrase-file", str(passphrase))
    assert "cannot be read" in refusal(target, "restore", str(tmp_path / "none"))
    assert target.sql("SELECT count(*) AS n FROM queues_queue") == [{"n": 0}]
    assert [path.name for path in target.folder.iterdir() if path.name.startswith("restore-")] == []


def test_all_of_it_comes_back_on_a_new_machine_and_is_proved(backup: Path, source: Stack, target: Stack) -> None:
    with redis.Redis.from_url(target.env["REDIS_URL"]) as client:
        client.set("tl:line:GONE", "of the time after the backup")
        with psycopg.connect(target.database):
            assert "1 connections" in refusal(target, "restore", str(backup))
        done = target.manage("restore", str(backup))
        assert client.keys("tl:*") == []
    assert done.stdout.endswith("6 looked at, no differences.\n"), done.stdout + done.stderr
    assert (target.folder / "secret_key").read_text() == SECRET_KEY
    assert (target.folder / "mail" / MAIL).read_text() == "Your table is ready"
    ballots = (
        "SELECT encode(sha256(string_agg(b::text, '' ORDER BY ballot_id)::bytea), 'hex') AS all FROM polls_ballot b"
    )
    assert target.sql(ballots) == source.sql(ballots)
    target.env["SECRET_KEY"] = SECRET_KEY
    assert "has data: add --replace" in refusal(target, "restore", str(backup))


def test_an_existing_file_and_a_short_passphrase_are_refused(source: Stack, backup: Path, tmp_path: Path) -> None:
    assert "exists already" in refusal(source, "backup", str(backup))
    short = tmp_path / "passphrase"
    short.write_text("too short")
    new = tmp_path / "new.backup"
    assert "at least 12" in refusal(source, "backup", str(new), "--passphrase-file", str(short))
    assert not new.exists()


def of_release(migrations: list[str], form: int = 1) -> Manifest:
    """What a backup says that has these migrations."""
    return Manifest(
        version="9.0.0",
        made_at="2027-01-01T00:00:00+00:00",
        key="",
        secrets=False,
        migrations=migrations,
        databases={"default": Dump(18, {})},
        files=[],
        format=form,
    )


def test_a_backup_of_a_newer_release_is_refused() -> None:
    of_release(["queues.0001_first", "push.0002_language"]).refuse_newer()
    for newer in (of_release(["queues.9999_more"]), of_release([], form=2)):
        with pytest.raises(
            Refused, match=r"a newer Tallyline \(9\.0\.0; (queues\.9999_more|format 2) is not known here"
        ):
            newer.refuse_newer()


def test_an_older_program_does_not_run_on_the_data_of_a_newer_one(source: Stack) -> None:
    source.sql("INSERT INTO django_migrations (app, name, applied) VALUES ('queues', '9999_more', now())")
    said = "A newer Tallyline has used this database (queues.9999_more is not known here)"
    for command in ("migrate", "timers"):
        assert said in refusal(source, command)
    for name in ("web", "worker"):
        source.ports[name] = free_port()
        log = source.folder / f"{name}.log"
        assert source.launch(name, log).wait(60) != 0
        assert said in log.read_text()
