"""What holds for every path of our APIs, on both sides of the edge, and the headers of every answer."""

import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest

from core.api_paths import is_api
from core.headers import security_headers
from tests import routes
from tests.contracts.queueup import Line
from tests.installation import FULL, LISTED_ORIGIN, NewStack, Stack

Path = Callable[[str], str]
STREAMS = ("/stream", "/versions")


@pytest.fixture(scope="module")
def client(site: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url(), timeout=20) as made:
        yield made


@pytest.fixture(scope="module")
def path(site: Stack) -> Path:
    """Fills a route with a line, a poll, a session and a room that are there, and whose hosts others are."""
    line = Line.open(site)
    poll = site.open_poll()["id"]
    room = site.open_room()["room"]
    body = {"question": "?", "voteType": "single", "choices": [{"text": "a"}, {"text": "b"}]}
    session = httpx.post(f"{site.url()}/api/vote", json=body).json()["sessionId"]
    known = {"code": line.code, "poll": poll, "poll_id": poll, "room": room, "id": session, "session_id": session}

    def fill(route: str) -> str:
        return routes.filled(route, **({**known, "id": poll} if route.startswith("/poll/") else known))

    return fill


def outcome(answer: httpx.Response) -> tuple[int, str | None, bool]:
    """What is compared: status, type, whether it is an error in our shape."""
    kind = answer.headers.get("content-type")
    return answer.status_code, kind, kind == "application/json" and b'"error"' in answer.content


def ask(client: httpx.Client, method: str, path: str, **sent: str) -> httpx.Response:
    """One answer; of a stream its headers alone."""
    with client.stream(method, path, headers=sent) as answer:
        if method == "HEAD" or "event-stream" not in answer.headers.get("content-type", ""):
            answer.read()
    return answer


@pytest.mark.parametrize("route", routes.api_routes())
def test_an_api_path_is_answered_the_same_however_it_is_asked(route: str, client: httpx.Client, path: Path) -> None:
    here = path(route)
    other = here[:-1] if here.endswith("/") else f"{here}/"
    allowed = None
    for method in routes.METHODS:
        answer = ask(client, method, here)
        assert answer.status_code < 500
        assert answer.status_code not in {301, 302, 406, 415}
        assert outcome(ask(client, method, other)) == outcome(answer), (method, other)
        if answer.status_code in {404, 405} and method != "HEAD":
            assert outcome(answer)[2], (method, answer.text)
        if answer.status_code == 405:
            names = {name.strip() for name in answer.headers["allow"].split(",")}
            assert method not in names
            assert allowed in {None, frozenset(names)}, "each 405 of a path names the same"
            allowed = frozenset(names)
        if method == "GET":
            head = ask(client, "HEAD", here)
            assert (head.status_code, head.headers.get("content-type")) == outcome(answer)[:2]
            assert head.content == b""
        if method == "OPTIONS":
            assert (answer.status_code, answer.content) == (204, b"")
            assert allowed in {None, frozenset(name.strip() for name in answer.headers["allow"].split(","))}
    asked = {"Origin": LISTED_ORIGIN, "Access-Control-Request-Method": "POST"}
    for preflight in (ask(client, "OPTIONS", here, **asked), ask(client, "OPTIONS", other, **asked)):
        assert (preflight.status_code, preflight.content) == (204, b"")
        assert preflight.headers["access-control-allow-origin"] == LISTED_ORIGIN


ROUTES = [route for route in routes.api_routes() if not route.startswith("/api/schema")]
HEADERS = [
    *(
        {"Accept": value}
        for value in (
            "text/plain", "image/png", "text/csv", "application/xml;q=0.9", "nonsense", "a/b" * 200, ",,,", "*",
        )
    ),
    *(
        {"Content-Type": value}
        for value in (
            "text/plain", "application/x-www-form-urlencoded", "nonsense", "a/b" * 200, "text/plain; charset=nonsense",
        )
    ),
]  # fmt: skip


@pytest.mark.faults
@pytest.mark.parametrize("route", ROUTES)
def test_accept_and_content_type_choose_nothing(route: str, client: httpx.Client, path: Path) -> None:
    """`make test` sends a quarter of the headers to each method of a route, the next quarter to the next one."""
    here, quarter = path(route), ROUTES.index(route)
    for number, method in enumerate(("GET", "POST", "PUT", "DELETE")):
        usual = outcome(ask(client, method, here))
        for headers in HEADERS if FULL else HEADERS[(quarter + number) % 4 :: 4]:
            assert outcome(ask(client, method, here, **headers)) == usual, (method, headers)


@pytest.mark.parametrize(
    "accept", ["text/plain", "image/png", "*/*", "application/json", "application/yaml", "nonsense"]
)
def test_the_schema_comes_as_it_is_asked_for(accept: str, client: httpx.Client) -> None:
    assert ask(client, "GET", "/api/schema", Accept=accept).status_code == 200


@pytest.mark.parametrize(
    "unknown",
    ["/api", "/api/", "/api/nothing", "/api/queue", "/api/queue/", "/api/queue/ABCDEF", "/api/queue/ABCDEF/nothing", "/poll/a/b",
     "/poll/a/b/c/", "/api/polls/x/y/z", "/api/vote/x/y", "/api/rooms/x/y", "/api/push", "/api//polls",
     "/api/queue/O0O0O0/snapshot"],
)  # fmt: skip
@pytest.mark.parametrize("method", routes.METHODS)
def test_an_unknown_api_path_is_404_in_json(method: str, unknown: str, client: httpx.Client) -> None:
    answer = client.request(method, unknown)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    if method != "HEAD":
        assert list(answer.json()) == ["error"]


def test_an_unknown_id_is_404_in_json_by_every_method(client: httpx.Client) -> None:
    for route in routes.api_routes():
        if "{" not in route and "<" not in route:
            continue
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = client.request(method, routes.filled(route), json={})
            assert answer.status_code in {400, 401, 404, 405}, (method, route, answer.status_code)
            assert outcome(answer)[2], (method, route)


# --------------------------------------------------------------------------------------------------------------- headers
@pytest.fixture(scope="module")
def secure(own_stack: NewStack) -> Stack:
    """An installation behind a proxy that ends TLS."""
    return own_stack("secure", 4, HTTPS="on", TRUSTED_PROXIES="1").start("web")


# Pages whose own URL holds a token: it stands in no referrer.
WITH_TOKEN = {
    "/password/<str:uidb36>/<str:key>", "/invitation/<str:token>", "/email/<str:token>",
    "/sign-in/with/<str:provider_id>/back",
}  # fmt: skip


NO_DOCUMENTS = ("text/css", "image/webp", "image/png")
PICTURES_AND_STYLES = {"/look/1/<colour:colour>"}


def test_every_answer_carries_the_same_headers(client: httpx.Client, path: Path) -> None:
    wanted = {name.decode(): value.decode() for name, value in security_headers(secure=False)}
    assert set(wanted) >= {"x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy"}
    for route in routes.all_routes():
        for method in ("GET", "POST", "OPTIONS"):
            answer = ask(client, method, path(route) if is_api(route) else routes.filled(route))
            # A browser applies no policy of a page to these, and a phone need not load it.
            is_document = not answer.headers.get("content-type", "").startswith(NO_DOCUMENTS)
            assert is_document or route in PICTURES_AND_STYLES, (method, route)
            for name, value in wanted.items():
                found = answer.headers.get_list(name)
                if not is_document and name != "x-content-type-options":
                    assert not found, (method, route, name, found)
                    continue
                assert len(found) == 1, (method, route, name, found)
                if name == "referrer-policy" and route in WITH_TOKEN and found == ["no-referrer"]:
                    continue
                # The admin and /api/docs have a content policy that lets their scripts and styles in.
                if name != "content-security-policy" or not route.startswith(("/admin/", "/api/docs")):
                    assert sorted(found[0].split("; ")) == sorted(value.split("; ")), (method, route)


def test_an_answer_that_nothing_of_ours_made_carries_them_too(client: httpx.Client) -> None:
    for answer in (
        client.post("/api/queue/create", content=b"x" * 100_000),
        client.post("/sign-in", content=b"x" * 3_000_000),
        client.get("/static/nothing.css"),
        client.get("/healthz", headers={"Host": "evil.example"}),
        client.get("/", headers={"Host": "evil.example"}),
        client.get("/api/queue/create", headers={"Origin": "https://evil.example"}),
    ):
        assert answer.status_code >= 400
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"], answer.request.url
        assert answer.headers.get_list("referrer-policy") == ["same-origin"]


def test_over_https_browsers_are_told_to_stay_there(secure: Stack) -> None:
    line = Line.open(secure)
    poll = secure.open_poll()["id"]
    snapshot = f"{line.api}/snapshot"
    etag = line.snapshot().headers["etag"]
    https = {"X-Forwarded-Proto": "https"}
    with httpx.Client(timeout=20) as client:
        for url in (
            snapshot, f"{line.api}/versions", f"{secure.url()}/poll/{poll}", f"{secure.url()}/api/polls/{poll}/results",
            f"{secure.url()}/healthz", f"{secure.url()}/readyz", f"{secure.url()}/", f"{secure.url()}/api/polls/{poll}",
            f"{secure.url()}/nowhere", f"{secure.url()}/api/nowhere", f"{secure.url()}/api/polls/{uuid.uuid4()}/results",
        ):  # fmt: skip
            safe, plain = ask(client, "GET", url, **https), ask(client, "GET", url)
            assert safe.headers.get_list("strict-transport-security") == [
                "max-age=31536000; includeSubDomains; preload"
            ]
            # RFC 6797, 7.2: not over plain HTTP.
            assert "strict-transport-security" not in plain.headers
        for known in (etag, f"W/{etag}"):
            for sent, there in ((https, 1), ({}, 0)):
                unchanged = client.get(snapshot, headers={**sent, "If-None-Match": known})
                assert unchanged.status_code == 304
                assert unchanged.headers.get_list("x-content-type-options") == ["nosniff"]
                assert len(unchanged.headers.get_list("strict-transport-security")) == there
