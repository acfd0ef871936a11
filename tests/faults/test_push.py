"""F3, as phones see it: workers are killed while they tell them. Each phone is told; a kill costs at most what was in hand."""

from collections.abc import Iterator

import pytest

from tests.faults.installation import PENDING, Target, report
from tests.installation import FULL
from tests.push.service import Browser, PushService

PHONES, KILLS = (1_000, 10) if FULL else (60, 2)
WORKER_THREADS = 4


@pytest.fixture
def push_service(target: Target) -> Iterator[PushService]:
    """Where the phones of this installation are told; to be asked for before anything runs."""
    service = PushService()
    target.stack.env["PUSH_EXTRA_HOSTS"] = service.host
    yield service
    target.run()  # its clients end before it does
    del target.stack.env["PUSH_EXTRA_HOSTS"]
    service.close()


def subscribe(target: Target, service: PushService) -> list[Browser]:
    """Guests with phones: each has asked to be told, and is to get a confirmation."""
    line = target.line()
    api = f"{target.stack.url()}/api/push"
    phones = []
    with line.client() as guest:
        service.public_key = guest.get(f"{api}/vapid").json()["publicKey"]
        for _ in range(PHONES):
            party = guest.post("join", json={}).json()["partyId"]
            phones.append(service.browser())
            body = {"sessionId": line.session_id, "partyId": party, "subscription": phones[-1].subscription}
            answer = guest.post(f"{api}/subscribe", json=body)
            assert answer.status_code == 200, answer.text
    return phones


@pytest.mark.timeout(600 if FULL else 240)
def test_killed_workers_leave_no_phone_untold(target: Target, push_service: PushService) -> None:
    target.run("web")
    phones = subscribe(target, push_service)

    def told() -> int:
        return sum(bool(phone.received) for phone in phones)

    target.kill_workers(KILLS, PHONES, told, "phones to be told")
    # Control: what the killed workers had in hand, no other worker may touch until their leases are over.
    leased = target.number("SELECT count(*) FROM outbox_effect WHERE name = 'push' AND leased_until > now()")
    assert target.number(PENDING) >= leased
    target.stack.sql("UPDATE outbox_effect SET leased_until = now() WHERE leased_until IS NOT NULL")
    target.run("web", "worker", "timers")
    target.all_done(timeout_s=120 if FULL else 30)
    assert all("join_confirm" in phone.kinds for phone in phones) and not push_service.faults
    twice = sum(len(phone.kinds) - len(set(phone.kinds)) for phone in phones)
    assert twice <= KILLS * WORKER_THREADS
    told_of = sum(len(set(phone.kinds)) for phone in phones)  # the fourth guest is also told of the fifth place
    assert target.number("SELECT count(*) FROM push_delivery WHERE result = 'sent'") == told_of
    report(f"{PHONES} phones, {KILLS} kills: all told, {twice} twice ({leased} in hand at the kills)")
