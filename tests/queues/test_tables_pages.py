"""Tables in the console and over the API: what is shown, pressed, refused; nothing of it without tables."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from queues import commands, selectors, shapes
from queues.models import Queue
from tests.page_client import page
from tests.queues.console_client import press
from tests.queues.dining_room import DiningRoom
from venues import commands as venue_commands

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(db: None) -> DiningRoom:
    return DiningRoom.made()


@pytest.fixture
def line(room: DiningRoom) -> Queue:
    return room.line()


@pytest.fixture
def host(room: DiningRoom) -> Client:
    return room.host()


def panel(host: Client, line: Queue) -> str:
    """The tables of the console, alone."""
    return page(host, f"/queue/{line.code}/host/tables")


def tiles(html: str) -> dict[str, str]:
    """What each table's tile says, by its name."""
    found = {}
    for inside in re.findall(r'<li class="table-now.*?</li>', html, re.S):
        name = re.search(r"<strong><bdi>(.*?)</bdi>", inside)
        assert name is not None
        found[name[1]] = " ".join(re.sub(r"<[^>]*>", " ", inside).split())
    return found


def button(html: str, name: str) -> dict[str, Any]:
    """The fields of the form whose button a reader hears as `name`."""
    for inside in re.findall(r"<form [^>]*>.*?</form>", html, re.S):
        heard = " ".join(re.sub(r"<[^>]*>", "", inside).split())
        if heard.startswith(name):
            fields: dict[str, Any] = {}
            for key, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside):
                fields.setdefault(key, []).append(value)
            return fields
    raise AssertionError((name, html))


@pytest.mark.thorough
def test_a_free_table_shows_who_fits_and_one_press_seats_them(host: Client, line: Queue, room: DiningRoom) -> None:
    party = commands.join(line.pk, name="Ann", size=2).party
    commands.join(line.pk, name="Bob", size=8)
    html = panel(host, line)
    assert tiles(html)["1"] == "1 2 seats Seat #1 (2) Ann at table 1"
    assert "Seat #2 (8) Bob at table 4 with 3" in tiles(html)["4"]
    status, _ = press(host, line, "seat", button(html, "Seat #1 (2) Ann at table 1"))
    party.refresh_from_db()
    assert (status, party.status, party.tables) == (200, "served", room.ids("1"))
    html = panel(host, line)
    assert tiles(html)["1"].startswith("1 2 seats #1 Ann 2 guests 0 min of 60 min")
    assert "60 min left" in html
    assert press(host, line, "free", button(html, "Free table 1, #1"))[0] == 200
    assert room.sits() == {}
    press(host, line, "seat", button(panel(host, line), "Seat #2 (8) Bob at table 4"))
    assert set(room.sits()) == {"3", "4"}


@pytest.mark.thorough
def test_a_table_taken_meanwhile_is_refused_with_who_sits_there(host: Client, line: Queue, room: DiningRoom) -> None:
    commands.join(line.pk, name="Ann", size=2)
    seat = button(panel(host, line), "Seat #1 (2) Ann at table 1")
    room.seat(room.line("Bar"), "1")
    status, html = press(host, line, "seat", seat)
    assert status == 409 and "Table 1 is taken: #1 of Bar sits there since" in html
    assert line.parties.get().status == "waiting"


@pytest.mark.thorough
def test_another_lines_party_is_shown_without_its_name_and_can_be_freed(
    host: Client, line: Queue, room: DiningRoom
) -> None:
    bar = room.line("Bar")
    party = commands.join(bar.pk, name="Secret", size=2).party
    commands.serve(bar.pk, party_id=party.pk, table_ids=room.ids("2"))
    html = panel(host, line)
    assert "Bar" in tiles(html)["2"] and "Secret" not in html
    status, html = press(host, line, "free", button(html, "Free table 2, #1"))
    assert status == 200 and "#1 is of Bar: that line’s console can undo it" in html and room.sits() == {}


@pytest.mark.thorough
def test_a_seated_party_is_moved(host: Client, line: Queue, room: DiningRoom) -> None:
    party = room.seat(line, "1")
    html = panel(host, line)
    assert 'id="move-' in html
    status, _ = press(host, line, "change-table", {"party": str(party.pk), "table": str(room.tables["3"])})
    assert status == 200 and set(room.sits()) == {"3"}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("between", "words"),
    [
        (lambda line, party, room: commands.free_table(line.pk, party_id=party), "sits at no table any more"),
        (
            lambda line, party, room: commands.change_table(line.pk, party_id=party, table_ids=room.ids("2")),
            "sits at another table now",
        ),
    ],
)
def test_who_does_not_sit_there_any_more_is_neither_moved_nor_freed(
    between: Callable[..., object], words: str, host: Client, line: Queue, room: DiningRoom
) -> None:
    party = room.seat(line, "1")
    html = panel(host, line)
    between(line, party.pk, room)
    sits = room.sits()
    move = button(html, "To table") | {"table": str(room.tables["3"])}
    for action, fields in (("free", button(html, "Free table 1, #1")), ("change-table", move)):
        status, answer = press(host, line, action, fields)
        assert (status, words in answer) == (409, True)
    assert room.sits() == sits


@pytest.mark.parametrize("action", ["seat", "free", "change-table"])
@pytest.mark.parametrize("fields", [{}, {"party": "x", "table": "1"}, {"table": "x"}, {"table": ["9" * 30]}])
def test_nonsense_is_refused(action: str, fields: dict[str, Any], host: Client, line: Queue) -> None:
    party = commands.join(line.pk).party
    status, _ = press(host, line, action, {"party": str(party.pk), **fields} if "table" in fields else fields)
    assert status in {400, 404}


@pytest.mark.thorough
def test_without_tables_nothing_of_it_is_seen(host: Client, line: Queue, room: DiningRoom) -> None:
    assert "data-tables" in panel(host, line)
    for table in room.tables.values():
        venue_commands.remove_table(venue_id=room.venue.pk, table_id=table)
    assert panel(host, line).strip() == ""
    console = host.get(f"/queue/{line.code}/host")
    assert console.context["tables"] is None and "data-tables" not in console.content.decode()
    _, key = venue_commands.create_api_key(venue=room.venue, name="Till")
    assert Client(headers={"api-key": key}).get(f"/api/queue/{line.code}/tables").json() == {"tables": []}


@pytest.mark.thorough
def test_programs_read_seat_move_and_free(line: Queue, room: DiningRoom) -> None:
    key = venue_commands.create_api_key(venue=room.venue, name="Till")[1]
    api = Client(headers={"api-key": key})
    path = f"/api/queue/{line.code}"

    def post(action: str, **body: Any) -> tuple[int, dict[str, Any]]:
        answer = api.post(f"{path}/{action}", body, content_type="application/json")
        return answer.status_code, answer.json()

    party = str(commands.join(line.pk, name="Ann", size=2, section="Terrace").party.pk)
    first = api.get(f"{path}/tables").json()["tables"]
    assert first[0] == {
        "id": room.tables["1"], "name": "1", "seats": 2, "section": "Terrace", "joins": [], "taken": None,
        "proposals": [{"partyId": party, "tableIds": room.ids("1"), "due": False}], "keptFor": None,
    }  # fmt: skip
    assert [each["joins"] for each in first[2:]] == [room.ids("4"), room.ids("3", "5"), room.ids("4")]
    row = selectors.current_row(line.pk)
    assert row is not None and shapes.console(row)["waiting"][0]["section"] == "Terrace"
    assert "section" not in shapes.public(row)["queue"][0]
    assert post("serve", partyId=party, tableIds=room.ids("1")) == (200, {"ok": True})
    taken = api.get(f"{path}/tables").json()["tables"][0]["taken"]
    assert (taken["partyId"], taken["name"], taken["tableIds"], taken["line"]) == (
        party, "Ann", room.ids("1"), line.code,
    )  # fmt: skip
    assert taken["expectedMs"] == 3_600_000 and 0 <= taken["satMs"] < 60_000
    assert post("change-table", partyId=party, tableIds=room.ids("2")) == (200, {"ok": True})
    other = str(commands.join(line.pk).party.pk)
    status, answer = post("serve", partyId=other, tableIds=room.ids("2"))
    assert status == 409 and answer["error"].startswith("Table 2 is taken: #1 sits there since")
    assert post("free-table", partyId=party) == (200, {"ok": True})
    assert post("free-table", partyId=party)[0] == 409
    assert post("serve", partyId=other, tableIds=room.ids("2")) == (200, {"ok": True})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"tableIds": "1"}, "tableIds: must be a list."),
        ({"tableIds": [0]}, "tableIds: must be at least 1."),
        ({"tableIds": [1, 2, 3, 4]}, "tableIds: must have at most 3."),
        ({"tableIds": [True]}, "tableIds: must be a whole number."),
    ],
)
def test_bad_tables_are_a_400_that_names_the_field(
    body: dict[str, Any], words: str, host: Client, line: Queue, room: DiningRoom
) -> None:
    key = venue_commands.create_api_key(venue=room.venue, name="Till")[1]
    party = commands.join(line.pk).party
    answer = Client(headers={"api-key": key}).post(
        f"/api/queue/{line.code}/serve", {"partyId": str(party.pk), **body}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["error"]) == (400, words)


def test_guests_are_asked_where_they_wish_to_sit_only_where_there_is_a_choice(line: Queue, room: DiningRoom) -> None:
    guest = Client()
    html = page(guest, f"/queue/{line.code}")
    key = re.search(r'name="key" value="([^"]*)"', html)
    assert key is not None and "Where would you like to sit?" in html and "Inside" in html
    for section, status in (("Roof", 400), ("Inside", 303)):
        typed = {"size": "2", "section": section, "key": key[1]}
        assert guest.post(f"/queue/{line.code}", typed).status_code == status
    assert line.parties.get().section == "Inside"
    venue_commands.rename_section(venue_id=room.venue.pk, section="Inside", name="Terrace")
    assert "Where would you like to sit?" not in page(Client(), f"/queue/{line.code}")


@pytest.mark.thorough
def test_a_host_sets_and_clears_where_a_party_wishes_to_sit(host: Client, line: Queue) -> None:
    assert press(host, line, "walk-in", {"size": "2", "section": "Terrace", "key": str(uuid4())})[0] == 200
    party = line.parties.get()
    for fields, section in (({}, "Terrace"), ({"section": "Inside"}, "Inside"), ({"section": ""}, "")):
        assert press(host, line, "edit", {"party": str(party.pk), "size": "2", **fields})[0] == 200
        party.refresh_from_db()
        assert party.section == section


def test_an_owner_says_in_which_sections_a_service_seats(room: DiningRoom) -> None:
    owner = Client()
    user = venue_commands.create_host(email="owner@casa.example", venue=room.venue, role="owner")
    owner.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    typed = {"name": "Lunch", "max_guests": "40", "call_window_s": "120", "last_entry_min": "30", "key": str(uuid4())}
    assert owner.post("/venue/services/new", {**typed, "sections": ["Terrace"]}).status_code == 303
    [lunch] = room.venue.services.all()
    assert lunch.sections == ["Terrace"]
    assert owner.post(f"/venue/services/{lunch.pk}", typed).status_code == 303
    lunch.refresh_from_db()
    assert lunch.sections == []
