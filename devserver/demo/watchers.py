"""Clients that watch a line while it is played: pollers of the public snapshot, WebSockets of consoles and guests."""

import asyncio
import json
import random
from collections.abc import Coroutine
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from devserver.demo.client import Api, Tally

POLL_EVERY_S = 1.0
END_TIMEOUT_S = 10.0
# Sockets open in sequence: a real room does not connect in one instant either.
OPEN_TIMEOUT_S = 15.0


class Watchers:
    """`pollers`: guests that poll. `sockets`: open WebSockets, half of them consoles that stay to the end, half guests that stay
    from their join until their place ends.

    Counted as failures: a status other than 200 and 304, a version that decreases, a socket that does not end as the contract
    says (code 1000 after `removed` or `closed`).
    """

    def __init__(self, url: str, code: str, token: str, tally: Tally, *, pollers: int, sockets: int) -> None:
        # Separate connections: pollers and actions never wait for each other.
        self.api = Api(url, tally)
        self.code, self.token, self.tally = code, token, tally
        self.pollers = pollers
        self.consoles = sockets - sockets // 2
        self._free = sockets // 2
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket_url = f"{self.api.url.replace('http', 'ws', 1)}/api/queue/{code}/connect"

    async def start(self) -> None:
        """Starts all watchers; returns when all consoles are connected."""
        for number in range(self.pollers):
            self._spawn(self._poll(random.Random(number)))  # noqa: S311 — jitter
        ready = [asyncio.Event() for _ in range(self.consoles)]
        for event in ready:
            self._spawn(self._watch("", {"x-host-auth": self.token}, event))
        async with asyncio.timeout(OPEN_TIMEOUT_S + self.consoles):
            for event in ready:
                await event.wait()

    def joined(self, party_id: str) -> None:
        """Opens a socket for a guest that has just joined, while there are any left."""
        if self._free > 0:
            self._free -= 1
            task = self._spawn(self._watch(f"?partyId={party_id}", {}, None))
            task.add_done_callback(lambda _: self._give_back())

    async def stop(self) -> None:
        """After the line has closed: stops the pollers and checks that the server ends every socket."""
        self._stop.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=END_TIMEOUT_S)
            for task in late:
                task.cancel()
                self.tally.wrong("a socket was not told that the line is closed")
            await asyncio.gather(*late, return_exceptions=True)
        self.api.close()

    def _give_back(self) -> None:
        self._free += 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _poll(self, rng: random.Random) -> None:
        etag, version = "", -1
        while not self._stop.is_set():
            known = {"if_none_match": etag} if etag else {}
            answer = await self.api.ask("GET", f"/api/queue/{self.code}/snapshot", **known)
            self.tally.polls += 1
            if answer.status == 304:
                self.tally.not_modified += 1
            elif answer.status == 200:
                if answer.body["version"] < version:
                    self.tally.wrong(f"a poll went back from version {version} to {answer.body['version']}")
                etag, version = answer.etag, answer.body["version"]
            else:
                self.tally.wrong(f"poll: {answer.status} {answer.body}", status=answer.status)
            try:
                await asyncio.wait_for(self._stop.wait(), POLL_EVERY_S * rng.uniform(0.7, 1.3))
            except TimeoutError:
                continue

    async def _watch(self, query: str, headers: dict[str, str], ready: asyncio.Event | None) -> None:
        last = ""
        try:
            async with connect(
                self._socket_url + query, additional_headers=headers, open_timeout=OPEN_TIMEOUT_S, proxy=None
            ) as socket:
                self.tally.sockets_opened += 1
                async for message in socket:
                    self.tally.socket_messages += 1
                    last = json.loads(message)["type"]
                    if ready is not None:
                        ready.set()
            code = socket.close_code
        except (OSError, TimeoutError, WebSocketException) as problem:
            code = problem.rcvd.code if isinstance(problem, ConnectionClosed) and problem.rcvd else None
            last = f"{last} {problem!r}"
        finally:
            if ready is not None:
                ready.set()
        if code != 1000 or last not in {"removed", "closed"}:
            self.tally.wrong(f"a socket ended with code {code} after {last!r}")
