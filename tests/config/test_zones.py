"""Every time of day is told in the venue's zone, or in none (decision 0039): a default zone would be wrong for most."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from html import unescape
from itertools import product
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from core import clock
from core.languages import ENGLISH_24H
from outbox import dispatcher, work
from outbox.models import Effect
from polls import commands as polls
from polls.models import Poll
from queues import commands
from queues.models import Party, Queue
from reach import messages
from rooms import exports
from rooms.ticks import Tick
from tests.page_client import page, signed_in
from tests.polls.page_client import poll_by_form, vote
from tests.queues.page_client import join, line_by_form, press
from tests.rooms.page_client import room_by_form
from venues import commands as venue_commands
from venues.models import Membership, User, Venue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

# 17:08 of the same day in New York; 03:53 of the next in Kathmandu.
NOW = datetime(2026, 3, 6, 22, 8, 20, tzinfo=UTC)
NEW_YORK, KATHMANDU = "America/New_York", "Asia/Kathmandu"
# All that happens here happens within these hours of UTC, and in no such hour of either zone.
UTC_SHOWN = re.compile(r"(?<![\d:])(?:22|23):\d\d|\b1[01]:\d\d\sPM|\bUTC\b|\bGMT\b")
TIME_SHOWN = re.compile(r"(?<![\d:])\d\d:\d\d(?!\d)")
BY_24_HOURS = re.compile(r"(?<![\d:])(?:0\d|1[3-9]|2[0-3]):\d\d(?!\d)")


class Watch:
    """What the database's clock says in this test."""

    now = NOW


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The database's clock, set by the test. No worker is woken."""
    held = Watch()
    monkeypatch.setattr(clock, "now", lambda *, using="": held.now)
    monkeypatch.setattr(dispatcher, "after_commit", lambda *_: None)
    return held


def member_of(venue: Venue) -> Client:
    """The browser of a new member of the venue."""
    return signed_in(str(uuid4()), venue)


def opened_for(venue: Venue, host: Client, **fields: str) -> Queue:
    """A line of the venue, opened by the form."""
    return line_by_form(host, "/lines", venue=str(venue.pk), **fields)


def text_of(html: str) -> str:
    """What a person reads of a page: neither scripts nor attributes."""
    html = re.sub(r"<(script|style|template)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", html))


# ------------------------------------------------------------------------------------------------------ hours that close
@pytest.mark.parametrize("zone", [NEW_YORK, KATHMANDU])
def test_a_venues_hours_are_read_in_its_zone_not_the_browsers(zone: str) -> None:
    venue = venue_commands.create_venue(name="Nonna", timezone_name=zone)
    host = member_of(venue)
    closing = (NOW.astimezone(ZoneInfo(zone)) + timedelta(hours=3)).time().replace(second=0)
    line = opened_for(venue, host, open_time="21:30", close_time=f"{closing:%H:%M}", timezone="Asia/Tokyo")
    assert (line.timezone, line.has_zone) == (zone, True)
    assert line.closes_at - NOW < timedelta(hours=3) and line.closes_at.astimezone(ZoneInfo(zone)).time() == closing
    assert zone in text_of(page(host, f"/queue/{line.code}/host")), "whose hours these are"
    press(host, line, "settings", open_time="21:30", close_time=f"{closing.replace(minute=50):%H:%M}", call_window_s=120,
        max_guests=60)  # fmt: skip
    assert Queue.objects.get(pk=line.pk).closes_at.astimezone(ZoneInfo(zone)).time() == closing.replace(minute=50)


def test_hours_over_midnight_are_a_venues_also_where_the_browser_names_no_zone() -> None:
    venue = venue_commands.create_venue(name="Nonna", timezone_name=NEW_YORK)
    line = opened_for(venue, member_of(venue), open_time="18:00", close_time="02:00")
    assert line.closes_at == datetime(2026, 3, 7, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("venue_zone", ["UTC", None], ids=["venue without a zone", "no venue"])
def test_hours_without_a_zone_are_shown_and_close_nothing(venue_zone: str | None) -> None:
    if venue_zone is None:
        host = Client()
        line = line_by_form(host, open_time="18:00", close_time="21:08")
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
    fields = {"open_time": "18:00", "close_time": "21:08", "timezone": NEW_YORK}
    if venue_zone is None:
        line = line_by_form(Client(), **fields)
    else:
        venue = venue_commands.create_venue(name="Nonna", timezone_name=venue_zone)
        line = opened_for(venue, member_of(venue), **fields)
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


# ------------------------------------------------------------------------------------------------------- what is told
class Floor:
    """A line, a poll, a poll that is over, an early one and a room, of one host; a party waits and one is called."""

    def __init__(self, zone: str | None, *, language: str = "") -> None:
        self.guest, self.called, self.stranger = Client(), Client(), Client()
        venue = venue_commands.create_venue(name="Nonna", timezone_name=zone) if zone else None
        self.host = member_of(venue) if venue else Client()
        Membership.objects.update(role="owner")  # who sees the venue's reports
        self.line = opened_for(venue, self.host) if venue else line_by_form(self.host)
        self.venue = venue
        self.party = join(self.called, self.line, name="Ann")
        join(self.guest, self.line, name="Ben")
        commands.call(self.line.pk, party_id=self.party.pk)
        self.polls = [
            self.poll_by_form(ends_in="30"),
            self.poll_by_form(starts_in="20", ends_in="30"),
            self.poll_by_form(f"/polls/new?line={self.line.code}", ends_in="30"),
            self.poll_by_form(ends_in="10"),
        ]
        self.room = room_by_form(self.host, ends_in="1", **self.owner)
        self.browsers = (self.host, self.guest, self.called, self.stranger)
        for browser in self.browsers:
            browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language

    @property
    def owner(self) -> dict[str, str]:
        """The field of a form that names the venue."""
        return {"venue": str(self.venue.pk)} if self.venue else {}

    def poll_by_form(self, path: str = "/polls/new", **fields: str) -> Poll:
        """A poll of this host."""
        return poll_by_form(self.host, path, **self.owner, **fields)

    def pages(self) -> Iterator[tuple[str, str]]:
        """Every page of these that tells anything, and its text, as a host, a guest, the called guest and a stranger read it."""
        code, room = self.line.code, self.room.code
        paths = [
            f"/queue/{code}", f"/queue/{code}/ticket", f"/queue/{code}/look", f"/queue/{code}/wall", f"/queue/{code}/poster",
            f"/queue/{code}/host", f"/queue/{code}/host/list", f"/queue/{code}/report", f"/queue/{code}/report.csv",
            f"/rooms/{room}", f"/rooms/{room}/wall", f"/rooms/{room}/poster", f"/rooms/{room}/host", "/", "/lines", "/polls/new",
            "/rooms/new",
        ]  # fmt: skip
        for poll in self.polls:
            paths += [
                f"/polls/{poll.code}/host",
                f"/vote/{poll.code}",
                f"/vote/{poll.code}/own",
                f"/vote/{poll.code}/results",
            ]
            paths += [f"/queue/{code}/vote/{poll.code}"]
        if self.venue:
            paths += [f"/venue/reports?venue={self.venue.pk}", f"/venue/reports.csv?venue={self.venue.pk}"]
        read = 0
        for path, browser in product(paths, self.browsers):
            answer = browser.get(path)
            if answer.status_code == 200:
                read += 1
                yield path, text_of(answer.content.decode())
        assert read > 2 * len(paths)


@pytest.mark.parametrize("zone", [None, "UTC", NEW_YORK, KATHMANDU])
def test_no_page_tells_a_time_of_day_in_utc(zone: str | None, watch: Watch) -> None:
    floor = Floor(zone)
    vote(Client(), floor.polls[0], 0)
    watch.now += timedelta(minutes=15)
    assert polls.close_if_over(floor.polls[-1].pk)
    for effect in Effect.objects.filter(name="analytics", status=Effect.Status.PENDING).order_by("pk"):
        work.perform(effect.pk)
    told = set()
    for state in ("open", "closed"):
        if state == "closed":
            press(floor.host, floor.line, "close")
            floor.host.post(f"/rooms/{floor.room.code}/host/close")
        for path, text in floor.pages():
            if path.startswith("/venue/") and zone == "UTC":
                assert ("joined (UTC)" if ".csv" in path else "(UTC: the venue’s time zone is not set yet)") in text
                continue
            assert not UTC_SHOWN.search(text), (zone, path, UTC_SHOWN.findall(text), text)
            told |= set(TIME_SHOWN.findall(text))
    if zone in (None, "UTC"):
        # Since the line was opened; and the figures of countdowns have no second digit.
        assert all(time_of_day.startswith("00:") for time_of_day in told), told
    else:
        assert f"{(NOW + timedelta(minutes=30)).astimezone(ZoneInfo(zone)):%H:%M}" in told, "when the poll ends"


def test_who_goes_by_12_hours_reads_no_others(watch: Watch) -> None:
    floor = Floor(NEW_YORK, language="en-US,en;q=0.9")
    vote(Client(), floor.polls[0], 0)
    press(floor.host, floor.line, "settings", open_time="17:00", close_time="21:30", call_window_s=120, max_guests=60)
    watch.now += timedelta(minutes=15)
    assert polls.close_if_over(floor.polls[-1].pk)
    told = {path: text for path, text in floor.pages() if ".csv" not in path}
    assert not {path: found for path, text in told.items() if (found := BY_24_HOURS.findall(text))}
    assert "5:00\u00a0PM–9:30\u00a0PM" in told[f"/queue/{floor.line.code}"]  # noqa: RUF001
    assert "5:38\u00a0PM EST" in told[f"/polls/{floor.polls[0].code}/host"]


@pytest.mark.parametrize("zone", [None, "UTC", NEW_YORK, KATHMANDU])
def test_a_call_says_the_venues_time_or_how_long(zone: str | None) -> None:
    venue = venue_commands.create_venue(name="Nonna", timezone_name=zone) if zone else None
    line = opened_for(venue, member_of(venue)) if venue else line_by_form(Client())
    called = commands.call(line.pk, party_id=join(Client(), line, name="Ann").pk)
    party = Party.objects.select_related("queue__venue").get(pk=called.pk)
    at = (NOW + timedelta(minutes=2)).astimezone(ZoneInfo(zone)) if zone not in (None, "UTC") else None
    for language in (ENGLISH_24H, *dict(settings.LANGUAGES)):
        by = at and (f"{at:%I:%M\u00a0%p}".lstrip("0") if language == "en" else f"{at:%H:%M}")
        with translation.override(language):
            message = messages.called(party, round_=1, now=NOW)
        assert message and not UTC_SHOWN.search(message.body), language
        assert (by or "2") in message.body, language
        assert len(re.findall(r"\d:\d", message.body)) == bool(by), language


@pytest.mark.parametrize(("zone", "time_of_day"), [(NEW_YORK, "17:08 EST"), (KATHMANDU, "03:53 +0545"), ("", "")])
def test_a_rooms_files_tell_the_venues_time(zone: str, time_of_day: str) -> None:
    start = int(NOW.timestamp())
    ticks = [Tick(start, 1, 0), Tick(start + 90, 1, 2)]
    note = exports.note_of("ABC234", ticks, zone=zone)
    assert time_of_day in note and not UTC_SHOWN.search(note)
    assert time_of_day or "2 minutes" in note
    table = exports.room_csv("ABC234", ticks, zone=zone).content.decode()
    told = datetime.fromisoformat(table.splitlines()[1].split(",")[0].strip('"'))
    assert told == NOW and told.utcoffset() == NOW.astimezone(ZoneInfo(zone or "UTC")).utcoffset()


def test_the_lists_of_a_host_tell_the_venues_day() -> None:
    watch_day = {NEW_YORK: "6 Mar", KATHMANDU: "7 Mar"}
    for zone, expected in watch_day.items():
        floor = Floor(zone)
        press(floor.host, floor.line, "close")
        text = text_of(page(floor.host, "/lines"))
        assert text.count(expected) == 6, text
