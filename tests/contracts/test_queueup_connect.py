"""Contract queueup.md, "GET /api/queue/{code}/connect (WebSocket)", on uvicorn and on daphne."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from tests.contracts.queueup import Line, guest_view, host_view
from tests.installation import LISTED_ORIGIN, Stack
from tests.queues.line_socket import Socket, host_socket, opened, refusal

pytestmark = pytest.mark.usefixtures("quiet_logs")


@pytest.fixture
def line(site: Stack, server: str) -> Line:
    """A fresh line, asked of `server`."""
    return Line.open(site, server)


def told_to_hosts(line: Line) -> dict[str, Any]:
    """The host snapshot without `closed`."""
    return {key: value for key, value in host_view(line).items() if key != "closed"}


# ------------------------------------------------------------------------------------------------------------- handshake
def test_who_is_neither_host_nor_guest_is_refused(site: Stack, server: str, line: Line) -> None:
    other = Line.open(site)
    elsewhere = other.join("Ada")["partyId"]
    unknown = line.socket_url().replace(line.code, "ZZZZZZ")
    nul = line.socket_url().replace(line.code, "%00")
    got = {
        "nobody": refusal(line),
        "wrong token": refusal(line, hostToken="x.y"),
        "another line's token": refusal(line, hostToken=other.token),
        "another line's header": refusal(line, {"x-host-auth": other.token}),
        "another line's cookie": refusal(line, {"Cookie": f"queue_host_auth={other.token}"}),
        "guest's id as token": refusal(line, hostToken=line.join()["partyId"]),
        "unknown party": refusal(line, partyId=str(uuid4())),
        "another line's party": refusal(line, partyId=elsewhere),
        "no party's id": refusal(line, partyId="nonsense"),
        "unknown line": refusal(line, url=unknown),
        "impossible line": refusal(line, url=nul),
        "unknown path": refusal(line, url=line.socket_url().replace("connect", "nothing")),
    }
    if server == "daphne":  # it can say nothing but 403
        assert set(got.values()) == {403}
        return
    assert got == {
        "nobody": 401,
        **dict.fromkeys(["wrong token", "another line's token", "another line's header", "another line's cookie"], 403),
        "guest's id as token": 403,
        **dict.fromkeys(["unknown party", "another line's party", "no party's id", "unknown line"], 404),
        **dict.fromkeys(["impossible line", "unknown path"], 404),
    }


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[bad"])
def test_a_page_of_a_foreign_origin_is_refused(origin: str, line: Line, server: str) -> None:
    """X2: a browser sends the host cookie along with a foreign page's socket."""
    for refused in (
        refusal(line, {"Origin": origin, "Cookie": f"queue_host_auth={line.token}"}),
        refusal(line, {"Origin": origin}, hostToken=line.token),
    ):
        # Daphne itself answers 400 to what is no origin at all.
        assert refused == 403 or (server == "daphne" and "[" in origin and refused == 400)


@pytest.mark.parametrize("origin", [LISTED_ORIGIN, "own"])
def test_pages_of_our_own_and_of_listed_origins_may_listen(origin: str, line: Line, site: Stack, server: str) -> None:
    sent = {"Origin": site.url(server) if origin == "own" else origin}
    with opened(line, sent, hostToken=line.token) as socket:
        assert socket.next()["type"] == "queue_update"


@pytest.mark.parametrize("how", ["header", "cookie", "query"])
def test_a_host_is_known_by_header_cookie_or_query(how: str, line: Line) -> None:
    headers = {"header": {"x-host-auth": line.token}, "cookie": {"Cookie": f'x={{"a"}}; queue_host_auth={line.token}'}}
    with opened(line, headers.get(how), **({"hostToken": line.token} if how == "query" else {})) as socket:
        assert socket.next() == told_to_hosts(line)


# ------------------------------------------------------------------------------------------------------------------ host
def test_the_host_hears_at_once_and_after_every_mutation(line: Line) -> None:
    with host_socket(line) as socket:
        assert socket.next() == told_to_hosts(line)
        ada = line.join("Ada", 2)["partyId"]
        assert socket.next() == told_to_hosts(line)
        mutations: list[tuple[str, dict[str, Any]]] = [
            ("walk-in", {"name": "Ben"}),
            ("declare-nearby", {"partyId": ada}),
            ("edit", {"partyId": ada, "name": "Ada B."}),
            ("reorder", {"partyId": ada, "position": 2}),
            ("advance", {"nextParty": ada}),
            ("put-back", {"partyId": ada}),
            ("undo", {}),
            ("advance", {"servedParty": ada}),
            ("pause", {}),
            ("resume", {}),
        ]
        for action, body in mutations:
            line.host(action, body)
            assert socket.next() == told_to_hosts(line), action
        socket.silent()


def test_a_refused_action_sends_no_message(line: Line) -> None:
    with host_socket(line) as socket:
        socket.next()
        line.post("advance", {"servedParty": str(uuid4())}, host=True)
        line.post("kick", {"partyId": str(uuid4())}, host=True)
        line.post("join", {"size": 1000})
        line.join("Ada")
        assert [party["name"] for party in socket.next()["queue"]] == ["Ada"]
        socket.silent()


# ---------------------------------------------------------------------------------------------------------------- guests
def test_a_guest_hears_its_place_then_its_call(line: Line) -> None:
    ada, ben = line.join("Ada")["partyId"], line.join("Ben")["partyId"]
    with opened(line, partyId=ben) as socket:
        assert socket.next() == guest_view(line, ben)
        line.join("Cem")
        told = socket.next()
        assert (told["type"], told["position"], told["queueLength"]) == ("position", 2, 3)
        line.host("advance")  # who is being served counts as ahead, so nothing changes for Ben
        socket.silent()
        assert guest_view(line, ben) == told
        line.host("advance", {"servedParty": ada})
        called = socket.next()
        assert called == {"type": "called", "deadline": host_view(line)["callDeadline"]}
        line.join("Dia")
        line.host("call", {"partyId": ben})  # called again: a new deadline, and said so
        again = socket.next()
        assert again["type"] == "called"
        assert again["deadline"] > called["deadline"]
        line.host("put-back", {"partyId": ben})
        assert socket.next()["type"] == "position"
        socket.silent()


def reason_heard(server: str, reason: str) -> str:
    """Daphne drops the reason of a close; the message before it carries it all the same."""
    return "" if server == "daphne" else reason


@pytest.mark.parametrize("reason", ["served", "left", "kicked", "no_show"])
def test_who_is_removed_hears_the_true_reason_and_is_closed(reason: str, line: Line, server: str) -> None:
    ada, ben = line.join("Ada")["partyId"], line.join("Ben")["partyId"]
    line.host("advance")
    with opened(line, partyId=ada) as socket, opened(line, partyId=ben) as other:
        assert socket.next()["type"] == "called"
        assert other.next()["type"] == "position"
        if reason == "served":
            line.host("advance", {"servedParty": ada, "nextParty": ben})
        elif reason == "left":
            line.post("leave", {"partyId": ada})
        elif reason == "kicked":
            line.host("kick", {"partyId": ada})
        else:  # the sweep's, not the host's
            line.sql("UPDATE queues_party SET call_deadline = now() - interval '1 s' WHERE id = %s", ada)
        assert socket.next() == {"type": "removed", "reason": reason}
        assert socket.closed() == (1000, reason_heard(server, reason))
        assert other.next()["type"] == ("called" if reason in {"served", "no_show"} else "position")


def test_who_was_removed_before_hears_so_at_once(line: Line, server: str) -> None:
    ada = line.join("Ada")["partyId"]
    line.host("kick", {"partyId": ada})
    with opened(line, partyId=ada) as socket:
        assert socket.next() == {"type": "removed", "reason": "kicked"}
        assert socket.closed() == (1000, reason_heard(server, "kicked"))


def test_closing_the_line_tells_and_closes_all_sockets(line: Line, server: str) -> None:
    waiting, called = line.join("Ada")["partyId"], line.join("Ben")["partyId"]
    line.host("advance", {"nextParty": called})
    with host_socket(line) as host, opened(line, partyId=waiting) as first, opened(line, partyId=called) as second:
        everybody = [host, first, second]
        for socket in everybody:
            socket.next()
        line.host("close")
        for socket in everybody:
            assert socket.until(lambda message: message["type"] != "queue_update") == {"type": "closed"}
            assert socket.closed()[0] == 1000
    for query in ({"hostToken": line.token}, {"partyId": waiting}):
        with opened(line, **query) as late:
            assert late.until(lambda message: message["type"] != "queue_update") == {"type": "closed"}
            assert late.closed()[0] == 1000


def test_a_guest_hears_nothing_of_others(line: Line) -> None:
    ada = line.join("CANARY Ada")["partyId"]
    ben = line.join("Ben")["partyId"]
    with opened(line, partyId=ben) as socket:
        received = str(socket.next())
        line.host("kick", {"partyId": ada})
        received += str(socket.next())
    assert not [secret for secret in ("CANARY", ada, line.token) if secret in received]


# ------------------------------------------------------------------------------------------------------------ ping, noise
def test_ping_is_answered_with_pong(line: Line) -> None:
    with host_socket(line) as socket, opened(line, partyId=line.join()["partyId"]) as guest:
        for each in (socket, guest):
            each.until(lambda message: "queue" in message or message["type"] == "position")
            each.say({"type": "ping"})
            assert each.until(lambda message: message["type"] not in {"queue_update", "position"}) == {"type": "pong"}


NOISE: list[str | bytes] = [
    "", "nonsense", "{", "[]", "7", "null", '"ping"', '{"type": 1}', '{"type": ["ping"]}', '{"type": "closed"}',
    '{"type": "line.changed", "version": 99}', "[" * 20_000, "\x00", "x" * 60_000, b"", b"\xff\xfe", b"{}", b'{"type": "ping"}',
]  # fmt: skip


def test_what_makes_no_sense_is_passed_over(line: Line) -> None:
    with host_socket(line) as socket:
        socket.next()
        for noise in NOISE:
            socket.connection.send(noise)
        socket.silent()
        line.join("Ada")
        assert [party["name"] for party in socket.next()["queue"]] == ["Ada"]


def test_an_oversized_frame_harms_no_other_socket(line: Line) -> None:
    with host_socket(line) as loud, host_socket(line) as calm:
        loud.next()
        calm.next()
        with suppress(ConnectionClosed):  # the server may hang up in the middle of it
            loud.connection.send("x" * 2_000_000)
        line.join("Ada")
        assert [party["name"] for party in calm.next()["queue"]] == ["Ada"]


def test_a_client_that_hangs_up_leaves_nothing_behind(line: Line) -> None:
    party = line.join("Ada")["partyId"]
    sockets: list[Socket] = []
    for _ in range(5):
        with opened(line, partyId=party) as socket:
            sockets.append(socket)
    with opened(line, partyId=party) as socket:
        socket.next()
        line.join("Ben")
        assert socket.next()["queueLength"] == 2
