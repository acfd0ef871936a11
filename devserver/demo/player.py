"""Plays a plan in a line of the running program, each action at its scaled time."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devserver.demo.client import Api, Tally
from devserver.demo.plan import HOST_KINDS, Action, Plan
from devserver.demo.watchers import Watchers

_PATHS = {
    "nearby": "declare-nearby", "leave": "leave", "ask": "ask-more-time", "call": "call", "serve": "serve", "no_show": "no-show",
    "free": "free-table",
}  # fmt: skip
CHECKED_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A line opened by the player: its code and host token."""

    code: str
    token: str


class CannotOpen(Exception):
    """The program does not answer, or refuses to open a line."""


def open_line(api: Api, *, api_key: str, **fields: Any) -> Line:
    """Opens a line with a venue's API key. Raises CannotOpen."""
    answer = api.request("POST", "/api/queue/create", fields, api_key=api_key)
    if answer.status != 200:
        raise CannotOpen(f"No line could be opened at {api.url}: {answer.status or ''} {answer.body}")
    return Line(answer.body["code"], answer.body["hostAuthToken"])


class Player:
    """Plays one plan in one line, `speed` times faster; `progress` is called after each action. `tables`: the ids of the venue's
    tables by their names; none: parties are seated without.

    Actions of one party, or at one table, run in sequence, others in parallel: hosts name the party.
    """

    def __init__(
        self,
        api: Api,
        line: Line,
        plan: Plan,
        *,
        speed: float,
        tables: Mapping[str, int],
        watchers: Watchers | None,
        progress: Callable[[], Any],
    ) -> None:
        self.api, self.line, self.plan, self.speed = api, line, plan, speed
        self.tables, self.watchers, self.progress = tables, watchers, progress
        self._seated: set[int] = set()
        self.tally: Tally = api.tally
        self.party_ids: dict[int, str] = {}
        self._run = secrets.token_urlsafe(12)

    async def play(self) -> None:
        """Returns when every action is done. Failures are counted, not raised."""
        began = time.monotonic()
        last: dict[int | str, asyncio.Task[None]] = {}  # of each party and table
        tasks: set[asyncio.Task[None]] = set()
        for action in self.plan.actions:
            due = began + action.at_s / self.speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            about: list[int | str] = [action.party, action.table] if action.table else [action.party]
            task = asyncio.create_task(self._perform(action, due, [last[each] for each in about if each in last]))
            last |= dict.fromkeys(about, task)
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.gather(*tasks)
        self.tally.seconds = time.monotonic() - began

    async def check(self) -> None:
        """Compares how each party ended with the plan; counts a difference as a failure."""
        ends = self.plan.ends()
        at_once = asyncio.Semaphore(CHECKED_AT_ONCE)

        async def look(party: int, party_id: str) -> None:
            async with at_once:
                answer = await self.api.ask("GET", f"/api/queue/{self.line.code}/snapshot?partyId={party_id}")
            told = answer.body if answer.status == 200 else {}
            right = told.get("reason") == ends[party] if party in ends else told.get("type") in {"position", "called"}
            if not right:
                what = f"party {party + 1} should be {ends.get(party, 'in line')}: {answer.status} {answer.body}"
                self.tally.wrong(what, status=answer.status, lost=True)

        await asyncio.gather(*(look(*each) for each in self.party_ids.items()))

    async def close(self) -> None:
        """Closes the line by the API, and gives back the tables of those who sit longer than it was open."""
        await self._host("close", {})
        for party in sorted(self._seated):
            await self._host("free-table", {"partyId": self.party_ids[party]})

    async def _host(self, path: str, body: dict[str, Any]) -> bool:
        answer = await self.api.act(f"/api/queue/{self.line.code}/{path}", body, x_host_auth=self.line.token)
        return answer.status == 200

    async def _perform(self, action: Action, due: float, before: list[asyncio.Task[None]]) -> None:
        if before:
            await asyncio.wait(before)
        if action.kind == "join":
            await self._join(action.party)
        elif (party_id := self.party_ids.get(action.party)) and (action.kind != "free" or action.party in self._seated):
            body: dict[str, Any] = {"partyId": party_id}
            if action.kind == "serve" and action.table in self.tables:
                body["tableIds"] = [self.tables[action.table]]
            path = _PATHS[action.kind]
            if action.kind in HOST_KINDS:
                done = await self._host(path, body)
            else:
                done = (await self.api.act(f"/api/queue/{self.line.code}/{path}", body)).status == 200
            if done:
                self._count(action)
        self.tally.latest_s = max(self.tally.latest_s, time.monotonic() - due)
        self.progress()

    async def _join(self, party: int) -> None:
        guest = self.plan.guests[party]
        answer = await self.api.act(
            f"/api/queue/{self.line.code}/join",
            {"name": guest.name, "size": guest.size},
            idempotency_key=f"{self._run}-{party}",
        )
        if answer.status != 200:
            self.tally.wrong(f"party {party + 1} could not join", lost=True)
            return
        self.party_ids[party] = answer.body["partyId"]
        self.tally.joins += 1
        self.tally.change_in_line(+1)
        if self.watchers is not None:
            self.watchers.joined(answer.body["partyId"])

    def _count(self, action: Action) -> None:
        if action.kind == "free":
            self._seated.discard(action.party)
        elif action.kind == "serve":
            self.tally.served += 1
            if action.table in self.tables:
                self._seated.add(action.party)
        elif action.kind == "no_show":
            self.tally.no_shows += 1
        elif action.kind == "leave":
            self.tally.left += 1
        if action.kind in {"serve", "no_show", "leave"}:
            self.tally.change_in_line(-1)
