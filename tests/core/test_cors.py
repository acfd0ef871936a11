"""Contract queueup.md, "CORS", and attack X2 (cross-site requests)."""

import pytest

from tests.contracts.queueup import Line, http, refused, state
from tests.installation import LISTED_ORIGIN, Stack

ALLOWED = {"content-type", "authorization", "x-host-auth", "if-none-match"}


@pytest.fixture(scope="module")
def there(site: Stack) -> Line:
    return Line.open(site)


def words(value: str) -> list[str]:
    return [word.strip().lower() for word in value.split(",")]


@pytest.mark.parametrize("path", ["create", "{}/join", "{}/advance", "{}/snapshot", "{}/nothing"])
def test_a_preflight_is_204_with_the_contracts_headers(path: str, there: Line) -> None:
    headers = {
        "Origin": LISTED_ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-host-auth, content-type",
    }
    answer = http.options(f"{there.stack.url()}/api/queue/{path.format(there.code)}", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == LISTED_ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-max-age"] == "600"
    assert words(answer.headers["access-control-allow-methods"]) == ["get", "post", "options"]
    allowed = words(answer.headers["access-control-allow-headers"])
    assert set(allowed) >= ALLOWED
    # More, for what is ours: nothing else may slip in.
    assert set(allowed) - ALLOWED == {"idempotency-key", "api-key"}


@pytest.mark.parametrize("origin", [LISTED_ORIGIN, "own"])
def test_allowed_origins_may_read_answers_and_refusals(origin: str, there: Line) -> None:
    origin = there.stack.url() if origin == "own" else origin
    answers = [
        there.snapshot(Origin=origin),
        there.post("join", {}, Origin=origin),
        there.post("advance", {}, Origin=origin),
        http.get(f"{there.stack.url()}/api/nothing", headers={"Origin": origin}),
        there.snapshot(Origin=origin, sent={"If-None-Match": there.snapshot().headers["etag"]}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 404, 304]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert words(answer.headers["access-control-expose-headers"]) == ["etag", "set-cookie", "retry-after"]
        assert "origin" in words(answer.headers["vary"])


FOREIGN = [
    "https://evil.example",
    "null",
    "https://old-client.example.evil.example",
    "http://old-client.example",
    "https://old-client.example:444",
    "https://evil.example/https://old-client.example",
    "http://[bad",
    "\xff",
    "*",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_origin_is_403_and_nothing_happens(origin: str, there: Line) -> None:
    before = state(there)
    sent = {b"origin": origin.encode("latin-1"), b"x-host-auth": there.token.encode()}
    for method, path in [
        ("POST", f"{there.code}/join"),
        ("POST", f"{there.code}/close"),
        ("GET", f"{there.code}/snapshot"),
        ("OPTIONS", f"{there.code}/join"),
    ]:
        answer = http.request(method, f"{there.stack.url()}/api/queue/{path}", headers=sent)
        refused(answer, 403)
        assert "access-control-allow-origin" not in answer.headers
    assert state(there) == before


def test_a_client_that_is_no_page_needs_no_origin(there: Line) -> None:
    answer = there.snapshot()
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_an_old_front_end_gets_its_guests(there: Line) -> None:
    """`GET /queue/{code}` with APP_BASE_URL: 302 there."""
    answer = http.get(f"{there.stack.url()}/queue/{there.code}")
    if answer.status_code == 404:
        pytest.skip("the guest page is not there yet")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"https://old-client.example/app?code={there.code}"
    assert there.created["joinUrl"] == answer.headers["location"]
