"""The owner's page of people: roles, removing, and who must stay. Every change is an event with its actor (law 10)."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from core.actors import HOST, Actor
from core.errors import Conflict, NotFound
from outbox.models import Event
from queues import commands as line_commands
from queues.models import Queue
from tests.venues.people_of_venue import PASSWORD, browser_of, member, venue_with_people
from venues import commands
from venues.models import Membership, User, Venue


@pytest.fixture
def venue(db: None) -> Venue:
    return venue_with_people()


def said(answer: Any) -> str:
    """The page without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_page_shows_who_works_here_and_as_what(venue: Venue) -> None:
    page = said(browser_of("owner").get("/venue/people"))
    for role in ("owner", "manager", "host"):
        assert f"{role}@example.com" in page
    assert "Casa Azul" in page


def test_an_owner_changes_a_role_and_the_log_says_who_did(venue: Venue) -> None:
    path = f"/venue/people/{member('host').pk}/role?venue={venue.pk}"
    answer = browser_of("owner").post(path, {"role": "manager"}, follow=True)
    assert "Changed." in said(answer)
    assert member("host").role == "manager"
    event = Event.objects.get(type="VENUE_ROLE_CHANGED")
    assert (event.actor, event.actor_user, event.data["role"]) == (
        "host",
        User.objects.get(email="owner@example.com"),
        "manager",
    )
    assert "example.com" not in str(event.data)


@pytest.mark.parametrize("role", ["", "king", "OWNER", "x" * 300])
def test_an_unknown_role_is_refused_in_words(venue: Venue, role: str) -> None:
    path = f"/venue/people/{member('host').pk}/role?venue={venue.pk}"
    assert browser_of("owner").post(path, {"role": role}, follow=True).status_code == 200
    assert member("host").role == "host"


def test_removing_ends_at_once_what_the_person_had_open_of_the_venue(venue: Venue) -> None:
    host = browser_of("host")
    line = line_commands.open_line(line_commands.NewLine(event_name="Friday", max_guests=9), venue=venue)
    assert isinstance(line, Queue)
    assert host.get(f"/queue/{line.code}/host").status_code == 200
    answer = browser_of("owner").post(f"/venue/people/{member('host').pk}/remove?venue={venue.pk}", follow=True)
    assert "Removed." in said(answer)
    assert host.get(f"/queue/{line.code}/host").status_code == 403
    assert User.objects.filter(email="host@example.com", is_active=True).exists()


def test_the_last_owner_stays_and_stays_owner(venue: Venue) -> None:
    owner = browser_of("owner")
    for action, form in (("remove", {}), ("role", {"role": "host"})):
        answer = owner.post(f"/venue/people/{member('owner').pk}/{action}?venue={venue.pk}", form, follow=True)
        assert "A venue needs an owner" in said(answer)
    assert member("owner").role == "owner"


def test_staff_may_remove_the_last_owner(venue: Venue) -> None:
    commands.remove_member(membership_id=member("owner").pk, actor=Actor("staff"))
    assert not venue.memberships.filter(role="owner").exists()


def test_an_owner_who_removes_themselves_is_led_away(venue: Venue) -> None:
    commands.change_role(venue_id=venue.pk, membership_id=member("host").pk, role="owner", actor=Actor("staff"))
    answer = browser_of("owner").post(f"/venue/people/{member('owner').pk}/remove?venue={venue.pk}")
    assert answer["Location"] == "/lines"


def test_members_of_another_venue_are_not_found(venue: Venue) -> None:
    other = commands.create_venue(name="Red Door", timezone_name="UTC")
    commands.create_host(email="eve@example.com", venue=other, password=PASSWORD, role=Membership.Role.OWNER)
    theirs = member("eve")
    for action in ("remove", "role"):
        browser_of("owner").post(f"/venue/people/{theirs.pk}/{action}?venue={venue.pk}", {"role": "host"})
    with pytest.raises(NotFound):
        commands.remove_member(membership_id=theirs.pk, venue_id=venue.pk)
    assert member("eve").role == "owner"


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one() -> None:
    venue = venue_with_people()
    commands.change_role(venue_id=venue.pk, membership_id=member("host").pk, role="owner", actor=Actor("staff"))
    owners = [member("owner").pk, member("host").pk]

    def remove(pk: int) -> bool:
        try:
            commands.remove_member(membership_id=pk, actor=HOST)
        except Conflict:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, owners)) == [False, True]
    assert Membership.objects.filter(venue=venue, role="owner").count() == 1
