"""Push in the running program: web, worker and timers, over HTTP, to a push service on loopback."""

from collections.abc import Iterator

import httpx
import pytest

from tests.installation import NewStack, Stack, wait_until
from tests.push.service import PushService, Reply


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushService]:
    made = PushService()
    yield made
    made.close()


@pytest.fixture(scope="module")
def installation(own_stack: NewStack, push_service: PushService) -> Stack:
    return own_stack("push", 8, PUSH_EXTRA_HOSTS=push_service.host).start("web", "worker", "timers")


def test_from_subscribing_to_the_call(installation: Stack, push_service: PushService) -> None:
    api = f"{installation.url()}/api/push"
    push_service.public_key = httpx.get(f"{api}/vapid").json()["publicKey"]
    line = installation.open_line()
    first = line.join("Canary-First")
    party = line.join("Canary-Second")
    phone = push_service.browser()
    body = {"sessionId": line.session_id, "partyId": party["partyId"], "subscription": phone.subscription}
    answer = httpx.post(f"{api}/subscribe", json=body)
    assert (answer.status_code, answer.text) == (200, "ok")
    push_service.wait_for(phone, "join_confirm")
    line.host("advance")
    push_service.wait_for(phone, "join_confirm", "pos_2")
    phone.reply = Reply(503, {"Retry-After": "1"})
    line.host("advance", {"servedParty": first["partyId"]})
    wait_until(lambda: phone.attempts == 3, what="the call's first attempt")
    phone.reply = Reply()
    try:
        push_service.wait_for(phone, "join_confirm", "pos_2", "called")
    except AssertionError as missing:
        effects = installation.sql(
            "SELECT type, status, attempts, at, due_at, leased_until, last_error, now() FROM outbox_effect f "
            "JOIN outbox_event e ON e.id = f.event_id WHERE f.name = 'push'"
        )
        raise AssertionError(f"{missing}: {effects} {installation.log('timers')[-2000:]}") from missing
    tested = {"sessionId": line.session_id, "partyId": party["partyId"]}
    assert httpx.post(f"{api}/test", json=tested).status_code == 401
    answer = httpx.post(f"{api}/test", json=tested, headers={"x-host-auth": line.token})
    assert (answer.status_code, answer.text) == (200, "sent")
    assert httpx.post(f"{api}/subscribe", content=b"{").status_code == 400
    push_service.wait_for(phone, "join_confirm", "pos_2", "called", "test")
    assert push_service.faults == []
    logs = "".join(installation.log(name) for name in ("web", "worker", "timers"))
    for secret in (phone.path, phone.auth, phone.p256dh, party["partyId"], "Canary"):
        assert secret not in logs
    assert not (installation.folder / "vapid_private_key").exists(), "another host would sign with another key"
