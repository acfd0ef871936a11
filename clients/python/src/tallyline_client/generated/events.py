"""Made by `make client` from the OpenAPI document; do not edit. Operations of events."""

from collections.abc import Iterator

from ..connection import Connection
from .models import LoggedEvent, LoggedEvents


class EventsOperations:
    """Operations of events."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_events(
        self, *, cursor: str | None = None, limit: int | None = None, since: int | None = None
    ) -> LoggedEvents:
        """What happened in the venue's lines, polls and rooms, in the order of time; messages are those of
        webhooks. Ask again with `resume`, and nothing is told twice or left out. An API key needs the scope `read`.
        """
        answer: LoggedEvents = self._connection.ask(
            "GET", "/api/events", query={"cursor": cursor, "limit": limit, "since": since}
        )
        return answer

    def all_events(self, *, limit: int | None = None, since: int | None = None) -> Iterator[LoggedEvent]:
        """Every item of `list_events`, page after page, each page when it is needed."""
        page = self.list_events(limit=limit, since=since)
        yield from page["events"]
        while (cursor := page["next"]) is not None:
            page = self.list_events(limit=limit, since=since, cursor=cursor)
            yield from page["events"]
