"""Joins over HTTP, in plain ASGI: those of one line that come at the same time share a transaction (decision 0014)."""

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from django.conf import settings

from core import rate_limits
from core.asgi_requests import header
from core.asgi_types import Receive, Scope, Send
from core.errors import Invalid, NotFound, Refused
from core.languages import asked_for, with_clock
from queues import commands, contacts, selectors
from queues.api import answers
from queues.api.views import joined_view
from queues.bodies import JoinBody
from queues.commands import Joined, NewParty
from queues.contacts import Contact
from queues.refusals import NO_LINE
from realtime.batcher import Batcher
from realtime.django.request_body import read_body
from realtime.postgres import ask
from realtime.refusing import Refusing
from realtime.responses import answer
from realtime.runtime import Runtime
from web import bodies, idempotency, turnstile
from web.openapi import KEY_HEADER, operation

# A batch holds the line's lock for some ten milliseconds.
MOST = 100
MOST_WAITING = 2_000

JoinBox = Batcher[NewParty, Joined | Refused]


class JoinViews:
    """One per process, bound to its event loop."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        # A batcher lives as long as a join waits in it.
        self._boxes: WeakValueDictionary[str, JoinBox] = WeakValueDictionary()

    @property
    def waiting(self) -> int:
        """How many joins are in no batch yet."""
        return sum(box.waiting for box in self._boxes.values())

    @operation(
        "join_line", body=JoinBody, answers={200: answers.JoinedParty}, refuses=(403, 404, 409), parameters=[KEY_HEADER]
    )
    async def join(self, scope: Scope, receive: Receive, send: Send, code: str) -> None:
        """A guest joins.

        200 with the place, once it is committed (contract queueup.md).
        """
        async with Refusing(scope, receive, send):
            body, length = await read_body(scope, receive, settings.API_BODY_LIMIT)
            line = selectors.identity_at_hand(code) or await ask(self._runtime.run, selectors.identity, code)
            if line is None:
                raise NotFound(NO_LINE)
            await self._runtime.limiter.check(scope, rate_limits.JOIN, "join", str(line.pk))
            data = bodies.read(JoinBody, body.read(length)).values()
            if settings.TURNSTILE_SECRET:  # a request to another server, in a thread
                await ask(self._runtime.run, turnstile.check, data["turnstileToken"])
            once = idempotency.once(header(scope, b"idempotency-key"), data, sender=idempotency.sender_of_scope(scope))
            typed = {name: data[name] for name in ("name", "size", "note")}
            typed["section"] = data.get("section", "")
            contact = None
            if data.get("number") or data.get("email"):
                await self._runtime.limiter.check(scope, rate_limits.CONTACT, "contact", str(line.pk))
                contact = await ask(self._runtime.run, _contact, line.code, data, _reader(scope))
            party = NewParty(**typed, here=data["hereCode"], unique_name=True, contact=contact, **once)
            outcome = await self._join(line.code, party)
            if isinstance(outcome, Refused):
                raise outcome
            await answer(send, 200, joined_view(outcome))

    async def aclose(self) -> None:
        """Lets those join who wait."""
        for box in list(self._boxes.values()):
            await box.aclose()

    async def _join(self, code: str, party: NewParty) -> Joined | Refused:
        box = self._boxes.get(code)
        if box is None:

            async def record(batch: Sequence[NewParty], by: float) -> list[Joined | Refused]:
                try:
                    return await self._runtime.run(commands.join_all, code, batch, by=by)
                except Refused as refused:  # the line is unknown or busy: for all of them
                    return [refused] * len(batch)

            # One batch at a time: a second would only wait for the line's lock, in a thread.
            box = self._boxes[code] = Batcher(record, most=MOST, most_waiting=MOST_WAITING)
        return await box.put(party)


def _reader(scope: Scope) -> dict[str, str]:
    """In which language the guest is told, and under which address they find this site."""
    accept, host = header(scope, b"accept-language"), header(scope, b"host")
    scheme = "https" if settings.HTTPS else scope.get("scheme", "http")
    return {"language": with_clock(asked_for(accept), accept), "origin": f"{scheme}://{host}" if host else ""}


def _contact(code: str, data: Mapping[str, Any], reader: dict[str, str]) -> Contact | None:
    """Where the guest wants to be told, checked. Raises Invalid."""
    if (line := selectors.line_by_code(code)) is None:
        return None
    typed = {name: str(data.get(name) or "") for name in ("number", "email")}
    try:
        return contacts.checked(line, **typed, **reader)
    except Invalid as refused:
        raise refused.naming_field() from None
