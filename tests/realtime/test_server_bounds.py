"""What one client may cost a web process (decision 0028): raw connections against the running servers."""

import json
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from select import select
from typing import Any

import pytest

from realtime import budget
from realtime.server import http
from tests.contracts.queueup import Line
from tests.contracts.queueup import http as client
from tests.contracts.vote_ws import Room
from tests.installation import Stack, wait_until
from tests.polls.running_poll import LivePoll

EXCEEDED = 1008
PATIENCE_S = 60.0
# Far more than any budget.
FLOOD = 20 * budget.FRAMES


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A client's frame, masked with zeros (RFC 6455, 5.2)."""
    size = len(payload)
    head = bytes([(0x80 if fin else 0) | opcode])
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    return head + length + bytes(4) + payload


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


@contextmanager
def connected(stack: Stack, server: str) -> Iterator[socket.socket]:
    """A connection to a server."""
    with closing(socket.create_connection(("127.0.0.1", stack.ports[server]), timeout=PATIENCE_S)) as end:
        yield end


@contextmanager
def upgraded(stack: Stack, server: str, path: str) -> Iterator[socket.socket]:
    """An accepted WebSocket, nothing said."""
    with connected(stack, server) as end:
        end.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += end.recv(1)
        assert b" 101 " in answer, answer
        yield end


def sent(end: socket.socket, data: bytes) -> None:
    """Sends all of it, or as much as the server takes."""
    with suppress(ConnectionError, TimeoutError):
        end.sendall(data)


def all_of(end: socket.socket) -> bytes:
    """What the server says until the end."""
    said = b""
    try:
        while part := end.recv(65_536):
            said += part
    except ConnectionError:
        pass
    return said


def answered(end: socket.socket) -> bytes:
    """One answer of /healthz."""
    said = b""
    while not said.endswith(b'{"ok":true}'):
        said += end.recv(1)
    return said


def close_code(said: bytes) -> int | None:
    """The code of the close frame among a server's frames."""
    while len(said) >= 2:
        opcode, size, start = said[0] & 15, said[1], 2
        if size == 126:
            size, start = struct.unpack("!H", said[2:4])[0], 4
        elif size == 127:
            size, start = struct.unpack("!Q", said[2:10])[0], 10
        if opcode == 8:
            return int(struct.unpack("!H", said[start : start + 2])[0])
        said = said[start + size :]
    return None


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


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_of_a_voter(flood: str, site: Stack, quiet_logs: None) -> None:
    room = Room(site)
    auth = json.dumps(room.auth(room.voter())).encode()
    with upgraded(site, "web", "/api/vote_ws/") as end, room.socket() as other:
        sent(end, frame(1, auth) + FLOODS[flood])
        assert other.hear(2)
        assert close_code(all_of(end)) == EXCEEDED
    room.close()


def flooded(site: Stack, path: str) -> int | None:
    """With which code Daphne closes a socket that is flooded. None where it hangs up first: it does on what still comes after its
    close, and what it has not written by then is lost.
    """
    with upgraded(site, "daphne", path) as end:
        said = b""
        for start in range(0, len(FLOODS["empty texts"]), 1_200):
            sent(end, FLOODS["empty texts"][start : start + 1_200])
            with suppress(ConnectionError):
                while select([end], [], [], 0)[0] and close_code(said) is None and (part := end.recv(65_536)):
                    said += part
            if close_code(said) is not None:
                break
        return close_code(said if close_code(said) is not None else said + all_of(end))


@pytest.mark.parametrize("kind", ["a line's", "a line's versions", "a poll's"])
def test_daphne_counts_whole_messages(kind: str, site: Stack, paths: dict[str, str], quiet_logs: None) -> None:
    codes = (flooded(site, paths[kind]) for _ in range(5))
    assert next(filter(None, codes), None) == 4008, "it may not send 1008"


def test_others_are_answered_while_many_sockets_are_flooded(site: Stack, paths: dict[str, str]) -> None:
    """Each of them in turn sends for as long as it is let, and all the time somebody else asks."""
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
        said = b""
        while said.count(b'{"type":"pong"}') < 100 or said.count(b"there?") < 100:
            said += end.recv(65_536)
        assert close_code(said) is None


def test_a_message_of_the_largest_size_is_taken(site: Stack, paths: dict[str, str]) -> None:
    with upgraded(site, "web", paths["a line's"]) as end:
        text = b'{"type":"ping","more":"' + b"x" * 65_000 + b'"}'
        parts = [text[start : start + 1_024] for start in range(0, len(text), 1_024)]
        end.sendall(
            frame(1, parts[0], fin=False) + b"".join(frame(0, part, fin=False) for part in parts[1:]) + frame(0)
        )
        said = b""
        while b'{"type":"pong"}' not in said:
            said += end.recv(65_536)


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


# ------------------------------------------------------------------------------------------------------------------- HTTP
HEADS: dict[str, bytes] = {
    "one field": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 400_000,
    "one name": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"x" * 400_000,
    "many fields": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: 1\r\n" * 40_000,
    "the address": b"GET /healthz?" + b"x" * 400_000,
    "one that ends": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 40_000 + b"\r\n\r\n",
    "many that end": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: 1\r\n" * 4_000 + b"\r\n",
}


@pytest.mark.parametrize("kind", HEADS)
@pytest.mark.parametrize("piece", [1_000, 100_000])
def test_a_head_that_is_too_large_is_a_431(kind: str, piece: int, site: Stack) -> None:
    with connected(site, "web") as end:
        for start in range(0, len(HEADS[kind]), piece):
            sent(end, HEADS[kind][start : start + piece])
        assert all_of(end).startswith(b"HTTP/1.1 431 ")
        assert client.get(f"{site.url('web')}/healthz").status_code == 200


def test_a_head_of_100_mb_is_not_read(site: Stack) -> None:
    with connected(site, "web") as end:
        end.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        for _ in range(1_600):
            sent(end, b"x" * 65_536)
        assert client.get(f"{site.url('web')}/healthz").status_code == 200


def test_a_head_of_nearly_the_largest_size_is_read(site: Stack) -> None:
    with connected(site, "web") as end:
        for _ in range(2):  # on a kept connection
            padding = b"x" * (http.MOST_HEAD - 200)
            end.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + padding + b"\r\n\r\n")
            assert answered(end).startswith(b"HTTP/1.1 200 ")


LATE: dict[str, bytes] = {
    "nothing": b"",
    "blank lines": b"\r\n",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: loc",
    "a blank line after a request": b"\r\n",
    "half a head after a request": b"GET /hea",
}


def test_a_head_that_does_not_come_is_not_waited_for(site: Stack) -> None:
    """All at once, for each takes as long as the server is patient: one goes on a byte at a time, 300 are half open."""
    with connected(site, "web") as slow, ExitStack() as halves:
        slow.settimeout(1)
        half_open = [halves.enter_context(connected(site, "web")) for _ in range(300)]
        for end in half_open:
            end.sendall(b"POST /api/queue/create HTTP/1.1\r\nHost: ")
        assert client.get(f"{site.url('web')}/healthz").status_code == 200
        ends = {kind: socket.create_connection(("127.0.0.1", site.ports["web"]), PATIENCE_S) for kind in LATE}
        for kind, end in ends.items():
            if "after" in kind:
                end.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                answered(end)
            end.sendall(LATE[kind])
        slow.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")

        def ended() -> bool:
            try:
                slow.sendall(b"x")
                return b"HTTP/1.1 408 " in slow.recv(1_024)
            except TimeoutError:
                return False

        assert wait_until(ended, timeout_s=PATIENCE_S, what="the slow one to be told")
        said = {kind: all_of(end) for kind, end in ends.items()}
        for end in ends.values():
            end.close()
        assert all(all_of(end).startswith(b"HTTP/1.1 408 ") for end in half_open)
    assert said["nothing"] == said["blank lines"] == said["a blank line after a request"] == b""
    assert said["half a head"].startswith(b"HTTP/1.1 408 ")
    assert said["half a head after a request"].startswith(b"HTTP/1.1 408 ")


def test_requests_that_do_not_wait_are_answered_in_their_order(site: Stack) -> None:
    """Many more than are parsed ahead, and all of them are answered; the process is not held meanwhile."""
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connected(site, "web") as end:
        end.sendall(one * 3_000 + last)
        assert all_of(end).count(b"HTTP/1.1 200 ") == 3_001


def test_requests_behind_a_stream_are_not_read_and_leave_nothing(site: Stack) -> None:
    """A stream never ends: what is sent after it waits, and when the client goes the stream ends too."""
    line = Line.open(site, "web")

    def followers() -> float:
        text = client.get(f"{site.url('web')}/metrics").text
        return sum(float(row.rsplit(" ", 1)[1]) for row in text.splitlines() if row.startswith("tallyline_followers"))

    before = followers()
    begin = f"GET /api/queue/{line.code}/versions HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with connected(site, "web") as end:
        end.sendall(begin + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5_000)
        said = b""
        while b"data: " not in said:
            said += end.recv(4_096)
        assert wait_until(lambda: followers() > before, what="the stream to be followed")
    # It is found out when the stream is next written to.
    line.join()
    wait_until(lambda: followers() == before, timeout_s=PATIENCE_S, what="the stream to end")


def test_more_connections_than_the_process_serves(new_stack: Any) -> None:
    small: Stack = new_stack("crowded", 6, WEB_CONNECTIONS="20").start("web")
    ends = [socket.create_connection(("127.0.0.1", small.ports["web"]), PATIENCE_S) for _ in range(20)]
    with connected(small, "web") as end:
        assert all_of(end).startswith(b"HTTP/1.1 503 ")
    ends.pop().close()
    wait_until(lambda: client.get(f"{small.url('web')}/healthz").status_code == 200, what="room")
    for end in ends:
        end.close()
