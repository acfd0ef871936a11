"""/healthz, /readyz, /metrics of the running program."""

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config.health import _is_from_here
from tests.contracts.queueup import Line
from tests.installation import LiveLine, NewStack, Stack, wait_until
from tests.queues.line_socket import host_socket

TOKEN = "scrape-me-7fa741e7"


def figures(stack: Stack, server: str = "web") -> dict[Any, float]:
    """All samples: (name, label values in order of their names) → value."""
    answer = httpx.get(f"{stack.url(server)}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_what_is_done_is_counted(site: Stack) -> None:
    line = Line.open(site)
    poll = site.open_poll()
    before = figures(site)
    route = "/api/queue/{code}/snapshot"
    for _ in range(3):
        etag = line.snapshot().headers["etag"]
    line.snapshot(sent={"If-None-Match": etag})
    ballot = {"ballotId": "9b2f1f4e-58a6-4a5e-9a43-0c6d7d1f7a11", "choices": [0]}
    for _ in range(2):
        assert httpx.post(f"{site.url()}/api/polls/{poll['id']}/ballots", json=ballot).status_code == 201
    with host_socket(line) as socket:
        socket.next()
        after = figures(site)

    def more(*key: str) -> float:
        return after.get(key, 0) - before.get(key, 0)

    assert more("tallyline_http_requests_total", route, "200") == 3
    assert more("tallyline_http_requests_total", route, "304") == 1
    assert more("tallyline_http_seconds_count", route) == 3
    assert more("tallyline_ballots_total", "counted") == 1
    assert more("tallyline_ballots_total", "already_counted") == 1
    assert more("tallyline_ballot_batch_size_sum") == 2
    assert more("tallyline_followers", "line") == 1
    assert after[("tallyline_redis_silent_seconds",)] < 60
    wait_until(lambda: figures(site)[("tallyline_followers", "line")] == before.get(("tallyline_followers", "line"), 0))


def test_no_label_names_anything_of_ours(site: Stack) -> None:
    line = Line.open(site)
    party = line.join("Canary")["partyId"]
    line.snapshot(party)
    told = httpx.get(f"{site.url()}/metrics").text
    for secret in (line.code, line.session_id, party, "Canary", "127.0.0.1"):
        assert secret not in told


def test_effects_that_wait_are_told(site: Stack) -> None:
    line = Line.open(site)
    line.join("Ada")  # its effects wait: this installation has no worker
    wait_until(lambda: figures(site)[("tallyline_effects", "pending")] > 0)
    assert figures(site)[("tallyline_outbox_lag_seconds",)] >= 0


def test_from_outside_there_are_no_metrics(site: Stack) -> None:
    answer = httpx.get(f"{site.url()}/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 404
    assert "tallyline" not in answer.text


def test_ready_means_postgres_answers(site: Stack) -> None:
    answer = httpx.get(f"{site.url()}/readyz")
    assert (answer.status_code, answer.json()["postgres"]) == (200, True)
    assert httpx.get(f"{site.url()}/healthz").json() == {"ok": True}


# ----------------------------------------------------------------------------------------------------- /readyz, /metrics
@pytest.fixture(scope="module")
def alone(own_stack: NewStack) -> Stack:
    """An installation whose database and network the tests may trouble."""
    return own_stack("health", 5, METRICS_TOKEN=TOKEN, ALLOWED_HOSTS="*").start("web")


def ready(stack: Stack) -> int:
    return httpx.get(f"{stack.url()}/readyz", timeout=20).status_code


@pytest.fixture
def maintenance(alone: Stack) -> Iterator[psycopg.Connection[Any]]:
    """A connection to another database of the same server; afterwards all is as before."""
    name = conninfo_to_dict(alone.database)["dbname"]
    with psycopg.connect(make_conninfo(alone.database, dbname="postgres"), autocommit=True) as connection:
        wait_until(lambda: ready(alone) == 200)
        yield connection
        connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        _end_sessions(connection, str(name))
    wait_until(lambda: ready(alone) == 200)


def _end_sessions(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def joins(line: LiveLine) -> int:
    """What a write is answered."""
    return line.post("join", {}).status_code


def test_a_process_that_was_asked_nothing_yet_hears_redis(alone: Stack) -> None:
    wait_until(
        lambda: httpx.get(f"{alone.url()}/readyz").json() == {"postgres": True, "redis": True, "broker": True},
        what="Redis",
    )


@pytest.mark.parametrize("how", ["SET default_transaction_read_only = on", "ALLOW_CONNECTIONS false"])
def test_not_ready_while_nothing_can_be_written(how: str, alone: Stack, maintenance: psycopg.Connection[Any]) -> None:
    line, name = alone.open_line(), str(conninfo_to_dict(alone.database)["dbname"])
    maintenance.execute(f'ALTER DATABASE "{name}" {how}')
    _end_sessions(maintenance, name)
    wait_until(lambda: joins(line) == 503, what=f"{joins(line)}: {alone.log('web')[-3000:]}")
    wait_until(lambda: ready(alone) == 503)
    assert httpx.get(f"{alone.url()}/healthz").status_code == 200


@pytest.mark.parametrize("table", ["queues_queue", "polls_ballot", "outbox_event"])
def test_not_ready_while_a_table_is_locked(table: str, alone: Stack) -> None:
    wait_until(lambda: ready(alone) == 200)
    with psycopg.connect(alone.database) as holder:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        wait_until(lambda: ready(alone) == 503)
    wait_until(lambda: ready(alone) == 200)


@pytest.mark.parametrize(
    "passed_on",
    [
        {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=203.0.113.7"},
        {"X-Real-IP": "203.0.113.7"}, {"Via": "1.1 proxy"}, {"X-Forwarded-Proto": "https"}, {"X-Forwarded-Host": "x"},
    ],
)  # fmt: skip
def test_metrics_of_a_proxys_clients_need_the_token(passed_on: dict[str, str], alone: Stack) -> None:
    def asked(authorization: bytes) -> int:
        sent = {**{name.encode(): value.encode() for name, value in passed_on.items()}, b"authorization": authorization}
        answer = httpx.get(f"{alone.url()}/metrics", headers=sent)
        assert ("tallyline_" in answer.text) == (answer.status_code == 200)
        return answer.status_code

    right = TOKEN.encode()
    assert asked(b"Bearer " + right) == asked(b"bearer " + right) == 200
    for wrong in (b"", b"Bearer", b"Bearer x", b"Basic " + right, right, b"Bearer " + right + b"x", b"Bearer \xff"):
        assert asked(wrong) == 404, wrong


def test_metrics_of_other_machines_need_the_token(alone: Stack) -> None:
    """Without any proxy; this machine has no other address that a test may rely on."""

    def from_here(client: object) -> bool:
        return _is_from_here({"type": "http", "headers": [], "client": client})

    assert all(from_here((address, 1)) for address in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"))
    assert not any(from_here((address, 1)) for address in ("192.0.2.1", "fd00::1", "", "unix"))
    assert not from_here(None)
    assert httpx.get(f"{alone.url()}/metrics").status_code == 200, "this machine, directly"


def test_without_a_token_set_none_opens_metrics(site: Stack) -> None:
    for sent in ("Bearer", "Bearer x"):
        answer = httpx.get(f"{site.url()}/metrics", headers={"X-Forwarded-For": "203.0.113.7", "Authorization": sent})
        assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_they_are_only_read(path: str, site: Stack) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = httpx.request(method, site.url() + path)
        assert (answer.status_code, "error" in answer.json(), answer.headers["allow"]) == (
            405,
            True,
            "GET, HEAD, OPTIONS",
        )
    assert httpx.head(site.url() + path).status_code == 200
    assert httpx.options(site.url() + path).headers["allow"] == "GET, HEAD, OPTIONS"
    assert httpx.options(site.url() + path).status_code == 204
