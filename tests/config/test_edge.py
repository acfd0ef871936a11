"""config/edge.py and core/cors.py on their own: what they answer when Postgres cannot be asked, and which origins they let in."""

import asyncio
from typing import Any

import pytest
from django.db.utils import InterfaceError, OperationalError
from pytest_django.fixtures import Settings

from config.edge import Edge
from config.live import Live
from core.asgi_requests import cookie, query
from core.cors import is_allowed
from realtime.django.jobpool import Busy
from tests.queues.line_rows import fresh_code

HOST = "line.example.com:8000"


# -------------------------------------------------------------------------------------------------------------- origins
@pytest.mark.parametrize("origin", ["", f"https://{HOST}", f"http://{HOST}", "https://listed.example"])
def test_our_own_and_listed_origins_are_let_in(origin: str, settings: Settings) -> None:
    settings.ALLOWED_ORIGINS = ["https://listed.example"]
    assert is_allowed(origin, HOST)


@pytest.mark.parametrize(
    "origin",
    [
        "null", "https://line.example.com", "https://line.example.com:8001", "https://listed.example:443",
        "http://listed.example", "https://listed.example/", "https://listed.example.evil", "https://evil.example",
        f"https://evil@{HOST}", f"https://{HOST}.evil", "http://[", "//", HOST, "file://", " ", "*",
    ],
)  # fmt: skip
def test_all_others_are_not(origin: str, settings: Settings) -> None:
    settings.ALLOWED_ORIGINS = ["https://listed.example"]
    assert not is_allowed(origin, HOST)


@pytest.mark.parametrize("origin", ["null", "file://", "//", " "])
def test_a_request_without_host_is_never_same_origin(origin: str, settings: Settings) -> None:
    settings.ALLOWED_ORIGINS = []
    assert not is_allowed(origin, "")


# ------------------------------------------------------------------------------------------------------ cookies, queries
@pytest.mark.parametrize(
    "raw",
    [
        "name=v",
        "a=1; name=v",
        'odd={"a":1}; name=v',
        "name=v; [x]=1",
        " name = v ;;=",
        "x; name=v",
        'name="v"',
        "b[]=\xff; name=v",
    ],
)
def test_a_cookie_is_found_among_odd_ones(raw: str) -> None:
    assert cookie({"headers": [(b"cookie", raw.encode("latin-1"))]}, "name") == "v"


def test_no_cookie_is_an_empty_one() -> None:
    assert cookie({"headers": []}, "name") == cookie({"headers": [(b"cookie", b"a=name")]}, "name") == ""


def test_a_query_gives_the_first_of_each() -> None:
    assert query({"query_string": b"a=1&a=2&b=%C3%A9&c=&d"}) == {"a": "1", "b": "é"}
    assert query({}) == {}


# ------------------------------------------------------------------------------------------- Postgres cannot be asked
@pytest.mark.parametrize("problem", [OperationalError("away"), InterfaceError("away"), Busy()])
@pytest.mark.parametrize("view", ["snapshot", "console"])
def test_a_view_that_cannot_be_read_is_503_with_a_retry(view: str, problem: Exception) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def run(*_: Any, **__: Any) -> Any:
        raise problem

    async def inner(*_: Any) -> None:
        raise AssertionError("the edge answers this")

    async def ask() -> None:
        live = Live(run, run)
        edge = Edge(inner, live)
        path = f"/api/queue/{fresh_code()}/{view}"
        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
        await edge(scope, lambda: asyncio.sleep(0, {}), send)
        await live.aclose()

    asyncio.run(ask())
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"1") in sent[0]["headers"]
    assert b'"error"' in sent[1]["body"]
