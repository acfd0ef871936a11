"""realtime/door.py before the running program: no route, and no method of one, lets in a foreign page or a foreign Host."""

import json
import re
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from core.api_paths import is_api
from tests import routes
from tests.contracts.queueup import Line
from tests.installation import LISTED_ORIGIN, Stack, wait_until

EVIL = "https://evil.example"
KEY = "from venues import commands as c; v = c.create_venue(name='Door'); print(c.create_api_key(venue=v, name='k')[1])"
# Everything that a request might change.
COUNTED = (
    "queues_party",
    "queues_queue",
    "polls_poll",
    "polls_ballot",
    "polls_room",
    "polls_participant",
    "outbox_event",
)
CHANGED = "SELECT sum(version) AS n FROM queues_queue UNION ALL SELECT sum(version) FROM polls_poll UNION ALL "


@pytest.fixture(scope="module")
def client(site: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url(), timeout=20) as made:
        yield made


@pytest.fixture(scope="module")
def key(site: Stack) -> str:
    """A valid API key."""
    return site.manage("shell", "-c", KEY).stdout.split()[-1]


def old_poll(client: httpx.Client, key: str) -> str:
    """A fresh poll of contract edge-poll.md; its path."""
    body = {
        "title": "?",
        "description": "",
        "start": 1_000_000_000_000,
        "end": 4_000_000_000_000,
        "shards": 1,
        "choices": ["a", "b"],
    }
    made = client.post("/poll", json=body, headers={"api-key": key})
    assert made.status_code == 200, made.text
    return f"/poll/{made.json()['id']}"


def counts(client: httpx.Client, path: str) -> list[int]:
    """The counts of a poll, exactly."""
    shown = client.get(f"{path}/results", params={"cache": "false"}).json()
    return [choice["count"] for choice in shown["choices"].values()]


def rows(site: Stack) -> list[Any]:
    """How many rows there are of everything, and how often lines were changed."""
    return site.sql(CHANGED + " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in COUNTED))  # noqa: S608


# -------------------------------------------------------------------------------------------------------- foreign pages
def test_no_route_lets_a_foreign_page_change_anything(site: Stack, client: httpx.Client, key: str) -> None:
    """Simple requests, as any site makes its visitors send them: no preflight, text/plain, cookies that the browser adds."""
    line = Line.open(site)
    poll = client.post("/api/polls/", json={"title": "?", "choices": ["a", "b"], "open": True}).json()
    room = client.post("/api/rooms", json={"title": "?"}).json()["code"]
    session = client.post(
        "/api/vote", json={"question": "?", "voteType": "single", "choices": [{"text": "a"}, {"text": "b"}]}
    )
    known = {
        "code": line.code, "line": line.code, "poll": poll["id"], "room": room, "id": session.json()["sessionId"],
        "session_id": session.json()["sessionId"], "poll_id": old_poll(client, key).removeprefix("/poll/"),
    }  # fmt: skip
    everything = {
        "id": "0", "choices": [0], "choiceIds": ["1"], "ballotId": str(uuid.uuid4()), "title": "?", "name": "Eve", "size": 1,
        "eventName": "?", "maxGuests": 5, "type": "t", "question": "?", "voteType": "single",
    }  # fmt: skip
    cookies = f"queue_host_auth={line.token}; poll_host_{poll['code']}={poll['hostToken']}"
    before = rows(site)
    foreign = [{"Origin": EVIL}, {"Origin": "null"}]
    for route in routes.all_routes():
        api = is_api(route)
        for method in routes.UNSAFE if api else ("POST",):
            for sent in [*foreign, {"Sec-Fetch-Site": "cross-site"}] if api else foreign:
                for path in (
                    {routes.filled(route, **known), routes.filled(route, **known) + "/"}
                    if api
                    else {routes.filled(route)}
                ):
                    answer = client.request(
                        method, path, headers={**sent, "Content-Type": "text/plain", "Cookie": cookies},
                        content=json.dumps(everything),
                    )  # fmt: skip
                    refused = {403} if api else {403, 404, 405}
                    assert answer.status_code in refused, (method, path, sent, answer.status_code, answer.text[:200])
                    assert "access-control-allow-origin" not in answer.headers
                    if api:
                        assert answer.json() == {"error": "This origin is not allowed."}
    assert rows(site) == before


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_vote_of_a_foreign_page_is_refused_and_others_count(method: str, client: httpx.Client, key: str) -> None:
    path = old_poll(client, key)

    def vote(**headers: str) -> int:
        return client.request(
            method, path, content=b'{"id": "1"}', headers={"Content-Type": "text/plain", **headers}
        ).status_code

    assert vote(Origin=EVIL) == vote(Origin="null") == vote(**{"Origin": EVIL, "api-key": "tl_wrong"}) == 403
    assert counts(client, path) == [0, 0]
    assert vote(**{"Origin": EVIL, "api-key": key}) == 200, "a key is shown"
    assert counts(client, path) == [0, 1]
    path = old_poll(client, key)
    assert vote(Origin=LISTED_ORIGIN) == 200
    path = old_poll(client, key)
    assert vote(Origin=str(client.base_url).rstrip("/")) == 200
    path = old_poll(client, key)
    assert vote() == 200, "a program"
    assert counts(client, path) == [0, 1]


@pytest.mark.parametrize(
    "path", ["/poll", "/poll/{}", "/poll/{}/results", "/api/polls/{}", "/api/polls/{}/ballots", "/api/vote"]
)
def test_pages_of_listed_origins_may_use_polls(path: str, client: httpx.Client, key: str) -> None:
    path = path.format(old_poll(client, key).removeprefix("/poll/"))
    asked = {
        "Origin": LISTED_ORIGIN,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "api-key",
    }
    answer = client.options(path, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    allowed = {word.strip() for word in answer.headers["access-control-allow-methods"].split(",")}
    assert allowed >= {"GET", "POST", "PUT", "DELETE"}
    shown = client.get(path, headers={"Origin": LISTED_ORIGIN})
    assert shown.headers["access-control-allow-origin"] == LISTED_ORIGIN
    assert "retry-after" in shown.headers["access-control-expose-headers"]
    assert client.options(path, headers={**asked, "Origin": EVIL}).status_code == 403
    assert client.get(path, headers={"Origin": EVIL}).status_code == 403


# ------------------------------------------------------------------------------------------------------------------ Host
FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "localhost:x",
    "",
    "a b",
    "x" * 300,
    "evil@localhost",
]


def raw(site: Stack, server: str, request: str) -> bytes:
    """What is answered to these bytes, to the end of the connection."""
    with socket.create_connection(("127.0.0.1", site.ports[server]), timeout=20) as connection:
        connection.sendall(request.encode("latin-1"))
        said = b""
        while chunk := connection.recv(65536):
            said += chunk
            if b"\r\n\r\n" in said and b"connection: close" not in said.lower():
                break
    return said


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_400_on_every_route(host: str, server: str, site: Stack) -> None:
    """DNS rebinding: the page of evil.example, which has been made to lead here, is of our own origin then."""
    line = Line.open(site)
    with httpx.Client(base_url=site.url(server), timeout=20) as client:
        for route in routes.all_routes() if host == FOREIGN_HOSTS[0] else ["/healthz", "/", *routes.edge_routes()]:
            path = routes.filled(route, code=line.code)
            if server == "daphne" and host in {"", "a b"} and path == "/":
                continue
            answer = client.get(path, headers={"Host": host, "Origin": f"http://{host}"})
            assert answer.status_code == 400, (path, answer.status_code)
            assert "access-control-allow-origin" not in answer.headers
    known = line.snapshot().headers["etag"]
    short = {"Host": host, "If-None-Match": known}
    assert httpx.get(f"{site.url(server)}/api/queue/{line.code}/snapshot", headers=short).status_code == 400


def test_the_page_for_a_foreign_host_has_its_styles_and_leads_to_what_to_set(site: Stack) -> None:
    with httpx.Client(base_url=site.url(), headers={"Host": FOREIGN_HOSTS[0]}, timeout=20) as client:
        shown = client.get("/queue/ABCDEF")
        styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', shown.text)
        assert shown.status_code == 400 and styles
        assert [client.get(style).headers["content-type"].split(";")[0] for style in styles] == ["text/css"] * len(
            styles
        )
        way = re.search(r'href="(/help/[^"#]+)', shown.text)
        assert way and "X-Forwarded-Proto" in client.get(way[1]).text


def test_our_hosts_are_taken_however_they_are_written(server: str, site: Stack) -> None:
    line = Line.open(site)
    etag = line.snapshot().headers["etag"]
    for host in ("localhost", "LOCALHOST:1234", "localhost.", "127.0.0.1:80", "[::1]:8000"):
        shown = httpx.get(f"{site.url(server)}/api/queue/{line.code}/snapshot", headers={"Host": host})
        assert shown.status_code == 200, host
        again = httpx.get(str(shown.url), headers={"Host": host, "If-None-Match": etag})
        assert again.status_code == 304, host
    # What a proxy says that it was asked for counts for nothing.
    assert httpx.get(str(shown.url), headers={"X-Forwarded-Host": "evil.example"}).status_code == 200
    evil = {"Host": "evil.example", "X-Forwarded-Host": "localhost"}
    assert httpx.get(str(shown.url), headers=evil).status_code == 400


def test_load_balancers_may_ask_by_address(site: Stack) -> None:
    for path in ("/healthz", "/readyz"):
        assert httpx.get(site.url() + path, headers={"Host": "10.0.0.7:8000"}).status_code == 200
        assert httpx.get(site.url() + path, headers={"Host": "[fd00::7]"}).status_code == 200
        assert raw(site, "web", f"GET {path} HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200")
    line = Line.open(site)
    assert httpx.get(f"{line.api}/snapshot", headers={"Host": "10.0.0.7"}).status_code == 400


def test_two_hosts_or_none_are_refused(site: Stack) -> None:
    line = Line.open(site)
    etag = line.snapshot().headers["etag"]
    asked = f"GET /api/queue/{line.code}/snapshot HTTP/1.1\r\nConnection: close\r\nIf-None-Match: {etag}\r\n"
    assert b" 400 " in raw(site, "web", f"{asked}Host: localhost\r\nHost: evil.example\r\n\r\n").split(b"\r\n")[0]
    assert b" 400 " in raw(site, "web", f"{asked}\r\n").split(b"\r\n")[0]
    assert b" 304 " in raw(site, "web", f"{asked}Host: localhost\r\n\r\n").split(b"\r\n")[0]


@pytest.mark.parametrize("path", ["connect", "versions", "polls", "vote_ws"])
def test_a_socket_with_a_foreign_host_is_refused(path: str, server: str, site: Stack) -> None:
    line = Line.open(site, server)
    poll = httpx.post(f"{site.url()}/api/polls/", json={"title": "?", "choices": ["a", "b"], "open": True}).json()
    where = {
        "connect": f"/api/queue/{line.code}/connect?hostToken={line.token}",
        "versions": f"/api/queue/{line.code}/versions",
        "polls": f"/api/polls/{poll['id']}/connect",
        "vote_ws": "/api/vote_ws/",
    }[path]
    port = site.ports[server]
    here = socket.create_connection(("127.0.0.1", port))
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://evil.example:{port}{where}", sock=here, origin=Origin(f"http://evil.example:{port}"), proxy=None)
    # Daphne knows no other refusal than 403.
    assert refused.value.response.status_code == (400 if server == "web" else 403)
    with connect(f"ws://127.0.0.1:{port}{where}", proxy=None):
        pass


# ------------------------------------------------------------------------------------------------------ what is logged
SECRET = "7fa741e7-2104-4c8b-9d55-0c6d7d1f7a11"


@pytest.mark.parametrize(
    ("where", "status", "kind"),
    [
        ("/api/queue/{code}/connect", 401, "connect"),
        ("/api/queue/{code}/connect?hostToken=" + SECRET, 403, "connect"),
        ("/api/queue/{code}/connect?partyId=" + SECRET, 404, "connect"),
        ("/api/queue/ZZZZZZ/connect?hostToken=" + SECRET, 404, "connect"),
        ("/api/queue/ZZZZZZ/versions", 404, "versions"),
        ("/api/polls/" + SECRET + "/connect", 404, "connect"),
        ("/api/nothing/" + SECRET, 404, "unknown"),
        ("/" + SECRET, 404, "unknown"),
    ],
)
def test_a_refused_socket_logs_one_line_of_ours(where: str, status: int, kind: str, server: str, site: Stack) -> None:
    line = Line.open(site, server)
    before = len(site.log(server))
    with pytest.raises(InvalidStatus) as refused:
        connect(site.url(server).replace("http", "ws") + where.format(code=line.code), proxy=None)
    # Daphne knows no other refusal than 403.
    assert refused.value.response.status_code == (status if server == "web" else 403)
    said = wait_until(lambda: site.log(server)[before:].splitlines())
    assert httpx.get(f"{site.url(server)}/healthz").status_code == 200
    assert len(site.log(server)[before:].splitlines()) == 1, site.log(server)[before:]
    assert f'event="a socket was refused" status={status} socket={kind}' in said[0]
    assert "level=info" in said[0]
    assert line.code not in said[0] and SECRET not in said[0]


def test_what_django_refuses_is_one_line_too(site: Stack, server: str) -> None:
    before = len(site.log(server))
    assert httpx.get(site.url(server), headers={"Host": "evil.example"}).status_code == 400
    assert httpx.get(f"{site.url(server)}/queue?{'a&' * 1_001}").status_code == 400
    said = wait_until(lambda: (a := site.log(server)[before:].splitlines()) and len(a) >= 2 and a)
    assert len(said) == 2 and all("level=warning" in one and "logger=django.security." in one for one in said), said
