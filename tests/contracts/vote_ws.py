"""A client of live rooms, as contract vote-websocket.md describes them."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx
from redis import Redis
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from core import redis_servers
from rooms.edge.store import keys
from tests.contracts.queueup import http
from tests.installation import Stack, wait_until

PATIENCE_S = 15.0
REFUSED = 4401


class Tick(NamedTuple):
    """One entry of `data`."""

    ts: int
    yes: int
    no: int


def ticks_of(message: dict[str, Any]) -> list[Tick]:
    """The entries of a `data` message; AssertionError when it is not just as the contract writes it."""
    assert set(message) == {"data"}, message
    for entry in message["data"]:
        assert set(entry) == {"ts", "votes"}, entry
        assert set(entry["votes"]) == {"yes", "no"}, entry
        assert all(type(number) is int for number in (entry["ts"], *entry["votes"].values())), entry
    return [Tick(entry["ts"], **entry["votes"]) for entry in message["data"]]


def consecutive(ticks: Sequence[Tick]) -> bool:
    """Whether each second from the first to the last is there once, in order."""
    return bool(ticks) and [tick.ts for tick in ticks] == list(range(ticks[0].ts, ticks[0].ts + len(ticks)))


class Socket:
    """An open socket. `ticks` holds all it was told. Everything is waited for, never slept for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.ticks: list[Tick] = []

    def say(self, message: Any) -> None:
        """Sends a text as it is, anything else as JSON."""
        self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def vote(self, value: Any, ts: Any) -> None:
        """Sends a vote of that second."""
        self.say({"vote": {"value": value, "ts": ts}})

    def next(self) -> dict[str, Any]:
        """The next message; AssertionError when none comes or the socket closes."""
        try:
            message: dict[str, Any] = json.loads(self.connection.recv(PATIENCE_S))
        except TimeoutError:
            raise AssertionError("no message came") from None
        except ConnectionClosed as closed:
            raise AssertionError(f"closed instead: {closed}") from None
        if "data" in message:
            self.ticks += ticks_of(message)
        return message

    def hear(self, more: int = 1) -> list[Tick]:
        """Waits for this many more ticks; returns them."""
        had = len(self.ticks)
        while len(self.ticks) < had + more:
            assert "data" in self.next()
        return self.ticks[had:]

    def until(self, yes: int, no: int, *, within: int = 12) -> Tick:
        """The next tick that counts so; AssertionError when it is not among the next `within`."""
        for _ in range(within):
            *_, last = self.hear()
            if last[1:] == (yes, no):
                return last
        raise AssertionError(f"never {yes} : {no}, but {self.ticks[-within:]}")

    def heard(self) -> None:
        """Waits until all that was said before is dealt with: messages of one socket are taken in order."""
        self.say("?")
        self.error()

    def error(self) -> str:
        """The next error, which may come between two ticks."""
        while "data" in (message := self.next()):
            pass
        assert set(message) == {"error"}, message
        assert isinstance(message["error"], str)
        assert message["error"]
        return str(message["error"])

    def closed(self) -> tuple[int | None, list[str]]:
        """Waits for the close: its code, and what was said before it."""
        messages: list[str] = []
        try:
            while True:
                messages.append(str(self.connection.recv(PATIENCE_S)))
        except TimeoutError:
            raise AssertionError(f"not closed; heard {messages[-3:]}") from None
        except ConnectionClosed as closed:
            for text in messages:
                if "data" in (message := json.loads(text)):
                    self.ticks += ticks_of(message)
            return (closed.rcvd.code if closed.rcvd else None), messages


class Voter(NamedTuple):
    """Who may vote in a room."""

    user_id: Any
    token: Any


@contextmanager
def dialled(stack: Stack, server: str = "web", **options: Any) -> Iterator[Socket]:
    """A socket that has not said anything yet."""
    url = stack.url(server).replace("http", "ws", 1) + "/api/vote_ws/"
    with connect(url, open_timeout=PATIENCE_S, close_timeout=2, proxy=None, max_size=None, **options) as connection:
        yield Socket(connection)


class Room:
    """A room made through the API of `server`."""

    def __init__(self, stack: Stack, server: str = "web", **fields: Any) -> None:
        self.stack, self.server = stack, server
        self.made = stack.open_room(server, **fields)
        self.id: str = self.made["room"]
        self.token: str = self.made["hostToken"]

    def url(self, path: str = "", server: str = "") -> str:
        """An address of its API."""
        return f"{self.stack.url(server or self.server)}/api/rooms/{self.id}{path}"

    def voter(self, name: str = "") -> Voter:
        """A new participant."""
        answer = http.post(self.url("/participants"), json={"name": name} if name else {})
        assert answer.status_code == 201, answer.text
        assert set(answer.json()) == {"user_id", "token"}
        return Voter(**answer.json())

    def auth(self, voter: Voter, **changed: Any) -> dict[str, Any]:
        """The first message of a voter."""
        return {"auth": {"user_id": voter.user_id, "token": voter.token, "room": self.id, **changed}}

    @contextmanager
    def socket(self, voter: Voter | None = None, server: str = "", **options: Any) -> Iterator[Socket]:
        """An authenticated socket that has the history (its first message of it); a new voter's unless told."""
        with dialled(self.stack, server or self.server, **options) as socket:
            socket.say(self.auth(voter or self.voter()))
            assert "data" in socket.next()
            yield socket

    def close(self, **headers: str) -> httpx.Response:
        """As its host, unless told."""
        return http.post(self.url("/close"), headers=headers or {"x-host-auth": self.token})

    def delete(self) -> httpx.Response:
        """As its host."""
        return http.delete(self.url(), headers={"x-host-auth": self.token})

    def history(self, server: str = "", **headers: str) -> list[Tick]:
        """All ticks, by polling."""
        answer = http.get(self.url("/history", server), headers=headers)
        assert answer.status_code == 200, answer.text
        return ticks_of(answer.json())

    def until_ticked(self, ticks: int = 1) -> list[Tick]:
        """Waits until this many seconds are counted."""
        found: list[Tick] = wait_until(lambda: len(got := self.history()) >= ticks and got, what="ticks")
        return found

    def given_past(self, ticks: int, *, ago_s: int = 10) -> list[Tick]:
        """Puts a past into Postgres and lets Redis forget the room, which it then learns anew; returns that past.

        Only for a room that no client has read yet.
        """
        end = int(time.time()) - ago_s
        past = [Tick(ts, ts % 7, ts % 3) for ts in range(end - ticks, end)]
        self.stack.sql(
            "INSERT INTO polls_roomticks (room_id, first_ts, ts, yes, no) VALUES (%s, %s, %s, %s, %s)",
            self.id, past[0].ts, *([tick[part] for tick in past] for part in range(3)),
        )  # fmt: skip
        self.stack.sql("UPDATE polls_room SET kept_until = %s WHERE id = %s", past[-1].ts, self.id)
        with self.redis() as redis:
            redis.delete(*keys(self.id))
        return past

    def held(self, part: str) -> dict[str, str]:
        """One of the room's hashes in Redis: "users", "votes", "times"."""
        with self.redis() as redis:
            found: Any = redis.hgetall(f"tl:room:{{{self.id}}}:{part}")
        return {key.decode(): value.decode() for key, value in found.items()}

    def votes(self) -> tuple[int, int]:
        """Yes and no as Redis has them at this moment, without waiting for a tick."""
        values = list(self.held("votes").values())
        return values.count("yes"), values.count("no")

    @contextmanager
    def redis(self) -> Iterator[Redis]:
        """The Redis of its installation."""
        with redis_servers.servers(self.stack.env["REDIS_URL"]).client() as client:
            yield client


def refused_socket(stack: Stack, first: Any, server: str = "web", code: int = REFUSED) -> None:
    """Asserts that a socket that begins so is closed with this code, and told nothing."""
    with dialled(stack, server) as socket:
        socket.say(first)
        assert socket.closed() == (code, []), repr(first)[:80]


@contextmanager
def no_errors_logged(stack: Stack) -> Iterator[None]:
    """The block must make no process log an error."""
    before = {name: len(stack.log(name)) for name in stack.processes}
    yield
    for name, length in before.items():
        logged = stack.log(name)[length:]
        assert "Traceback" not in logged, logged[-3000:]
        assert "level=error" not in logged, logged[-3000:]


def now() -> int:
    """This second."""
    return int(time.time())
