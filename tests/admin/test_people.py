"""Venues, people and keys: written by commands, by superusers only."""

from collections.abc import Callable
from datetime import time

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from tests.admin.conftest import PASSWORD, post_action
from venues import keys
from venues.models import ApiKey, Membership, User, Venue

NEW_PASSWORD = "another long enough one"


def test_only_staff_enter(
    venue: Venue, host: User, clerk: User, boss: User, signed_in: Callable[[User], Client]
) -> None:
    for person in (None, host):
        client = signed_in(person) if person else Client()
        for path in ("/admin/", "/admin/queues/queue/", f"/admin/venues/venue/{venue.pk}/change/"):
            answer = client.get(path)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/login/")
    for person in (clerk, boss):
        assert signed_in(person).get("/admin/").status_code == 200


@pytest.mark.thorough
def test_sign_in_and_lock_out(host: User, clerk: User) -> None:
    client = Client()
    fields = {"username": clerk.email, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", {**fields, "username": host.email}).status_code == 200, "a host stays outside"
    assert client.post("/admin/login/", {**fields, "username": "Clerk@Example.com"})["Location"] == "/admin/"
    assert 'name="next" value="/admin/"' in Client().get("/admin/login/").content.decode(), "wherever they came from"
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    answers = [stranger.post("/admin/login/", {**fields, "password": "wrong"}).status_code for _ in range(10)]
    assert answers == [200] * 9 + [429]
    assert stranger.post("/admin/login/", fields).status_code == 429, "not even with the right password now"
    assert Client().post("/admin/login/", fields).status_code == 302, "the account itself is not locked"


def test_a_venue_is_opened_and_changed(as_boss: Client) -> None:
    as_boss.post("/admin/venues/venue/add/", {"name": " Nopa ", "timezone": "Asia/Tokyo", "day_ends": "04:00"})
    venue = Venue.objects.get()
    assert (venue.name, venue.timezone) == ("Nopa", "Asia/Tokyo")
    path = f"/admin/venues/venue/{venue.pk}/change/"
    typed = {"name": "Nopalito", "slug": venue.slug, "timezone": "UTC", "day_ends": "05:00"}
    assert as_boss.post(path, typed).status_code == 302
    assert as_boss.post(path, typed | {"timezone": "Mars/Olympus"}).status_code == 200
    venue.refresh_from_db()
    assert (venue.name, venue.timezone, venue.day_ends) == ("Nopalito", "UTC", time(5))
    assert list(LogEntry.objects.order_by("pk").values_list("object_id", flat=True)) == [str(venue.pk)] * 2


def test_an_account_is_made_changed_and_given_a_new_password(as_boss: Client) -> None:
    fields = {"email": "New@Example.com", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    answer = as_boss.post("/admin/venues/user/add/", {**fields, "first_name": "Nina"})
    user = User.objects.get(email="new@example.com")
    assert answer["Location"] == f"/admin/venues/user/{user.pk}/change/"
    assert user.check_password(PASSWORD)
    assert (user.first_name, user.is_staff, user.is_superuser) == ("Nina", False, False)

    names = {"email": user.email, "first_name": "Nina", "last_name": "Simone"}
    as_boss.post(answer["Location"], {**names, "is_active": "on", "is_staff": "on"})
    user.refresh_from_db()
    assert (user.last_name, user.is_active, user.is_staff, user.is_superuser) == ("Simone", True, True, False)
    assert user.check_password(PASSWORD), "the form does not touch it"

    path = f"/admin/venues/user/{user.pk}/password/"
    assert as_boss.get(path).status_code == 200
    as_boss.post(
        path, {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "set-password": "1"}
    )
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_a_superuser_who_changes_their_own_password_stays_signed_in(as_boss: Client, boss: User) -> None:
    path = f"/admin/venues/user/{boss.pk}/password/"
    as_boss.post(
        path, {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "set-password": "1"}
    )
    assert User.objects.get(pk=boss.pk).check_password(NEW_PASSWORD)
    assert as_boss.get("/admin/").status_code == 200


def test_a_shut_account_is_outside_at_once(as_boss: Client, clerk: User, signed_in: Callable[[User], Client]) -> None:
    as_clerk = signed_in(clerk)
    assert as_clerk.get("/admin/").status_code == 200
    as_boss.post(f"/admin/venues/user/{clerk.pk}/change/", {"email": clerk.email, "is_staff": "on"})
    assert not User.objects.get(pk=clerk.pk).is_active
    assert as_clerk.get("/admin/").status_code == 302


def test_the_last_superuser_cannot_be_lost(as_boss: Client, boss: User) -> None:
    path = f"/admin/venues/user/{boss.pk}/change/"
    answer = as_boss.post(path, {"email": boss.email, "is_active": "on", "is_staff": "on"}, follow=True)
    assert "last superuser" in answer.content.decode()
    boss.refresh_from_db()
    assert boss.is_superuser


@pytest.mark.parametrize("page", ["user/add/", "venue/add/", "membership/add/", "apikey/add/"])
def test_staff_who_are_no_superusers_manage_no_accounts(as_clerk: Client, page: str, clerk: User, boss: User) -> None:
    assert as_clerk.post(f"/admin/venues/{page}", {"email": "x@example.com"}).status_code == 403
    for path in (f"user/{boss.pk}/password/", f"user/{clerk.pk}/change/"):
        data = {"email": clerk.email, "is_active": "on", "is_staff": "on", "is_superuser": "on", "password1": "x"}
        assert as_clerk.post(f"/admin/venues/{path}", data).status_code == 403
    clerk.refresh_from_db()
    assert not clerk.is_superuser


@pytest.mark.thorough
def test_a_host_is_let_in_promoted_and_sent_away(as_boss: Client, venue: Venue) -> None:
    add = "/admin/venues/membership/add/"
    fields = {"venue": str(venue.pk), "email": "Maria@Example.com", "role": "host"}
    assert "give it a password" in as_boss.post(add, fields).content.decode()
    assert "too short" in as_boss.post(add, {**fields, "password": "short"}).content.decode()
    assert as_boss.post(add, {**fields, "password": PASSWORD}).status_code == 302
    membership = Membership.objects.get()
    assert membership.user.email == "maria@example.com"
    assert membership.user.check_password(PASSWORD)
    assert "works for this venue already" in as_boss.post(add, fields).content.decode()

    path = f"/admin/venues/membership/{membership.pk}"
    as_boss.post(f"{path}/change/", {"role": "owner"})
    membership.refresh_from_db()
    assert membership.role == "owner"
    assert membership.user.check_password(PASSWORD)
    as_boss.post(f"{path}/delete/", {"post": "yes"})
    assert not Membership.objects.exists()
    assert User.objects.filter(email="maria@example.com").exists()


def test_several_are_sent_away_by_the_command(as_boss: Client, venue: Venue, host: User) -> None:
    (message,) = post_action(as_boss, "venues/membership", "delete_selected", *Membership.objects.all(), post="yes")
    assert "Successfully deleted 1" in message
    assert not Membership.objects.exists()


def test_a_key_is_shown_once(as_boss: Client, venue: Venue) -> None:
    answer = as_boss.post("/admin/venues/apikey/add/", {"venue": str(venue.pk), "name": "Website", "scopes": "line"})
    row = ApiKey.objects.get()
    key = answer.context["key"]
    assert answer.status_code == 200
    assert key in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert keys.find(key) == row
    later = [
        as_boss.get(path) for path in ("/admin/", "/admin/venues/apikey/", f"/admin/venues/apikey/{row.pk}/change/")
    ]
    assert not any(key in page.content.decode() for page in later)
    kept = [str(dict(as_boss.session.items())), *(cookie.value for cookie in as_boss.cookies.values())]
    assert not any(key in text for text in kept)


@pytest.mark.thorough
def test_a_key_is_revoked(as_boss: Client, as_clerk: Client, venue: Venue) -> None:
    as_boss.post("/admin/venues/apikey/add/", {"venue": str(venue.pk), "name": "Website", "scopes": "line"})
    row = ApiKey.objects.get()
    post_action(as_clerk, "venues/apikey", "revoke", row)
    assert ApiKey.objects.get().revoked_at is None, "not for staff who are no superusers"
    assert post_action(as_boss, "venues/apikey", "revoke", row) == [f"Revoked: {row}."]
    assert ApiKey.objects.get().revoked_at is not None
    assert "Nothing to do" in post_action(as_boss, "venues/apikey", "revoke", row)[0]
