"""python -m benchmarks.inside WHAT ...: what a benchmark needs done inside an installation, in a separate process.

fill CODE N [PORT]     puts N more parties in a line, without events; each subscribed at 127.0.0.1:PORT/push/PARTY
publish TIMES A B ...  writes the rows of lines in turns, TIMES times; prints seconds: JSON [[a, b, ...], ...]
voters ROOM N          prints N participants of a room: JSON [[user, token], ...]
batches POLL SECONDS   records batches of several sizes, SECONDS each; prints what they cost: JSON {size: {...}}
seal POLL              closes a poll and seals it; prints JSON [ballots, seconds]
whole POLL             makes a poll's digest as the first releases did; prints seconds
push PORT SECONDS N    sends messages to the endpoint at PORT, ours and pywebpush's in turns; prints rates: JSON [[a, b], ...]
"""

import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Of each sender of push messages, before its runs.
WARM_S = 0.2


def fill(code: str, count: str, push_port: str = "") -> None:
    """Adds parties of one guest at the end of the line. All subscriptions share one key pair: no browser decrypts them."""
    from django.db import transaction
    from django.db.models import F, Max

    from core import clock
    from push.models import Subscription
    from queues import rules
    from queues.models import Party, Queue
    from tests.push.service import Browser

    with transaction.atomic():
        line = Queue.objects.select_for_update().get(code=code)
        rank = Party.objects.filter(queue=line).aggregate(last=Max("rank"))["last"]
        now = clock.now()
        parties = []
        for ticket in range(line.next_ticket, line.next_ticket + int(count)):
            rank = rules.rank_after(rank, ticket=ticket)
            parties.append(
                Party(queue=line, ticket=ticket, rank=rank, joined_at=now, quote_low_ms=60_000, quote_high_ms=120_000)
            )
        Party.objects.bulk_create(parties, batch_size=1000)
        Queue.objects.filter(pk=line.pk).update(
            next_ticket=F("next_ticket") + int(count), version=F("version") + 1, last_activity_at=now
        )
        if push_port:
            browser = Browser(f"http://127.0.0.1:{push_port}")
            Subscription.objects.bulk_create(
                Subscription(
                    endpoint=f"http://127.0.0.1:{push_port}/push/{party.pk}", p256dh=browser.p256dh, auth=browser.auth,
                    queue=line, party=party, version=1, created_at=now, changed_at=now,
                )
                for party in parties
            )  # fmt: skip


def publish(times: str, *codes: str) -> None:
    """queues.edge.publish.publish, as each change of a line calls it after its commit."""
    from queues.edge import publish
    from queues.models import Queue

    lines = [Queue.objects.get(code=code).pk for code in codes]
    spent = []
    for _ in range(int(times) + 1):
        turn = []
        for line in lines:
            began = time.perf_counter()
            assert publish.publish(line), "Redis is away"
            turn.append(time.perf_counter() - began)
        spent.append(turn)
    print(json.dumps(spent[1:]))


def voters(room: str, count: str) -> None:
    """Tokens are keyed hashes, so they are computed here instead of asked for."""
    from rooms.tokens import participant_token

    print(json.dumps([[f"voter-{n}", participant_token(room, f"voter-{n}")] for n in range(int(count))]))


def batches(poll: str, seconds: str) -> None:
    """polls.ballots.record, one batch after the other, new voters only. Sizes take turns, so that a slow moment of the
    machine hits each size. `walls_s`: of each batch; `own_s`, `postgres_s`, `wal_bytes`: of all of them."""
    from django.db import connection

    from benchmarks.costs import ROUNDS, SIZES
    from benchmarks.processes import postgres_cpu_s
    from polls.ballots import record
    from polls.outcomes import Status

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    found: dict[int, dict[str, Any]] = {
        size: {"walls_s": [], "own_s": 0.0, "postgres_s": 0.0, "wal_bytes": 0} for size in SIZES
    }
    record(_random_ballots(poll, 500))
    for _ in range(ROUNDS):
        for size, cost in found.items():
            own, theirs, wal = time.process_time(), postgres_cpu_s(backend), _wal_bytes()
            made = 0.0  # making ballots is not recording them
            end = time.perf_counter() + float(seconds) / ROUNDS
            while time.perf_counter() < end:
                making = time.process_time()
                batch = _random_ballots(poll, size)
                made += time.process_time() - making
                began = time.perf_counter()
                outcomes = record(batch)
                cost["walls_s"].append(time.perf_counter() - began)
                assert all(outcome.status == Status.COUNTED for outcome in outcomes)
            cost["own_s"] += time.process_time() - own - made
            cost["postgres_s"] += postgres_cpu_s(backend) - theirs
            cost["wal_bytes"] += _wal_bytes() - wal
    print(json.dumps(found))


def _random_ballots(poll: str, count: int) -> list[Any]:
    """`count` ballots of new voters, one choice each."""
    from polls.outcomes import Cast

    return [
        Cast(poll_id=UUID(poll), voter_key=secrets.token_bytes(16), ballot_id=uuid4(), choices=(number % 4,))
        for number in range(count)
    ]


def _wal_bytes() -> int:
    """How much Postgres has written ahead since it was made."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def seal(poll: str) -> None:
    """The close, and then what the timers do. Run it where there are no timers."""
    from django.db.models import Sum

    from polls import commands, timers
    from polls.models import Poll, Seal

    began = time.perf_counter()
    commands.close(UUID(poll))
    timers.seal_closed()
    spent = time.perf_counter() - began
    assert Poll.objects.get(pk=poll).root, "others sealed it"
    print(json.dumps([Seal.objects.filter(poll_id=poll).aggregate(sum=Sum("ballots"))["sum"], spent]))


def whole(poll: str) -> None:
    """polls.whole_digest.root_of: what a close did under the poll's lock before there were seals."""
    from polls import whole_digest

    began = time.perf_counter()
    whole_digest.root_of(UUID(poll))
    print(time.perf_counter() - began)


def push(port: str, seconds: str, repeats: str) -> None:
    """One message of each sender is decrypted first."""
    import pywebpush
    from django.conf import settings
    from py_vapid import Vapid

    from push import encryption, sender, vapid
    from reach.notices import Notice
    from tests.push.service import Browser

    browser = Browser(f"http://127.0.0.1:{port}")
    target = SimpleNamespace(endpoint=browser.endpoint, p256dh=browser.p256dh, auth=browser.auth)
    key = Vapid(vapid.private_key())
    message = Notice(
        kind="called", title="It is your turn", body="Friday night is ready for you.", url="/queue/ABC234/ticket",
        ttl_s=120, urgency="high", topic="call",
    )  # fmt: skip
    payload = sender.payload(message)
    sealed = encryption.encrypt(payload, p256dh=browser.p256dh, auth=browser.auth)
    theirs = pywebpush.WebPusher(browser.subscription).encode(payload)["body"]
    assert browser.open(sealed) == browser.open(theirs) == json.loads(payload)

    def ours() -> None:
        assert sender.send(target, message).result == sender.Result.SENT

    def reference() -> None:
        answer = pywebpush.webpush(
            browser.subscription, payload.decode(), vapid_private_key=key,
            vapid_claims={"sub": settings.VAPID_SUBJECT}, ttl=120, headers={"Urgency": "high", "Topic": "call"},
        )  # fmt: skip
        assert answer.status_code == 201

    _rate(ours, WARM_S), _rate(reference, WARM_S)
    print(json.dumps([(_rate(ours, float(seconds)), _rate(reference, float(seconds))) for _ in range(int(repeats))]))


def _rate(send: Callable[[], None], seconds: float) -> float:
    began, count = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds:
        send()
        count += 1
    return count / spent


if __name__ == "__main__":
    django.setup()
    whats: dict[str, Callable[..., None]] = {
        each.__name__: each for each in (fill, publish, voters, batches, seal, whole, push)
    }
    whats[sys.argv[1]](*sys.argv[2:])
