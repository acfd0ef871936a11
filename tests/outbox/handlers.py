"""Handlers that effects of the tests name, as `outbox.effects.HANDLERS` does: by path."""

from collections.abc import Callable
from typing import Any

# What a handler does with its event, and the events that came, in their order. Reset by the fixture `handled`.
behaviour: list[Callable[[Any], None]] = []
handled: list[int] = []


def handle_all(events: list[Any]) -> None:
    """The same for those inside, who are given several at once."""
    for event in events:
        handle(event)


def handle(event: Any) -> None:
    """Notes the event and behaves as the test wants it to."""
    handled.append(event.pk)
    for behave in list(behaviour):
        behave(event)
