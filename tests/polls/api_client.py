"""A poll made over its API, in this process."""

from typing import Any
from uuid import uuid4

from django.test import Client

from polls.models import Poll
from tests.contracts.queueup import in_shape

GOOD: dict[str, Any] = {"title": "Which wine?", "choices": ["Red", "White"], "open": True}
JSON = "application/json"


class Maker:
    """A browser that made a poll, and others that did not."""

    def __init__(self, **fields: Any) -> None:
        self.client = Client()
        answer = self.client.post("/api/polls/", {**GOOD, **fields}, JSON)
        assert answer.status_code == 201, answer.content
        self.made = answer.json()
        self.url = f"/api/polls/{self.made['id']}"

    @property
    def poll(self) -> Poll:
        """The row."""
        return Poll.objects.get(pk=self.made["id"])

    def act(self, action: str, client: Client | None = None) -> Any:
        """Opens, closes, resets."""
        return (client or self.client).post(f"{self.url}/{action}")

    def vote(self, *choices: Any, client: Client | None = None, **more: Any) -> Any:
        """A ballot; of a new browser unless told."""
        sent = {"ballotId": str(uuid4()), "choices": list(choices), **more}
        return (client or Client()).post(f"{self.url}/ballots", sent, JSON)

    def results(self, client: Client | None = None, **headers: str) -> Any:
        """How it stands for this browser."""
        return (client or Client()).get(f"{self.url}/results", headers=headers).json()


def refused(answer: Any, status: int, word: str = "") -> None:
    """Asserts a refusal in our shape, with `word` in its sentence."""
    assert answer.status_code == status, answer.content
    assert in_shape(answer.wsgi_request.path, answer.json())
    assert word in answer.json()["error"]
