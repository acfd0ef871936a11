"""venues/commands/services.py: what is refused and by which field, what is kept, made once, and scheduled."""

from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from core.errors import NotFound
from venues import commands
from venues.hours import Exceptional, Span
from venues.models import HoursException, OpeningHours, Service, Venue
from venues.schedules import hours_of, week_of

pytestmark = pytest.mark.django_db

DINNER = Span(time(18), time(23))
WEEK = [(DINNER,)] * 7


@pytest.fixture
def venue() -> Venue:
    """A restaurant."""
    return commands.create_venue(name="Nonna", timezone_name="America/New_York")


@pytest.fixture
def dinner(venue: Venue) -> Service:
    """Every evening."""
    return commands.create_service(venue_id=venue.pk, name="Dinner", week=WEEK)


def test_the_same_key_makes_one_service(venue: Venue) -> None:
    made = [commands.create_service(venue_id=venue.pk, name="Dinner", week=WEEK, key="once").pk for _ in range(2)]
    assert made[0] == made[1]
    assert (Service.objects.count(), OpeningHours.objects.count()) == (1, 7)


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "n" * 121}),
        ("max_guests", {"max_guests": 0}),
        ("max_guests", {"max_guests": 100_001}),
        ("call_window_s", {"call_window_s": 9}),
        ("last_entry_min", {"last_entry_min": 721}),
        ("note_fields", {"note_fields": ["n" * 41]}),
        ("sections", {"sections": [str(number) for number in range(13)]}),
        ("tuesday", {"week": [(Span(time(20), time(3)),), (Span(time(2), time(4)),), *[()] * 5]}),
    ],
)
def test_what_is_refused_names_its_field_and_changes_nothing(
    field: str, settings: dict[str, Any], dinner: Service
) -> None:
    before = Service.objects.values().get()
    with pytest.raises(ValidationError) as refused:
        commands.change_service(service_id=dinner.pk, max_guests=settings.pop("max_guests", 7), **settings)
    assert [*refused.value.message_dict] == [field]
    assert Service.objects.values().get() == before
    assert week_of(dinner) == tuple(WEEK)


def test_settings_and_week_are_changed_apart(dinner: Service) -> None:
    commands.change_service(service_id=dinner.pk, note_fields=["High chair", " ", "High chair", "Pram"])
    dinner.refresh_from_db()
    assert (dinner.note_fields, dinner.name, week_of(dinner)) == (["High chair", "Pram"], "Dinner", tuple(WEEK))
    assert dinner.opens_next_at is not None
    commands.change_service(service_id=dinner.pk, week=[()] * 7)
    dinner.refresh_from_db()
    assert [dinner.opens_next_at, OpeningHours.objects.count()] == [None, 0]


def test_a_venue_without_a_zone_has_no_hours() -> None:
    venue = commands.create_venue(name="Nowhere", timezone_name="UTC")
    with pytest.raises(ValidationError) as refused:
        commands.create_service(venue_id=venue.pk, name="Dinner", week=WEEK)
    assert [*refused.value.message_dict] == ["monday"]
    assert not Service.objects.exists()
    made = commands.create_service(venue_id=venue.pk, name="Dinner")
    assert hours_of(made) is None


def test_an_exception_is_one_a_date_and_the_services_own_comes_first(venue: Venue, dinner: Service) -> None:
    day, early = date(2026, 12, 25), (Span(time(12), time(15)),)
    for spans in ((), early):
        commands.set_exception(venue_id=venue.pk, service_id=None, day=day, spans=spans, name="Christmas Day")
    commands.set_exception(venue_id=venue.pk, service_id=dinner.pk, day=day)
    assert HoursException.objects.count() == 2
    plan = hours_of(dinner)
    assert plan is not None
    assert plan.exceptions == {day: Exceptional()}
    for exception in HoursException.objects.filter(service=dinner):
        commands.remove_exception(venue_id=venue.pk, exception_id=exception.pk)
    plan = hours_of(dinner)
    assert plan is not None
    assert plan.exceptions == {day: Exceptional(early, "Christmas Day")}


@pytest.mark.parametrize(
    ("field", "said"),
    [("spans", {"spans": (DINNER, Span(time(22), time(23)))}), ("name", {"name": "n" * 121})],
)
def test_a_bad_exception_names_its_field(field: str, said: dict[str, Any], venue: Venue) -> None:
    with pytest.raises(ValidationError) as refused:
        commands.set_exception(venue_id=venue.pk, service_id=None, day=date(2026, 12, 25), **said)
    assert [*refused.value.message_dict] == [field]
    assert not HoursException.objects.exists()


def test_another_venues_service_is_unknown(dinner: Service) -> None:
    other = commands.create_venue(name="Elsewhere", timezone_name="Europe/Madrid")
    with pytest.raises(NotFound):
        commands.set_exception(venue_id=other.pk, service_id=dinner.pk, day=date(2026, 12, 25))


@pytest.mark.parametrize("at", [time(4, 30), time(13)])
def test_a_business_day_ends_at_a_whole_hour_before_noon(at: time, venue: Venue) -> None:
    with pytest.raises(ValidationError) as refused:
        commands.change_venue(venue_id=venue.pk, name="Nonna", timezone_name=venue.timezone, day_ends=at)
    assert [*refused.value.message_dict] == ["day_ends"]
