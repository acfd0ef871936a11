"""F12: RabbitMQ is killed or frozen under load. No change waits for it, deadlines are kept, and each effect arrives once."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import httpx
import pytest
from kombu.connection import Connection

from config import broker
from tests.faults.engines.rabbitmq import RabbitMQ, rabbitmq
from tests.faults.installation import CONVERGES_WITHIN_S, Target, report
from tests.faults.test_redis import check, refusals, under_load
from tests.faults.told import Told
from tests.installation import wait_until

AWAY_S = 20.0
# A pass a second, and what one pass takes.
DEADLINE_WITHIN_S = 3.0
QUEUE = "tallyline"


@pytest.fixture(scope="module")
def server() -> Iterator[RabbitMQ]:
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        node = rabbitmq(Path(directory).resolve())
        yield node
        node.stop()


@pytest.fixture(scope="module")
def broken(own_target: Callable[..., AbstractContextManager[Target]], server: RabbitMQ, told: Told) -> Iterator[Target]:
    """An installation whose broker is RabbitMQ."""
    with own_target("rabbitmq", CELERY_BROKER_URL=server.url, **told.hosts) as target:
        yield target


def kept_deadlines(target: Target, line_id: str, until: float) -> list[float]:
    """Lets the call of one party after the other end until then; how long each time the no-show took, in seconds."""
    late = []
    time.sleep(3)  # the sweep is the first to meet a broker that is away
    while time.monotonic() < until:
        [party] = target.stack.sql(
            "UPDATE queues_party SET call_deadline = now() WHERE id = "
            "(SELECT id FROM queues_party WHERE queue_id = %s AND status = 'called' LIMIT 1) RETURNING id",
            line_id,
        )
        began = time.monotonic()
        status = "SELECT count(*) FROM queues_party WHERE id = %s AND status = 'no_show'"
        wait_until(lambda: target.number(status, party["id"]), timeout_s=60, what="the no-show")  # noqa: B023
        late.append(time.monotonic() - began)
        time.sleep(1)
    return late


@pytest.mark.timeout(300)
@pytest.mark.parametrize("trouble", ["killed", "frozen"])
def test_a_broker_that_is_away_holds_nothing_up(trouble: str, broken: Target, server: RabbitMQ, told: Told) -> None:
    broken.renew()
    lines, load = under_load(broken)
    called = broken.line()
    told.connect(broken.stack)
    texted = told.open_line()
    with called.client() as guest, called.client(host=True) as staff:
        for _ in range(40):
            guest.post("join", json={})
        for _ in range(30):
            staff.post("advance", json={})
    with load.going():
        wait_until(lambda: len(load.statuses) > 60, what="the load to begin")
        wait_until(lambda: ready(broken)["broker"], what="the broker to be well")
        before, load.seconds = len(load.statuses), []
        server.kill() if trouble == "killed" else server.freeze()
        for _ in range(10):
            told.join(texted)
        late = kept_deadlines(broken, called.session_id, time.monotonic() + AWAY_S)
        mutations, slowest = len(load.statuses) - before, load.slowest()
        away = ready(broken)
        server.start() if trouble == "killed" else server.thaw()
        returned = time.monotonic()
        wait_until(lambda: ready(broken)["broker"], what="the broker to be seen again")
        seen = time.monotonic() - returned
        wait_until(told.all_told, timeout_s=30, what="the webhook and the texts")
        after = time.monotonic() - returned
    assert away == {"postgres": True, "redis": True, "broker": False}
    assert not refusals(load)
    assert slowest < 1
    assert max(late) < DEADLINE_WITHIN_S
    report(f"RabbitMQ {trouble} {AWAY_S:.0f} s: {mutations} mutations in that time, p99 {slowest * 1000:.0f} ms; "
           f"{len(late)} no-shows, the latest after {max(late):.1f} s; /readyz knows of its return after {seen:.1f} s; "
           f"the webhook and {told.texts()} texts told what was in that time after {after:.1f} s; "
           + check(broken, lines, returned))  # fmt: skip


def ready(target: Target) -> dict[str, bool]:
    answer: dict[str, bool] = httpx.get(f"{target.stack.url()}/readyz", timeout=10).json()
    return answer


def asked(url: str, server: RabbitMQ, options: dict[str, float]) -> float:
    """Seconds that a client with these options waits for a frozen broker, at most AWAY_S."""
    with Connection(url, connect_timeout=2, transport_options=options) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        server.freeze()
        began = time.monotonic()

        def ask() -> None:
            with suppress(OSError):
                channel.queue_declare(QUEUE, passive=True)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(AWAY_S / 2)
        waited = time.monotonic() - began
        server.thaw()
        asking.join()
        connection.collect()
    return waited


def test_control_without_time_outs_a_client_waits_for_a_frozen_broker(server: RabbitMQ) -> None:
    with_them = asked(server.url, server, broker.transport_options(server.url))
    assert with_them < broker.ANSWER_S + 1
    assert asked(server.url, server, {}) > CONVERGES_WITHIN_S
