"""What one client may cost a web process by HTTP (decision 0028): heads that are long, late or many, on raw connections."""

import socket
from contextlib import ExitStack
from typing import Any

import pytest

from realtime.server import http
from tests.contracts.queueup import Line
from tests.contracts.queueup import http as client
from tests.installation import Stack, wait_until
from tests.realtime.raw_connections import PATIENCE_S, all_of, answered, connected, sent

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
        received = {kind: all_of(end) for kind, end in ends.items()}
        for end in ends.values():
            end.close()
        assert all(all_of(end).startswith(b"HTTP/1.1 408 ") for end in half_open)
    assert received["nothing"] == received["blank lines"] == received["a blank line after a request"] == b""
    assert received["half a head"].startswith(b"HTTP/1.1 408 ")
    assert received["half a head after a request"].startswith(b"HTTP/1.1 408 ")


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
        received = b""
        while b"data: " not in received:
            received += end.recv(4_096)
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
