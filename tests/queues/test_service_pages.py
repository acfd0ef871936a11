"""The pages of services and hours: who may open them, what is kept of what was typed, what a button does."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from outbox.models import Event
from queues import commands
from queues.models import Queue
from tests.database_clock import moved_clock
from tests.queues.service_lines import DINNER, at, restaurant, service
from venues import commands as venue_commands
from venues.models import HoursException, Membership, Service, Venue
from venues.schedules import week_of

pytestmark = pytest.mark.django_db(transaction=True)

TYPED = {
    "name": "Lunch", "max_guests": "40", "call_window_s": "180", "last_entry_min": "30", "note_fields": "High chair, pram",
    "monday": "12-3", "tuesday": "11:30–14:30, 17:30–22:00", "saturday": "6pm to 2am",
    "key": "11111111-2222-4333-8444-555555555555",
}  # fmt: skip


@pytest.fixture
def venue(transactional_db: None) -> Venue:
    """The restaurant."""
    return restaurant()


@pytest.fixture
def dinner(venue: Venue) -> Service:
    """Every evening."""
    return service(venue, (DINNER,))


@pytest.fixture
def browser(venue: Venue) -> Callable[..., Client]:
    """browser("owner") is one in which a person of that role in the venue has signed in."""

    def signed_in(role: str = Membership.Role.OWNER, at: Venue = venue) -> Client:
        user = venue_commands.create_host(email=f"{role}@{at.pk}.example", venue=at, role=role)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_who_goes_by_12_hours_reads_and_types_them(browser: Callable[..., Client]) -> None:
    owner = browser()
    owner.defaults["HTTP_ACCEPT_LANGUAGE"] = "en-US"
    owner.post("/venue/services/new", TYPED)
    made = Service.objects.get()
    path, told = f"/venue/services/{made.pk}", "6:00\u00a0PM–2:00\u00a0AM"  # noqa: RUF001
    assert told in said(owner.get("/venue/services")) and f'value="{told}"' in said(owner.get(path))
    before = week_of(made)
    assert owner.post(path, {**TYPED, "saturday": told}).status_code == 303
    assert week_of(made) == before
    assert ">4:00\u00a0AM</option>" in said(owner.get("/venue"))


@pytest.fixture
def sunday(transactional_db: None) -> Iterator[None]:
    """Without hours: a service that is made within its hours opens at once."""
    with moved_clock(at("2026-03-22 12:00")):
        yield


@pytest.mark.thorough
@pytest.mark.usefixtures("sunday")
def test_an_owner_sets_a_service_up_and_it_opens_by_those_hours(browser: Callable[..., Client]) -> None:
    owner = browser()
    answers = [owner.post("/venue/services/new", TYPED) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    made = Service.objects.get()
    assert [*map(str, week_of(made)[1])] == ["11:30–14:30", "17:30–22:00"]  # noqa: RUF001
    assert (str(week_of(made)[5][0]), made.max_guests, made.note_fields) == (
        "18:00–02:00", 40, ["High chair", "pram"],  # noqa: RUF001
    )  # fmt: skip
    assert made.opens_next_at is not None
    page = said(owner.get("/venue/services"))
    opens = made.opens_next_at.astimezone(ZoneInfo(made.venue.zone))
    assert f"Opens {opens:%A} {opens.day} {opens:%B}, {opens:%H:%M}" in page and "17:30" in page
    event = Event.objects.get(type="VENUE_SERVICE_MADE")
    assert (event.actor, event.data["serviceId"]) == ("host", str(made.pk)) and event.actor_user is not None
    owner.post(f"/venue/services/{made.pk}", {**TYPED, "max_guests": "50", "monday": "closed"})
    changes = Event.objects.get(type="VENUE_SERVICE_CHANGED").changes["service"]
    assert set(changes) == {"max_guests", "week"} and changes["max_guests"] == [40, 50]


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("monday", "noon to three", "is no span of hours"),
        ("tuesday", "11-15, 14-16", "These hours overlap"),
        ("monday", "20:00–12:00", "On Tuesday this begins before an earlier one has ended"),  # noqa: RUF001
        ("max_guests", "0", "At least 1"),
        ("name", " ", "This field is required"),
        ("note_fields", "x" * 41, "At most 40 characters each"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    field: str, text: str, words: str, browser: Callable[..., Client], dinner: Service
) -> None:
    typed = {**TYPED, field: text}
    answer = browser().post(f"/venue/services/{dinner.pk}", typed)
    page = said(answer)
    assert (answer.status_code, words in page) == (400, True)
    for name, value in typed.items():
        assert name in {"call_window_s", field} or f'value="{value}"' in page, name
    dinner.refresh_from_db()
    assert dinner.name == "Dinner"


def test_what_happens_at_the_end_of_a_call_is_the_services_choice(
    browser: Callable[..., Client], venue: Venue, dinner: Service
) -> None:
    owner = browser()
    assert (dinner.auto_no_show, dinner.auto_advance, dinner.on_my_way_s) == (False, False, 300), "a host decides"
    said(owner.post(f"/venue/services/{dinner.pk}", {**TYPED, "auto_no_show": "on", "on_my_way_s": "600"}))
    dinner.refresh_from_db()
    assert (dinner.auto_no_show, dinner.on_my_way_s) == (True, 600)
    owner.post(f"/venue/services/{dinner.pk}", TYPED)  # from a page that does not ask
    dinner.refresh_from_db()
    assert (dinner.auto_no_show, dinner.on_my_way_s) == (False, 600)
    line = commands.open_service(dinner.pk)
    assert (line.auto_no_show, line.auto_advance, line.on_my_way_s) == (False, False, 600)


def test_a_host_opens_a_service_and_does_not_set_it_up(browser: Callable[..., Client], dinner: Service) -> None:
    host = browser(Membership.Role.HOST)
    page = said(host.get("/venue/services"))
    assert "Open now" in page and "New service" not in page
    for path in ("/venue/services/new", f"/venue/services/{dinner.pk}"):
        assert (host.get(path).status_code, host.post(path, TYPED).status_code) == (403, 403)
    assert host.post("/venue/dates", {"date": "2026-12-25"}).status_code == 403
    opened = [host.post(f"/venue/services/{dinner.pk}/open") for _ in range(2)]
    line = Queue.objects.get()
    assert [answer["Location"] for answer in opened] == [reverse("console", args=[line.code])] * 2


def test_strangers_and_people_of_other_venues_change_nothing(browser: Callable[..., Client], dinner: Service) -> None:
    other = venue_commands.create_venue(name="Elsewhere", timezone_name="Europe/Madrid")
    stranger, foreign = Client(), browser(Membership.Role.OWNER, other)
    path = f"/venue/services/{dinner.pk}"
    assert stranger.get(path).status_code == 302
    for action in ("", "/open", "/use"):
        assert stranger.post(path + action, TYPED).status_code == 403
        assert foreign.post(path + action, TYPED).status_code == 404
        assert foreign.post(f"{path}{action}?venue={dinner.venue_id}", TYPED).status_code == 403
    dinner.refresh_from_db()
    assert (dinner.name, dinner.archived_at, Queue.objects.count()) == ("Dinner", None, 0)


@pytest.mark.thorough
def test_a_date_with_other_hours_is_said_and_taken_back(browser: Callable[..., Client], dinner: Service) -> None:
    owner = browser()
    wrong = owner.post("/venue/dates", {"date": "2030-12-25", "spans": "all day", "name": "Christmas Day"})
    assert wrong.status_code == 400
    assert "This date is over." in said(owner.post("/venue/dates", {"date": "2020-12-25"}))
    assert all(text in said(wrong) for text in ('value="all day"', 'value="Christmas Day"', 'value="2030-12-25"'))
    for spans in ("", "12-15"):
        owner.post("/venue/dates", {"date": "2030-12-25", "spans": spans, "name": "Christmas Day"})
    exception = HoursException.objects.get()
    assert (exception.date, exception.spans, exception.service) == (date(2030, 12, 25), [["12:00", "15:00"]], None)
    assert "Christmas Day" in said(owner.get("/venue/services"))
    owner.post(f"/venue/dates/{exception.pk}/remove")
    assert not HoursException.objects.exists()
    events = Event.objects.filter(type__startswith="VENUE_DATE").order_by("version")
    assert [(event.type, event.data["hours"]) for event in events] == [
        ("VENUE_DATE_SET", ""),
        ("VENUE_DATE_SET", "12:00–15:00"),  # noqa: RUF001
        ("VENUE_DATE_REMOVED", "12:00–15:00"),  # noqa: RUF001
    ]


def test_a_service_is_taken_out_of_use_and_used_again(browser: Callable[..., Client], dinner: Service) -> None:
    owner, dinner_opens = browser(), dinner.opens_next_at
    owner.post(f"/venue/services/{dinner.pk}/use")
    dinner.refresh_from_db()
    assert dinner.archived_at is not None and dinner.opens_next_at is None
    owner.post(f"/venue/services/{dinner.pk}/use", {"use": "again"})
    assert Service.objects.filter(pk=dinner.pk, archived_at=None, opens_next_at=dinner_opens).exists()
