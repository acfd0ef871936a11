"""Participants of rooms over the API, and the API tokens of accounts (contract vote-websocket.md)."""

from typing import Any
from uuid import UUID

import pytest

from rooms import commands
from rooms.models import Participant
from rooms.tokens import proves_participant
from tests.polls.api_client import refused
from tests.rooms.api_client import browser, opened, person, post
from venues import commands as venue_commands
from venues.authentication import account_token, proves_account
from venues.models import User

pytestmark = pytest.mark.django_db


def test_a_participant_has_an_id_and_a_token_that_is_good_for_them_here_only() -> None:
    room, other = opened(), opened()
    one, two = (post(f"/{room['code'].lower()}/participants", body) for body in ({"name": "Ann"}, {}))
    assert (one.status_code, set(one.json())) == (201, {"user_id", "token"})
    ann, ben = one.json(), two.json()
    assert proves_participant(ann["token"], UUID(room["room"]), ann["user_id"])
    assert not proves_participant(ann["token"], UUID(other["room"]), ann["user_id"])
    assert not proves_participant(ann["token"], UUID(room["room"]), ben["user_id"])
    assert not proves_participant("", UUID(room["room"]), ann["user_id"])
    assert set(Participant.objects.values_list("name", flat=True)) == {"Ann", ""}


@pytest.mark.parametrize("name", [7, True, [], {}, "x" * 81, "a\x00b"], ids=lambda v: repr(v)[:20])
def test_a_wrong_name_is_a_400(name: Any) -> None:
    refused(post(f"/{opened()['room']}/participants", {"name": name}), 400, "name")
    assert not Participant.objects.exists()


@pytest.mark.parametrize("name", [None, "", "x" * 80, "寿司 🍣", "<b>"])
def test_a_name_may_be_missing_or_anything(name: str | None) -> None:
    assert post(f"/{opened()['room']}/participants", {"name": name}).status_code == 201


def test_a_signed_in_person_is_given_their_own_id_and_token() -> None:
    user = person()
    client, proof = browser(user)
    rooms = [opened()["room"] for _ in range(2)]
    given = [post(f"/{room}/participants", {}, client, **proof).json() for room in rooms]
    assert given == [{"user_id": str(user.pk), "token": account_token(user)}] * 2
    assert not Participant.objects.exists()
    # Without the proof that a page of ours asks, it is a stranger's request.
    stranger = post(f"/{rooms[0]}/participants", {}, client).json()
    assert stranger["user_id"] != str(user.pk)
    commands.close(UUID(rooms[0]))
    refused(post(f"/{rooms[0]}/participants", {}, client, **proof), 409)


def test_an_accounts_token_ends_with_its_password_and_its_account() -> None:
    user, other = person(), person(email="ben@blue.example")
    token, number = account_token(user), str(user.pk)
    assert proves_account(number, token)
    for wrong in ("", token[:-1], token + "0", account_token(other), "\ud800", "é"):
        assert not proves_account(number, wrong)
    assert not proves_account("9" * 18, token)
    assert not proves_account("9" * 60, token)
    venue_commands.set_password(user_id=user.pk, password="another horse battery")
    assert not proves_account(number, token)
    user.refresh_from_db()
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not proves_account(number, account_token(user))
