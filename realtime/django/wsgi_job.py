"""One WSGI request as one job: the pool thread's side, and how its answer comes back to the event loop (law 6)."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, NamedTuple, TypeVarTuple
from wsgiref.types import WSGIApplication

import orjson

from core.api_paths import is_api
from core.asgi_types import Scope
from realtime.django.request_body import ClientLeft
from realtime.django.wsgi_environ import environ, local_path

if TYPE_CHECKING:
    from _typeshed import OptExcInfo

logger = logging.getLogger(__name__)
Ts = TypeVarTuple("Ts")

# How far an application may run ahead of a slow client. Most static files fit, so those never keep a thread waiting.
WINDOW_BYTES = 256 * 1024
# Statuses whose answers have neither a body nor a length of one (RFC 9110, 6.4.1 and 8.6).
NO_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class Answer(NamedTuple):
    """What a request is answered with: the whole of it, or its beginning and the stream that follows."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    stream: "Stream | None" = None


def plain_answer(scope: Scope, status: int, message: str, *headers: tuple[bytes, bytes]) -> Answer:
    """An answer of our own: `{"error": message}` on the paths of APIs, plain text elsewhere."""
    api = is_api(local_path(scope))
    body = orjson.dumps({"error": message}) if api else message.encode()
    kind = b"application/json" if api else b"text/plain; charset=utf-8"
    length = str(len(body)).encode()
    return Answer(status, [(b"content-type", kind), (b"content-length", length), *headers], body)


class Stream:
    """The body of one answer on its way from a pool thread (`put`, `end`) to the event loop (`take`).

    The thread waits in `put` while WINDOW_BYTES are unsent; it never waits for a chunk to gather others (PEP 3333,
    "Buffering and Streaming": a block must not be held back until the next one is there).
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready = asyncio.Event()
        self._changed = threading.Condition(threading.Lock())
        self._chunks: list[bytes] = []
        self._unsent = 0
        self._whole = False
        self._over = False

    def put(self, chunk: bytes) -> None:
        """Pool thread: sends `chunk` on. Raises ClientLeft once the client has left."""
        with self._changed:
            while self._unsent >= WINDOW_BYTES and not self._over:
                self._changed.wait()
            if self._over:
                raise ClientLeft
            self._chunks.append(chunk)
            self._unsent += len(chunk)
            wake = len(self._chunks) == 1
        if wake and not tell(self._loop, self._ready.set):
            raise ClientLeft

    def end(self, *, whole: bool) -> None:
        """Pool thread: no more chunks come; `whole` says whether the body is complete."""
        with self._changed:
            self._whole = whole and not self._over
            self._over = True
        tell(self._loop, self._ready.set)

    def abandon(self) -> None:
        """Any thread: the client has left. The application stops at its next chunk."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
        tell(self._loop, self._ready.set)

    async def take(self) -> tuple[bytes, bool]:
        """Event loop: what is there to send, and whether more follows. Raises ClientLeft when the body ends too early.

        The chunks it returned the last time count as sent now.
        """
        with self._changed:
            self._unsent = sum(map(len, self._chunks))
            self._changed.notify_all()
        await self._ready.wait()
        self._ready.clear()
        with self._changed:
            chunks, self._chunks = self._chunks, []
            if self._over and not self._whole and not chunks:
                raise ClientLeft
            if self._over:
                self._ready.set()
            return b"".join(chunks), not self._whole


class WSGIJob:
    """Runs `app` for one request; `answer` (None: the client left first) is resolved in the event loop.

    An ordinary answer comes back in a single hand-over; the iterable's `close` is called exactly once, in the thread.
    """

    def __init__(self, app: WSGIApplication, scope: Scope, body: IO[bytes], length: int) -> None:
        self._app = app
        self._scope = scope
        self._body = body
        self._length = length
        self._loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Answer | None] = self._loop.create_future()
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        # The body's length by the application's own headers; None: it does not say.
        self._announced: int | None = None
        self._sent = 0
        self._stream: Stream | None = None
        self._abandoned = False

    # ------------------------------------------------------------------------------------------------ in the event loop
    def client_left(self, *, ever_ran: bool) -> None:
        """The client has left. A stream stops; any other job runs to its end: it may be mid-transaction."""
        if not ever_ran:
            self._body.close()
        if self._stream is not None:
            self._stream.abandon()
        self._resolve(None)

    def _resolve(self, answer: Answer | None) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)
        elif answer is not None and answer.stream is not None:
            answer.stream.abandon()

    # ---------------------------------------------------------------------------------------------------- in any thread
    def refuse(self) -> None:
        """This request will not begin."""
        self._body.close()
        retry = (b"retry-after", b"1")
        self._hand_over(plain_answer(self._scope, HTTPStatus.SERVICE_UNAVAILABLE, "Too busy at the moment", retry))

    def abandon(self) -> None:
        """The pool closes and waits no longer for readers of a stream."""
        self._abandoned = True
        if self._stream is not None:
            self._stream.abandon()

    # ----------------------------------------------------------------------------------------------- in the pool thread
    def run(self) -> None:
        """Calls the application, hands its answer over, logs its errors; the client sees a bare 500, or a cut."""
        result: Iterable[bytes] | None = None
        try:
            result = self._app(environ(self._scope, self._body, self._length), self._start_response)
            self._answer_with(result)
        except ClientLeft:
            if self._stream is not None:
                self._stream.end(whole=False)
        except BaseException:  # SystemExit in a view is one failed request, not the end of the process
            # No path in the log: old clients have tokens in theirs (law 8).
            logger.exception("Unhandled error in a request")
            if self._stream is not None:
                self._stream.end(whole=False)
            else:
                self._hand_over(plain_answer(self._scope, HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"))
        finally:
            try:
                if (close := getattr(result, "close", None)) is not None:
                    close()
            except BaseException:
                logger.exception("Unhandled error in the end of a request")
            self._body.close()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: "OptExcInfo | None" = None, /
    ) -> Callable[[bytes], object]:
        """PEP 3333, "The start_response() Callable": with `exc_info` an answer is replaced, or cut if it has begun."""
        if exc_info is not None:
            try:
                if self._stream is not None and exc_info[1] is not None:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # the traceback would keep this frame alive
        elif self._status:
            raise RuntimeError("start_response was called twice without exc_info")
        self._status = int(status[:3])
        self._headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._announced = next((int(value) for name, value in self._headers if name == b"content-length"), None)
        return self._write

    def _answer_with(self, result: Iterable[bytes]) -> None:
        # All in memory already: a list (PEP 3333), or a Django response that says it is not `streaming`.
        if isinstance(result, list | tuple) or getattr(result, "streaming", True) is False:
            whole, rest = b"".join(result), None
        else:
            rest = iter(result)
            # An application may call start_response as late as before its first chunk that is not empty.
            bodiless = self._status and self._is_bodiless()
            whole = b"" if bodiless else next(filter(None, rest), b"")
        if not self._status:
            raise RuntimeError("The application did not call start_response")
        if self._stream is None and (rest is None or not whole or self._is_bodiless() or self._completes(whole)):
            self._hand_over(self._whole_answer(whole, streaming=rest is not None))
            return
        if whole:
            self._write(whole)
        if rest is not None and not self._completes(b""):
            for chunk in filter(None, rest):
                self._write(chunk)
                if self._completes(b""):
                    break
        if self._stream is not None:
            if self._announced is not None and self._sent < self._announced:
                raise RuntimeError("The answer is shorter than its Content-Length")
            self._stream.end(whole=True)

    def _whole_answer(self, body: bytes, *, streaming: bool) -> Answer:
        """The answer when all of it is known. PEP 3333: a body longer than announced is cut, a shorter one an error."""
        headers = self._headers
        if self._status in NO_BODY:
            # A length would be wrong: 204 has none, and that of a 304 would be the length of the page not sent.
            return Answer(self._status, [header for header in headers if header[0] != b"content-length"])
        head = self._scope["method"] == "HEAD"
        if self._announced is None and not (head and streaming):
            headers = [*headers, (b"content-length", str(len(body)).encode())]
        elif self._announced is not None and not head:
            body = body[: self._announced]
            if len(body) < self._announced:
                raise RuntimeError("The answer is shorter than its Content-Length")
        return Answer(self._status, headers, b"" if head else body)

    def _is_bodiless(self) -> bool:
        return self._scope["method"] == "HEAD" or self._status in NO_BODY

    def _completes(self, chunk: bytes) -> bool:
        """Whether all bytes announced are there once `chunk` is sent."""
        return self._announced is not None and self._sent + len(chunk) >= self._announced

    def _write(self, chunk: bytes) -> None:
        """Sends one chunk of a stream; also what start_response returns (PEP 3333, "The write() Callable")."""
        if self._announced is not None:
            chunk = chunk[: self._announced - self._sent]
        if not chunk or self._is_bodiless():
            return
        self._sent += len(chunk)
        if self._stream is None:
            self._stream = Stream(self._loop)
            # `abandon` sets its flag and then looks for a stream; here it is the reverse, so one sees the other.
            if self._abandoned:
                raise ClientLeft
            self._hand_over(Answer(self._status, self._headers, stream=self._stream))
        self._stream.put(chunk)

    def _hand_over(self, answer: Answer) -> None:
        if not tell(self._loop, self._resolve, answer) and answer.stream is not None:
            raise ClientLeft


def tell(loop: asyncio.AbstractEventLoop, function: Callable[[*Ts], object], *args: *Ts) -> bool:
    """Has `loop` call `function` soon, from any thread. False: the loop is closed."""
    try:
        loop.call_soon_threadsafe(function, *args)
    except RuntimeError:
        return False
    return True
