"""Connections to push services and webhooks: only to checked addresses, kept open, each request within a deadline (X4).

Written with a socket and a parser: HTTP client libraries follow redirects, use proxies from the environment, retry, and
restart time-outs at each byte. A name is resolved once per connection, all its addresses are checked, and the socket connects
to one of those; the certificate is verified for the name.
"""

import os
import queue
import select
import socket
import ssl
import threading
import time
from collections import OrderedDict
from functools import lru_cache
from typing import Any

import certifi
import httptools
from django.db import transaction

from outbox.addresses import Address, is_public

MOST_IDLE = 32
LONGEST_IDLE_S = 30.0
LONGEST_ANSWER = 16 * 1024


class InsideTransaction(RuntimeError):
    """A message was about to be sent inside a transaction, which would hold its locks until the other side answers (law 4)."""


class Unreachable(Exception):
    """No answer within the deadline. The message is for logs and staff and holds no endpoint and no key."""


def resolve(endpoint: Address, deadline: float) -> list[tuple[Any, ...]]:
    """The socket addresses of the endpoint's host as (family, sockaddr).

    Raises Unreachable when none is found before `deadline` (monotonic seconds), or when one is not public and the
    endpoint is not `extra`.
    """
    answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM))
        except UnicodeError:  # not a valid host name
            answers.put([])
        except OSError as problem:
            answers.put(problem)

    # The resolver takes no deadline: it runs in a thread, which is abandoned when it takes too long.
    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        found = answers.get(timeout=_left(deadline))
    except queue.Empty:
        raise Unreachable("its name was not resolved in time") from None
    if isinstance(found, OSError) or not found:
        raise Unreachable("its name has no address")
    if not endpoint.extra and not all(is_public(sockaddr[0]) for *_, sockaddr in found):
        raise Unreachable("its name leads to an address that is not public")
    return [(family, sockaddr) for family, _, _, _, sockaddr in found]


def _left(deadline: float) -> float:
    """Seconds until `deadline`. Raises TimeoutError when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Verifies certificates against the system's authorities, or certifi's where the system has none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def open_socket(endpoint: Address, deadline: float) -> socket.socket:
    """A connected socket, TLS done. Raises OSError (TimeoutError, ssl.SSLError), Unreachable."""
    addresses = resolve(endpoint, deadline)
    problem: OSError = OSError("no address")
    for tried, (family, sockaddr) in enumerate(addresses):
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            # A dead address must leave time to try the next one.
            plain.settimeout(_left(deadline) / (len(addresses) - tried))
            plain.connect(sockaddr)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if endpoint.scheme == "http":
                return plain
            plain.settimeout(_left(deadline))
            return tls_context().wrap_socket(plain, server_hostname=endpoint.host)
        except OSError as failed:
            plain.close()
            problem = failed
    raise problem


class Answer:
    """The answer to a request; of its body at most LONGEST_ANSWER. `whole`: it was read to its end, so the connection can be
    reused."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.whole = False
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Parses received bytes. Raises HttpParserError, also for more than one answer."""
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        if self.status:
            raise httptools.HttpParserError("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status: int = self._parser.get_status_code()
        if status >= 200:
            self.status = status
        else:  # 1xx: the final answer follows
            self.headers.clear()

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.whole = self.status != 0 and self._parser.should_keep_alive()


class Connection:
    """One open connection, to a checked address."""

    def __init__(self, endpoint: Address, deadline: float) -> None:
        self.key = key_of(endpoint)
        self.idle_since = 0.0
        self._socket = open_socket(endpoint, deadline)

    def post(self, target: str, headers: dict[str, str], body: bytes, deadline: float) -> Answer:
        """Sends one request and reads its answer. Raises OSError (TimeoutError), HttpParserError."""
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        # In one write: two packets would wake the peer twice.
        self._socket.settimeout(_left(deadline))
        self._socket.sendall("\r\n".join([*lines, f"Content-Length: {len(body)}\r\n\r\n"]).encode("ascii") + body)
        answer = Answer()
        room = LONGEST_ANSWER
        while not answer.whole and room > 0:
            try:
                self._socket.settimeout(_left(deadline))
                data = self._socket.recv(room)
            except OSError:
                if answer.status:
                    break  # the status is known; the rest of the body is not needed
                raise
            if not data:
                break
            room -= len(data)
            answer.feed(data)
        if not answer.status:
            raise ConnectionResetError if room else httptools.HttpParserError("headers without end")
        return answer

    def is_stale(self) -> bool:
        """Whether the peer closed the connection, sent unasked bytes, or will close it soon."""
        if time.monotonic() - self.idle_since > LONGEST_IDLE_S:
            return True
        poller = select.poll()
        poller.register(self._socket, select.POLLIN)
        return bool(poller.poll(0))

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()


class Pool:
    """The pool of idle connections by origin; at most MOST_IDLE, the oldest is dropped first."""

    def __init__(self) -> None:
        self._idle: OrderedDict[Connection, None] = OrderedDict()
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def post(
        self, endpoint: Address, headers: dict[str, str], body: bytes, *, timeout_s: float, reuse: bool = True
    ) -> Answer:
        """Posts and returns the answer within `timeout_s` seconds in total. Without `reuse` it is sent once, over a new
        connection. Raises Unreachable, InsideTransaction."""
        if transaction.get_connection().in_atomic_block:
            raise InsideTransaction("messages are sent outside of transactions")
        deadline = time.monotonic() + timeout_s
        headers = {"Host": endpoint.authority, **headers}
        try:
            if reuse and (idle := self._take(key_of(endpoint))):
                try:
                    return self._exchange(idle, endpoint.target, headers, body, deadline)
                except ConnectionError:
                    pass  # the peer had closed it; a retry sends the message twice at worst
            return self._exchange(Connection(endpoint, deadline), endpoint.target, headers, body, deadline)
        except TimeoutError:
            raise Unreachable(f"no answer within {timeout_s:g} s") from None
        except ssl.SSLError as problem:
            raise Unreachable(f"no trusted connection ({problem.reason or type(problem).__name__})") from None
        except OSError as problem:
            raise Unreachable(f"no connection ({type(problem).__name__})") from None
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            raise Unreachable("no answer in HTTP") from None

    def _exchange(
        self, connection: Connection, target: str, headers: dict[str, str], body: bytes, deadline: float
    ) -> Answer:
        keep = False
        try:
            answer = connection.post(target, headers, body, deadline)
            keep = answer.whole
            return answer
        finally:
            if keep:
                self._give_back(connection)
            else:
                connection.close()

    def _take(self, key: str) -> Connection | None:
        with self._lock:
            if self._pid != os.getpid():  # a forked child must not use its parent's connections
                self._idle.clear()
                self._pid = os.getpid()
            for connection in [one for one in reversed(self._idle) if one.key == key]:
                del self._idle[connection]
                if not connection.is_stale():
                    return connection
                connection.close()
        return None

    def _give_back(self, connection: Connection) -> None:
        connection.idle_since = time.monotonic()
        with self._lock:
            self._idle[connection] = None
            while len(self._idle) > MOST_IDLE:
                oldest, _ = self._idle.popitem(last=False)
                oldest.close()

    def close(self) -> None:
        """Closes the idle connections."""
        with self._lock:
            while self._idle:
                self._idle.popitem()[0].close()


def key_of(endpoint: Address) -> str:
    """The pool's key: connections are shared within an origin, but not between extra hosts and checked ones (settings change)."""
    return f"{endpoint.origin} {endpoint.extra}"


pool = Pool()
