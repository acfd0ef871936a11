"""A resolver of names that says what it is told."""

import socket
from typing import Any

import pytest


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
