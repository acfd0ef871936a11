"""A venue's standing address: one open line is its join page, several are chosen from, none says so; old ways lead to it."""

import pytest
from django.test import Client
from django.utils.translation import override

from queues import commands
from queues.models import Queue
from queues.pages import labels
from tests.database_clock import moved_clock
from tests.page_client import page
from tests.queues.page_client import join
from tests.queues.service_lines import DINNER, at, restaurant, service
from venues import commands as venue_commands
from venues.models import Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue(db: None) -> Venue:
    return venue_commands.create_venue(name="Casa Azul", timezone_name="UTC")


def opened(venue: Venue, name: str = "Dinner", **fields: int) -> Queue:
    return commands.open_line(commands.NewLine(event_name=name, **{"max_guests": 20, **fields}), venue=venue)  # type: ignore[arg-type]


def test_without_an_open_line_the_page_says_so(guest: Client, venue: Venue) -> None:
    commands.close(opened(venue).pk)
    html = page(guest, "/v/casa-azul")
    assert "Casa Azul" in html and "No line is open right now" in html and "Join the line" not in html


def test_with_one_open_line_the_page_is_its_join_page(guest: Client, venue: Venue) -> None:
    line = opened(venue)
    html = page(guest, "/v/casa-azul")
    assert f'action="/queue/{line.code}"' in html and "How many are you?" in html and "Casa Azul" in html
    form = {"size": "2", "name": "Ana", "key": html.split('name="key" value="')[1].split('"')[0]}
    ticket = guest.post(f"/queue/{line.code}", form)["Location"]
    assert guest.get("/v/casa-azul")["Location"] == ticket, "scanning again keeps the place"


def test_a_place_that_was_brought_to_this_browser_is_found_by_the_venues_address(venue: Venue) -> None:
    line = opened(venue)
    party = join(Client(), line)
    other = Client()
    assert other.post(f"/queue/{line.code}/restore", {"place": str(party.pk)}).status_code == 303
    kept = {cookie["path"]: cookie.value for cookie in other.cookies.values() if cookie.value == str(party.pk)}
    assert set(kept) == {f"/queue/{line.code}", "/v/casa-azul"}
    assert other.get("/v/casa-azul")["Location"].endswith(f"#place={party.pk}")


def test_with_several_open_lines_guests_choose(guest: Client, venue: Venue) -> None:
    dinner, bar = opened(venue), opened(venue, "Bar", max_guests=2)
    commands.join(bar.code, size=2)
    html = page(guest, "/v/casa-azul")
    assert f'href="/queue/{dinner.code}"' in html and "Dinner" in html and "Bar" in html
    lines = guest.get("/v/casa-azul/lines.json").json()["lines"]
    assert [(line["code"], line["state"], line["waiting"]) for line in lines] == [
        (dinner.code, "open", 0),
        (bar.code, "full", 1),
    ]


def test_what_scripts_poll_is_a_304_until_it_changes_and_has_no_names(guest: Client, venue: Venue) -> None:
    line = opened(venue)
    party = commands.join(line.code, name="Canary").party
    first = guest.get("/v/casa-azul/lines.json")
    for known in (first["ETag"], f"W/{first['ETag']}", first["ETag"].replace('"', '-gzip"')[6:]):
        assert guest.get("/v/casa-azul/lines.json", headers={"If-None-Match": first["ETag"]}).status_code == 304, known
    assert "Canary" not in first.content.decode() and str(party.pk) not in first.content.decode()
    commands.call(line.pk, party_id=party.pk)
    changed = guest.get("/v/casa-azul/lines.json", headers={"If-None-Match": first["ETag"]})
    assert changed.json()["lines"][0]["called"] == [party.ticket]


def test_a_closed_lines_code_leads_guests_home_and_others_see_how_their_place_ended(
    guest: Client, venue: Venue
) -> None:
    line = opened(venue)
    there = Client()
    join(there, line)
    commands.close(line.pk)
    assert guest.get(f"/queue/{line.code}")["Location"] == "/v/casa-azul"
    html = page(there, f"/queue/{line.code}")
    assert "has ended" in html and 'href="/v/casa-azul"' in html
    nobodys = commands.open_line(commands.NewLine(event_name="Friday", max_guests=9))
    commands.close(nobodys.pk)
    assert "This line is closed" in page(guest, f"/queue/{nobodys.code}"), "a line without a venue has no home"


def test_an_old_address_leads_to_the_present_one_and_back_again(guest: Client, venue: Venue) -> None:
    venue_commands.change_venue(venue_id=venue.pk, slug="casa-roja")
    for path in ("", "/wall", "/poster", "/qr.svg", "/lines.json", "/poster?sheet=tent"):
        moved = guest.get(f"/v/casa-azul{path}")
        assert (moved.status_code, moved["Location"]) == (308, f"/v/casa-roja{path}")
        assert moved["Cache-Control"] == "no-store", "a browser that kept it would go in a circle when it is taken back"
    venue_commands.change_venue(venue_id=venue.pk, slug="casa-azul")
    assert guest.get("/v/casa-azul").status_code == 200
    assert guest.get("/v/casa-roja")["Location"] == "/v/casa-azul"


@pytest.mark.parametrize(
    "spelled", ["/v/Casa-Azul", "/v/casa-azul/", "/v/casa-azul.", "/V/CASA-AZUL", "/v/ｃａｓａ-ａｚｕｌ"]
)
def test_any_spelling_is_led_to_the_one_address(spelled: str, guest: Client, venue: Venue) -> None:
    assert guest.get(spelled)["Location"] == "/v/casa-azul"


@pytest.mark.parametrize("text", ["https://example.com/v/casa-azul", " Casa-Azul ", "/v/casa-azul/"])
def test_the_field_for_a_code_takes_the_address_too(text: str, guest: Client, venue: Venue) -> None:
    assert guest.post("/queue", {"code": text})["Location"] == "/v/casa-azul"
    assert guest.post("/queue", {"code": "/v/nowhere\0"}).status_code == 404


def test_an_unknown_venue_is_404_with_a_way_on(guest: Client) -> None:
    assert guest.get("/v/nowhere").status_code == 404


def test_the_wall_shows_the_line_that_is_open_now(guest: Client, venue: Venue) -> None:
    assert "No line is open right now" in page(guest, "/v/casa-azul/wall")
    line = opened(venue)
    party = commands.join(line.code, name="Canary").party
    commands.call(line.pk, party_id=party.pk)
    html = page(guest, "/v/casa-azul/wall")
    assert f'data-snapshot="/api/queue/{line.code}/snapshot"' in html and f'data-codes="{line.code}"' in html
    assert 'src="/v/casa-azul/qr.svg"' in html and "/v/<wbr>casa-azul" in html and "Canary" not in html
    bar = opened(venue, "Bar")
    html = page(guest, "/v/casa-azul/wall")
    assert f'data-codes="{line.code} {bar.code}"' in html and f'data-ticket="{party.ticket}"' in html


def test_the_poster_shows_nothing_of_one_evening(guest: Client, venue: Venue) -> None:
    line = opened(venue)
    for sheet in ("a4", "letter", "tent", "nonsense"):
        html = page(guest, f"/v/casa-azul/poster?sheet={sheet}")
        assert "http://testserver/v/casa-azul" in html and line.code not in html
    japanese = guest.get("/v/casa-azul/poster", headers={"Accept-Language": "ja"}).content.decode()
    assert 'lang="ja"' in japanese and "Scan" not in japanese
    assert guest.get("/v/casa-azul/qr.svg")["Content-Type"] == "image/svg+xml"


@pytest.mark.django_db(transaction=True)
def test_a_closed_venue_tells_its_hours_and_when_it_opens_next() -> None:
    with moved_clock(at("2026-03-23 17:00")) as watch:
        service(restaurant(), (DINNER,))
        html = page(Client(), "/v/casa-ana")
        assert "Dinner</bdi> · 20:00–23:30" in html and "Opens today at 20:00." in html  # noqa: RUF001
        assert "Opens today at 20:00." in page(Client(), "/v/casa-ana/wall")
        american = page(Client(headers={"accept-language": "en-US"}), "/v/casa-ana")
        assert "8:00\u00a0PM–11:30\u00a0PM" in american and "at 8:00\u00a0PM." in american  # noqa: RUF001
        watch.set(at("2026-03-23 23:45"))
        assert "Opens tomorrow at 20:00." in page(Client(), "/v/casa-ana")


def test_a_later_day_is_named_in_the_readers_language() -> None:
    opens, now = at("2026-03-26 20:00"), at("2026-03-23 17:00")
    assert labels.opening(opens, now, "Europe/Madrid") == "Opens on Thursday, 26 March, at 8:00\u00a0PM."
    with override("ja"):
        assert "木曜日" in labels.opening(opens, now, "Europe/Madrid")
