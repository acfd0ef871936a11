"""The hot paths of lines: the snapshot (contract queueup.md) and the console's view, with ETag and 304."""

import logging
from collections.abc import Awaitable, Callable

from core.asgi_requests import cookie, header, query
from core.asgi_types import Receive, Scope, Send
from core.identifiers import canonical_id
from queues import shapes
from queues.edge.lines import Line, Lines
from queues.permissions import host_cookies
from queues.refusals import NOT_IN_LINE
from realtime.conditional import Answer, conditional
from realtime.not_modified import Shared
from realtime.postgres import Unreadable
from realtime.responses import answer, try_again
from venues.access import NOT_GOOD

logger = logging.getLogger(__name__)

HOST_HEADER = b"x-host-auth"

View = Callable[[Scope, Line], Awaitable[Answer | tuple[int, str]]]


def version_of(text: str) -> int | None:
    """A version as a client names it; None for whatever else it sent."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 17 else None


def proofs(scope: Scope, line: Line) -> list[str]:
    """What the cookies of the request show of a host of this line."""
    return [shown for name in host_cookies(line.row["code"]) if (shown := cookie(scope, name))]


class LineViews:
    """One per process."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.shared = Shared("/api/queue/{code}/snapshot", "/api/queue/", "/snapshot", self._in_memory)

    def _in_memory(self, code: str, query: bytes) -> Answer | None:
        """The public snapshot, whole or since a version: an anonymous client asks with nothing else."""
        line = self._lines.cache.current(code)
        name = f"since:{query[6:].decode('latin-1')}" if query[:6] == b"since=" else "public" if not query else ""
        return line.made(name) if line is not None else None

    async def snapshot(self, scope: Scope, receive: Receive, send: Send, code: str) -> None:
        """The line as its host, one guest (partyId) or, with neither, everybody may see it."""
        await self._view(scope, send, code, self._snapshot)

    async def console(self, scope: Scope, receive: Receive, send: Send, code: str) -> None:
        """All that our own host console shows."""
        await self._view(scope, send, code, self._console)

    async def _view(self, scope: Scope, send: Send, code: str, view: View) -> None:
        try:
            line = await self._lines.get(code.upper())
            shown = (404, "There is no line with this code.") if line is None else await view(scope, line)
        except Unreadable as problem:
            logger.warning("a view could not be read", extra={"problem": problem.__cause__})
            await try_again(send)
            return
        if isinstance(shown, Answer):
            await conditional(scope, send, shown)
        else:
            status, problem_said = shown
            await answer(send, status, {"error": problem_said})

    async def _snapshot(self, scope: Scope, line: Line) -> Answer | tuple[int, str]:
        """The guest's, the host's or the public view, by what the request carries (contract, snapshot)."""
        token = header(scope, HOST_HEADER)
        if token and not await self._lines.is_host(token, line.row):
            return 403, NOT_GOOD
        asked = query(scope)
        party_id = "" if token else asked.get("partyId", "")
        if party_id:
            return await self._lines.guest(line, canonical_id(party_id)) or (404, NOT_IN_LINE.english)
        # A guest of this line may be the host of another one: that cookie proves nothing here, and takes nothing away.
        if token or await self._is_host(line, proofs(scope, line)):
            return line.answer("host", shapes.host)
        return line.public(version_of(asked.get("since", "")))

    async def _console(self, scope: Scope, line: Line) -> Answer | tuple[int, str]:
        shown = [token] if (token := header(scope, HOST_HEADER)) else proofs(scope, line)
        if not shown:
            return 401, "Only a host may see this."
        if not await self._is_host(line, shown):
            return 403, NOT_GOOD
        return line.answer("console", shapes.console)

    async def _is_host(self, line: Line, shown: list[str]) -> bool:
        for token in shown:
            if await self._lines.is_host(token, line.row):
                return True
        return False
