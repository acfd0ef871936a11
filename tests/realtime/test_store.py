"""The Lua script of realtime/store.py that writes a row."""

import pytest
from redis import Redis

from core import cache
from queues import shapes
from realtime.store import WRITE_IF_NEWER, write_arguments
from tests.queues.line_rows import fresh_code, key, made

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("patient_redis")]


@pytest.fixture
def code() -> str:
    return fresh_code()


def write(redis: Redis, row: shapes.Row) -> int:
    done: int = redis.eval(WRITE_IF_NEWER, 1, key(row["code"]), *write_arguments(row))
    return done


def test_the_row_in_redis_is_never_replaced_by_an_older_version(code: str) -> None:
    redis = cache.sync_redis()
    assert write(redis, made(code, 5, "five")) == 1
    assert write(redis, made(code, 4, "four")) == 0
    assert redis.hget(key(code), "v") == b"5"
    assert b"five" in (redis.hget(key(code), "row") or b"")
    assert write(redis, made(code, 10, "ten")) == 1  # as numbers, not as words
    assert write(redis, made(code, 9, "nine")) == 0
    assert b"ten" in (redis.hget(key(code), "row") or b"")


def test_the_same_version_again_renews_the_rows_life(code: str) -> None:
    redis = cache.sync_redis()
    write(redis, made(code, 5))
    redis.pexpire(key(code), 5)
    assert write(redis, made(code, 5)) == 1
    assert redis.pttl(key(code)) > 20_000
