"""core/redis_servers.py: what REDIS_URL and CELERY_BROKER_URL say."""

import pytest

from core.redis_servers import AnyNode, broker, servers

SENTINELS = "redis+sentinel://:p%40ss@10.0.0.1:26379,[fd00::2]/tallyline/3?sentinel_password=other"


def test_a_cluster_names_some_of_its_nodes() -> None:
    host = servers("redis+cluster://user:p%40ss@10.0.0.1:7000,[fd00::2]").layer_host()
    assert host["connection_class"] is AnyNode
    assert host["nodes"] == [("10.0.0.1", 7000), ("fd00::2", 6379)]
    assert (host["username"], host["password"]) == ("user", "p@ss")


def test_sentinels_name_a_service() -> None:
    host = servers(SENTINELS).layer_host()
    assert host["sentinels"] == [("10.0.0.1", 26379), ("fd00::2", 26379)]
    assert (host["master_name"], host["db"], host["password"]) == ("tallyline", 3, "p@ss")
    assert host["sentinel_kwargs"]["password"] == "other"


def test_celery_is_told_of_sentinels_as_it_knows_them() -> None:
    url, options = broker("", redis_url=SENTINELS)
    assert url == "sentinel://:p%40ss@10.0.0.1:26379/3;sentinel://:p%40ss@[fd00::2]:26379/3"
    assert (options["master_name"], options["sentinel_kwargs"]["password"]) == ("tallyline", "other")


@pytest.mark.parametrize("url", ["amqp://guest@127.0.0.1//", "redis://:p@127.0.0.1:6379/1"])
def test_another_broker_is_taken_as_it_is(url: str) -> None:
    assert broker(url, redis_url="redis+cluster://10.0.0.1") == (url, {})


@pytest.mark.parametrize("url", ["", "redis+cluster://10.0.0.1"])
def test_a_cluster_is_refused_as_a_broker(url: str) -> None:
    with pytest.raises(ValueError, match="set CELERY_BROKER_URL to a RabbitMQ"):
        broker(url, redis_url="redis+cluster://10.0.0.1")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis+cluster://", "REDIS_URL: list hosts and ports"),
        ("redis+cluster://10.0.0.1,,", "REDIS_URL: list hosts and ports"),
        ("redis+cluster://10.0.0.1:http", "REDIS_URL: Port could not be cast"),
        ("redis+cluster://10.0.0.1/1", "REDIS_URL: a Redis Cluster has no other database than 0"),
        ("redis+sentinel://10.0.0.1", "REDIS_URL: name the service"),
        ("redis+sentinel://10.0.0.1/tallyline/x", "REDIS_URL: name the service"),
        ("rediss+cluster://10.0.0.1", "REDIS_URL begins with rediss.cluster://, which is none of redis, "),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_its_name(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        broker("amqp://127.0.0.1", redis_url=url)
