"""A venue's tables: what a party is seated at, in which section, which of them can be joined (decision 0075)."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower

MOST_TABLES, MOST_SEATS, MOST_JOINS = 300, 60, 8
LONGEST_NAME, LONGEST_SECTION = 20, 40
# How often a waiting party may be passed over, by default and at most.
PASSED_OVER, MOST_PASSED_OVER = 3, 50


class Seating(models.Model):
    """The fields of a venue that say how its tables are given out."""

    passed_over = models.PositiveSmallIntegerField(
        "times a party may be passed over",
        default=PASSED_OVER,
        db_default=PASSED_OVER,
        blank=True,
        validators=[MaxValueValidator(MOST_PASSED_OVER)],
        help_text="A table is first proposed to the parties it suits best in size. A party that so many behind it were "
        "seated before is proposed first for any table that it fits. 0: in the order of the line.",
    )

    class Meta:
        abstract = True


class Table(models.Model):
    """A table of a venue. Its row is the lock for seating a party at it. Archived, never deleted: parties sat there."""

    venue = models.ForeignKey("venues.Venue", on_delete=models.CASCADE, related_name="tables")
    name = models.CharField(max_length=LONGEST_NAME)
    seats = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)])
    section = models.CharField(
        max_length=LONGEST_SECTION, blank=True, default="", db_default="", help_text="Such as terrace."
    )
    joins = models.ManyToManyField(
        "self", blank=True, symmetrical=True, verbose_name="can be joined with", help_text="For parties of both."
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["venue", "section", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "venue", Lower("name"), name="one_table_per_name", condition=models.Q(archived_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.name


def in_order(tables: Iterable[Table]) -> list[Table]:
    """The tables by section, in the order in which their first tables were made, then by name: 2 before 10."""
    found = sorted(tables, key=lambda table: table.pk)
    sections = {section: place for place, section in enumerate(dict.fromkeys(each.section for each in found))}
    return sorted(found, key=lambda table: (sections[table.section], natural(table.name)))


def joined_with(table: Table) -> list[str]:
    """The names of the tables with which it can be joined, as events say them."""
    return names_of(table.joins.all())


def names_of(tables: Iterable[Table]) -> list[str]:
    """The names, in one order."""
    return sorted(table.name for table in tables)


def sections_of(venue_id: UUID) -> list[str]:
    """The names of the sections of a venue's tables, in their order."""
    return sections_in(in_order(Table.objects.filter(venue_id=venue_id, archived_at=None)))


def sections_in(tables: Iterable[Table]) -> list[str]:
    """The names of the sections of these tables, each once, in the order of the tables."""
    return list(dict.fromkeys(table.section for table in tables if table.section))


def natural(name: str) -> list[Any]:
    """A key that sorts names with numbers as people do, numbers first."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name.lower()) if part
    ]


_RANGE = re.compile(r"(?P<word>.*?)(?P<first>[0-9]{1,4})\s*(?:-|–|to)\s*(?:(?P=word))?(?P<last>[0-9]{1,4})", re.ASCII)  # noqa: RUF001


def names_in(text: str) -> list[str]:
    """The names of tables in a text such as "1-8, 12, Bar 1-4", each once. Raises ValueError, with a sentence, for a range that
    runs backwards or is longer than a venue can have tables.
    """
    names: dict[str, str] = {}
    for part in filter(None, (" ".join(each.split()) for each in text.split(","))):
        found = [part]
        if span := _RANGE.fullmatch(part):
            word, first, last = span["word"], int(span["first"]), int(span["last"])
            if last < first:
                raise ValueError(f"“{part}” ends before it begins.")
            if last - first >= MOST_TABLES:
                raise ValueError(f"“{part}” are more than {MOST_TABLES} tables.")
            found = [f"{word}{number}" for number in range(first, last + 1)]
        for name in found:
            names.setdefault(name.lower(), name)
    return list(names.values())
