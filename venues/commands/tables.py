"""Commands on a venue's tables. Each locks the venue, so its events are in order and no two tables get one name."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from core import clock
from core.actors import SYSTEM, Actor
from core.change import Fields, durable, plain, set_field
from core.errors import existing
from outbox.seen import require_seen
from venues.commands.made import visible
from venues.log import lock_venue, log
from venues.models import Venue
from venues.tables import MOST_JOINS, MOST_TABLES, Table, joined_with, names_of

NO_TABLE = "There is no such table."


@durable()
def add_tables(
    *, venue_id: UUID | str, names: Sequence[str], seats: int, section: str = "", actor: Actor = SYSTEM
) -> list[Table]:
    """Adds tables of one kind. Those that are there already, with so many seats in this section, stay: sent twice, it adds once.

    Raises ValidationError, naming the field, for no name, one that another table has, numbers out of bounds, or too many tables.
    """
    venue = lock_venue(venue_id)
    section = visible(section, "section")
    known = {table.name.lower(): table for table in _in_use(venue)}
    new: dict[str, Table] = {}
    for text in names:
        name = visible(text, "names")
        there = known.get(name.lower())
        if there is not None and (there.seats, there.section) != (seats, section):
            raise ValidationError({"names": f"There is a table {there.name} already."})
        if name and there is None:
            new[name.lower()] = Table(venue=venue, name=name, seats=seats, section=section)
    if not new and not any(names):
        raise ValidationError({"names": "Say at least one name, such as 1-8."})
    if len(known) + len(new) > MOST_TABLES:
        raise ValidationError({"names": f"At most {MOST_TABLES} tables."})
    for table in new.values():
        _check(table)
    made = list(Table.objects.bulk_create(list(new.values())))
    if made:
        fields: Fields = {"names": [None, [table.name for table in made]], "seats": [None, seats]}
        _log(venue, "VENUE_TABLES_ADDED", actor, "add_tables", made, fields | {"section": [None, section]})
    return made


@durable()
def change_table(
    *,
    venue_id: UUID | str,
    table_id: int,
    joins: Collection[int] | None = None,
    saw: str = "",
    actor: Actor = SYSTEM,
    **fields: Any,
) -> Table:
    """Changes some of `name`, `seats`, `section`, and with which other tables (ids) it can be joined. Who sits there stays.

    Raises NotFound; ValidationError, naming the field, as `add_tables`, and for a table that cannot be joined: itself, another
    venue's, or one out of use; Overtaken when what it would change is not as the page showed it (`saw`).
    """
    if unknown := fields.keys() - {"name", "seats", "section"}:
        raise TypeError(f"a table has no {unknown}")
    venue = lock_venue(venue_id)
    table = _locked(venue, table_id)
    changes: Fields = {}
    for name, value in fields.items():
        set_field(table, name, visible(value, name) if isinstance(value, str) else value, changes)
    if _in_use(venue).exclude(pk=table.pk).filter(name__iexact=table.name).exists():
        raise ValidationError({"name": f"There is a table {table.name} already."})
    _check(table)
    if joins is not None:
        changes |= _join(venue, table, joins)
    if changes:
        require_seen(venue.pk, saw, changes, by={"change_table", "rename_section"}, actor=actor, tableIds=table.pk)
        table.save()
        _log(venue, "VENUE_TABLE_CHANGED", actor, "change_table", [table], changes)
    return table


@durable()
def remove_table(*, venue_id: UUID | str, table_id: int, actor: Actor = SYSTEM) -> None:
    """Takes the table out of use. A party that sits there stays until it is freed. Raises NotFound."""
    venue = lock_venue(venue_id)
    table = _locked(venue, table_id)
    before = joined_with(table)
    changes: Fields = {}
    set_field(table, "archived_at", clock.now(), changes)
    table.save(update_fields=["archived_at"])
    table.joins.clear()
    if before:
        changes["joins"] = [before, []]
    _log(venue, "VENUE_TABLE_REMOVED", actor, "remove_table", [table], changes)


@durable()
def rename_section(*, venue_id: UUID | str, section: str, name: str, actor: Actor = SYSTEM) -> None:
    """Gives a section of tables another name, also in the services that use it; the name of another section joins the two.

    Raises ValidationError, naming the field, for a blank or too long name, or where no table is in the section.
    """
    venue = lock_venue(venue_id)
    if not (name := visible(name, "name")):
        raise ValidationError({"name": "A section needs a name."})
    tables = list(_in_use(venue).filter(section=section).select_for_update(no_key=True).order_by("pk"))
    if not tables:
        raise ValidationError({"section": "No table is in this section any more."})
    if section == name:
        return
    for table in tables:
        table.section = name
        _check(table)
    Table.objects.bulk_update(tables, ["section"])
    for service in venue.services.select_for_update(no_key=True).order_by("pk"):
        if section and section in service.sections:
            service.sections = list(dict.fromkeys(name if each == section else each for each in service.sections))
            service.save(update_fields=["sections"])
    _log(venue, "VENUE_SECTION_RENAMED", actor, "rename_section", tables, {"section": [section, name]})


# ---------------------------------------------------------------------------------------------- parts of several commands
def _in_use(venue: Venue) -> QuerySet[Table]:
    return Table.objects.filter(venue=venue, archived_at=None)


def _locked(venue: Venue, table_id: int) -> Table:
    """The table under its lock: nobody is seated at it meanwhile. Raises NotFound."""
    found = _in_use(venue).select_for_update(no_key=True, of=("self",)).order_by("pk").filter(pk=table_id).first()
    return existing(found, NO_TABLE)


def _check(table: Table) -> None:
    """Raises ValidationError, naming the field."""
    if not table.name:
        raise ValidationError({"name": "A table needs a name."})
    table.clean_fields(exclude=["venue"])


def _join(venue: Venue, table: Table, joins: Collection[int]) -> Fields:
    """Sets with which tables it can be joined, and returns what that changed. Raises ValidationError."""
    others = list(_in_use(venue).filter(pk__in=joins).exclude(pk=table.pk))
    if len(others) != len(set(joins)):
        raise ValidationError({"joins": "A table can be joined with other tables that are in use here."})
    full = next((each for each in others if each.joins.exclude(pk=table.pk).count() >= MOST_JOINS), None)
    if full is not None or len(others) > MOST_JOINS:
        raise ValidationError(
            {"joins": f"At most {MOST_JOINS} for each table{f', and {full} has them' if full else ''}."}
        )
    before, after = joined_with(table), names_of(others)
    if before == after:
        return {}
    table.joins.set(others)
    return {"joins": [before, after]}


def _log(venue: Venue, event: str, actor: Actor, action: str, tables: Sequence[Table], changes: Fields) -> None:
    fields = {name: [plain(each) for each in values] for name, values in changes.items()}
    log(venue, event, actor=actor, action=action, tableIds=[table.pk for table in tables], changes={"table": fields})
