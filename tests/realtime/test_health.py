"""/healthz, /readyz, /metrics of the running program."""

from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.contracts.queueup import Line
from tests.live import Stack, wait_until
from tests.realtime.sockets import host_socket


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
    poll = httpx.post(f"{site.url()}/api/polls/", json={"title": "?", "choices": ["a", "b"], "open": True}).json()
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
    assert more("tallyline_http_seconds_count", route) == 4
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
