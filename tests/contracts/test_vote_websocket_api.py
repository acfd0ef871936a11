"""Contract vote-websocket.md: the history of a live room, and what is made, closed, read and drawn of it over HTTP."""

import csv
import io
import json
from uuid import uuid4

import pytest

from tests.contracts.queueup import http, refused
from tests.contracts.vote_ws import (
    Room,
    Tick,
    consecutive,
    dialled,
    now,
    ticks_of,
)
from tests.installation import Stack, wait_until


# -------------------------------------------------------------------------------------------------------------------- API
def test_creation(room: Room) -> None:
    assert {"room", "hostToken"} <= set(room.made)
    shown = http.get(room.url()).json()
    assert (shown["room"], shown["title"], shown["status"]) == (room.id, "Stay open?", "open")
    assert room.token not in json.dumps(shown)


def test_only_its_host_closes_it_and_its_sockets_get_1000(room: Room, servers: Stack, server: str) -> None:
    late = room.voter()
    with room.socket(server=server) as socket:
        refused(http.post(room.url("/close")), 401)
        refused(room.close(**{"x-host-auth": "wrong"}), 403)
        refused(room.close(**{"x-host-auth": Room(servers).token}), 403)
        socket.vote("yes", now())
        socket.until(1, 0)
        assert [room.close().status_code for _ in range(2)] == [200, 200]
        assert socket.closed()[0] == 1000
        assert http.get(room.url()).json()["status"] == "closed"
    refused(http.post(room.url("/participants"), json={}), 409)
    # A client that comes to a closed room gets the history, and is told that it is over.
    with dialled(servers, server) as socket:
        socket.say(room.auth(late))
        code, _ = socket.closed()
    assert (code, socket.ticks) == (1000, room.history())
    assert consecutive(socket.ticks)


def test_the_history_by_polling(room: Room) -> None:
    room.until_ticked()
    url = room.url("/history")
    first = http.get(url)
    assert (first.status_code, set(first.json())) == (200, {"data"})
    assert consecutive(ticks_of(first.json()))
    etag = first.headers["etag"]
    grown = wait_until(lambda: (seen := http.get(url, headers={"If-None-Match": etag})).status_code == 200 and seen)
    assert grown.headers["etag"] != etag
    assert ticks_of(grown.json())[: len(ticks_of(first.json()))] == ticks_of(first.json())
    room.close()
    closed = http.get(url)
    again = http.get(url, headers={"If-None-Match": closed.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", closed.headers["etag"])
    assert http.head(url).headers["etag"] == closed.headers["etag"]
    assert http.get(room.url("/history", "daphne")).content == closed.content
    since = ticks_of(closed.json())[0].ts
    assert ticks_of(http.get(url, params={"since": since}).json()) == ticks_of(closed.json())[1:]


@pytest.mark.parametrize("points", ["x", "-1", "1.5", "99", "10001"])
def test_a_wrong_number_of_points_is_a_400(points: str, room: Room) -> None:
    refused(http.get(room.url("/history"), params={"points": points}), 400, "points")


def test_a_long_history_is_thinned_for_a_graph_and_only_there(room: Room) -> None:
    """Ours: the contract's history stays whole, by polling and by socket."""
    past = room.given_past(30_000)
    wait_until(lambda: len(room.history()) > 30_000, what="the past")

    def thinned(**more: int) -> list[Tick]:
        return ticks_of(http.get(room.url("/history"), params={"points": 400, **more}).json())

    seen = thinned()
    whole = [tick for tick in room.history() if tick.ts <= seen[-1].ts]
    assert whole[:30_000] == past
    assert len(seen) <= 400 + 900
    recent = [tick for tick in whole if tick.ts > whole[-1].ts - 900]
    assert (seen[0], seen[-len(recent) :]) == (whole[0], recent)
    older = seen[: -len(recent)]
    assert set(older) <= set(whole)
    assert {find(tick.yes - tick.no for tick in older) for find in (min, max)} == {-2, 6}, "the peaks"
    assert thinned(since=seen[-3].ts)[:2] == seen[-2:]


def test_a_socket_that_knows_the_beginning_is_told_the_rest(room: Room, server: str) -> None:
    """Ours: `since` in the first message. What is no second counts as the beginning."""
    first, known, *_ = room.until_ticked(3)
    for since, after in ((known.ts, known.ts), (-1, first.ts - 1), ("x", first.ts - 1), (True, first.ts - 1)):
        with dialled(room.stack, server) as socket:
            message = room.auth(room.voter(), since=since)
            socket.say(message)
            assert socket.hear()[0].ts == after + 1


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "٣", "1" * 13, "1e3", " "])
def test_a_wrong_since_is_a_400(since: str, room: Room) -> None:
    refused(http.get(room.url("/history"), params={"since": since}), 400, "since")


@pytest.mark.parametrize("wanted", [str(uuid4()), "ZZZZZZ", "x", "a" * 300, "%F0%9F%8D%B7", "abc%00de"])
def test_an_unknown_room_is_a_404(wanted: str, servers: Stack) -> None:
    url = f"{servers.url()}/api/rooms/{wanted}"
    refused(http.get(f"{url}/history"), 404)
    refused(http.get(url), 404)
    refused(http.post(f"{url}/participants", json={}), 404)
    refused(http.post(f"{url}/close", headers={"x-host-auth": "x"}), 404)
    refused(http.get(f"{url}/export", params={"format": "csv"}), 404)


def test_the_graph_as_csv_and_picture(room: Room) -> None:
    with room.socket() as socket:
        socket.vote("no", now())
        counted = socket.until(0, 1)
    room.close()
    sheet = http.get(room.url("/export"), params={"format": "csv"})
    assert sheet.headers["content-type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"), newline=""))
    assert header == ["time", "ts", "yes", "no", "yes_minus_no"]
    assert [Tick(*map(int, row[1:4])) for row in rows] == room.history()
    assert [str(counted.ts), "0", "1", "-1"] in [row[1:] for row in rows]
    picture = http.get(room.url("/export"), params={"format": "image"})
    assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")


# ---------------------------------------------------------------------------------------------------------------- history
def test_without_a_history_the_answer_is_an_empty_list(servers: Stack) -> None:
    """A closed room of which nothing was ever counted has none for sure; in an open one the first second may be over."""
    room = Room(servers)
    voter = room.voter()
    assert room.close().status_code == 200
    servers.sql("DELETE FROM polls_roomticks WHERE room_id = %s", room.id)
    with dialled(servers) as socket:
        socket.say(room.auth(voter))
        assert socket.closed() == (1000, ['{"data":[]}'])


def test_a_late_comer_gets_the_whole_history_and_then_each_second(room: Room) -> None:
    before = room.until_ticked()
    with room.socket() as socket:
        socket.hear()
        assert socket.ticks[: len(before)] == before
        assert consecutive(socket.ticks)
        with room.socket(server="daphne") as late:
            late.hear()
            assert late.ticks[: len(socket.ticks)] == socket.ticks
            assert consecutive(late.ticks)


def test_a_long_history_comes_oldest_first_without_gaps_or_doubles(room: Room) -> None:
    past = room.given_past(2_500)
    with room.socket() as one, room.socket(server="daphne") as other:
        for socket in (one, other):
            while len(socket.ticks) < 2_500:
                socket.next()
            assert socket.ticks[:2_500] == past
            assert consecutive(socket.hear(2))
            stamps = [tick.ts for tick in socket.ticks]
            assert stamps == sorted(set(stamps))
            assert room.history()[: len(socket.ticks)] == socket.ticks
