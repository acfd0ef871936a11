"""Thousands of ballots over HTTP: clients on kept connections, who send again what was not answered (contract: the same
ballotId), and remember what they were told."""

import asyncio
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson

from tests.installation import Stack, wait_until
from tests.polls.running_poll import LivePoll

PATIENCE_S = 30.0
# How soon a client tries again, as phones do.
AGAIN_S = 0.05


@dataclass(eq=False)
class Sent:
    """One ballot, and what became of it: the last answer, and how often it was sent."""

    poll: LivePoll
    token: str
    choices: tuple[int, ...]
    ballot_id: str = field(default_factory=lambda: str(uuid4()))
    status: int = 0
    answer: Any = None
    tries: int = 0

    @property
    def counted(self) -> bool:
        """Whether it was acknowledged."""
        return self.status == 201

    @property
    def request(self) -> bytes:
        """As it goes over the wire."""
        body = orjson.dumps({"ballotId": self.ballot_id, "choices": self.choices})
        return (
            f"POST /api/polls/{self.poll.id}/ballots HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Cookie: voter_token={self.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


class Connection:
    """One kept connection to one server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, request: bytes) -> tuple[int, Any]:
        """Status and JSON of the answer. Raises OSError, EOFError or TimeoutError when there is none."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                if self._streams is None:
                    self._streams = await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = self._streams
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                return int(head.split()[1]), orjson.loads(await reader.readexactly(length))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """The next post opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Crowd:
    """Clients that take one voter after another from `voters`; a voter is what they send, one after the other, each to the
    other process than the last."""

    def __init__(
        self,
        stack: Stack,
        voters: Iterable[list[Sent]],
        *,
        clients: int = 16,
        servers: tuple[str, ...] = ("web", "web2"),
    ) -> None:
        self.sent: list[Sent] = []
        self.troubles = 0
        self.seconds = 0.0
        self._voters = iter(voters)
        self._clients = clients
        self._ports = [stack.ports[name] for name in servers]
        self._over = threading.Event()
        self._problem: BaseException | None = None

    def acknowledged(self) -> int:
        """How many are, so far."""
        return sum(each.counted for each in self.sent)

    def more(self, count: int) -> None:
        """Waits until this many more are acknowledged."""
        wanted = self.acknowledged() + count
        wait_until(lambda: self._problem or self.acknowledged() >= wanted, timeout_s=60, what=f"{count} more ballots")

    @contextmanager
    def going(self) -> Iterator["Crowd"]:
        """They vote while the block runs, and finish what they began; a problem of theirs fails the test."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join(60)
        if self._problem is not None:
            raise self._problem
        assert not thread.is_alive(), "a client hangs"

    def all_of_them(self) -> "Crowd":
        """All voters vote; returns when all have their answer."""
        self._run()
        if self._problem is not None:
            raise self._problem
        return self

    def _run(self) -> None:
        try:
            asyncio.run(self._all())
        except BaseException as problem:  # told by the main thread
            self._problem = problem

    async def _all(self) -> None:
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(self._clients):
                group.create_task(self._client(number))
        self.seconds = time.monotonic() - began

    async def _client(self, number: int) -> None:
        connections = [Connection(port) for port in self._ports]
        turn = number
        try:
            for voter in self._voters:
                for ballot in voter:
                    self.sent.append(ballot)
                    while True:
                        turn += 1
                        ballot.tries += 1
                        with suppress(OSError, EOFError, TimeoutError):
                            ballot.status, ballot.answer = await connections[turn % len(connections)].post(
                                ballot.request
                            )
                            if ballot.status < 500:
                                break
                        self.troubles += 1
                        await asyncio.sleep(AGAIN_S)
                if self._over.is_set():
                    return
        finally:
            for connection in connections:
                connection.close()


def voters(poll: LivePoll) -> Iterator[list[Sent]]:
    """Endless voters, each with one ballot."""
    number = 0
    while True:
        yield [Sent(poll, f"voter-{number}", (number % 2,))]
        number += 1


def there(poll: LivePoll) -> dict[str, list[int]]:
    """The ballots that are in Postgres: id → choices."""
    rows = poll.stack.sql("SELECT ballot_id, choices FROM polls_ballot WHERE poll_id = %s", poll.id)
    found = {str(row["ballot_id"]): row["choices"] for row in rows}
    assert len(found) == len(rows), "a ballot is there twice"
    return found
