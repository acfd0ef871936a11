"""The client that a program makes: where Tallyline is, and who asks."""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

from .connection import Connection, Retries
from .generated import Operations

# A host's or a voter's cookie would prove more than the caller asked to.
NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])


class Tallyline(Operations):
    """A Tallyline installation. Without a key or a token the client is a stranger: a guest, or a voter.

    `url`: where it is, such as https://line.example.com. `api_key`: a key of a venue. `host_token`: what a create answered.
    Good for several threads. Close it, or use it in a `with` block.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        host_token: str | None = None,
        timeout_s: float = 10.0,
        retries: Retries | None = None,
    ) -> None:
        http = httpx.Client(
            base_url=url, timeout=timeout_s, headers={"User-Agent": "tallyline-client"}, cookies=CookieJar(NO_COOKIES)
        )
        self._connection = Connection(http, proofs(api_key, host_token), retries or Retries())
        super().__init__(self._connection)

    def as_host(self, host_token: str) -> Operations:
        """The same installation over the same connections, asked with this host token alone."""
        return Operations(self._connection.asked_by(proofs(None, host_token)))

    def close(self) -> None:
        """Ends all connections."""
        self._connection.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()


def proofs(api_key: str | None, host_token: str | None) -> dict[str, str]:
    """The headers that prove who asks."""
    return {name: value for name, value in (("api-key", api_key), ("x-host-auth", host_token)) if value is not None}
