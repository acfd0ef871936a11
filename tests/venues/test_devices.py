"""A tablet is added to a venue by a code of 8 digits, runs what a host runs, and is removed at once (decision 0063)."""

import json
import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core import serializers
from django.test import Client
from limits import parse
from pytest_django.fixtures import Settings

from core import clock, rate_limits
from core.cache import sync_redis
from outbox.models import Event
from queues import commands as line_commands
from queues.models import Queue
from tests.page_client import page
from tests.queues.page_client import LINE_FORM, line_by_form
from tests.threads import in_threads
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues import commands
from venues.models import Venue
from venues.pairing import Device, PairingCode, digits_in

pytestmark = pytest.mark.django_db
DEVICES = "/venue/devices"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)


@pytest.fixture
def venue() -> Venue:
    return venue_with_people()


def shown_code(browser: Client, venue: Venue, name: str = "") -> str:
    """The digits that the page of devices shows after its form."""
    at = f"{DEVICES}?venue={venue.pk}"
    answer = browser.post(at, {"name": name, "key": str(uuid4())})
    assert (answer.status_code, answer["Location"]) == (303, at)
    return digits_on(page(browser, at))


def digits_on(html: str) -> str:
    """The digits that a page shows, as they are shown; empty for none."""
    found = re.search(r'<p class="pairing-digits">([\d ]+)</p>', html)
    return found[1] if found else ""


def tablet() -> Client:
    """A browser that has seen the form for a code."""
    browser = Client(headers={"user-agent": ANDROID})
    page(browser, "/host-key")
    return browser


def typed(browser: Client, digits: str) -> Any:
    """The form for a code is sent."""
    return browser.post("/host-key", {"key": digits})


def added(venue: Venue, name: str = "") -> Client:
    """A tablet of the venue."""
    browser = tablet()
    assert typed(browser, shown_code(browser_of("owner"), venue, name)).status_code == 303
    return browser


def line_of(venue: Venue) -> Queue:
    return line_commands.open_line(line_commands.NewLine(event_name="Friday night", max_guests=40), venue=venue)


# ------------------------------------------------------------------------------------------------------------------ adding
@pytest.mark.thorough
@pytest.mark.parametrize("who", ["owner", "manager"])
def test_a_tablet_types_the_digits_and_runs_the_lines(who: str, venue: Venue) -> None:
    line, browser = line_of(venue), tablet()
    digits = shown_code(browser_of(who), venue, name="Bar")
    answer = typed(browser, digits)
    assert (answer.status_code, answer["Location"]) == (303, "/lines")
    cookie = answer.cookies["device_token"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and digits.replace(" ", "") not in cookie.value
    assert f"/queue/{line.code}/host" in page(browser, "/lines")
    assert "Friday night" in page(browser, f"/queue/{line.code}/host")
    assert browser.post(f"/queue/{line.code}/host/pause").status_code == 303
    line.refresh_from_db()
    assert line.paused
    made = browser.post("/lines", {**LINE_FORM, "venue": str(venue.pk), "key": str(uuid4())})
    assert made.status_code == 303 and Queue.objects.get(event_name="Friday dinner").venue == venue
    assert page(browser, f"/queue/{line.code}/report")
    assert "Bar" in page(browser, "/tablet")


def test_it_may_do_what_a_host_may_in_its_venue_alone(venue: Venue) -> None:
    browser, other = added(venue), commands.create_venue(name="Red Door", timezone_name="UTC")
    assert browser.get(f"/queue/{line_of(other).code}/host").status_code == 302
    assert browser.get(f"/venue/reports?venue={venue.pk}").status_code == 302
    for path in ("/venue", "/venue/people", "/venue/reports", DEVICES, "/account"):
        assert browser.get(path).status_code == 302, path
    assert browser_of("host").get(DEVICES).status_code == 403, "a host neither"


@pytest.mark.thorough
def test_the_owner_sees_each_with_its_name_and_who_added_it(venue: Venue) -> None:
    added(venue, "Bar"), added(venue)
    html = unescape(page(browser_of("manager"), DEVICES))
    assert all(text in html for text in ("Bar", "Chrome on Android", "owner@example.com", "Last used"))
    assert "does not work here any more" not in html
    commands.create_host(email="second@example.com", venue=venue, role="owner")
    commands.remove_member(membership_id=venue.memberships.get(user__email="owner@example.com").pk)
    assert "does not work here any more" in unescape(page(browser_of("manager"), DEVICES))


@pytest.mark.parametrize("written", ["{} {}", "{}-{}", " {}{}\n", "http://testserver/host-key#key={}{}"])
def test_the_digits_are_read_as_people_and_cameras_send_them(written: str, venue: Venue) -> None:
    assert typed(tablet(), written.format(*shown_code(browser_of("owner"), venue).split())).status_code == 303


def test_what_is_no_code_is_none() -> None:
    assert digits_in("１２３４ ５６７８") == "12345678" == digits_in("١٢٣٤٥٦٧٨")  # noqa: RUF001
    assert [digits_in(text) for text in ("", "1234567", "123456789", "1234567a", "x" * 9000)] == [""] * 5


@pytest.mark.thorough
def test_a_code_is_good_once_and_for_five_minutes(venue: Venue) -> None:
    owner = browser_of("owner")
    digits = shown_code(owner, venue)
    left = PairingCode.objects.get().expires_at - clock.now()
    assert 290 < left.total_seconds() <= 300
    assert typed(tablet(), digits).status_code == 303
    assert not digits_on(page(owner, DEVICES)), "used"
    refused = typed(tablet(), digits)
    assert refused.status_code == 403 and "opens nothing" in refused.content.decode()
    assert "device_token" not in refused.cookies
    digits = shown_code(owner, venue)
    PairingCode.objects.update(expires_at=clock.NOW)
    assert not digits_on(page(owner, DEVICES)) and typed(tablet(), digits).status_code == 403
    assert Device.objects.count() == 1


def test_the_form_sent_again_gives_the_same_device(venue: Venue) -> None:
    """The answer was lost: the tablet did not get its cookie."""
    digits, browser = shown_code(browser_of("owner"), venue), tablet()
    first = typed(browser, digits).cookies["device_token"].value
    del browser.cookies["device_token"]
    assert typed(browser, digits).cookies["device_token"].value == first
    assert Device.objects.count() == 1


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_of_two_that_type_it_at_once_one_is_added() -> None:
    venue = venue_with_people()
    digits = shown_code(browser_of("owner"), venue)
    browsers = [tablet() for _ in range(4)]
    statuses = in_threads(4, lambda: typed(browsers.pop(), digits).status_code)
    assert sorted(statuses) == [303, 403, 403, 403]
    assert Device.objects.count() == 1


@pytest.mark.thorough
def test_one_browser_is_one_device(venue: Venue) -> None:
    """Added again, it takes the place of what it was."""
    browser = added(venue, "Bar")
    assert typed(browser, shown_code(browser_of("owner"), venue, "Door")).status_code == 303
    assert Device.objects.get().name == "Door"
    page(browser, "/tablet")


# ---------------------------------------------------------------------------------------------------------------- removing
@pytest.mark.thorough
def test_a_removed_tablet_is_a_stranger_at_once(venue: Venue) -> None:
    browser, line, owner = added(venue), line_of(venue), browser_of("manager")
    console = f"/queue/{line.code}/host"
    token = re.search(r'data-host-auth="([^"]+)"', page(browser, console))
    assert token
    api = f"/api/queue/{line.code}/console"
    assert Client().get(api, headers={"x-host-auth": token[1]}).status_code == 200
    answer = owner.post(f"{DEVICES}/{Device.objects.get().pk}/remove?venue={venue.pk}")
    assert (answer.status_code, answer["Location"]) == (303, f"{DEVICES}?venue={venue.pk}")
    assert browser.get(console).status_code == browser.get("/lines").status_code == 302
    assert browser.post(f"{console}/close", headers={"x-fragment": "1"}).status_code == 403
    assert Client().get(api, headers={"x-host-auth": token[1]}).status_code == 403
    line.refresh_from_db()
    assert not line.is_closed
    assert "was removed before" in owner.post(f"{DEVICES}/1/remove?venue={venue.pk}", follow=True).content.decode()


def test_no_other_venue_removes_it(venue: Venue) -> None:
    added(venue)
    other = commands.create_venue(name="Red Door", timezone_name="UTC")
    commands.create_host(email="stranger@example.com", venue=other, role="owner")
    path = f"{DEVICES}/{Device.objects.get().pk}/remove"
    assert browser_of("stranger").post(path).status_code == 303
    assert browser_of("stranger").post(f"{path}?venue={venue.pk}").status_code == 403
    assert Device.objects.count() == 1


def test_a_tablet_takes_itself_out(venue: Venue) -> None:
    browser = added(venue)
    assert browser.post("/tablet").status_code == 303
    assert not Device.objects.exists() and browser.cookies["device_token"].value == ""
    assert browser.get("/tablet")["Location"] == "/host-key"


def test_its_use_is_noted_once_a_minute(venue: Venue) -> None:
    browser = added(venue)
    first = Device.objects.get().last_used_at
    assert "device_token" not in browser.get("/lines").cookies
    assert Device.objects.get().last_used_at == first
    Device.objects.update(last_used_at=clock.NOW - commands.devices.NOTED_EACH)
    assert "device_token" in browser.get("/lines").cookies, "and its cookie lives on"
    assert Device.objects.get().last_used_at > first


# ----------------------------------------------------------------------------------------------------------------- secrets
@pytest.mark.thorough
def test_what_is_stored_opens_nothing_and_the_log_names_no_one(venue: Venue) -> None:
    digits = shown_code(browser_of("owner"), venue, "Bar").replace(" ", "")
    browser = tablet()
    typed(browser, digits)
    browser_of("owner").post(f"{DEVICES}/{Device.objects.get().pk}/remove")
    stored = serializers.serialize("json", [*PairingCode.objects.all(), *Device.objects.all()])
    assert digits not in stored and browser.cookies["device_token"].value not in stored
    events = Event.objects.filter(stream="venue", type__startswith="VENUE_DEVICE").order_by("version")
    assert [event.type for event in events] == ["VENUE_DEVICE_ADDED", "VENUE_DEVICE_REMOVED"]
    assert all(event.actor_user_id is not None for event in events)
    assert "Bar" not in json.dumps([event.data for event in events])
    assert "data:image/svg+xml" in str(shown_page(venue)), "no address of a picture holds the digits"


def shown_page(venue: Venue) -> str:
    """The page with a code."""
    owner = browser_of("owner")
    shown_code(owner, venue)
    return page(owner, DEVICES)


def test_digits_cannot_be_guessed_from_many_addresses(venue: Venue, settings: Settings, monkeypatch: Any) -> None:
    monkeypatch.setattr(rate_limits, "ANY_CODE", parse("3 per 10 minutes"))
    settings.RATE_LIMITS = True
    try:
        tries = [Client(REMOTE_ADDR=f"192.0.2.{n}").post("/host-key", {"key": f"{n:08}"}) for n in range(4)]
        assert [answer.status_code for answer in tries] == [403, 403, 403, 429]
        assert "Retry-After" in tries[-1].headers
    finally:
        for key in sync_redis().scan_iter("tl:limit:*"):
            sync_redis().delete(key)


# ------------------------------------------------------------------------------------------------- lines without an account
@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["line", "poll", "room"])
def test_what_was_opened_without_an_account_is_opened_on_another_device(kind: str) -> None:
    from tests.config.test_way_back import opened

    host = Client()
    at = opened(kind, host)
    assert f'href="{at}/device"' in page(host, at)
    assert Client().get(f"{at}/device").status_code == 302
    assert not digits_on(page(host, f"{at}/device"))
    host.post(f"{at}/device"), host.post(f"{at}/device")
    digits = digits_on(page(host, f"{at}/device"))
    answer = typed(browser := tablet(), digits)
    assert (answer.status_code, answer["Location"]) == (303, at)
    page(browser, at)
    assert typed(tablet(), digits).status_code == 403, "used"
    host.post(f"{at}/device")
    digits = digits_on(page(host, f"{at}/device"))
    assert host.post(f"{at}/renew-token").status_code == 303
    assert typed(tablet(), digits).status_code == 403, "the renewal ended it"
    assert browser.get(at).status_code == 302


def test_what_belongs_to_a_venue_is_opened_by_its_devices(venue: Venue) -> None:
    line = line_of(venue)
    assert browser_of("host").get(f"/queue/{line.code}/host/device").status_code == 404
    host = Client()
    code = line_by_form(host).code
    poll = host.post(f"/polls/new?line={code}", {"key": str(uuid4()), "title": "Wine?",
        "choices": ["Red", "White"], "several": "one", "visibility": "always", "starts_unit": "1", "ends_unit": "1",
        "open_now": "yes", "line": code})  # fmt: skip
    assert host.get(f"{poll['Location']}/device").status_code == 404, "the line's hosts run it"
