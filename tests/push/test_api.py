"""The contract's push API (queueup.md, Push): statuses, bodies, bad input naming its field, and who may do what."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core.tokens import host_token
from outbox.models import Event
from push import vapid
from push.commands import MOST_SUBSCRIPTIONS
from push.models import Delivery, Subscription
from queues import commands as queue_commands
from queues.models import Party, Queue
from tests.push.conftest import perform, pushes, subscribe
from tests.push.service import PushService, Reply, b64, unb64
from venues import commands as venue_commands
from venues.models import Membership, User

pytestmark = pytest.mark.django_db(transaction=True)
Join = Callable[..., Party]
STRANGE = {
    "http": ("endpoint", "http://fcm.googleapis.com/fcm/send/a"),
    "not allowed": ("endpoint", "https://intranet.example/hook"),
    "private": ("endpoint", "https://127.0.0.1/hook"),
    "port": ("endpoint", "https://fcm.googleapis.com:8443/fcm/send/a"),
    "user": ("endpoint", "https://me@fcm.googleapis.com/fcm/send/a"),
    "too long": ("endpoint", "https://fcm.googleapis.com/" + "x" * 2000),
    "no address": ("endpoint", "hello"),
    "number": ("endpoint", 7),
    "no endpoint": ("endpoint", None),
    "short key": ("p256dh", b64(b"\x04" + b"x" * 63)),
    "not on the curve": ("p256dh", b64(b"\x04" + b"x" * 64)),
    "compressed": ("p256dh", b64(b"\x02" + b"x" * 32)),
    "not base64url": ("p256dh", "+/" * 43 + "="),
    "no key": ("p256dh", None),
    "short secret": ("auth", b64(b"x" * 15)),
    "long secret": ("auth", b64(b"x" * 17)),
    "secret of other letters": ("auth", "é" * 22),
    "no secret": ("auth", None),
}


def post(path: str, body: Any, client: Client | None = None, /, **headers: str) -> Any:
    raw = body if isinstance(body, str) else json.dumps(body)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return (client or Client()).post(f"/api/push/{path}", raw, content_type="application/json", headers=sent)


def asking(party: Party, subscription: Any) -> dict[str, Any]:
    return {"sessionId": str(party.queue_id), "partyId": str(party.pk), "subscription": subscription}


def test_the_key_for_browsers(service: PushService) -> None:
    answer = Client().get("/api/push/vapid")
    assert (answer.status_code, answer.json()) == (200, {"publicKey": vapid.public_key()})
    assert unb64(answer.json()["publicKey"])[0] == 4


def test_subscribe(service: PushService, join: Join) -> None:
    phone, party = service.browser(), join()
    for _ in range(3):  # a page may say it at each visit
        answer = post("subscribe", asking(party, phone.subscription))
        assert (answer.status_code, answer.content, answer["Content-Type"][:10]) == (200, b"ok", "text/plain")
    perform()
    assert phone.kinds == ["join_confirm"]
    assert Subscription.objects.get().version == 1
    renewed = {**phone.subscription, "keys": service.browser().subscription["keys"]}
    assert post("subscribe", asking(party, renewed)).status_code == 200
    row = Subscription.objects.get()
    assert (row.p256dh, row.version) == (renewed["keys"]["p256dh"], 2)
    perform()
    assert phone.kinds == ["join_confirm"]


def test_padded_keys_are_the_same_keys(service: PushService, join: Join) -> None:
    phone, party = service.browser(), join()
    padded = {name: key + "=" * (-len(key) % 4) for name, key in phone.subscription["keys"].items()}
    assert post("subscribe", asking(party, {**phone.subscription, "keys": padded})).status_code == 200
    assert Subscription.objects.get().auth == phone.auth


@pytest.mark.parametrize("case", STRANGE)
def test_bad_subscriptions_name_the_field(service: PushService, join: Join, case: str) -> None:
    field, value = STRANGE[case]
    subscription = service.browser().subscription
    holder = subscription if field == "endpoint" else subscription["keys"]
    holder[field] = value
    if value is None:
        del holder[field]
    answer = post("subscribe", asking(join(), subscription))
    assert answer.status_code == 400
    assert field in answer.json()["error"]
    assert not isinstance(value, str) or value not in answer.json()["error"]
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"sessionId": None}, 400, "sessionId"),
        ({"partyId": None}, 400, "partyId"),
        ({"subscription": None}, 400, "subscription"),
        ({"subscription": "x"}, 400, "subscription"),
        ({"subscription": {}}, 400, "endpoint"),
        ({"sessionId": 7}, 400, "sessionId"),
        ({"sessionId": str(uuid4())}, 404, ""),
        ({"sessionId": "nonsense"}, 404, ""),
        ({"partyId": str(uuid4())}, 404, ""),
        ({"partyId": "nonsense"}, 404, ""),
    ],
)
def test_bad_bodies(service: PushService, join: Join, change: dict[str, Any], status: int, word: str) -> None:
    for missing in (True, False):
        body = {**asking(join(), service.browser().subscription), **change}
        if missing:
            body = {name: value for name, value in body.items() if value is not None}
        answer = post("subscribe", body)
        assert (answer.status_code, list(answer.json())) == (status, ["error"])
        assert word in answer.json()["error"]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "\x00"])
@pytest.mark.parametrize("path", ["subscribe", "test"])
def test_a_body_that_is_no_object(transactional_db: None, path: str, body: str) -> None:
    answer = post(path, body)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_a_party_of_another_line_or_one_that_has_gone_cannot_subscribe(
    service: PushService, line: Queue, join: Join
) -> None:
    party = join()
    other = queue_commands.open_line(queue_commands.NewLine(event_name="Other", max_guests=9))
    body = asking(party, service.browser().subscription)
    assert post("subscribe", {**body, "sessionId": str(other.pk)}).status_code == 404
    queue_commands.leave(line.pk, party_id=party.pk)
    assert post("subscribe", body).status_code == 404


@pytest.mark.thorough
def test_a_party_keeps_its_newest_browsers(service: PushService, join: Join) -> None:
    party = join()
    phones = [service.browser() for _ in range(MOST_SUBSCRIPTIONS + 2)]
    for phone in phones:
        subscribe(party, phone)
    kept = set(Subscription.objects.values_list("endpoint", flat=True))
    assert kept == {phone.endpoint for phone in phones[2:]}
    assert len(pushes("PUSH_SUBSCRIBED")) == len(phones)


# ----------------------------------------------------------------------------------------------------------------- test
@pytest.mark.thorough
def test_a_host_sends_a_test(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    body = {"sessionId": str(line.pk), "partyId": str(party.pk)}
    token = host_token(line.pk)
    assert post("test", body, x_host_auth=token).status_code == 404
    subscribe(party, phone)
    sent = {"title": "Hello", "body": "Is it you?", "url": "/queue/ABC"}
    for _ in range(2):
        answer = post("test", {**body, **sent}, x_host_auth=token)
        assert (answer.status_code, answer.content) == (200, b"sent")
    assert [message.payload for message in phone.received] == [{**sent, "kind": "test"}] * 2
    client = Client()
    client.cookies["queue_host_auth"] = token
    assert post("test", body, client).status_code == 200
    assert phone.received[-1].payload["url"] == f"/queue/{line.code}/ticket"
    phone.reply = Reply(410)
    assert post("test", body, x_host_auth=token).status_code == 410
    assert not Subscription.objects.exists()
    assert post("test", body, x_host_auth=token).status_code == 404
    assert sorted(Delivery.objects.values_list("result", flat=True)) == ["gone", "sent", "sent", "sent"]


@pytest.fixture
def venue_party(service: PushService) -> Party:
    """A party in the line of a venue, without a subscription."""
    venue = venue_commands.create_venue(name="Blue", timezone_name="UTC")
    line = queue_commands.open_line(queue_commands.NewLine(event_name="Blue", max_guests=9), venue=venue)
    return queue_commands.join(line.pk).party


@pytest.mark.thorough
def test_only_hosts_send_tests(service: PushService, transactional_db: None, venue_party: Party) -> None:
    phone, party = service.browser(), venue_party
    subscribe(party, phone)
    body = {"sessionId": str(party.queue_id), "partyId": str(party.pk)}
    assert post("test", body).status_code == 401
    assert post("test", body, x_host_auth=host_token(uuid4())).status_code == 403
    _, wrong_key = venue_commands.create_api_key(
        venue=venue_commands.create_venue(name="Red", timezone_name="UTC"), name="till"
    )
    assert post("test", body, api_key=wrong_key).status_code == 403
    assert phone.attempts == 0
    assert party.queue.venue is not None
    _, key = venue_commands.create_api_key(venue=party.queue.venue, name="till")
    assert post("test", body, api_key=key).status_code == 200
    assert len(phone.received) == 1


@pytest.mark.parametrize(("person", "status"), [("stranger", 403), ("host", 200), ("staff", 200)])
def test_who_signed_in_may_send_tests(
    service: PushService, transactional_db: None, venue_party: Party, person: str, status: int
) -> None:
    phone, party = service.browser(), venue_party
    subscribe(party, phone)
    venue = venue_commands.create_venue(name="Red", timezone_name="UTC") if person == "stranger" else party.queue.venue
    assert venue is not None
    user = venue_commands.create_host(email="a@example.com", venue=venue)
    if person == "staff":
        Membership.objects.all().delete()
        User.objects.update(is_staff=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    body = {"sessionId": str(party.queue_id), "partyId": str(party.pk)}
    assert post("test", body, client).status_code == status
    assert len(phone.received) == (1 if status == 200 else 0)
    actors = Event.objects.filter(type="PUSH_TESTED").values_list("actor", "actor_user")
    assert list(actors) == ([(person, user.pk)] if status == 200 else [])


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"sessionId": None}, 400, "sessionId"),
        ({"partyId": None}, 400, "partyId"),
        ({"title": 7}, 400, "title"),
        ({"title": "x" * 121}, 400, "title"),
        ({"body": "x" * 401}, 400, "body"),
        ({"url": "/" + "x" * 500}, 400, "url"),
        ({"url": "javascript:alert(1)"}, 400, "url"),
        ({"url": "https:foo"}, 400, "url"),
        ({"url": "http://[/"}, 400, "url"),
        ({"sessionId": "nonsense"}, 404, ""),
        ({"sessionId": str(uuid4())}, 404, ""),
        ({"partyId": "nonsense"}, 404, ""),
        ({"partyId": str(uuid4())}, 404, ""),
    ],
)
def test_bad_tests(
    service: PushService, line: Queue, join: Join, change: dict[str, Any], status: int, word: str
) -> None:
    party = join()
    subscribe(party, service.browser())
    body = {"sessionId": str(line.pk), "partyId": str(party.pk), **change}
    answer = post("test", body, x_host_auth=host_token(line.pk))
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert word in answer.json()["error"]


def test_the_longest_test_fits(service: PushService, line: Queue, join: Join) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    sent = {"title": "😀" * 120, "body": "😀" * 400, "url": "/" + "é" * 499}
    body = {"sessionId": str(line.pk), "partyId": str(party.pk), **sent}
    assert post("test", body, x_host_auth=host_token(line.pk)).status_code == 200
    assert phone.received[0].payload == {**sent, "kind": "test"}


@pytest.mark.parametrize(
    ("reply", "status"), [(Reply(500), 503), (Reply(429, {"Retry-After": "60"}), 503), (Reply(403), 502)]
)
def test_a_push_service_in_trouble(service: PushService, line: Queue, join: Join, reply: Reply, status: int) -> None:
    phone, party = service.browser(), join()
    subscribe(party, phone)
    phone.reply = reply
    body = {"sessionId": str(line.pk), "partyId": str(party.pk)}
    answer = post("test", body, x_host_auth=host_token(line.pk))
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert Subscription.objects.exists()
    if reply.status == 429:
        post("test", body, x_host_auth=host_token(line.pk))
        assert phone.attempts == 1, "asked again before its time"
