"""`manage.py create_host` and `create_api_key`, as used at a terminal."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.zones import machine_zone
from venues import commands, keys
from venues.models import ApiKey, Membership, User, Venue

pytestmark = pytest.mark.django_db(transaction=True)

MADRID = ("--timezone", "Europe/Madrid")


def run(*arguments: str) -> tuple[str, str]:
    """Standard output and error."""
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(*arguments: str) -> str:
    """Why it failed; nothing may have been made then."""
    before = Venue.objects.count(), User.objects.count(), ApiKey.objects.count()
    with pytest.raises(CommandError) as failure:
        run(*arguments)
    assert (Venue.objects.count(), User.objects.count(), ApiKey.objects.count()) == before
    return str(failure.value)


def test_a_host_and_a_venue_are_made_and_the_password_works() -> None:
    out, _ = run("create_host", " Ada@Nonna.example ", "--venue", "Nonna", *MADRID)
    membership = Membership.objects.get()
    assert (membership.venue.name, membership.venue.timezone) == ("Nonna", "Europe/Madrid")
    assert (membership.user.email, membership.role) == ("ada@nonna.example", "host")
    password = out.split("Password (shown only now): ")[1].strip()
    assert membership.user.check_password(password)
    assert not membership.user.is_staff


def test_a_given_password_is_not_printed_and_a_known_person_keeps_theirs() -> None:
    out, _ = run(
        "create_host", "ada@nonna.example", "--venue", "Nonna", *MADRID, "--owner", "--password", "tomato soup 9"
    )
    assert "tomato" not in out
    out, _ = run("create_host", "ada@nonna.example", "--venue", "Other", *MADRID)
    assert "Password" not in out and "keeps its password" in out
    user = User.objects.get()
    assert user.check_password("tomato soup 9")
    roles = {each.venue.name: each.role for each in user.memberships.all()}
    assert roles == {"Nonna": "owner", "Other": "host"}
    run("create_host", "ada@nonna.example", "--venue", "Nonna", "--password", "potato soup 10")
    assert User.objects.get().check_password("potato soup 10")
    assert Venue.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody", "--venue", "Nonna"], "valid email"),
        (["ada@nonna.example", "--venue", "Nonna", "--password", "short"], "too short"),
        (["ada@nonna.example", "--venue", "Nonna", "--timezone", "Mars"], "not a time zone"),
        (["ada@nonna.example", "--venue", " ", *MADRID], "cannot be blank"),
        (["ada@nonna.example", "--venue", "x" * 121, *MADRID], "at most 120"),
        (["ada@nonna.example"], "--venue"),
    ],
)
def test_what_cannot_be_right_is_refused(arguments: list[str], words: str) -> None:
    assert words in refused("create_host", *arguments)


def test_a_new_venue_takes_the_machines_zone_or_is_asked_for_one() -> None:
    said = ["create_host", "ada@nonna.example", "--venue", "Nonna"]
    if zone := machine_zone():
        run(*said)
        assert Venue.objects.get().timezone == zone
    else:
        assert "--timezone" in refused(*said)
    run(*said, *MADRID)


def test_two_venues_of_one_name_are_not_guessed_between() -> None:
    commands.create_venue(name="Nonna", timezone_name="UTC")
    commands.create_venue(name="Nonna", timezone_name="UTC")
    assert "several venues named Nonna" in refused("create_host", "ada@nonna.example", "--venue", "Nonna")
    assert "several venues named Nonna" in refused("create_api_key", "till", "--venue", "Nonna")


def test_a_key_is_printed_alone_and_opens_its_venue() -> None:
    venue = commands.create_venue(name="Nonna", timezone_name="UTC")
    out, err = run("create_api_key", "till")
    row: Any = keys.find(out.strip())
    assert (row.name, row.venue) == ("till", venue)
    assert "Nonna" in err
    commands.create_venue(name="Other", timezone_name="UTC")
    out, _ = run("create_api_key", "kiosk", "--venue", "Other")
    row = keys.find(out.strip())
    assert row.venue.name == "Other"


def test_a_key_needs_one_venue() -> None:
    assert "no venue yet" in refused("create_api_key", "till")
    commands.create_venue(name="Nonna", timezone_name="UTC")
    assert "no venue named Elsewhere" in refused("create_api_key", "till", "--venue", "Elsewhere")
    assert "cannot be blank" in refused("create_api_key", " ")
    commands.create_venue(name="Other", timezone_name="UTC")
    assert "several venues: name one" in refused("create_api_key", "till")
