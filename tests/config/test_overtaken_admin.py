"""Staff and owners save the same row: the admin refuses to overwrite what it did not show, and shows it (decision 0105)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from core.actors import Actor
from tests.config.settings_forms import House, a_house, fresh
from tests.config.whole_forms import Whole, whole_forms
from tests.page_client import page
from tests.venues.people_of_venue import browser_of
from venues import commands
from venues.hours import read
from venues.models import ApiKey, HoursException, Membership, Service, User, Venue
from venues.tables import Table
from web.admin import ManagedAdmin

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Case:
    """A row, what another person does with it, what staff type, and what then stands beside a field."""

    row: Callable[[House], Model]
    theirs: Callable[[House], object]
    mine: dict[str, object]
    fields: tuple[str, ...]
    now: str


def _account(house: House, **changed: Any) -> object:
    user = house.host.user
    names = ("email", "first_name", "last_name", "is_active", "is_staff", "is_superuser")
    return commands.change_user(user_id=user.pk, **{name: getattr(user, name) for name in names} | changed)


CASES: dict[type[Model], Case] = {
    Venue: Case(
        lambda house: house.venue,
        lambda house: commands.change_venue(venue_id=house.venue.pk, name="Casa Verde"),
        {"name": "Casa Rosa"},
        ("name", "slug", "timezone"),
        "Now: Casa Verde.",
    ),
    Service: Case(
        lambda house: house.service,
        lambda house: commands.change_service(service_id=house.service.pk, max_guests=50),
        {"max_guests": "60"},
        ("name", "max_guests", "call_window_s"),
        "Now: 50.",
    ),
    HoursException: Case(
        lambda house: house.date,
        lambda house: commands.set_exception(
            venue_id=house.venue.pk, service_id=None, day=house.date.date, spans=read("12:00-15:00"), name="Eve"
        ),
        {"name": "Feast", "spans": ""},
        ("name", "spans"),
        "Now: 12:00",
    ),
    Table: Case(
        lambda house: house.table,
        lambda house: commands.change_table(venue_id=house.venue.pk, table_id=house.table.pk, seats=8),
        {"seats": "6"},
        ("name", "seats", "section"),
        "Now: 8.",
    ),
    User: Case(
        lambda house: house.host.user,
        lambda house: _account(house, first_name="Cleo"),
        {"first_name": "Clea"},
        ("email", "first_name", "is_active"),
        "Now: Cleo.",
    ),
    Membership: Case(
        lambda house: house.host,
        lambda house: commands.change_role(
            venue_id=house.venue.pk, membership_id=house.host.pk, role="owner", actor=Actor("staff")
        ),
        {"role": "manager"},
        ("role",),
        "Now: Owner.",
    ),
}


@pytest.fixture
def house() -> House:
    return a_house()


@pytest.fixture
def staff() -> Client:
    browser = Client()
    browser.force_login(User.objects.create_superuser("boss@example.com", "long enough"))
    return browser


def address(row: Model) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def form_on(html: str, row: Model) -> Whole:
    """The form that changes the row."""
    return next(each for each in whole_forms(html, address(row)) if "saw" in each.fields)


def test_each_row_that_staff_may_change_is_one_of_these() -> None:
    changed = {model for model, each in admin.site._registry.items() if isinstance(each, ManagedAdmin)}
    assert changed == CASES.keys() | {ApiKey}, "keys are made and revoked"


@pytest.mark.parametrize("model", CASES)
def test_staff_see_what_another_saved_meanwhile_and_lose_nothing(
    model: type[Model], house: House, staff: Client
) -> None:
    case = CASES[model]
    row = case.row(house)
    form = form_on(page(staff, address(row)), row)
    case.theirs(house)
    left = fresh(row, *case.fields)
    refused = staff.post(address(row), form.typed(case.mine))
    html = refused.content.decode()
    assert refused.status_code == 409 and case.now in html and "changed meanwhile" in html, html
    assert fresh(row, *case.fields) == left, "nothing is written"
    again = staff.post(address(row), form_on(html, row).fields)
    assert again.status_code == 302, again.content.decode()
    assert fresh(row, *case.fields) != left, "what was typed is saved now"


@pytest.mark.parametrize("model", CASES)
def test_staff_who_save_what_another_saved_are_not_refused(model: type[Model], house: House, staff: Client) -> None:
    case = CASES[model]
    row = case.row(house)
    form = form_on(page(staff, address(row)), row)
    for _ in range(2):
        assert staff.post(address(row), form.typed(case.mine)).status_code == 302


def test_an_owner_is_told_that_staff_changed_the_page(house: House, staff: Client) -> None:
    owner = browser_of("owner")
    form = next(each for each in whole_forms(page(owner, "/venue"), "/venue") if each.name == "venue-settings")
    theirs = form_on(page(staff, address(house.venue)), house.venue)
    assert staff.post(address(house.venue), theirs.typed({"name": "Casa Verde"})).status_code == 302
    refused = owner.post(form.action, form.typed({"name": "Casa Rosa"}))
    assert refused.status_code == 409 and "our staff changed this" in refused.content.decode()
    # What staff leave as it stands is no change of theirs.
    form = form_on(page(staff, address(house.venue)), house.venue)
    commands.change_venue(venue_id=house.venue.pk, accent="#aa2211")
    assert staff.post(address(house.venue), form.typed({"largest_party": "11"})).status_code == 302
