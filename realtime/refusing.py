"""What a view of a hot path raises, turned into an answer: the same for all of them."""

import logging
from types import TracebackType

from core.asgi_types import Receive, Scope, Send
from core.errors import Refused
from realtime.batcher import NotRecorded
from realtime.django.request_body import ClientLeft, TooLong
from realtime.django.threadjob import refuse_body
from realtime.postgres import Unreadable
from realtime.responses import refuse, try_again

logger = logging.getLogger(__name__)


class Refusing:
    """`async with Refusing(...)`: a refusal is answered, in `language` where one is asked for; 413 for a body that is too long;
    503 when Postgres is away or all threads are taken. A client that left needs no answer. Other exceptions pass.
    """

    __slots__ = ("_language", "_receive", "_scope", "_send")

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, language: str = "") -> None:
        self._scope, self._receive, self._send, self._language = scope, receive, send, language

    async def __aenter__(self) -> None:
        """Nothing to prepare."""

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> bool:
        match problem:
            case ClientLeft():
                pass
            case TooLong():
                await refuse_body(self._scope, self._receive, self._send)
            case Refused():
                await refuse(self._scope, self._send, problem, language=self._language)
            case NotRecorded() | Unreadable():
                logger.warning("a request is to be tried again", extra={"problem": problem.__cause__})
                await try_again(self._scope, self._send)
            case _:
                return False
        return True
