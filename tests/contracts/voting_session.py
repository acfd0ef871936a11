"""A voting session of contract voting-session.md, on the running program."""

from http.cookies import SimpleCookie
from typing import Any

import httpx

from tests.contracts.queueup import http
from tests.installation import Stack

A, B = {"text": "Soup"}, {"text": "Salad"}
GOOD: dict[str, Any] = {"question": "Starter?", "voteType": "single", "choices": [A, B, {"text": "Bread"}]}


class Session:
    """A session, its creator's cookie, and requests of browsers."""

    def __init__(self, stack: Stack, **fields: Any) -> None:
        self.answer = http.post(f"{stack.url()}/api/vote", json={**GOOD, **fields})
        assert self.answer.status_code == 201, self.answer.text
        self.id: str = self.answer.json()["sessionId"]
        self.url = f"{stack.url()}/api/vote/{self.id}"
        ((name, morsel),) = SimpleCookie(self.answer.headers["set-cookie"]).items()
        self.host_cookie = {"Cookie": f"{name}={morsel.value}"}

    def vote(self, *choices: Any, token: str = "", **more: Any) -> httpx.Response:
        """POST a ballot."""
        headers = {"Cookie": f"voter_token={token}"} if token else {}
        return http.post(self.url, json={"choiceIds": list(choices), **more}, headers=headers)

    def get(self, token: str = "") -> dict[str, Any]:
        """The question as this browser gets it."""
        found: dict[str, Any] = http.get(self.url, headers={"Cookie": f"voter_token={token}"} if token else {}).json()
        return found

    def close(self) -> httpx.Response:
        """As its creator."""
        return http.post(f"{self.url}/close", headers=self.host_cookie)

    def export(self, kind: str) -> httpx.Response:
        """GET an export."""
        return http.get(f"{self.url}/export", params={"format": kind})

    def votes(self) -> list[int]:
        """Counts by choice."""
        return [choice["voteCount"] for choice in self.export("json").json()["choices"]]
