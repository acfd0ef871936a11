"""Live rooms over several processes: one tick a second from all processes, and the same for each voter."""

import asyncio
import json
import random
import socket
import time
from contextlib import ExitStack

import pytest

from tests.contracts.vote_ws import Room, Voter, refused_socket
from tests.installation import wait_until
from tests.rooms.live_voters import SERVERS, made_voters, opened_socket, vote_on


# ------------------------------------------------------------------------------------------------------------------ ticks
def test_the_latest_vote_wins_over_all_processes(room: Room) -> None:
    voter, chance, begin = room.voter(), random.Random(1), time.time() - 1_000
    votes = [(chance.choice(("yes", "no", "cancel")), begin + number * 0.001) for number in range(600)]
    chance.shuffle(votes)
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(room.socket(voter, server)) for server in SERVERS]
        for number, vote in enumerate(votes):
            sockets[number % 3].vote(*vote)
        for each in sockets:
            each.heard()
        latest, _ = max(votes, key=lambda vote: vote[1])
        assert list(room.held("votes").values()) == [value for value in (latest,) if value != "cancel"]
        assert len(room.held("users")) == 1


def test_a_room_closes_by_itself_when_its_time_has_come(room: Room) -> None:
    with room.socket() as one, room.socket(server="web2") as other:
        one.hear()
        room.stack.sql("UPDATE polls_room SET closes_at = clock_timestamp() WHERE id = %s", room.id)
        assert [each.closed()[0] for each in (one, other)] == [1000, 1000]
    [row] = room.stack.sql("SELECT status, complete FROM polls_room WHERE id = %s", room.id)
    assert row == {"status": "closed", "complete": True}
    assert room.history()[: len(one.ticks)] == one.ticks
    [row] = room.stack.sql(
        "SELECT closes_at - opened_at = interval '12 hours' AS half_a_day FROM polls_room WHERE id = %s",
        Room(room.stack).id,
    )
    assert row["half_a_day"]


def test_people_who_come_and_go_leave_nothing_behind(room: Room) -> None:
    """One user with sockets on all processes, opened, used and dropped at random; and others who do the same."""
    voters = made_voters(room, 5)

    async def come_and_go(number: int) -> None:
        chance = random.Random(number)
        for _ in range(12):
            async with opened_socket(room, voters[number % 5], chance.choice(SERVERS)) as each:
                await each.send(vote_on(chance.choice(("yes", "no"))))
                if chance.random() < 0.5:
                    await each.recv()
                if chance.random() < 0.3:
                    each.transport.abort()

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(come_and_go(number))

    with room.socket() as watching:
        asyncio.run(all_of_them())
        wait_until(lambda: len(room.held("users")) == 1, what="only the one who watches")
        assert (room.votes(), room.held("times")) == ((0, 0), {})
        watching.until(0, 0)
        watching.vote("yes", time.time())
        watching.until(1, 0)


def test_a_client_that_hangs_up_at_any_moment_harms_no_other(room: Room) -> None:
    """After the handshake, in the auth, after it, after a vote: with a reset, so that the server cannot answer any more."""
    hello = (
        b"GET /api/vote_ws/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    auth, vote = json.dumps(room.auth(room.voter())).encode(), vote_on("yes").encode()
    frames = b"\x81\xfe" + len(auth).to_bytes(2, "big") + bytes(4) + auth
    frames += b"\x81" + bytes([0x80 | len(vote)]) + bytes(4) + vote
    with room.socket() as watching:
        for number, server in enumerate(SERVERS * 20):
            end = socket.create_connection(("127.0.0.1", room.stack.ports[server]), timeout=10)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            end.sendall(hello)
            answer = end.recv(4_096)
            end.sendall(frames[: number * len(frames) // 40])
            while number >= 50 and b"data" not in answer:
                answer += end.recv(4_096)
            end.close()
        watching.heard()
        wait_until(lambda: len(room.held("users")) == 1, what="only the one who watches")
        assert room.votes() == (0, 0)


@pytest.mark.parametrize("change", ["is_active=False", "password='another'"])
def test_an_account_that_ends_votes_no_more(change: str, room: Room) -> None:
    code = f"""
from venues.models import User
from venues.authentication import account_token
user = User.objects.create_user({change!r} + "@example.com", password="correct horse")
print("MADE", user.pk, account_token(user))
"""
    _, number, token = room.stack.manage("shell", "-c", code).stdout.split()[-3:]
    with room.socket() as other, room.socket(Voter(number, token)) as voter:
        voter.vote("yes", time.time())
        voter.heard()
        room.stack.manage(
            "shell", "-c", f"from venues.models import User; User.objects.filter(pk={number}).update({change})"
        )
        assert voter.closed()[0] == 4401
        other.until(0, 0)


def test_an_accounts_own_id_and_token(room: Room) -> None:
    """The id may come as a number, as old clients send it; it is one user however it is written."""
    code = """
from venues.models import User
from venues.authentication import account_token
user = User.objects.create_user("Ada", password="correct horse")
print("MADE", user.pk, account_token(user))
"""
    _, number, token = room.stack.manage("shell", "-c", code).stdout.split()[-3:]
    with room.socket(Voter(number, token)) as text, room.socket(Voter(int(number), token), "web2") as whole:
        text.vote("yes", time.time() - 1)
        text.heard()
        whole.vote("no", time.time())
        whole.heard()
        assert room.held("votes") == {number: "no"}
    for wrong in (f"0{number}", f" {number}", f"+{number}", f"{number}.0", float(number), True, -int(number), "9" * 40):
        refused_socket(room.stack, room.auth(Voter(wrong, token)))
    refused_socket(room.stack, room.auth(Voter(number, token[:-1])))
    room.stack.sql("UPDATE venues_user SET password = 'another' WHERE id = %s", int(number))
    refused_socket(room.stack, room.auth(Voter(number, token)))
