"""Sending without a database, and a resolver that says what it is told."""

import socket
from typing import Any

import pytest

from push import sender
from push.sender import Outcome
from tests.push.service import Browser

FCM = "https://fcm.googleapis.com/fcm/send/abc:123"
MESSAGE = sender.Message(kind="test", title="Hi", body="There", url="/", ttl_s=60)


class Resolver:
    """Answers names as it is told, one answer after the other, and counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        self.asked += 1
        addresses = self.answers[min(self.asked, len(self.answers)) - 1]
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]


def send(endpoint: str, browser: Browser | None = None) -> Outcome:
    target = browser or Browser("")
    target.endpoint = endpoint
    return sender.send(target, MESSAGE)
