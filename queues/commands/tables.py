"""Tables while a service runs: a party is moved to another, a table is given back. Seating itself: queues/commands/hosts.py."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from core.actors import HOST, SYSTEM, Actor
from core.errors import Conflict
from queues import rules, seen, sitting, turns
from queues.change import LineChange, locked_line
from queues.models import Party
from venues.tables import Table


def change_table(
    line: str | UUID, *, party_id: UUID | str, table_ids: Sequence[int], saw: str = "", actor: Actor = HOST
) -> Party:
    """Seats a party, that was seated before, at these tables: it moves, comes back to a table that was freed too early, or was
    seated at none. Its turn began when it first sat.

    Raises NotFound when the party was not seated here or for tables as `serve`, Conflict where another party sits, or when it
    does not sit where the host `saw` it (seen.at_tables).
    """
    with locked_line(line, actor=actor, action="change_table") as change:
        party = change.party(party_id, rules.SERVED)
        seen.require_at_tables(party, saw)
        tables = sitting.chosen(change.queue, table_ids)
        if not tables:
            raise Conflict("Say at which table the party sits.", field="tableIds")
        new = {"tables": [table.pk for table in tables], "seated_at": party.seated_at or change.at, "freed_at": None}
        if any(getattr(party, name) != value for name, value in new.items()):
            change.set_party(party, **new)
            change.emit("QUEUE_TABLE_CHANGED", party, tables=[table.name for table in tables])
        return party


def free_table(line: str | UUID, *, party_id: UUID | str, saw: str = "", actor: Actor = HOST) -> Party:
    """Gives the party's tables back, also after its line was closed.

    Raises NotFound when the party was not seated here, Conflict when it sits at no table any more, or not where the host `saw` it
    (seen.at_tables).
    """
    with locked_line(line, actor=actor, action="free_table") as change:
        party = change.party(party_id, rules.SERVED)
        if not party.sits:
            raise Conflict(f"{party} sits at no table any more. Nothing was done.")
        seen.require_at_tables(party, saw)
        _free(change, party)
        return party


def free_if_forgotten(queue_id: UUID, *, party_id: UUID, wait: bool = True) -> bool:
    """Gives the tables back of a party that nobody freed, by the clock read under the lock (law 5); returns whether it did.

    Raises NotFound when the party is not seated any more, Busy when another transaction holds the line (at once without `wait`).
    """
    with locked_line(queue_id, actor=SYSTEM, action="free_table", skip_locked=not wait) as change:
        party = change.party(party_id, rules.SERVED)
        forgotten = timedelta(milliseconds=turns.FORGOTTEN_MS)
        if not party.sits or party.seated_at is None or change.at - party.seated_at < forgotten:
            return False
        _free(change, party)
        return True


def _free(change: LineChange, party: Party) -> None:
    turn = change.at - party.seated_at if party.seated_at else timedelta()
    names = Table.objects.in_bulk(party.tables)
    change.set_party(party, freed_at=change.at)
    change.emit(
        "QUEUE_TABLE_FREED",
        party,
        tables=[names[each].name for each in party.tables if each in names],
        turnMs=max(turn // timedelta(milliseconds=1), 0),
    )
