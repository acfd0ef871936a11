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
from tests.polls.api_client import JSON, refused
from tests.polls.database_polls import at_once
from tests.rooms.api_client import GOOD, HOUR_MS, browser, from_now, opened, person, post
from venues import commands as venue_commands
from venues.models import ApiKey, Venue

pytestmark = pytest.mark.django_db

NOT_TEXT: list[Any] = [7, True, None, [], {}, "a\x00b", "\x07"]


@pytest.fixture
def venue() -> Venue:
    return venue_commands.create_venue(name="Blue Door", timezone_name="UTC")


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
    _, foreign = venue_commands.create_api_key(
        venue=venue_commands.create_venue(name="Elsewhere", timezone_name="UTC"), name="till"
    )
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
