"""X5: canary values go through every path that fails; no file and no process has a word of them afterwards."""

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from core import privacy
from core.logs import Formatter
from devserver.embedded import Postgres
from tests.installation import NewStack, Stack, wait_until
from tests.sources import python_files

NAME, NOTE, TOKEN, ADDRESS = (
    "Canaria Quillfeather",
    "by the aviary",
    "tOk3n-of-9canaries-never-seen-8877",
    "203.0.113.77",
)
EMAIL = "canary@aviary.example"


@pytest.fixture(scope="module")
def site(own_stack: NewStack) -> Iterator[Stack]:
    stack = own_stack("privacy", 2, TRUSTED_PROXIES="1", RATE_LIMITS="on").start("web", "worker", "timers")
    yield stack
    stack.stop()


def everything_written(stack: Stack) -> dict[str, str]:
    """What the installation's processes and its Postgres and Redis wrote, and every file of theirs that is no data."""
    folders = [stack.folder, Path(os.environ["DATA_DIR"])]
    data = {"base", "pg_wal", "global", "pg_xact", "pg_multixact", "pg_stat_tmp", "pg_dynshmem"}
    found = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not data & set(path.parts) and path.stat().st_size < 20_000_000:
                found[str(path)] = path.read_text(errors="replace")
    assert any(name.endswith("postgres.log") for name in found)
    return found


def test_no_failure_puts_a_guests_data_into_a_log(site: Stack) -> None:
    line = site.open_line()
    forwarded = {"x-forwarded-for": ADDRESS}
    party = line.join(NAME, size=1, **forwarded)["partyId"]
    line.host("edit", {"partyId": party, "note": NOTE})
    canaries = [NAME, "Quillfeather", NOTE, TOKEN, ADDRESS, EMAIL, party, line.token, party.replace("-", "")]

    # A unique violation, a value of a wrong kind, and bytes that are no UTF-8, as statements with what they hold.
    with psycopg.connect(site.database, autocommit=True) as connection:
        for statement in (
            f"INSERT INTO queues_party SELECT * FROM queues_party WHERE name = '{NAME}'",  # noqa: S608
            f"SELECT '{NAME} {NOTE}'::int",
            f"SELECT * FROM no_such_table WHERE name = '{NAME}'",  # noqa: S608
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement.encode())
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT %s::int", [NAME])
        with pytest.raises(psycopg.Error):
            connection.execute(b"SELECT '" + NAME.encode() + b"\xff'")
    # A lock that cannot be had.
    with psycopg.connect(site.database) as holding:
        holding.execute("SELECT 1 FROM queues_queue WHERE id = %s FOR UPDATE", [line.session_id])
        assert line.post("join", {"name": NAME}, host=False, **forwarded).status_code == 503
    # CSRF: a path and a referrer with an id and a token; and other things in paths that go nowhere.
    with httpx.Client(base_url=site.url(), headers=forwarded, timeout=20) as client:
        for path in (f"/queue/{line.code}/{party}/leave", f"/queue/{line.code}/leave", "/sign-in", f"/{TOKEN}/{party}"):
            client.post(
                path, data={"name": NAME, "email": EMAIL, "partyId": party, "password": TOKEN},
                headers={"referer": f"https://elsewhere.example/{TOKEN}?partyId={party}&name={NAME}"},
            )  # fmt: skip
            client.get(path, params={"token": TOKEN, "partyId": party})
        client.get("/", headers={"host": f"{TOKEN}.example"})
        for content in (b'{"name": "' + NAME.encode() + b'\xff"}', f'{{"name": "{NAME}\\u0000"}}'.encode(), b"{"):
            assert line.post("join", content.decode("latin-1")).status_code >= 400
            client.post(f"/api/queue/{line.code}/join", content=content)
    # 500s: tables that are not there; and effects that fail with the row in the database's words.
    site.sql("ALTER TABLE queues_party RENAME TO queues_party_away")
    try:
        for action in ("join", "leave"):
            assert line.post(action, {"name": NAME, "partyId": party}, host=False, **forwarded).status_code >= 500
        for page in (f"/queue/{line.code}", f"/queue/{line.code}/{party}"):
            httpx.get(site.url() + page, headers=forwarded, params={"t": TOKEN})
    finally:
        site.sql("ALTER TABLE queues_party_away RENAME TO queues_party")
    site.sql("ALTER TABLE analytics_fact ADD CONSTRAINT nothing CHECK (false) NOT VALID")
    assert line.post("join", {"name": f"{NAME} II"}, host=False, **forwarded).status_code == 200
    wait_until(lambda: "effect failed" in site.log("worker"), timeout_s=30, what="an effect to fail")
    assert "Traceback" in site.log("web"), "no 500 was logged at all"
    for path, text in everything_written(site).items():
        for canary in canaries:
            where = text.find(canary)
            assert where < 0, f"{path} has {canary!r}: {text[max(0, where - 300) : where + 100]}"
    errors = [row["last_error"] for row in site.sql("SELECT last_error FROM outbox_effect WHERE last_error <> ''")]
    assert errors
    assert not [error for error in errors if NAME in error or party in error]


@pytest.mark.program
def test_logs_of_embedded_servers_are_private_and_begun_anew_at_each_start() -> None:
    home = Path("/tmp") / f"tl-{uuid4().hex[:8]}"  # noqa: S108 — a short path, for the socket
    postgres = Postgres(home)
    home.mkdir()
    postgres.log.write_text(f"STATEMENT:  INSERT INTO queues_party VALUES ('{NAME}')\n")  # noqa: S608
    postgres.log.chmod(0o644)
    try:
        postgres.start()
        assert postgres.log.stat().st_mode & 0o777 == 0o600
        logged = postgres.log.read_text()
        assert "ready to accept connections" in logged
        assert NAME not in logged
        postgres.kill()
        postgres.start()
        assert postgres.log.read_text().startswith(logged), "a restart of the same release begins no new log"
    finally:
        postgres.stop()
        shutil.rmtree(home)


def formatted(message: str, *arguments: object, problem: BaseException | None = None, **extra: object) -> str:
    exc_info = (type(problem), problem, problem.__traceback__) if problem is not None else None
    record = logging.LogRecord("django.request", logging.WARNING, "x.py", 1, message, arguments, exc_info)
    record.__dict__.update(extra)
    return Formatter().format(record)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/queue/ABC234/join", "/queue/…/join"),
        ("/api/queue/abcdef/snapshot", "/api/queue/…/snapshot"),
        ("/admin/queues/party/280feaf8-ff42-4e66-9369-809a14a6d155/change/", "/admin/queues/party/…/change/"),
        ("/ada/lovelace", "/…/…"),
    ],
)
def test_of_a_path_only_the_words_of_our_routes_are_left(path: str, shown: str) -> None:
    assert privacy.templated(path) == shown
    assert shown in formatted("Forbidden (%s): %s", "CSRF cookie not set.", path)


def test_a_message_that_quotes_its_exception_does_not() -> None:
    try:
        try:
            raise KeyError(NAME)
        except KeyError as cause:
            raise ValueError(f"{NAME} {EMAIL}") from cause
    except ValueError as problem:
        text = formatted("failed: %r, %s", problem, str(problem), problem=problem, problem_too=problem, at=uuid4())
    assert NAME not in text
    assert EMAIL not in text
    assert "KeyError" in text
    assert "test_privacy.py" in text
    assert "Which led to" in text


@pytest.mark.parametrize("kept", ["127.0.0.1:6379", "12:30:45", "HTTP 410", "celery.worker.consumer.consumer", "a/b"])
def test_text_without_personal_data_stays(kept: str) -> None:
    assert kept in privacy.scrubbed(f"at {kept} now")


def test_exceptions_are_not_turned_into_text_before_they_are_logged() -> None:
    """One door: what an exception says goes through core/privacy.py."""
    found = [
        f"{path}: {line.strip()}"
        for path in python_files()
        for line in path.read_text().splitlines()
        if "extra=" in line and ("repr(" in line or "str(problem" in line)
    ]
    assert found == []
