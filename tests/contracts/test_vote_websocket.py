"""Contract vote-websocket.md, over HTTP and WebSocket on the running program: who is let in, votes and ticks."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.contracts.vote_ws import (
    REFUSED,
    Room,
    Socket,
    Voter,
    consecutive,
    dialled,
    no_errors_logged,
    now,
    refused_socket,
    ticks_of,
)
from tests.installation import Stack, wait_until

AUTH_WITHIN_S = 10


@pytest.fixture(scope="module", autouse=True)
def silent(servers: Stack) -> Iterator["list[Future[float]]"]:
    """Sockets of both servers that say nothing, and how many seconds each of them was borne with."""

    def waited(server: str) -> float:
        with dialled(servers, server) as socket:
            began = time.monotonic()
            assert socket.closed() == (REFUSED, [])
            return time.monotonic() - began

    with ThreadPoolExecutor(2) as pool:
        yield [pool.submit(waited, server) for server in ("web", "daphne")]


# ------------------------------------------------------------------------------------------------------------------- auth
def test_a_valid_triple_is_let_in(room: Room, server: str) -> None:
    with room.socket(server=server) as socket:
        assert socket.hear()


@pytest.mark.parametrize("wanted", ["id", "CODE", "code", "ID"])
def test_the_room_may_be_named_by_its_id_or_code(wanted: str, room: Room, servers: Stack) -> None:
    code = room.made["code"]
    name = {"id": room.id, "ID": room.id.upper(), "CODE": code, "code": code.lower()}[wanted]
    with dialled(servers) as socket:
        socket.say(room.auth(room.voter(), room=name))
        assert set(socket.next()) == {"data"}


def test_only_the_whole_triple_is_valid(room: Room, servers: Stack, server: str) -> None:
    other = Room(servers)
    mine, theirs, foreign = room.voter(), room.voter(), other.voter()
    for first in (
        room.auth(mine, token="wrong"), room.auth(mine, token=""), room.auth(mine, token=theirs.token),
        room.auth(mine, user_id=theirs.user_id), room.auth(mine, user_id=str(uuid4())), room.auth(mine, room=other.id),
        room.auth(foreign), room.auth(mine, room=str(uuid4())), room.auth(mine, room="ZZZZZZ"), room.auth(mine, room=""),
        room.auth(mine, user_id=mine.user_id.upper()), room.auth(mine, token=mine.token + "="),
        room.auth(mine, token=room.token), room.auth(Voter("1", "x" * 64)),
    ):  # fmt: skip
        refused_socket(servers, first, server)


NOTHING: list[Any] = [None, 7, 1.5, True, [], {}, "\x00", "a\x00b", "\ud800", "\ud800" * 6, "x" * 7_000, -1, 10**30]


def test_a_malformed_first_message_is_refused(room: Room, servers: Stack, server: str) -> None:
    voter = room.voter()
    whole = room.auth(voter)
    with no_errors_logged(servers):
        for first in (
            "", "hello", "{", "[]", "7", "null", "true", '"auth"', "{}", "[" * 30_000, '{"auth":' * 8_000, "NaN",
            "9" * 5_000, b"", b"\x00\xff", json.dumps(whole).encode(), {"auth": None}, {"auth": []}, {"auth": "x"},
            {"auth": [whole["auth"]]}, {"vote": {"value": "yes", "ts": 1}}, {"data": []}, whole["auth"],
            *({"auth": {key: value for key, value in whole["auth"].items() if key != name}} for name in whole["auth"]),
            *(room.auth(voter, **{name: value}) for name in whole["auth"] for value in NOTHING),
        ):  # fmt: skip
            refused_socket(servers, first, server)


def test_10_mb_are_refused_and_others_do_not_notice(room: Room, servers: Stack, server: str) -> None:
    """The server may hang up while the client still sends, so that the client sees no close code."""
    with no_errors_logged(servers), room.socket(server=server) as other:
        with dialled(servers, server) as stranger, contextlib.suppress(ConnectionClosed):
            stranger.say(json.dumps(room.auth(room.voter(), token="x" * 10_000_000)))
            code, messages = stranger.closed()
            assert (code in {1009, REFUSED}, messages) == (True, [])
        with room.socket(server=server) as voter, contextlib.suppress(ConnectionClosed):
            voter.say("x" * 10_000_000)
            assert voter.closed()[0] == 1009
        other.until(0, 0)
        wait_until(lambda: len(room.held("users")) == 1, what="the user to be forgotten")


def test_a_deleted_room_closes_its_sockets_and_accepts_none(room: Room, servers: Stack, server: str) -> None:
    voter = room.voter()
    with room.socket(voter, server) as socket:
        assert room.delete().status_code == 200
        assert socket.closed()[0] == 1000
    refused_socket(servers, room.auth(voter), server)


def test_another_origins_page_is_not_let_in(room: Room) -> None:
    with pytest.raises(InvalidStatus, match="403"), room.socket(additional_headers={"Origin": "https://evil.example"}):
        pass


def voted(room: Room, socket: Socket, value: str, ts: float) -> tuple[int, int]:
    """How the room stands after a vote."""
    socket.vote(value, ts)
    socket.heard()
    return room.votes()


def test_a_users_latest_vote_by_ts_counts(room: Room, server: str) -> None:
    voter, at = room.voter(), now()
    with room.socket(voter, server) as phone, room.socket(voter) as laptop:
        assert voted(room, phone, "yes", at - 60) == (1, 0)
        assert voted(room, laptop, "no", at - 50) == (0, 1)
        assert voted(room, phone, "yes", at - 55) == (0, 1), "older"
        assert voted(room, laptop, "yes", at - 50) == (1, 0), "equal: received last"
        assert voted(room, phone, "cancel", at - 50) == (0, 0), "equal: received last"
        assert voted(room, phone, "yes", at - 49.5) == (1, 0)
        laptop.until(1, 0)


def test_among_equal_ts_the_last_received_counts_with_any_fraction(room: Room) -> None:
    """Whole seconds, as old clients send them, and binary fractions of those that do not round."""
    with room.socket() as socket:
        for step in range(200):
            at = now() - 400 + step * 1.0000007
            socket.vote("yes", at)
            socket.vote("no", at)
        socket.heard()
        assert room.votes() == (0, 1)
        assert voted(room, socket, "yes", now()) == (1, 0)
        second = int(float(*room.held("times").values()))
        assert voted(room, socket, "no", second) == (0, 1)


def test_a_changed_mind_within_one_second_counts_in_every_order(room: Room, server: str) -> None:
    """Three sockets of one user on two processes say one whole second; what was received last counts."""
    voter, at = room.voter(), now() - 100
    with room.socket(voter, server) as one, room.socket(voter) as two, room.socket(voter, "daphne") as three:
        for step, values in enumerate(permutations(("yes", "no", "cancel"))):
            for socket, value in zip((one, two, three), values, strict=True):
                stands = voted(room, socket, value, at + step)
                assert stands == {"yes": (1, 0), "no": (0, 1), "cancel": (0, 0)}[value], (step, values)


def test_a_ts_far_ahead_counts_as_now(room: Room, server: str) -> None:
    with room.socket(server=server) as socket:
        for ahead in (6, 3_600, 10**12, 1e300):
            assert voted(room, socket, "yes", time.time() + ahead) == (1, 0)
            assert voted(room, socket, "no", time.time()) == (0, 1)


def test_a_ts_further_ahead_than_any_is_later_than_one_that_is_a_little_ahead(room: Room) -> None:
    """A clock that is 5 s ahead, give or take: none of its votes is lost because the one before was not cut."""
    with room.socket() as socket:
        for value, ahead, stands in (("yes", 4.5, (1, 0)), ("no", 5.5, (0, 1)), ("yes", 5.6, (1, 0))):
            assert voted(room, socket, value, time.time() + ahead) == stands


def test_a_ts_a_little_ahead_counts_as_it_is(room: Room) -> None:
    """Up to 5 s: a clock that runs ahead, whose later votes still order themselves."""
    with room.socket() as socket:
        at = time.time() + 4
        assert voted(room, socket, "yes", at) == (1, 0)
        assert voted(room, socket, "no", at - 1) == (1, 0)
        assert voted(room, socket, "no", at + 0.5) == (0, 1)


def test_cancel_withdraws_and_one_may_vote_again(room: Room, server: str) -> None:
    at = now()
    with room.socket(server=server) as socket:
        assert voted(room, socket, "cancel", at - 9) == (0, 0), "nothing to withdraw"
        assert voted(room, socket, "yes", at - 8) == (1, 0)
        assert voted(room, socket, "cancel", at - 7) == (0, 0)
        assert voted(room, socket, "yes", at - 7.5) == (0, 0), "the withdrawal has its time too"
        assert voted(room, socket, "no", at - 6) == (0, 1)
        socket.until(0, 1)


@pytest.mark.parametrize("ts", [0, 0.0, 1, 1.5, 1e-9])
def test_ts_may_be_whole_or_not_and_zero(ts: float, room: Room) -> None:
    with room.socket() as socket:
        assert voted(room, socket, "yes", ts) == (1, 0)


NO_VALUES: list[Any] = ["", "YES", "maybe", "yes\x00", "\ud800", None, 1, True, [], {}]
NO_TIMES: list[Any] = ["1", "", "now", None, True, False, [], {}, -1, -0.5, 10**400]
NO_NUMBERS = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5_000]
MALFORMED: list[Any] = [
    "", "vote", "{", "[]", "[[[[", "7", "null", "{}", "[" * 20_000, b"\x00", b'{"vote":{"value":"yes","ts":1}}',
    {"vote": None}, {"vote": []}, {"vote": "yes"}, {"vote": {}}, {"vote": {"value": "yes"}}, {"vote": {"ts": 1}},
    *({"vote": {"value": value, "ts": 1}} for value in NO_VALUES),
    *({"vote": {"value": "yes", "ts": ts}} for ts in NO_TIMES),
    *(f'{{"vote":{{"value":"yes","ts":{ts}}}}}' for ts in NO_NUMBERS),
    {"auth": {"user_id": "x", "token": "x", "room": "x"}},
]  # fmt: skip


def test_a_malformed_vote_is_answered_and_harms_no_other(room: Room, servers: Stack, server: str) -> None:
    with no_errors_logged(servers), room.socket(server=server) as socket, room.socket(server=server) as other:
        other.vote("no", now())
        socket.vote("no", now() - 3)
        for message in MALFORMED:
            socket.say(message)
            assert socket.error(), message
        assert room.votes() == (0, 2)
        # It still works for the one who sent all that; unknown members beside what is known do no harm.
        socket.say({"vote": {"value": "yes", "ts": now() - 2, "mood": "good"}, "id": 7})
        other.until(1, 1)


# ------------------------------------------------------------------------------------------------------------------ ticks
def test_each_second_is_counted_once_and_told_to_all_and_stored(room: Room) -> None:
    with room.socket() as one, room.socket(server="daphne") as other:
        one.hear(3)
        while other.ticks[-1:] < one.ticks[-1:]:
            assert len(ticks_of(other.next())) == 1
        assert consecutive(one.ticks)
        assert one.ticks == other.ticks == room.history()[: len(one.ticks)]
        assert abs(one.ticks[-1].ts - time.time()) < 30  # seconds since 1970, not milliseconds


def test_a_user_with_two_sockets_counts_once_until_the_last_closes(room: Room) -> None:
    voter = room.voter()
    with room.socket() as watching:
        with room.socket(voter) as laptop:
            with room.socket(voter, "daphne") as phone:
                assert voted(room, phone, "yes", now()) == (1, 0)
            watching.until(1, 0)
            laptop.heard()
            assert room.votes() == (1, 0)
        watching.until(0, 0)


def test_both_sockets_of_a_user_lost_at_once(room: Room) -> None:
    voter = room.voter()
    with room.socket() as watching, room.socket(voter, "daphne") as one, room.socket(voter) as two:
        one.vote("no", now())
        watching.until(0, 1)
        for lost in (one, two):
            lost.connection.socket.shutdown(socket.SHUT_RDWR)  # no close frame: the phone lost its network
        watching.until(0, 0)
        wait_until(lambda: len(room.held("users")) == 1, what="the user to be forgotten")


def test_redis_holds_users_votes_times_and_history(room: Room) -> None:
    voter, at = room.voter(), now() - 5
    with room.socket(voter) as phone:
        voted(room, phone, "yes", at)
        assert set(room.held("users")) == {voter.user_id}
        assert room.held("votes") == {voter.user_id: "yes"}
        assert float(room.held("times")[voter.user_id]) == at
    wait_until(lambda: not any(map(room.held, ("users", "votes", "times"))), what="all to be forgotten")


# Last, so that no other test waits for it.
def test_who_says_nothing_for_10_seconds_is_refused(silent: "list[Future[float]]") -> None:
    assert all(waited.result(30) > AUTH_WITHIN_S - 1 for waited in silent)
