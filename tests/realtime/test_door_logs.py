"""What realtime/door.py and Django log of a request that they refuse: one line, without tokens."""

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.contracts.queueup import Line
from tests.installation import Stack, wait_until

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
    logged = wait_until(lambda: site.log(server)[before:].splitlines())
    assert httpx.get(f"{site.url(server)}/healthz").status_code == 200
    assert len(site.log(server)[before:].splitlines()) == 1, site.log(server)[before:]
    assert f'event="a socket was refused" status={status} socket={kind}' in logged[0]
    assert "level=info" in logged[0]
    assert line.code not in logged[0] and SECRET not in logged[0]


def test_what_django_refuses_is_one_line_too(site: Stack, server: str) -> None:
    before = len(site.log(server))
    assert httpx.get(site.url(server), headers={"Host": "evil.example"}).status_code == 400
    assert httpx.get(f"{site.url(server)}/queue?{'a&' * 1_001}").status_code == 400
    logged = wait_until(lambda: (a := site.log(server)[before:].splitlines()) and len(a) >= 2 and a)
    assert len(logged) == 2 and all("level=warning" in one and "logger=django.security." in one for one in logged), (
        logged
    )
