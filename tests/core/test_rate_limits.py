"""core/rate_limits.py: who is counted, and exactly how many pass."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, RequestFactory
from limits import parse
from pytest_django.fixtures import Settings

from core import rate_limits
from core.errors import TooMany
from queues import commands


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "address"),
    [
        (0, "198.51.100.7", "203.0.113.9", "198.51.100.7"),
        (1, "127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "127.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (1, "127.0.0.1", "", "127.0.0.1"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "::ffff:198.51.100.7", "", "198.51.100.7"),
        (1, "127.0.0.1", "203.0.113.9, <script>", "unread:<script>"),
    ],
)
def test_the_client_cannot_choose_its_address(
    settings: Settings, proxies: int, remote: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=remote)
    if forwarded:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert rate_limits.client_address(request) == address


@pytest.mark.servers
def test_a_parallel_burst_gets_exactly_the_limit(settings: Settings) -> None:
    settings.RATE_LIMITS = True
    scope = uuid4().hex
    limit = parse("10 per minute")

    def passes(_: int) -> bool:
        try:
            rate_limits.check(RequestFactory().get("/", REMOTE_ADDR="198.51.100.7"), limit, scope)
        except TooMany as problem:
            assert 1 <= (problem.retry_after_s or 0) <= 62
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(passes, range(50))) == 10
    # Another client is counted separately.
    rate_limits.check(RequestFactory().get("/", REMOTE_ADDR="198.51.100.8"), limit, scope)


def test_a_page_says_so_too(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(rate_limits, "JOIN", parse("1 per minute"))
    line = commands.open_line(commands.NewLine(event_name="Friday", max_guests=40))

    def join() -> int:
        form = {"name": "", "size": "2", "key": str(uuid4())}
        return Client().post(f"/queue/{line.code}", form, REMOTE_ADDR="198.51.100.9").status_code

    assert [join(), join()] == [303, 429]
    assert line.parties.count() == 1


def test_the_api_says_when_to_try_again(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(rate_limits, "CREATE", parse("1 per minute"))
    body = {"eventName": "Friday", "maxGuests": 4}

    def create() -> Any:
        return Client().post("/api/queue/create", body, "application/json", REMOTE_ADDR="198.51.100.10")

    assert create().status_code == 200
    refused = create()
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 62
