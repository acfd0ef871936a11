"""X1: what each role may do is what venues/roles.py says, on every page of a venue; a role in another venue is worth nothing."""

import re

import pytest

from tests.routes import django_routes, filled
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues import commands
from venues.models import Membership, User
from venues.roles import RIGHTS, Right, may

# The right that each of a venue's pages asks for.
PAGES = {
    **dict.fromkeys(
        ["/venue", "/venue/clock", "/venue/look", "/venue/after", "/venue/joining", "/venue/words", "/venue/logo"],
        Right.SET_UP,
    ),
    **dict.fromkeys(["/venue/devices", "/venue/devices/<int:device>/remove"], Right.SET_UP),
    **dict.fromkeys(["/venue/reports", "/venue/reports.csv", "/venue/reports/mail"], Right.REPORTS),
    "/venue/people": Right.PEOPLE,
    "/venue/people/<int:member>/role": Right.PEOPLE,
    "/venue/people/<int:member>/remove": Right.PEOPLE,
    "/venue/people/invitations/<uuid:invitation>/revoke": Right.PEOPLE,
    "/venue/services": Right.RUN,
    "/venue/services/new": Right.SET_UP,
    "/venue/services/<uuid:service_id>": Right.SET_UP,
    "/venue/services/<uuid:service_id>/open": Right.RUN,
    "/venue/services/<uuid:service_id>/use": Right.SET_UP,
    "/venue/dates": Right.SET_UP,
    "/venue/dates/<int:date_id>/remove": Right.SET_UP,
    **dict.fromkeys(["/venue/tables", "/venue/tables/order", "/venue/tables/section"], Right.SET_UP),
    **dict.fromkeys(["/venue/tables/<int:table_id>", "/venue/tables/<int:table_id>/remove"], Right.SET_UP),
    "/venue/keys": Right.KEYS,
    "/venue/keys/<int:key_id>/end": Right.KEYS,
    **dict.fromkeys(["/venue/sms", "/venue/sms/<slug:action>"], Right.KEYS),
    "/venue/webhooks": Right.KEYS,
    "/venue/webhooks/<str:webhook>": Right.KEYS,
    "/venue/webhooks/<str:webhook>/rotate": Right.KEYS,
    "/venue/webhooks/<str:webhook>/<slug:action>": Right.KEYS,
    **dict.fromkeys(["/venue/guests", "/venue/guests/history", "/venue/guests/<uuid:guest_id>/forget"], Right.GUESTS),
    **dict.fromkeys(["/venue/reach", "/venue/privacy", "/venue/privacy/guest"], Right.SET_UP),
    "/venue/mail": Right.PEOPLE,
    "/venue/mail/<uuid:mail_id>": Right.PEOPLE,
}
# Those that stand in the navigation; the others are reached from them.
NAVIGATION = {
    "/venue",
    "/venue/services",
    "/venue/tables",
    "/venue/webhooks",
    "/venue/reach",
    "/venue/sms",
    "/venue/reports",
    "/venue/guests",
    "/venue/privacy",
    "/venue/people",
    "/venue/devices",
    "/venue/keys",
}
pytestmark = pytest.mark.django_db


def test_each_page_of_a_venue_has_a_right() -> None:
    assert {route for route in django_routes() if f"{route}/".startswith("/venue/")} == set(PAGES)


def test_an_owner_may_do_all_that_a_manager_may_and_a_manager_all_that_a_host_may() -> None:
    assert RIGHTS["host"] < RIGHTS["manager"] < RIGHTS["owner"] == set(Right)


@pytest.mark.thorough
@pytest.mark.parametrize("role", ["owner", "manager", "host", "stranger", ""])
def test_each_page_opens_for_the_roles_that_have_its_right(role: str) -> None:
    venue = venue_with_people()
    commands.create_user(email="stranger@example.com", password="correct horse battery")
    other = commands.create_venue(name="Red Door", timezone_name="UTC")
    commands.create_host(email="stranger@example.com", venue=other, password=None, role=Membership.Role.OWNER)
    browser = browser_of(role)
    for route, right in PAGES.items():
        known = dict.fromkeys(("member", "date_id", "key_id", "table_id"), "99999999")
        path = f"{filled(route, **known, action='test')}?venue={venue.pk}"
        for method in (browser.get, browser.post):
            answer = method(path)
            if answer.status_code == 405:
                continue
            if not role:
                assert answer.status_code in {302, 403}, path
            elif role == "stranger" and not route.startswith("/venue/mail"):
                assert answer.status_code == 403, path
            elif role != "stranger":
                assert (answer.status_code != 403) == (right in RIGHTS[role]), (path, answer.status_code)


@pytest.mark.thorough
@pytest.mark.parametrize("role", list(RIGHTS))
def test_the_navigation_leads_to_the_pages_that_the_role_may_open(role: str) -> None:
    venue_with_people()
    browser = browser_of(role)
    html = browser.get("/venue/services").content.decode()
    paths = re.findall(r'class="nav-link" href="([^"]+)"', html.split('aria-label="Your venue"')[1])
    assert [browser.get(path).status_code for path in paths] == [200] * len(paths)
    shown = {path.partition("?")[0] for path in paths if path.startswith("/venue/") or path.startswith("/venue?")}
    may_open = {route for route, right in PAGES.items() if right in RIGHTS[role] and route in NAVIGATION}
    assert shown == may_open


def test_rights_are_of_one_venue() -> None:
    venue, other = venue_with_people(), commands.create_venue(name="Red Door", timezone_name="UTC")
    owner = User.objects.get(email="owner@example.com")
    assert may(owner, venue.pk, Right.PEOPLE)
    assert not may(owner, other.pk, Right.RUN)
