"""A restaurant with tables and lines that share them, for the tests of seating."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.test import Client

from queues import commands
from queues.models import Party, Queue
from tests.queues.service_lines import restaurant
from venues import commands as venue_commands
from venues.models import Venue
from venues.tables import Table


@dataclass
class DiningRoom:
    """Tables 1 and 2 (2 seats) on the terrace; 3, 4 and 5 (4 seats) inside, of which 3 and 4, 4 and 5 can be joined."""

    venue: Venue
    tables: dict[str, int] = field(default_factory=dict)

    @classmethod
    def made(cls) -> "DiningRoom":
        room = cls(restaurant())
        for names, seats, section in ((["1", "2"], 2, "Terrace"), (["3", "4", "5"], 4, "Inside")):
            for table in venue_commands.add_tables(venue_id=room.venue.pk, names=names, seats=seats, section=section):
                room.tables[table.name] = table.pk
        venue_commands.change_table(
            venue_id=room.venue.pk, table_id=room.tables["4"], joins=[room.tables["3"], room.tables["5"]]
        )
        return room

    def line(self, name: str = "Dinner", **options: Any) -> Queue:
        """An open line that seats here."""
        new = commands.NewLine(event_name=name, max_guests=200, **options)
        return commands.open_line(new, venue=self.venue)

    def ids(self, *names: str) -> list[int]:
        """The tables of these names."""
        return [self.tables[name] for name in names]

    def seat(self, line: Queue, *names: str, size: int = 2) -> Party:
        """A new party, seated at these tables."""
        party = commands.join(line.pk, size=size).party
        return commands.serve(line.pk, party_id=party.pk, table_ids=self.ids(*names))

    def sits(self) -> dict[str, list[UUID]]:
        """Who sits at each table now."""
        names = {pk: name for name, pk in self.tables.items()}
        found: dict[str, list[UUID]] = {}
        for party in Party.objects.filter(seated_at__isnull=False, freed_at=None).order_by("seated_at"):
            for table in party.tables:
                found.setdefault(names[table], []).append(party.pk)
        return found

    def host(self) -> Client:
        """A browser in which one of its hosts is signed in."""
        client = Client()
        user = venue_commands.create_host(email="host@casa.example", venue=self.venue)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client


def in_use(venue: Venue) -> list[str]:
    """The names of the tables in use, by number."""
    return list(Table.objects.filter(venue=venue, archived_at=None).order_by("pk").values_list("name", flat=True))
