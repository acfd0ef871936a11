"""A venue's tables: their names, the commands on them, the owner's pages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFound
from outbox.models import Event
from tests.queues.dining_room import in_use
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues import commands
from venues.models import Venue
from venues.tables import MOST_JOINS, MOST_TABLES, Table, in_order, names_in, natural


# ------------------------------------------------------------------------------------------------------------------ names
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1-4", ["1", "2", "3", "4"]),
        ("1, 2 ,, 2", ["1", "2"]),
        ("T9–T11, Bar  1 - 2", ["T9", "T10", "T11", "Bar 1", "Bar 2"]),  # noqa: RUF001
        ("Bar 1-Bar 2, bar 2, Window", ["Bar 1", "Bar 2", "Window"]),
        ("12 to 13", ["12", "13"]),
        ("A-B, 1-x", ["A-B", "1-x"]),
        (" , ", []),
    ],
)
def test_names_are_typed_as_people_do(text: str, names: list[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(("text", "words"), [("8-1", "ends before it begins"), ("1-1000", "are more than 300 tables")])
def test_a_range_that_makes_no_sense_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        names_in(text)


@given(st.text(max_size=60))
def test_any_text_is_names_or_refused_with_a_sentence(text: str) -> None:
    try:
        names = names_in(text)
    except ValueError as problem:
        assert str(problem).endswith(".")
    else:
        assert all(names) and len({name.lower() for name in names}) == len(names)


def test_names_are_sorted_as_people_do() -> None:
    assert sorted(["10", "9", "Bar 10", "Bar 2", "b1"], key=natural) == ["9", "10", "b1", "Bar 2", "Bar 10"]


# --------------------------------------------------------------------------------------------------------------- commands
@pytest.fixture
def venue(db: None) -> Venue:
    return venue_with_people()


def add(venue: Venue, *names: str, seats: int = 2, section: str = "") -> list[Table]:
    return commands.add_tables(venue_id=venue.pk, names=names, seats=seats, section=section)


def events(venue: Venue) -> list[tuple[str, dict[str, Any]]]:
    """Types and what changed, in their order."""
    found = Event.objects.filter(stream="venue", stream_id=venue.pk, type__contains="TABLE").order_by("version")
    return [(event.type, event.changes["table"]) for event in found]


@pytest.mark.django_db
def test_what_changes_tables_is_an_event_and_what_changes_nothing_is_none(venue: Venue) -> None:
    [one, two] = add(venue, "1", "2")
    assert add(venue, "1", " 2 ") == [] and in_use(venue) == ["1", "2"]
    for _ in range(2):
        commands.change_table(venue_id=venue.pk, table_id=one.pk, seats=4, joins=[two.pk])
    commands.remove_table(venue_id=venue.pk, table_id=two.pk)
    [(_, removed), *_] = events(venue)[::-1]
    assert events(venue)[:2] == [
        ("VENUE_TABLES_ADDED", {"names": [None, ["1", "2"]], "seats": [None, 2], "section": [None, ""]}),
        ("VENUE_TABLE_CHANGED", {"seats": [2, 4], "joins": [[], ["2"]]}),
    ]
    assert removed["joins"] == [["1"], []] and removed["archived_at"][0] is None and len(events(venue)) == 3
    assert in_use(venue) == ["1"] and not one.joins.exists()
    add(venue, "2", seats=6)
    assert in_use(venue) == ["1", "2"]


WRONG: dict[str, tuple[str, Callable[[Venue], Any]]] = {
    "no name": ("names", lambda venue: add(venue)),
    "another table's name": ("names", lambda venue: add(venue, "3", "ONE", seats=4)),
    "a name that is too long": ("name", lambda venue: add(venue, "x" * 21)),
    "no seats": ("seats", lambda venue: add(venue, "3", seats=0)),
    "too many seats": ("seats", lambda venue: add(venue, "3", seats=61)),
    "a section that is too long": ("section", lambda venue: add(venue, "3", section="x" * 41)),
    "too many tables": ("names", lambda venue: add(venue, *map(str, range(MOST_TABLES)))),
    "renamed to another": ("name", lambda venue: change(venue, name="two")),
    "renamed to nothing": ("name", lambda venue: change(venue, name=" ")),
    "joined with itself": ("joins", lambda venue: change(venue, joins=[table(venue).pk])),
    "joined with none": ("joins", lambda venue: change(venue, joins=[2**40])),
    "joined with too many": (
        "joins",
        lambda venue: change(venue, joins=[each.pk for each in add(venue, *map(str, range(MOST_JOINS + 1)))]),
    ),
    "a section renamed to nothing": ("name", lambda venue: rename(venue, "", " ")),
    "a section that is not there": ("section", lambda venue: rename(venue, "Roof", "Top")),
}


def table(venue: Venue) -> Table:
    return Table.objects.get(venue=venue, name="One")


def change(venue: Venue, **fields: Any) -> Table:
    return commands.change_table(venue_id=venue.pk, table_id=table(venue).pk, **fields)


def rename(venue: Venue, section: str, name: str) -> None:
    commands.rename_section(venue_id=venue.pk, section=section, name=name)


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "act"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_refused_with_its_field(field: str, act: Callable[[Venue], Any], venue: Venue) -> None:
    add(venue, "One", "Two")
    before = list(Table.objects.values())
    with pytest.raises(ValidationError) as refused:
        act(venue)
    assert list(refused.value.message_dict) == [field]
    assert [row for row in Table.objects.values() if row["name"] in {"One", "Two"}] == before


@pytest.mark.django_db
def test_a_table_of_another_venue_is_not_there(venue: Venue) -> None:
    other = commands.create_venue(name="Red Door", timezone_name="UTC")
    [there] = add(other, "1")
    for act in (commands.change_table, commands.remove_table):
        with pytest.raises(NotFound):
            act(venue_id=venue.pk, table_id=there.pk)
    [here] = add(venue, "1")
    with pytest.raises(ValidationError):
        commands.change_table(venue_id=venue.pk, table_id=here.pk, joins=[there.pk])


@pytest.mark.django_db
def test_a_section_that_is_renamed_is_so_in_services_too_and_two_can_become_one(venue: Venue) -> None:
    add(venue, "1", section="Terrace")
    add(venue, "2", section="Inside")
    service = commands.create_service(venue_id=venue.pk, name="Dinner", sections=["Terrace", "Inside"])
    commands.rename_section(venue_id=venue.pk, section="Terrace", name="Inside")
    service.refresh_from_db()
    assert service.sections == ["Inside"] and {each.section for each in venue.tables.all()} == {"Inside"}


@pytest.mark.django_db
def test_sections_stand_in_the_order_in_which_they_were_made(venue: Venue) -> None:
    add(venue, "20", "3", section="Terrace")
    add(venue, "10", "9", section="Bar")
    add(venue, "4", section="Terrace")
    assert [each.name for each in in_order(venue.tables.all())] == ["3", "4", "20", "9", "10"]


# ------------------------------------------------------------------------------------------------------------------ pages
TYPED = {"names": "1-3, Bar 1", "seats": "2", "section": "Terrace"}


def page(browser: Client, path: str, **typed: Any) -> tuple[int, str]:
    answer = browser.post(path, typed, follow=True) if typed else browser.get(path)
    return answer.status_code, answer.content.decode()


@pytest.mark.thorough
@pytest.mark.django_db
def test_an_owner_sets_up_tables_without_scripts(venue: Venue) -> None:
    owner = browser_of("manager")
    assert "No tables yet" in page(owner, "/venue/tables")[1]
    for _ in range(2):  # a double tap adds once
        status, html = page(owner, "/venue/tables", **TYPED)
    assert status == 200 and in_use(venue) == ["1", "2", "3", "Bar 1"]
    assert "4 tables, 8 seats" in html and "Terrace" in html
    one, two = venue.tables.get(name="1"), venue.tables.get(name="2")
    status, html = page(owner, f"/venue/tables/{one.pk}", name="1", seats="3", section="Terrace", joins=[str(two.pk)])
    assert status == 200 and list(two.joins.all()) == [one]
    assert "with 2" in page(owner, "/venue/tables?view=grid")[1]
    boxes = re.findall(r'<input type="checkbox"[^>]*>', page(owner, f"/venue/tables/{one.pk}")[1])
    assert [f'value="{two.pk}"' in box for box in boxes if "checked" in box] == [True] and len(boxes) == 3
    page(owner, "/venue/tables/section", section="Terrace", name="Garden")
    page(owner, "/venue/tables/order", passed_over="5")
    page(owner, f"/venue/tables/{one.pk}/remove", sure="yes")
    venue.refresh_from_db()
    assert venue.passed_over == 5 and in_use(venue) == ["2", "3", "Bar 1"]
    assert set(venue.tables.filter(archived_at=None).values_list("section", flat=True)) == {"Garden"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "typed", "words"),
    [
        ("", {**TYPED, "names": "8-1"}, "ends before it begins"),
        ("", {**TYPED, "names": "x" * 21}, "is too long: at most 20 letters"),
        ("", {**TYPED, "seats": "0"}, "At least 1."),
        ("", {**TYPED, "names": "One"}, "There is a table One already."),
        ("/order", {"passed_over": "51"}, "At most 50."),
        ("/section", {"section": "", "name": "x" * 41}, "at most 40 characters"),
        ("/section", {"section": "Roof", "name": "Top"}, "No table is in this section any more."),
        ("/{one}", {"name": "Two", "seats": "2", "section": ""}, "There is a table Two already."),
        ("/{one}", {"name": "One", "seats": "2", "joins": ["x"]}, "x"),
    ],
)
def test_what_is_wrong_stands_at_its_field(path: str, typed: dict[str, Any], words: str, venue: Venue) -> None:
    add(venue, "One", "Two", seats=4)
    answer = browser_of("owner").post(f"/venue/tables{path.format(one=table(venue).pk)}", typed)
    html = answer.content.decode()
    assert (answer.status_code, words in html) == (400, True), html
    assert list(Table.objects.values_list("name", "seats").order_by("pk")) == [("One", 4), ("Two", 4)]


@pytest.mark.django_db
def test_a_table_that_is_removed_is_not_found(venue: Venue) -> None:
    [one] = add(venue, "1")
    owner = browser_of("owner")
    for _ in range(2):
        assert page(owner, f"/venue/tables/{one.pk}/remove", sure="yes")[0] == 200
    assert page(owner, f"/venue/tables/{one.pk}")[0] == 404
    assert len([1 for kind, _ in events(venue) if kind == "VENUE_TABLE_REMOVED"]) == 1
