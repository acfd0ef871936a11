"""What one client may cost a web process by WebSockets (decision 0028): raw connections against the running servers."""

import json
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from select import select

import pytest

from realtime import budget
from tests.contracts.queueup import Line
from tests.contracts.queueup import http as client
from tests.contracts.vote_ws import Room
from tests.installation import Stack
from tests.polls.running_poll import LivePoll
from tests.realtime.raw_connections import EXCEEDED, all_of, close_code, connected, frame, sent, upgraded

# Far more than any budget.
FLOOD = 20 * budget.FRAMES


EMPTY_PARTS = frame(1, fin=False) + frame(0, fin=False) * FLOOD
FLOODS: dict[str, bytes] = {
    "empty texts": frame(1) * FLOOD,
    "empty binaries": frame(2) * FLOOD,
    "empty parts": EMPTY_PARTS,
    "pings": frame(9) * FLOOD,
    "long pings": frame(9, b"x" * 125) * FLOOD,
    "pongs": frame(10) * FLOOD,
    "pings in parts": frame(1, fin=False) + (frame(9) + frame(0, b"x", fin=False)) * FLOOD,
    "long texts": frame(1, b"x" * 60_000) * 400,
    "what no one understands": frame(1, b'{"vote":{"value":"maybe"}}') * FLOOD,
}


@pytest.fixture
def paths(site: Stack) -> dict[str, str]:
    """Every WebSocket there is."""
    line = Line.open(site, "web")
    poll = LivePoll(site)
    return {
        "a line's": f"/api/queue/{line.code}/connect?hostToken={line.token}",
        "a line's versions": f"/api/queue/{line.code}/versions",
        "a poll's": f"/api/polls/{poll.id}/connect",
        "a room's": "/api/vote_ws/",
    }


# ---------------------------------------------------------------------------------------------------------------- sockets
# The first text to a room's socket must be its proof: `test_a_flood_of_a_voter`.
BEFORE_PROOF = ["empty parts", "pings", "long pings", "pongs"]


@pytest.mark.parametrize(
    ("kind", "flood"),
    [(kind, flood) for kind in ("a line's", "a line's versions", "a poll's") for flood in FLOODS]
    + [("a room's", flood) for flood in BEFORE_PROOF],
)
def test_a_flood_ends_with_1008(kind: str, flood: str, site: Stack, paths: dict[str, str], quiet_logs: None) -> None:
    with upgraded(site, "web", paths[kind]) as end:
        sent(end, FLOODS[flood])
        assert client.get(f"{site.url('web')}/healthz").status_code == 200
        assert close_code(all_of(end)) == EXCEEDED


def test_each_flood_of_a_voter_ends_with_1008_and_the_others_of_the_room_hear_on(site: Stack, quiet_logs: None) -> None:
    """All floods at once, each in a room of its own: ticks come by the second."""
    with ExitStack() as opened:
        flooding = {}
        for flood in FLOODS:
            room = Room(site)
            opened.callback(room.close)
            end, other = (
                opened.enter_context(upgraded(site, "web", "/api/vote_ws/")),
                opened.enter_context(room.socket()),
            )
            auth = json.dumps(room.auth(room.voter())).encode()
            flooding[flood] = (frame(1, auth) + FLOODS[flood], end, other)
        for said, end, _ in flooding.values():
            sent(end, said)
        for flood, (_, end, other) in flooding.items():
            assert other.hear(2), flood
            assert close_code(all_of(end)) == EXCEEDED, flood


def flooded(site: Stack, path: str) -> int | None:
    """With which code Daphne closes a socket that is flooded. None where it hangs up first: it does on what still comes after its
    close, and what it has not written by then is lost.
    """
    with upgraded(site, "daphne", path) as end:
        received = b""
        for start in range(0, len(FLOODS["empty texts"]), 1_200):
            sent(end, FLOODS["empty texts"][start : start + 1_200])
            with suppress(ConnectionError):
                while select([end], [], [], 0)[0] and close_code(received) is None and (part := end.recv(65_536)):
                    received += part
            if close_code(received) is not None:
                break
        return close_code(received if close_code(received) is not None else received + all_of(end))


@pytest.mark.parametrize("kind", ["a line's", "a line's versions", "a poll's"])
def test_daphne_counts_whole_messages(kind: str, site: Stack, paths: dict[str, str], quiet_logs: None) -> None:
    codes = (flooded(site, paths[kind]) for _ in range(5))
    assert next(filter(None, codes), None) == 4008, "it may not send 1008"


def test_others_are_answered_while_many_sockets_are_flooded(site: Stack, paths: dict[str, str]) -> None:
    """Each of them in turn sends as long as the server allows; all the time another client is answered."""
    line = Line.open(site, "web")
    for _ in range(20):
        with upgraded(site, "web", paths["a line's"]) as end:
            for start in range(0, len(EMPTY_PARTS), 8_192):
                sent(end, EMPTY_PARTS[start : start + 8_192])
                assert line.snapshot().status_code == 200
                if start > 12 * budget.FRAMES:
                    break
            assert close_code(all_of(end)) == EXCEEDED


def test_pings_of_a_client_that_reads_nothing_grow_nothing(site: Stack, paths: dict[str, str]) -> None:
    def resident() -> int:
        with open(f"/proc/{site.processes['web'].pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = resident()
    with upgraded(site, "web", paths["a line's"]) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        for _ in range(400):
            sent(end, frame(9, b"x" * 125) * 2_000)  # 100 MB of pongs
        assert resident() - before < 16 * 2**20


def test_a_client_that_behaves_is_never_closed(site: Stack, paths: dict[str, str]) -> None:
    """A burst as a phone sends that was away, in parts as some libraries send, and pings between them."""
    with upgraded(site, "web", paths["a line's"]) as end:
        ping = b'{"type":"ping"}'
        for _ in range(100):
            end.sendall(frame(1, ping[:5], fin=False) + frame(9, b"there?") + frame(0, ping[5:]))
        received = b""
        while received.count(b'{"type":"pong"}') < 100 or received.count(b"there?") < 100:
            received += end.recv(65_536)
        assert close_code(received) is None


def test_a_message_of_the_largest_size_is_taken(site: Stack, paths: dict[str, str]) -> None:
    with upgraded(site, "web", paths["a line's"]) as end:
        text = b'{"type":"ping","more":"' + b"x" * 65_000 + b'"}'
        parts = [text[start : start + 1_024] for start in range(0, len(text), 1_024)]
        end.sendall(
            frame(1, parts[0], fin=False) + b"".join(frame(0, part, fin=False) for part in parts[1:]) + frame(0)
        )
        received = b""
        while b'{"type":"pong"}' not in received:
            received += end.recv(65_536)


@pytest.mark.parametrize(
    "request_of",
    [
        lambda path: f"POST {path} HTTP/1.1\r\nContent-Length: 5\r\n%s\r\nhello",
        lambda path: f"GET {path} HTTP/1.1\r\nContent-Length: 5\r\n%s\r\nhello",
        lambda path: f"GET {path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n%s\r\n5\r\nhello\r\n0\r\n\r\n",
        lambda path: f"GET {path} HTTP/1.1\r\nX-Long: {'x' * 9_000}\r\n%s\r\n",
        lambda path: f"GET {path}?{'x' * 9_000} HTTP/1.1\r\n%s\r\n",
        lambda path: f"GET {path} HTTP/1.1\r\n" + "X-Many: 1\r\n" * 200 + "%s\r\n",
    ],
    ids=["POST", "a body", "chunks", "a long field", "a long address", "many fields"],
)
def test_what_is_no_handshake_is_refused_at_once(
    request_of: Callable[[str], str], site: Stack, paths: dict[str, str], quiet_logs: None
) -> None:
    upgrade = (
        "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    )
    with connected(site, "web") as end:
        end.sendall(request_of(paths["a line's"]).replace("%s", upgrade).encode())
        assert all_of(end).split(b" ")[1] in {b"400", b"414", b"431"}
