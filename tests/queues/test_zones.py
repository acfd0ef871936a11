"""Every time of day is told in the venue's zone, or in none (issue 13, A11): a default zone is right for nobody."""

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from outbox import clock, relay
from queues import commands
from queues.models import Queue
from tests.queues.pages import OPEN, act, hosted, page
from venues import commands as venue_commands
from venues.models import Membership, User, Venue

pytestmark = pytest.mark.django_db(transaction=True)

# 18:08 of the same day in New York; 04:53 of the next in Kathmandu.
NOW = datetime(2026, 3, 6, 23, 8, 20, tzinfo=UTC)
NEW_YORK, KATHMANDU = "America/New_York", "Asia/Kathmandu"
# All that happens here happens within these hours of UTC, and in no such hour of either zone.
UTC_SAID = re.compile(r"\b(?:23|00):\d\d\b|\b11:\d\d PM|\bUTC\b|\bGMT\b")
TIME_SAID = re.compile(r"\b\d\d:\d\d\b")
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Watch:
    """What the database's clock says in this test."""

    now = NOW


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The one clock, in the test's hand. Nobody is woken."""
    held = Watch()
    monkeypatch.setattr(clock, "now", lambda: held.now)
    monkeypatch.setattr(relay, "after_commit", lambda *_: None)
    return held


def member_of(venue: Venue) -> Client:
    """A tablet of somebody who works there."""
    user = User.objects.create_user(f"{uuid4()}@example.com", "long enough")
    Membership.objects.create(venue=venue, user=user)
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


def opened_for(venue: Venue, host: Client, **said: str) -> Queue:
    """A line of the venue, opened by form."""
    answer = host.post("/lines", {**OPEN, "key": str(uuid4()), "venue": str(venue.pk), **said})
    assert answer.status_code == 303, answer.content.decode()
    return Queue.objects.get(code=answer["Location"].split("/")[2])


def text_of(html: str) -> str:
    """What a person reads of a page: neither scripts nor attributes."""
    html = re.sub(r"<(script|style|template)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", html))


# ------------------------------------------------------------------------------------------------------ hours that close
@pytest.mark.parametrize("zone", [NEW_YORK, KATHMANDU])
def test_a_venues_hours_are_read_in_its_zone_whatever_the_browsers(zone: str) -> None:
    venue = venue_commands.create_venue(name="Nonna", timezone_name=zone)
    host = member_of(venue)
    closing = (NOW.astimezone(ZoneInfo(zone)) + timedelta(hours=3)).time().replace(second=0)
    line = opened_for(venue, host, open_time="23:30", close_time=f"{closing:%H:%M}", timezone="Asia/Tokyo")
    assert (line.timezone, line.has_zone) == (zone, True)
    assert line.closes_at - NOW < timedelta(hours=3) and line.closes_at.astimezone(ZoneInfo(zone)).time() == closing
    assert zone in text_of(page(host, f"/queue/{line.code}/host")), "whose hours these are"
    act(host, line, "settings", open_time="23:30", close_time=f"{closing.replace(minute=50):%H:%M}", call_window_s=120,
        max_guests=60)  # fmt: skip
    assert Queue.objects.get(pk=line.pk).closes_at.astimezone(ZoneInfo(zone)).time() == closing.replace(minute=50)


def test_hours_over_midnight_are_a_venues_also_where_the_browser_names_no_zone() -> None:
    venue = venue_commands.create_venue(name="Nonna", timezone_name=NEW_YORK)
    line = opened_for(venue, member_of(venue), open_time="18:00", close_time="02:00")
    assert line.closes_at == datetime(2026, 3, 7, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("venue_zone", ["UTC", None], ids=["venue without a zone", "no venue"])
def test_hours_whose_zone_nobody_named_are_shown_and_close_nothing(venue_zone: str | None) -> None:
    if venue_zone is None:
        host = Client()
        line = hosted(host, open_time="18:00", close_time="21:08")
    else:
        venue = venue_commands.create_venue(name="Nonna", timezone_name=venue_zone)
        host = member_of(venue)
        line = opened_for(venue, host, open_time="18:00", close_time="21:08")
    assert not line.has_zone and line.closes_at == NOW + timedelta(hours=12)
    assert "18:00–21:08" in page(Client(), f"/queue/{line.code}")  # noqa: RUF001
    assert "do not close it" in page(host, f"/queue/{line.code}/host")


def test_the_command_takes_no_default_for_a_zone() -> None:
    new = commands.NewLine(event_name="Friday", max_guests=9, close_time=time(21, 8))
    assert not commands.open_line(new).has_zone


@pytest.mark.parametrize("venue_zone", ["UTC", None], ids=["venue without a zone", "no venue"])
def test_a_browser_names_the_zone_where_no_venue_does(venue_zone: str | None) -> None:
    said = {"open_time": "18:00", "close_time": "21:08", "timezone": NEW_YORK}
    if venue_zone is None:
        line = hosted(Client(), **said)
    else:
        venue = venue_commands.create_venue(name="Nonna", timezone_name=venue_zone)
        line = opened_for(venue, member_of(venue), **said)
    assert (line.timezone, line.has_zone) == (NEW_YORK, True)
    assert line.closes_at == datetime(2026, 3, 7, 2, 8, tzinfo=UTC)


def test_who_types_hours_sees_in_which_zone_they_are_read() -> None:
    form = page(Client(), "/")
    assert re.search(r"<select name=\"timezone\"", form) and f'<option value="{NEW_YORK}">' in form
    nonna, roma = (
        venue_commands.create_venue(name=name, timezone_name=zone) for name, zone in (("Nonna", NEW_YORK), ("Roma", KATHMANDU))
    )  # fmt: skip
    host = member_of(nonna)
    lines = page(host, "/lines")
    assert NEW_YORK in text_of(lines) and 'name="timezone"' not in lines, "the venue's; nothing to choose"
    Membership.objects.create(venue=roma, user=User.objects.get())
    both = text_of(page(host, "/lines"))
    assert NEW_YORK in both and KATHMANDU in both
    Venue.objects.filter(pk=roma.pk).update(timezone="UTC")
    assert 'name="timezone"' in page(host, "/lines")
