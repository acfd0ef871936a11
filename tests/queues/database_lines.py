"""Lines for the tests of commands: opened in the test's own database, and asked there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outbox.models import Event
from queues import commands, selectors
from queues.commands import NewLine
from queues.models import Party, Queue
from venues.models import Venue


@dataclass
class Floor:
    """A line and its parties by name."""

    queue: Queue

    @classmethod
    def opened(cls, *names: str, venue: Venue | None = None, **options: Any) -> "Floor":
        """A line that these have joined; its hours close it."""
        named = {"event_name": "Friday", "max_guests": 100, "timezone": "UTC", **options}
        floor = cls(commands.open_line(NewLine(**named), venue=venue))
        for name in names:
            commands.join(floor.pk, name=name)
        return floor

    def remove(self) -> None:
        """Takes it out of the database, for those that were committed."""
        Event.objects.filter(stream_id=self.pk).delete()
        Party.objects.filter(queue=self.queue).delete()
        Queue.objects.filter(pk=self.pk).delete()

    @property
    def pk(self) -> UUID:
        """The line's id."""
        return self.queue.pk

    @property
    def version(self) -> int:
        """The line's version now."""
        version: int = Queue.objects.values_list("version", flat=True).get(pk=self.pk)
        return version

    def id(self, name: str) -> UUID:
        """The id of the party that joined last under this name."""
        found: UUID = (
            Party.objects.filter(queue=self.queue, name=name).order_by("-ticket").values_list("pk", flat=True)[0]
        )
        return found

    def party(self, name: str) -> Party:
        """The party now."""
        return Party.objects.get(pk=self.id(name))

    def row(self) -> dict[str, Any]:
        """The row of all snapshots, without version and measured pace."""
        row = selectors.current_row(self.pk)
        assert row is not None
        return row

    def waiting(self) -> list[str]:
        """Names in the order of the line."""
        return [party["name"] for party in self.row()["waiting"]]

    def called(self) -> list[str]:
        """Names of the called, the one called last at the end."""
        return [party["name"] for party in self.row()["called"]]

    def events(self) -> list[Event]:
        """All of the line's events, in order."""
        return list(Event.objects.filter(stream_id=self.pk).order_by("version", "seq"))
