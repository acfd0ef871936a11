"""config/limits.py: who is counted, and exactly how many pass."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.test import RequestFactory
from limits import parse
from pytest_django.fixtures import Settings
from rest_framework.exceptions import Throttled

from config import limits


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "address"),
    [
        (0, "198.51.100.7", "203.0.113.9", "198.51.100.7"),
        (1, "127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "127.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (1, "127.0.0.1", "", "127.0.0.1"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "::ffff:198.51.100.7", "", "198.51.100.7"),
        (1, "127.0.0.1", "<script>", "unknown"),
    ],
)
def test_the_client_cannot_choose_its_address(
    settings: Settings, proxies: int, remote: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=remote, **extra)
    assert limits.client_address(request) == address


def test_a_parallel_burst_gets_exactly_the_limit(settings: Settings) -> None:
    settings.RATE_LIMITS = True
    scope = uuid4().hex
    limit = parse("10 per minute")

    def passes(_: int) -> bool:
        try:
            limits.check(RequestFactory().get("/", REMOTE_ADDR="198.51.100.7"), limit, scope)
        except Throttled as problem:
            assert 1 <= (problem.wait or 0) <= 62
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(passes, range(50))) == 10
    # Somebody else is somebody else.
    limits.check(RequestFactory().get("/", REMOTE_ADDR="198.51.100.8"), limit, scope)
