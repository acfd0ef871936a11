"""Made by `make client` from the OpenAPI document; do not edit. Models: events."""

from __future__ import annotations

from typing import Any, TypedDict


class LoggedEvent(TypedDict):
    """An event as a webhook would be told it. `id`: its `webhook-id`."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]


class LoggedEvents(TypedDict):
    """Events, the oldest first."""

    events: list[LoggedEvent]
    # The cursor of the next page; null when there is none yet.
    next: str | None
    # Always a cursor: what comes behind the last event of this page, also if it has not happened yet.
    resume: str
