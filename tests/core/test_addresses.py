"""core/addresses.py: each form that a proxy writes is read, and no client is taken for another (X3; decision 0022)."""

import logging
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core import addresses, rate_limits
from polls import commands, selectors
from polls.models import Poll

V4, V6, NETWORK = "198.51.100.7", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"
SPELLED: dict[str, list[str]] = {
    V4: [
        V4,
        f"{V4}:5678",
        f"{V4}:_port",
        f'"{V4}:5678"',
        f"  {V4}  ",
        f"::ffff:{V4}",
        f"::FFFF:{V4}",
        f"[::ffff:{V4}]:443",
        f"::ffff:{V4}:5678",
        "::ffff:c633:6407",
        "64:ff9b::c633:6407",
        f"for={V4}",
        f'For="{V4}:5678"',
        f"FOR = {V4};proto=https;by=203.0.113.43",
        f"proto=http;for={V4}",
        f"[{V4}]:80",
    ],
    NETWORK: [
        V6,
        V6.upper(),
        "2001:0db8:0001:0002::9",
        f"[{V6}]",
        f"[{V6}]:443",
        f"[{V6.upper()}]:443",
        f'"[{V6}]:4711"',
        f"{V6}%eth0",
        f"[{V6}%25eth0]:443",
        f"{V6}:4711",
        f'for="[{V6}]:4711"',
        f'For="[{V6}]:_obf.1"',
    ],
    "fe80::7": ["fe80::7", "FE80::7%eth0", "[fe80::7%wlan0]:80"],
}


@pytest.mark.parametrize(("who", "entry"), [(who, entry) for who, entries in SPELLED.items() for entry in entries])
def test_an_address_is_one_identity_however_it_is_written(settings: Settings, who: str, entry: str) -> None:
    settings.TRUSTED_PROXIES = 1
    behind_a_proxy = RequestFactory().get("/", headers={"x-forwarded-for": f"203.0.113.9, {entry}"})
    assert rate_limits.client_address(behind_a_proxy) == who
    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-for", entry.encode())]
    assert rate_limits.address_of({"headers": headers, "client": ("127.0.0.1", 1)}) == who
    assert rate_limits.client_address(RequestFactory().get("/", headers={"forwarded": f"for=_x, for={entry}"})) != ""
    settings.TRUSTED_PROXIES = 0
    assert rate_limits.client_address(RequestFactory().get("/", REMOTE_ADDR=entry)) == who


def test_forwarded_is_read_where_a_proxy_writes_no_x_forwarded_for(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    forwarded = f'for="[2001:db8:9::1]:80", for="[{V6}]:4711";proto=https'
    assert rate_limits.client_address(RequestFactory().get("/", headers={"forwarded": forwarded})) == NETWORK
    scope = {"headers": [(b"forwarded", forwarded.encode())], "client": None}
    assert rate_limits.address_of(scope) == NETWORK
    both = {"forwarded": f"for={V6}", "x-forwarded-for": V4}
    assert rate_limits.client_address(RequestFactory().get("/", headers=both)) == V4
    settings.TRUSTED_PROXIES = 0
    assert rate_limits.client_address(RequestFactory().get("/", headers=both)) == "127.0.0.1"


def test_quotes_that_a_client_sends_do_not_swallow_the_proxys_entry(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for sent in ('"', 'for="', "[", "for=6.6.6.6;x="):
        assert rate_limits.client_address(RequestFactory().get("/", headers={"x-forwarded-for": f"{sent}, {V4}"})) == V4


@pytest.mark.thorough
@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 65535))
def test_two_addresses_are_two_identities(one: Any, other: Any, port: int) -> None:
    def network(address: IPv4Address | IPv6Address) -> str:
        return addresses.identity(str(address))

    bracketed = f"[{one}]" if isinstance(one, IPv6Address) else str(one)
    assert network(one) == addresses.identity(f"{bracketed}:{port}") == addresses.identity(f'for="{bracketed}:{port}"')
    if isinstance(one, IPv4Address) and isinstance(other, IPv4Address):
        assert (network(one) == network(other)) == (one == other)


@given(st.text(), st.text())
def test_an_unreadable_address_is_a_separate_client_and_no_error(one: str, other: str) -> None:
    addresses._said_at = float("inf")  # another test checks the log
    first, second = addresses.identity(one), addresses.identity(other)
    if one != other and first == second:
        assert not first.startswith(("unread:", "unknown:"))


def test_where_no_address_is_known_each_request_is_a_separate_client() -> None:
    unnamed = ["", " ", "-", "unknown", "Unknown", "unix:", "for=unknown", '"unknown"']
    assert len({addresses.identity(entry) for entry in unnamed * 3}) == 3 * len(unnamed)
    assert addresses.address_of({"headers": [], "client": None}) != addresses.address_of(
        {"headers": [], "client": None}
    )
    # A proxy's own word for a client is the client.
    assert addresses.identity("_hidden") == addresses.identity("_hidden") != addresses.identity("_SEVKISEK")


def test_it_is_said_now_and_then_by_its_shape(caplog: pytest.LogCaptureFixture) -> None:
    addresses._said_at = -addresses.QUIET_S
    with caplog.at_level(logging.WARNING, logger="core.addresses"):
        for number in range(9):
            addresses.identity(f"host{number}.example:77")
    # Not what a thread of another test logs late.
    [record] = [each for each in caplog.records if each.name == "core.addresses"]
    assert record.__dict__["shape"] == "aaaa9.aaaaaaa:99"
    assert "example" not in str(record.__dict__["shape"])


@pytest.mark.parametrize("entry", [V4, f"[{V6}]:443", "fe80::7%eth0", "_hidden", "<script>", "", "x" * 300])
def test_what_is_kept_in_a_column_of_addresses_is_an_address(settings: Settings, entry: str) -> None:
    settings.TRUSTED_PROXIES = 1
    request = RequestFactory().get("/", headers={"x-forwarded-for": entry})
    stored = addresses.stored_address(request)
    assert str(ip_address(stored)) == stored
    if entry:
        assert addresses.stored_address(request) == stored
    other = RequestFactory().get("/", headers={"x-forwarded-for": "_other"})
    assert addresses.stored_address(other) != stored


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_five_voters_behind_a_proxy_that_writes_ports_are_five(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    new = commands.NewPoll(title="?", choices=["a", "b"], dedupe=Poll.Dedupe.ADDRESS)
    poll = commands.create(new, open_now=True)

    def vote(entry: str) -> None:
        body, headers = {"id": "0"}, {"x-forwarded-for": entry}
        answer = Client().post(f"/poll/{poll.pk}", body, content_type="application/json", headers=headers)
        assert answer.status_code == 200

    for number in range(1, 6):
        vote(f"198.51.100.{number}:{50000 + number}")
        vote(f"198.51.100.{number}:{60000 + number}")
    for word in ("_one", "_two", "strange", "stranger"):
        vote(word)
        vote(word)
    row = selectors.current_row(poll.pk)
    assert row is not None and row["ballots"] == 9
