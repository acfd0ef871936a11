"""deploy/nginx.conf in the real nginx, before the running program: what it may answer itself, and what never."""

import concurrent.futures
import json
import signal
import time
import uuid

import httpx
import pytest
from websockets.sync.client import connect

from tests.contracts.queueup import Line
from tests.deploy.nginx import Nginx, poll, vote
from tests.installation import ROOT, Stack, wait_until

# How long nginx may keep an answer; its clock has whole seconds, so up to two may pass.
KEPT_S = 2.0


CACHED = {"MISS", "HIT", "EXPIRED", "REVALIDATED"}


# ------------------------------------------------------------------------------------------------------ what is kept
def test_nginx_itself_answers_the_polling_of_guests(line: Line) -> None:
    line.join("Ada")
    first = line.snapshot()
    assert first.headers["cache-control"] == "no-cache, no-store, must-revalidate", "the contract's, for browsers"
    assert "x-accel-expires" not in first.headers

    def answered_by_nginx() -> bool:
        shown = line.snapshot(sent={"If-None-Match": first.headers["etag"]})
        assert (shown.status_code, shown.content) == (304, b"")
        assert shown.headers["etag"] == first.headers["etag"]
        return shown.headers["x-cache"] == "HIT"

    wait_until(answered_by_nginx)
    assert line.snapshot().json() == first.json()


def test_what_changed_since_a_version_is_kept_for_all_who_have_it(line: Line) -> None:
    first = line.snapshot().json()
    line.join("Ada")

    def since(version: int) -> httpx.Response:
        return httpx.get(f"{line.api}/snapshot", params={"since": version})

    def answered_by_nginx() -> bool:
        shown = since(first["version"])
        assert [entry["ticket"] for entry in shown.json()["changed"]] == [1]
        return shown.headers["x-cache"] == "HIT"

    wait_until(answered_by_nginx)
    assert since(first["version"] + 1).json()["changed"] == []
    # Of an unknown version nothing is cached.
    assert [since(10**9).headers["x-cache"] for _ in range(3)] == ["MISS"] * 3


def test_a_change_is_seen_within_a_second(line: Line) -> None:
    def age() -> float:
        line.snapshot()
        joined = line.join()["ticket"]
        began = time.monotonic()
        wait_until(
            lambda: joined in [party["ticket"] for party in line.snapshot().json()["queue"]], timeout_s=KEPT_S + 3
        )
        return time.monotonic() - began

    assert min(age() for _ in range(3)) <= KEPT_S


def test_an_expired_answer_is_fetched_anew_for_all_who_ask(site: Stack, line: Line) -> None:
    """Also for those who ask while it is being fetched: none is shown an old line."""
    before = line.snapshot().json()["version"]
    line.join()
    time.sleep(KEPT_S + 0.2)  # the answer in the cache is old now; only time makes it so
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        site.signal("web", signal.SIGSTOP)
        try:
            asked = [pool.submit(line.snapshot) for _ in range(4)]
            early, _ = concurrent.futures.wait(asked, timeout=1, return_when=concurrent.futures.FIRST_COMPLETED)
        finally:
            site.signal("web", signal.SIGCONT)
        assert not early, "nginx answered without Tallyline"
        assert {shown.result().json()["version"] for shown in asked} == {before + 1}


def test_results_of_a_poll_are_kept_too(nginx: Nginx) -> None:
    made = poll(nginx)
    shown = httpx.get(f"{made['url']}/results")
    assert shown.headers["x-cache"] in CACHED
    etag = {"If-None-Match": shown.headers["etag"]}
    again = wait_until(
        lambda: (a := httpx.get(f"{made['url']}/results", headers=etag)).headers["x-cache"] == "HIT" and a
    )
    assert again.status_code == 304
    vote(made)
    wait_until(lambda: httpx.get(f"{made['url']}/results").json()["ballots"] == 1, timeout_s=KEPT_S + 3)
    assert httpx.get(f"{nginx.url}/poll/{made['id']}/results").headers["x-cache"] in CACHED


def test_a_compressed_answer_is_known_again(line: Line) -> None:
    for _ in range(20):
        line.join()
    shown = line.snapshot(sent={"Accept-Encoding": "gzip"})
    assert shown.headers["content-encoding"] == "gzip"
    assert shown.headers["etag"].startswith("W/")
    assert line.snapshot(sent={"If-None-Match": shown.headers["etag"]}).status_code == 304


# ------------------------------------------------------------------------------------------------ what is never kept
def test_the_host_is_never_answered_from_the_cache(line: Line) -> None:
    public = line.snapshot().json()
    line.join("Canary")
    for sent in ({"x-host-auth": line.token}, {"Cookie": f"a=b; queue_host_auth={line.token}"}):
        shown = line.snapshot(sent=sent)
        assert "x-cache" not in shown.headers
        assert shown.json()["queue"][0]["name"] == "Canary", "what the host has just done"
        again = line.snapshot(sent={**sent, "If-None-Match": shown.headers["etag"]})
        assert (again.status_code, "x-cache" in again.headers) == (304, False)
    assert line.snapshot(sent={"x-host-auth": "wrong"}).status_code == 403
    after = line.snapshot()
    assert "Canary" not in after.text
    assert set(after.json()) == set(public)


def test_a_guest_is_never_answered_from_the_cache(line: Line) -> None:
    line.snapshot()
    ada, ben = line.join("Ada")["partyId"], line.join("Ben")["partyId"]
    for party, place in ((ada, 1), (ben, 2), (ada, 1)):
        shown = line.snapshot(party)
        assert "x-cache" not in shown.headers
        assert (shown.json()["type"], shown.json()["position"]) == ("position", place)
    assert line.snapshot().json()["type"] == "queue_update"


@pytest.mark.parametrize(
    "sent",
    [{"api-key": "x"}, {"Authorization": "Bearer x"}, {"Origin": "https://evil.example"}, {"Cookie": "sessionid=x"}],
)
def test_a_request_with_credentials_goes_to_tallyline(sent: dict[str, str], line: Line) -> None:
    line.snapshot()
    shown = line.snapshot(sent=sent)
    assert "x-cache" not in shown.headers
    assert shown.status_code == (403 if "Origin" in sent else 200)


def test_counts_that_only_voters_may_see_stay_with_them(nginx: Nginx) -> None:
    made = poll(nginx, visibility="after_voting")
    results = f"{made['url']}/results"
    assert httpx.get(results).json()["hidden"] is True
    cookie = {"Cookie": vote(made).headers["set-cookie"].split(";")[0]}
    shown = wait_until(lambda: (a := httpx.get(results, headers=cookie)).json()["ballots"] == 1 and a)
    assert "x-cache" not in shown.headers
    assert httpx.get(results).json()["hidden"] is True
    assert httpx.get(results, headers={"x-host-auth": made["hostToken"]}).json()["ballots"] == 1
    assert httpx.get(results).json()["hidden"] is True


def test_where_voters_are_known_by_their_address_nothing_is_kept(nginx: Nginx) -> None:
    """Nothing in the request tells them apart, so Tallyline does not allow it."""
    made = poll(nginx, visibility="after_voting", dedupe="address")
    for _ in range(3):
        assert httpx.get(f"{made['url']}/results").headers["x-cache"] == "MISS"


def test_refusals_are_not_kept(nginx: Nginx) -> None:
    for path in ("/api/queue/ZZZZZZ/snapshot", f"/api/polls/{uuid.uuid4()}/results"):
        for _ in range(2):
            answer = httpx.get(nginx.url + path)
            assert (answer.status_code, answer.headers["x-cache"]) == (404, "MISS")


# ------------------------------------------------------------------------------------------------------- what passes
def test_sockets_and_streams_pass_at_once(line: Line, nginx: Nginx) -> None:
    made = poll(nginx)
    with (
        connect(line.socket_url(hostToken=line.token), proxy=None) as socket,
        httpx.stream("GET", f"{made['url']}/stream", timeout=10) as stream,
    ):
        assert '"queue_update"' in str(socket.recv(10))
        line.join("Ada")
        assert "Ada" in str(socket.recv(10))
        lines = stream.iter_lines()
        assert '"ballots":0' in next(each for each in lines if each.startswith("data:"))
        vote(made)
        assert '"ballots":1' in next(each for each in lines if each.startswith("data:"))


def test_the_address_is_the_clients_not_the_one_it_claims(nginx: Nginx) -> None:
    """X3: one address, one ballot; what the client itself writes into the header does not count."""
    made = poll(nginx, dedupe="address")
    vote(made, **{"X-Forwarded-For": "203.0.113.1"})
    body = {"ballotId": str(uuid.uuid4()), "choices": [0]}
    claimed = httpx.post(f"{made['url']}/ballots", json=body, headers={"X-Forwarded-For": "203.0.113.2"})
    assert claimed.status_code == 409


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6detrics", "/x/../metrics", "/metrics?x=1", "/metrics/"])
def test_metrics_are_not_for_outside(path: str, nginx: Nginx) -> None:
    answer = httpx.get(nginx.url + path)
    assert answer.status_code == 404
    assert "tallyline_" not in answer.text


def test_long_bodies_end_here(nginx: Nginx, line: Line) -> None:
    answer = line.post("join", {"name": "x" * 600_000})
    assert (answer.status_code, answer.json()) == (413, {"error": "The request body is too large"})
    assert httpx.post(f"{nginx.url}/queue", content=b"x" * 3_000_000).status_code == 413


def test_static_files_are_nginxs_and_what_is_not_there_is_ours(nginx: Nginx) -> None:
    here = httpx.get(f"{nginx.url}/static/here.css")
    assert (here.status_code, here.headers["content-type"]) == (200, "text/css")
    assert here.headers["cache-control"] == "max-age=60"
    etag = {"If-None-Match": here.headers["etag"]}
    assert httpx.get(f"{nginx.url}/static/here.css", headers=etag).status_code == 304
    assert httpx.get(f"{nginx.url}/static/img/icon.svg").status_code == 200
    assert httpx.get(f"{nginx.url}/static/../../etc/passwd").status_code == 404


def test_what_is_named_by_its_content_is_kept_for_ever(nginx: Nginx, site: Stack) -> None:
    """By either server: nginx the collected files, Tallyline the rest; the last is a file of a real build."""
    forever = "max-age=31536000, public, immutable"
    assert httpx.get(f"{nginx.url}/static/assets/here-Ab_9-xyz.css").headers["cache-control"] == forever
    assert httpx.get(f"{nginx.url}/static/assets/here.css").headers["cache-control"] == "max-age=60"
    assert "immutable" not in httpx.get(f"{nginx.url}/static/img/icon.svg").headers["cache-control"]
    built = {asset["file"] for asset in json.loads((ROOT / "frontend/dist/assets.json").read_text()).values()}
    assert len(built) > 10
    for file in built:
        for server in (nginx.url, site.url()):
            answer = httpx.get(f"{server}/static/{file}")
            assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True), file


def test_pages_pass(nginx: Nginx) -> None:
    assert "Tallyline" in httpx.get(nginx.url).text
    assert httpx.get(f"{nginx.url}/healthz").status_code == 200
