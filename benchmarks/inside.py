"""python -m benchmarks.inside WHAT ...: what a benchmark needs done inside an installation, in a separate process.

fill CODE N [PORT]     puts N more parties in a line, without events; each subscribed at 127.0.0.1:PORT/push/PARTY
publish A B TIMES      writes the rows of two lines in turns, TIMES times; prints seconds: JSON [[a, b], ...]
voters ROOM N          prints N participants of a room: JSON [[user, token], ...]
batches POLL SECONDS   records batches of several sizes, SECONDS each; prints what they cost: JSON {size: {...}}
root POLL              computes a poll's digest; prints JSON [ballots, seconds]
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


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


def publish(one: str, other: str, times: str) -> None:
    """queues.edge.publish.publish, as each change of a line calls it after its commit."""
    from queues.edge import publish
    from queues.models import Queue

    lines = [Queue.objects.get(code=code).pk for code in (one, other)]
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
    from benchmarks.costs import ROUNDS, SIZES, postgres_cpu_s, random_ballots, wal_bytes
    from polls.ballots import record
    from polls.outcomes import Status

    found: dict[int, dict[str, Any]] = {
        size: {"walls_s": [], "own_s": 0.0, "postgres_s": 0.0, "wal_bytes": 0} for size in SIZES
    }
    record(random_ballots(poll, 500))
    for _ in range(ROUNDS):
        for size, cost in found.items():
            own, theirs, wal = time.process_time(), postgres_cpu_s(), wal_bytes()
            made = 0.0  # making ballots is not recording them
            end = time.perf_counter() + float(seconds) / ROUNDS
            while time.perf_counter() < end:
                making = time.process_time()
                batch = random_ballots(poll, size)
                made += time.process_time() - making
                began = time.perf_counter()
                outcomes = record(batch)
                cost["walls_s"].append(time.perf_counter() - began)
                assert all(outcome.status == Status.COUNTED for outcome in outcomes)
            cost["own_s"] += time.process_time() - own - made
            cost["postgres_s"] += postgres_cpu_s() - theirs
            cost["wal_bytes"] += wal_bytes() - wal
    print(json.dumps(found))


def root(poll: str) -> None:
    """polls.digest.root_of: what the close of a poll does under its lock."""
    from uuid import UUID

    from polls import digest
    from polls.models import Ballot

    began = time.perf_counter()
    digest.root_of(UUID(poll))
    print(json.dumps([Ballot.objects.filter(poll_id=poll).count(), time.perf_counter() - began]))


if __name__ == "__main__":
    django.setup()
    whats: dict[str, Callable[..., None]] = {
        "fill": fill, "publish": publish, "voters": voters, "batches": batches, "root": root,
    }  # fmt: skip
    whats[sys.argv[1]](*sys.argv[2:])
