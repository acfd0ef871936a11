"""The API of live rooms, /api/rooms (contract vote-websocket.md); its sockets are in tests/contracts/test_vote_websocket.py."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from core import clock
from core.tokens import host_token
from outbox.models import Event
from rooms import commands
from rooms.models import Participant, Room, RoomTicks
from rooms.ticks import Tick
from rooms.tokens import proves_participant
from tests.polls.api_client import JSON, refused
from tests.polls.database_polls import at_once
from venues import commands as venue_commands
from venues.access import account_token, proves_account
from venues.models import ApiKey, Membership, User, Venue

pytestmark = pytest.mark.django_db

GOOD = {"title": "Stay open?"}
HOUR_MS = 3_600_000
NOT_TEXT: list[Any] = [7, True, None, [], {}, "a\x00b", "\x07"]


def post(path: str, body: Any = None, client: Client | None = None, **headers: str) -> Any:
    """POST to the API."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return (client or Client()).post(f"/api/rooms{path}", {} if body is None else body, JSON, headers=sent)


def opened(client: Client | None = None, **fields: Any) -> dict[str, Any]:
    """A room made over the API."""
    answer = post("", {**GOOD, **fields}, client)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def from_now(ms: int) -> int:
    """A moment in ms since 1970."""
    return int(clock.now().timestamp() * 1000) + ms


# ---------------------------------------------------------------------------------------------------------------- opening
def test_a_room_is_opened_and_shown() -> None:
    made = opened()
    shown = Client().get(f"/api/rooms/{made['room']}").json()
    assert shown == {key: value for key, value in made.items() if key not in {"hostToken", "joinUrl"}}
    assert (shown["title"], shown["status"], shown["closedAt"]) == ("Stay open?", "open", None)
    assert shown["closesAt"] - shown["openedAt"] == 12 * HOUR_MS
    for name in (made["code"], made["code"].lower(), made["room"].upper()):
        assert Client().get(f"/api/rooms/{name}").json() == shown
    assert list(Event.objects.values_list("type", flat=True)) == ["ROOM_OPENED"]


WRONG: dict[str, list[Any]] = {
    "title": ["", "  ", "x" * 256, *NOT_TEXT],
    "closesAt": ["now", True, 7, -1, 1.5, [], {}, 1e300, 10**30],
    "venue": ["x", "", 7, True, [], {}],
}


@pytest.mark.parametrize(
    ("field", "value"), [(f, v) for f, vs in WRONG.items() for v in vs], ids=lambda v: repr(v)[:20]
)
def test_each_violation_is_a_400_that_names_the_field(field: str, value: Any) -> None:
    refused(post("", {**GOOD, field: value}), 400, field)
    assert not Room.objects.exists()


def test_a_title_is_needed_and_may_be_long_and_in_any_script() -> None:
    refused(post("", {}), 400, "title")
    for title in ("t", "ü" * 255, "寿司か？ 🍣", "مفتوح؟", '<b>"&'):
        assert opened(title=title)["title"] == title


@pytest.mark.parametrize("content", [b"[]", b"7", b"{", b"null", b"\xff", b"[" * 5_000])
def test_a_body_that_is_no_object_is_a_400(content: bytes) -> None:
    url = f"/api/rooms/{opened()['room']}/participants"
    for path in ("/api/rooms", url):
        refused(Client().post(path, content, JSON), 400)
    assert not Participant.objects.exists()


@pytest.mark.parametrize("ahead_ms", [-HOUR_MS, -1, 12 * HOUR_MS + 60_000, 1_000 * HOUR_MS])
def test_an_end_is_within_the_next_12_hours(ahead_ms: int) -> None:
    refused(post("", {**GOOD, "closesAt": from_now(ahead_ms)}), 400, "closesAt")


@pytest.mark.parametrize("ahead_ms", [5_000, HOUR_MS, 12 * HOUR_MS - 5_000])
def test_an_end_is_taken_as_it_was_said(ahead_ms: int) -> None:
    closes_at = from_now(ahead_ms)
    assert opened(closesAt=closes_at)["closesAt"] == closes_at


@pytest.mark.django_db(transaction=True)
def test_the_same_key_gives_the_same_room_also_at_once() -> None:
    key = "a-key-nobody-guesses"
    answers = at_once([lambda: post("", GOOD, Idempotency_Key=key) for _ in range(6)])
    made = [answer.json() for answer in answers]
    assert [answer.status_code for answer in answers] == [201] * 6
    assert made == [made[0]] * 6
    assert Room.objects.count() == 1
    assert post("", GOOD, Idempotency_Key="another-key-nobody-guesses").json()["room"] != made[0]["room"]
    refused(post("", GOOD, Idempotency_Key="short"), 400, "Idempotency-Key")
    Room.objects.all().delete()


# ----------------------------------------------------------------------------------------------------------- participants
def test_a_participant_has_an_id_and_a_token_that_is_good_for_them_here_only() -> None:
    room, other = opened(), opened()
    one, two = (post(f"/{room['code'].lower()}/participants", body) for body in ({"name": "Ann"}, {}))
    assert (one.status_code, set(one.json())) == (201, {"user_id", "token"})
    ann, somebody = one.json(), two.json()
    assert proves_participant(ann["token"], UUID(room["room"]), ann["user_id"])
    assert not proves_participant(ann["token"], UUID(other["room"]), ann["user_id"])
    assert not proves_participant(ann["token"], UUID(room["room"]), somebody["user_id"])
    assert not proves_participant("", UUID(room["room"]), ann["user_id"])
    assert set(Participant.objects.values_list("name", flat=True)) == {"Ann", ""}


@pytest.mark.parametrize("name", [7, True, [], {}, "x" * 81, "a\x00b"], ids=lambda v: repr(v)[:20])
def test_a_wrong_name_is_a_400(name: Any) -> None:
    refused(post(f"/{opened()['room']}/participants", {"name": name}), 400, "name")
    assert not Participant.objects.exists()


@pytest.mark.parametrize("name", [None, "", "x" * 80, "寿司 🍣", "<b>"])
def test_a_name_may_be_missing_or_anything(name: str | None) -> None:
    assert post(f"/{opened()['room']}/participants", {"name": name}).status_code == 201


@pytest.fixture
def venue() -> Venue:
    return venue_commands.create_venue(name="Blue Door")


def person(venue: Venue | None = None, email: str = "ada@blue.example") -> User:
    """Somebody with an account, with a role in the venue if one is named."""
    user = User.objects.create_user(email, password="correct horse battery")
    if venue is not None:
        Membership.objects.create(user=user, venue=venue)
    return user


def browser(user: User) -> tuple[Client, dict[str, str]]:
    """A browser in which they are signed in, and the headers that a page of ours sends."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, {"x_csrftoken": client.get("/").cookies["csrftoken"].value}


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


# ------------------------------------------------------------------------------------------------------------------ hosts
def test_only_its_host_closes_and_deletes() -> None:
    room = opened()["room"]
    url = f"/api/rooms/{room}"
    refused(post(f"/{room}/close"), 401)
    refused(Client().delete(url), 401)
    for wrong in ("wrong", "", opened()["hostToken"], host_token(uuid4())):
        refused(post(f"/{room}/close", x_host_auth=wrong), 403 if wrong else 401)
        refused(Client().delete(url, headers={"x-host-auth": wrong}), 403 if wrong else 401)
    token = post(f"/{room}/participants", {}).json()["token"]
    refused(post(f"/{room}/close", x_host_auth=token), 403)
    assert Room.objects.get(pk=room).status == Room.Status.OPEN


def test_closing_twice_is_one_close() -> None:
    made = opened()
    first, second = (post(f"/{made['room']}/close", x_host_auth=made["hostToken"]) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["status"] == "closed"
    assert first.json()["closedAt"] >= made["openedAt"]
    refused(post(f"/{made['room']}/participants", {}), 409)
    assert Event.objects.filter(type="ROOM_CLOSED").count() == 1


def test_a_venues_room_is_its_peoples(venue: Venue) -> None:
    refused(post("", {**GOOD, "venue": str(venue.pk)}), 401)
    outsider, proof = browser(person(email="eve@elsewhere.example"))
    refused(post("", {**GOOD, "venue": str(venue.pk)}, outsider, **proof), 403)
    refused(post("", {**GOOD, "venue": str(uuid4())}, outsider, **proof), 403)
    host, host_proof = browser(person(venue))
    answer = post("", {**GOOD, "venue": str(venue.pk)}, host, **host_proof)
    assert answer.status_code == 201, answer.content
    room = answer.json()["room"]
    assert Room.objects.get(pk=room).venue == venue
    refused(post(f"/{room}/close", {}, outsider, **proof), 403)
    refused(post(f"/{room}/close", {}, host), 401)  # a forged request has the cookie, and not the proof
    assert post(f"/{room}/close", {}, host, **host_proof).status_code == 200


def test_a_program_opens_and_closes_by_its_venues_key(venue: Venue) -> None:
    _, key = venue_commands.create_api_key(venue=venue, name="till")
    _, foreign = venue_commands.create_api_key(venue=venue_commands.create_venue(name="Elsewhere"), name="till")
    assert ApiKey.objects.count() == 2
    refused(post("", GOOD, api_key="wrong"), 401)
    refused(post("", {**GOOD, "venue": str(venue.pk)}, api_key=foreign), 403)
    room = post("", GOOD, api_key=key).json()["room"]
    assert Room.objects.get(pk=room).venue == venue
    refused(post(f"/{room}/close", api_key=foreign), 403)
    assert post(f"/{room}/close", api_key=key).status_code == 200
    # One key of a client in two venues' hands is two things.
    made = {
        post("", GOOD, api_key=sent, Idempotency_Key="a-key-nobody-guesses").json()["room"]
        for sent in (key, foreign, key)
    }
    assert len(made) == 2


# ---------------------------------------------------------------------------------------------------------------- the end
def test_a_deleted_room_is_gone_everywhere() -> None:
    made = opened()
    room = UUID(made["room"])
    post(f"/{room}/participants", {"name": "Ann"})
    commands.keep(room, [Tick(1, 1, 0), Tick(2, 1, 1)])
    headers = {"x-host-auth": made["hostToken"]}
    assert Client().delete(f"/api/rooms/{room}", headers=headers).status_code == 200
    for name in (made["room"], made["code"]):
        for answer in (
            Client().get(f"/api/rooms/{name}"),
            Client().delete(f"/api/rooms/{name}", headers=headers),
            Client().get(f"/api/rooms/{name}/export?format=csv"),
            post(f"/{name}/participants", {}),
            post(f"/{name}/close", x_host_auth=made["hostToken"]),
        ):
            refused(answer, 404)
    assert not Participant.objects.exists()
    assert not RoomTicks.objects.exists()
    left = Event.objects.get()
    assert (left.type, left.stream_id) == ("ROOM_DELETED", room)
    assert "Ann" not in str(left.data) + str(left.changes)


def test_ticks_are_kept_once_in_order_and_only_newer_ones() -> None:
    room = UUID(opened()["room"])
    assert commands.keep(room, [Tick(10, 1, 0), Tick(11, 2, 0)]) == 2
    assert commands.keep(room, [Tick(10, 1, 0), Tick(11, 2, 0)]) == 0
    assert commands.keep(room, [Tick(11, 9, 9), Tick(12, 2, 1)]) == 1
    assert commands.keep(room, []) == 0
    assert commands.keep(uuid4(), [Tick(1, 0, 0)]) == 0
    exported = Client().get(f"/api/rooms/{room}/export?format=json").json()
    kept = [(entry["ts"], *entry["votes"].values()) for entry in exported["data"] if entry["ts"] < 100]
    assert kept == [(10, 1, 0), (11, 2, 0), (12, 2, 1)]
    commands.keep(room, [], final=True)
    assert not Room.objects.get(pk=room).complete, "only a closed room is complete"
    commands.close(room)
    commands.keep(room, [], final=True)
    assert Room.objects.get(pk=room).complete


@pytest.mark.parametrize("kind", [None, "", "pdf", "JSON", "json,csv", "\x00"])
def test_no_or_an_unknown_format_is_a_400(kind: str | None) -> None:
    answer = Client().get(f"/api/rooms/{opened()['room']}/export", {} if kind is None else {"format": kind})
    refused(answer, 400, "format")


@pytest.mark.parametrize("kind", ["json", "csv", "image"])
def test_a_room_without_history_is_exported_too(kind: str) -> None:
    room = commands.create(commands.NewRoom(title="寿司か？ =1+1", closes_at=clock.now() + timedelta(hours=1)))
    answer = Client().get(f"/api/rooms/{room.pk}/export?format={kind}")
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["x", "ABC123", "ABCDEF", "abc%00de", str(uuid4()), "%F0%9F%8D%B7" * 6, "a" * 300])
def test_an_unknown_room_is_a_404(name: str) -> None:
    refused(Client().get(f"/api/rooms/{name}"), 404)
    refused(Client().get(f"/api/rooms/{name}/export?format=csv"), 404)
    refused(post(f"/{name}/participants", {}), 404)
    refused(post(f"/{name}/close", x_host_auth="x"), 404)


@pytest.mark.parametrize(("method", "path"), [("put", ""), ("patch", ""), ("get", "/close"), ("put", "/participants")])
def test_other_methods_are_405(method: str, path: str) -> None:
    assert getattr(Client(), method)(f"/api/rooms/{opened()['room']}{path}").status_code == 405
