"""The tablet at the door: guests enter themselves one after another, and nothing of the one before stays (decision 0063)."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from core import clock
from core.actors import SYSTEM
from core.cache import sync_redis
from outbox.models import Event
from queues import commands, hand_over
from queues.models import Party, Queue
from tests.page_client import page
from tests.queues.page_client import line_by_form, shown_state
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues import commands as venue_commands
from venues.models import Venue
from venues.pairing import Device, device_token, digits_of

pytestmark = pytest.mark.django_db
PIN = "2468"


@pytest.fixture
def venue() -> Venue:
    return venue_with_people()


@pytest.fixture
def line(venue: Venue) -> Queue:
    return open_line(venue)


def open_line(venue: Venue, name: str = "Dinner", most: int = 40) -> Queue:
    return commands.open_line(commands.NewLine(event_name=name, max_guests=most), venue=venue)


@pytest.fixture
def tablet(venue: Venue) -> Client:
    """A device of the venue."""
    code = venue_commands.offer_device_code(venue_id=venue.pk, name="Door", actor=SYSTEM)
    venue_commands.pair_device(digits=digits_of(code.pk), described="", key="a tablet")
    browser = Client()
    browser.cookies["device_token"] = device_token(code.pk)
    return browser


@pytest.fixture
def kiosk(tablet: Client) -> Client:
    """It takes guests."""
    answer = tablet.post("/kiosk/start", {"pin": PIN})
    assert (answer.status_code, answer["Location"]) == (303, "/kiosk")
    return tablet


def enter(kiosk: Client, path: str = "/kiosk", *, name: str = "", size: str = "2", **headers: str) -> Any:
    """A guest sends the form."""
    form = {"name": name, "size": size, "key": str(uuid4())}
    return kiosk.post(path, form, headers={**headers})


# ------------------------------------------------------------------------------------------------------ beginning and end
@pytest.mark.thorough
def test_under_its_pin_it_is_no_host(tablet: Client, line: Queue) -> None:
    own = line_by_form(tablet)
    tablet.force_login(line.venue.memberships.get(role="owner").user)  # type: ignore[union-attr]
    console = f"/queue/{line.code}/host"
    page(tablet, console), page(tablet, f"/queue/{own.code}/host")
    assert tablet.post("/kiosk/start", {"pin": PIN}).status_code == 303
    for path in ("/lines", console, f"/queue/{own.code}/host", "/venue", "/account"):
        assert tablet.get(path).status_code == 302, path
    assert tablet.post(f"{console}/close").status_code == 403
    assert tablet.get("/tablet")["Location"] == "/host-key" and tablet.get("/kiosk/start")["Location"] == "/kiosk"
    refused = tablet.post("/host-key", {"key": "12345678"})
    assert refused.status_code == 403 and "Leave that with its PIN" in refused.content.decode()
    assert "kiosk" in page(browser_of("manager"), "/venue/devices")


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "１２３４", "12 34"])  # noqa: RUF001
def test_a_pin_has_four_to_eight_digits(pin: str, tablet: Client) -> None:
    answer = tablet.post("/kiosk/start", {"pin": pin})
    assert answer.status_code == 400 and 'class="wrong"' in answer.content.decode()
    assert Device.objects.get().kiosk_pin == ""


@pytest.mark.thorough
def test_leaving_needs_the_pin(kiosk: Client, settings: Settings) -> None:
    assert PIN not in Device.objects.get().kiosk_pin
    wrong = kiosk.post("/kiosk/leave", {"pin": "1357"})
    assert wrong.status_code == 403 and "1357" not in wrong.content.decode()
    settings.RATE_LIMITS = True
    try:
        others = [Client(REMOTE_ADDR=f"192.0.2.{n}") for n in range(6)]
        for other in others:
            other.cookies["device_token"] = kiosk.cookies["device_token"].value
        tries = [other.post("/kiosk/leave", {"pin": "1357"}) for other in others]
        assert [answer.status_code for answer in tries] == [403] * 5 + [429]
        assert kiosk.post("/kiosk/leave", {"pin": PIN}).status_code == 429, "the right one neither"
    finally:
        for key in sync_redis().scan_iter("tl:limit:*"):
            sync_redis().delete(key)
    settings.RATE_LIMITS = False
    answer = kiosk.post("/kiosk/leave", {"pin": PIN})
    assert (answer.status_code, answer["Location"]) == (303, "/lines")
    page(kiosk, "/lines")
    types = Event.objects.filter(stream="venue", type__startswith="VENUE_KIOSK").order_by("version").values_list("type")
    assert [each for (each,) in types] == ["VENUE_KIOSK_BEGAN", "VENUE_KIOSK_ENDED"]


def test_a_forgotten_pin_is_ended_by_removing_the_tablet(kiosk: Client, venue: Venue, line: Queue) -> None:
    browser_of("owner").post(f"/venue/devices/{Device.objects.get().pk}/remove")
    assert "takes no guests" in page(kiosk, "/kiosk", 403)
    assert enter(kiosk).status_code == 403 and not line.parties.exists()


def test_a_browser_that_is_no_kiosk_is_none(tablet: Client) -> None:
    assert tablet.get("/kiosk")["Location"] == "/kiosk/start"
    assert tablet.get("/kiosk/leave")["Location"] == "/tablet"
    for path in ("/kiosk", "/kiosk/ticket", "/kiosk/next"):
        assert "takes no guests" in page(Client(), path, 403)
    assert Client().get("/kiosk/start")["Location"] == Client().get("/kiosk/leave")["Location"] == "/host-key"


# ------------------------------------------------------------------------------------------------------------------ guests
@pytest.mark.thorough
def test_guests_enter_themselves_one_after_another(kiosk: Client, line: Queue) -> None:
    for number, name in enumerate(("Ada", "Ben", "Ben"), start=1):
        answer = enter(kiosk, name=name)
        assert (answer.status_code, answer["Location"]) == (303, "/kiosk/ticket")
        html = page(kiosk, "/kiosk/ticket")
        assert f'<h1 class="place-number">{number}</h1>' in html and name not in html
        party = Party.objects.get(ticket=number)
        assert "data:image/svg+xml" in html and str(party.pk) not in html
        assert kiosk.get("/kiosk/next")["Location"] == "/kiosk"
        assert name not in page(kiosk, "/kiosk")
    assert line.parties.count() == 3


def test_a_phone_takes_the_ticket_over(kiosk: Client, line: Queue) -> None:
    enter(kiosk, name="Ada")
    party, phone = Party.objects.get(), Client()
    code = hand_over.code_for(party, clock.now())
    assert phone.post(f"/queue/{line.code}/take", {"code": code}).status_code == 303
    assert shown_state(page(phone, f"/queue/{line.code}/ticket")) == "waiting"


@pytest.mark.thorough
def test_nothing_of_a_guest_stays_in_the_browser(kiosk: Client, line: Queue) -> None:
    answer = enter(kiosk, name="Ada")
    secret = str(Party.objects.get().pk)
    kept = {name for name, morsel in answer.cookies.items() if secret in morsel.value}
    assert kept == {"kiosk_ticket"}, "no place"
    ticket = answer.cookies["kiosk_ticket"]
    assert (ticket["path"], ticket["httponly"], ticket["max-age"]) == ("/kiosk", True, 120)
    kiosk.cookies["language"] = "ja"
    assert 'lang="ja"' in page(kiosk, "/kiosk/ticket")
    kiosk.get("/kiosk/next")
    assert kiosk.cookies["kiosk_ticket"].value == kiosk.cookies["language"].value == ""
    assert not [name for name, morsel in kiosk.cookies.items() if secret in morsel.value or "Ada" in morsel.value]
    back = kiosk.get("/kiosk/ticket")
    assert (back.status_code, back["Location"]) == (303, "/kiosk"), "the way back"
    assert 'lang="en"' in page(kiosk, "/kiosk")
    assert page(kiosk, f"/queue/{line.code}/ticket").count("data-restore"), "a place of this line is not its own"


@pytest.mark.thorough
def test_its_pages_are_not_stored_and_its_forms_not_filled_in(kiosk: Client, line: Queue) -> None:
    enter(kiosk)
    for path in ("/kiosk", "/kiosk/ticket", "/kiosk/next", "/kiosk/leave"):
        assert "no-store" in kiosk.get(path)["Cache-Control"], path
    html = page(kiosk, "/kiosk")
    fields = [tag for tag in html.split("<input")[1:] if 'type="hidden"' not in tag.split(">")[0]]
    assert len(fields) == 3 and all('autocomplete="off"' in tag.split(">")[0] for tag in fields)


@pytest.mark.thorough
def test_what_is_wrong_is_said_and_what_was_typed_is_not_kept(kiosk: Client, line: Queue) -> None:
    """A page that answers a form would stay in the history, with what the guest typed."""
    answer = enter(kiosk, name="Ada", size="30")
    assert (answer.status_code, answer["Location"]) == (303, "/kiosk")
    html = page(kiosk, "/kiosk")
    assert "At most 24" in html and "Ada" not in html
    told = enter(kiosk, name="Ada", size="x", **{"x-fragment": "1"})
    assert told.status_code == 400 and "whole number" in told.json()["error"]
    assert enter(kiosk, **{"x-fragment": "1"}).json() == {"next": "/kiosk/ticket"}
    commands.pause(line.code)
    assert enter(kiosk, **{"x-fragment": "1"}).status_code == 409
    commands.close(line.code)
    assert "No line is open" in enter(kiosk, **{"x-fragment": "1"}).json()["error"]
    assert "No line is open" in page(kiosk, "/kiosk") and kiosk.get("/kiosk/ticket").status_code == 303
    assert line.parties.count() == 1


def test_of_several_lines_guests_choose(kiosk: Client, venue: Venue, line: Queue) -> None:
    bar = open_line(venue, "Bar")
    html = page(kiosk, "/kiosk")
    assert f'href="?line={bar.code}"' in html and "data-join" not in html
    assert enter(kiosk).status_code == 303 and not Party.objects.exists(), "of which line?"
    assert f'action="/kiosk?line={bar.code}"' in page(kiosk, f"/kiosk?line={bar.code}")
    assert enter(kiosk, f"/kiosk?line={bar.code}")["Location"] == "/kiosk/ticket"
    assert bar.parties.count() == 1
    other = open_line(venue_commands.create_venue(name="Red Door", timezone_name="UTC"))
    enter(kiosk, f"/kiosk?line={other.code}")
    assert not other.parties.exists(), "of its venue alone"


def test_a_guest_at_the_tablet_needs_no_code_of_the_wall(kiosk: Client, line: Queue) -> None:
    commands.edit_line(line.pk, here_only=True)
    assert 'name="here"' not in page(kiosk, "/kiosk")
    assert enter(kiosk, name="Ana")["Location"] == "/kiosk/ticket"
    assert line.parties.count() == 1
