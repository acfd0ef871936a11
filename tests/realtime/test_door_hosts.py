"""realtime/door.py before the running program: no route answers to a foreign Host."""

import re
import socket

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests import routes
from tests.contracts.queueup import Line
from tests.installation import Stack

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
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
            if b"\r\n\r\n" in received and b"connection: close" not in received.lower():
                break
    return received


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
    poll = site.open_poll()
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
