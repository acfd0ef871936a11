"""The hot paths of lines: the snapshot (contract queueup.md) and the console's view, with ETag and 304."""

from drf_spectacular.utils import OpenApiParameter

from core.asgi_requests import cookie, header, query, whole
from core.asgi_types import Receive, Scope, Send
from core.errors import Forbidden, NotFound, Unproven
from core.identifiers import canonical_id
from queues import shapes
from queues.api import answers
from queues.api.console_answers import Console
from queues.edge.lines import Line, Lines
from queues.permissions import host_cookies
from queues.refusals import NO_LINE, NOT_IN_LINE
from realtime.conditional import Answer, conditional
from realtime.not_modified import InMemory
from realtime.refusing import Refusing
from venues.refusals import WRONG_HOST_TOKEN
from web.openapi import HOST_ONLY, MAY_BE_HOST, operation

HOST_HEADER = b"x-host-auth"


def proofs(scope: Scope, line: Line) -> list[str]:
    """What the cookies of the request show of a host of this line."""
    return [shown for name in host_cookies(line.row["code"]) if (shown := cookie(scope, name))]


GUEST = OpenApiParameter(
    "partyId", {"type": "string", "format": "uuid"}, OpenApiParameter.QUERY, description="The party asking."
)
_SINCE = OpenApiParameter(
    "since",
    {"type": "integer", "minimum": 0},
    OpenApiParameter.QUERY,
    description="A version that is known: the public view may then be only what changed.",
)


class LineViews:
    """One per process."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.in_memory = InMemory("/api/queue/{code}/snapshot", "/api/queue/", "/snapshot", self._made)

    def _made(self, code: str, query: str, token: str) -> Answer | None:
        """The snapshot that `snapshot` would answer, where it was made before: a host's, a guest's, the public one."""
        if (line := self._lines.cache.current(code)) is None:
            return None
        if token:
            return line.made("host") if self._lines.knows_host(token, line.row) else None
        if not query:
            return line.made("public")
        asked, _, value = query.partition("=")
        return line.made(f"{asked}:{value}") if asked in {"since", "partyId"} else None

    @operation(
        "get_snapshot",
        answers={200: answers.SNAPSHOT},
        refuses=(404,),
        parameters=[MAY_BE_HOST, GUEST, _SINCE],
        etag=True,
    )
    async def snapshot(self, scope: Scope, receive: Receive, send: Send, code: str) -> None:
        """The line as its host, one guest (partyId) or, with neither proof, the public may see it."""
        async with Refusing(scope, receive, send):
            await conditional(scope, send, await self._snapshot(scope, await self._line(code)))

    @operation("get_console", answers={200: Console}, proof=HOST_ONLY, refuses=(404,), etag=True)
    async def console(self, scope: Scope, receive: Receive, send: Send, code: str) -> None:
        """All that our own host console shows."""
        async with Refusing(scope, receive, send):
            await conditional(scope, send, await self._console(scope, await self._line(code)))

    async def _snapshot(self, scope: Scope, line: Line) -> Answer:
        """The guest's, the host's or the public view, by what the request carries (contract, snapshot)."""
        token = header(scope, HOST_HEADER)
        if token and not await self._lines.is_host(token, line.row):
            raise Forbidden(WRONG_HOST_TOKEN)
        asked = query(scope)
        party_id = "" if token else asked.get("partyId", "")
        if party_id:
            if (guest := await self._lines.guest(line, canonical_id(party_id))) is None:
                raise NotFound(NOT_IN_LINE)
            return guest
        # A guest of this line may be the host of another one: that cookie proves nothing here, and takes nothing away.
        if token or await self._is_host(line, proofs(scope, line)):
            return line.answer("host", shapes.host)
        return line.public(whole(asked.get("since", ""), digits=16))

    async def _console(self, scope: Scope, line: Line) -> Answer:
        shown = [token] if (token := header(scope, HOST_HEADER)) else proofs(scope, line)
        if not shown:
            raise Unproven("Only a host may see this.")
        if not await self._is_host(line, shown):
            raise Forbidden(WRONG_HOST_TOKEN)
        return line.answer("console", shapes.console)

    async def _line(self, code: str) -> Line:
        """Raises NotFound, Unreadable."""
        line = await self._lines.get(code.upper())
        if line is None:
            raise NotFound(NO_LINE)
        return line

    async def _is_host(self, line: Line, shown: list[str]) -> bool:
        for token in shown:
            if await self._lines.is_host(token, line.row):
                return True
        return False
