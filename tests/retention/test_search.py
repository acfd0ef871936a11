"""The search of the canary tests finds what it should: one is planted in each kind of place."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from config.celery import app
from core.cache import sync_redis
from queues.models import Party
from tests.retention.everything import in_files, in_redis, in_tables
from tests.venues.people_of_venue import venue_with_people
from venues.models import User

pytestmark = pytest.mark.servers
CANARY = "Quillfeather-77"
RAW = f"the guest {CANARY} came".encode()
LONG = RAW + bytes(range(60))
COLUMNS = {
    "text": RAW.decode(), "jsonb": json.dumps({"a": [{"b": RAW.decode()}]}), "json": json.dumps({"\u00e9": RAW.decode()}),
    "text[]": [RAW.decode()], "bytea": RAW,
}  # fmt: skip
PACKED = {
    "compressed": zlib.compress(LONG), "gzip": gzip.compress(LONG), "msgpack": msgpack.packb({"name": RAW}),
    "hexadecimal": RAW.hex().encode(), "base64": base64.b64encode(LONG), "lines of base64": base64.encodebytes(LONG * 3),
    "base64 of an address": base64.urlsafe_b64encode(b"\xff\xfe\xfd" + LONG).rstrip(b"="),
    "base64 in JSON": json.dumps({"body": base64.b64encode(LONG).decode()}).encode(),
    "compressed in base64": base64.b64encode(zlib.compress(LONG)),
}  # fmt: skip


@pytest.fixture
def scratch(transactional_db: None) -> Iterator[Callable[[str, Any], None]]:
    """Puts a value into a column of this type, in a table of its own."""

    def put(kind: str, value: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE scratch (held {kind})")
            cursor.execute("INSERT INTO scratch VALUES (%s)", [value])

    yield put
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS scratch")


@pytest.mark.parametrize("kind", COLUMNS)
def test_each_type_of_column_is_read(scratch: Callable[[str, Any], None], kind: str) -> None:
    assert in_tables([CANARY]) == []
    scratch(kind, COLUMNS[kind])
    (found,) = in_tables([CANARY, "nobody-of-this-name"])
    assert found.startswith("public.scratch has quillfeather-77")


@pytest.mark.thorough
@pytest.mark.parametrize("how", PACKED)
def test_what_is_packed_is_opened(scratch: Callable[[str, Any], None], how: str, tmp_path: Path) -> None:
    packed = PACKED[how]
    scratch("bytea", packed)
    (tmp_path / "a.log").write_bytes(packed)
    sync_redis().set("scratch", packed)
    found = [in_tables([CANARY]), in_redis([CANARY]), in_files([CANARY], tmp_path)]
    sync_redis().delete("scratch")
    assert [len(each) for each in found] == [1, 1, 1], found


@pytest.mark.thorough
def test_each_kind_of_key_of_redis_is_read() -> None:
    redis = sync_redis()
    redis.set("a-string", RAW)
    redis.hset("a-hash", "name", RAW)
    redis.hset("a-hash-of", RAW, "x")
    redis.rpush("a-list", RAW)
    redis.sadd("a-set", RAW)
    redis.zadd("a-zset", {RAW: 1})
    redis.xadd("a-stream", {"name": RAW})
    redis.set(b"key-of-" + RAW, "x")
    # As a wake-up that no worker has taken.
    app.send_task("nobody.knows", args=[CANARY], queue="a-queue-of-nobody")
    found = in_redis([CANARY])
    named = [key for key in redis.scan_iter("*") if any(repr(bytes(key)) in each for each in found)]
    redis.delete(*named)
    expected = [b"a-string", b"a-hash", b"a-hash-of", b"a-list", b"a-set", b"a-zset", b"a-stream", b"key-of-" + RAW]
    assert sorted(bytes(key) for key in named) == sorted([*expected, b"a-queue-of-nobody"])
    assert in_redis([CANARY]) == []


def test_sessions_the_admins_log_and_mails_are_read(transactional_db: None, tmp_path: Path) -> None:
    venue_with_people()
    session = SessionStore()
    session["shown next"] = RAW.decode() * 40  # long: it is compressed
    session.save()
    staff, of = User.objects.all()[0], ContentType.objects.get_for_model(Party)
    LogEntry.objects.create(
        user=staff, content_type=of, object_id="1", object_repr=CANARY, action_flag=CHANGE, change_message=""
    )
    tables = {each.split(" ", 1)[0] for each in in_tables([CANARY])}
    assert tables == {"public.django_session", "public.django_admin_log"}
    for name, text in {
        "plain": RAW.decode(),
        "base64": "é" * 60 + RAW.decode(),
        "long": "x" * 980 + RAW.decode(),
    }.items():
        mail = EmailMessage()
        mail.set_content(text)
        (tmp_path / f"{name}.eml").write_bytes(mail.as_bytes())
    assert len(in_files([CANARY], tmp_path)) == 3
