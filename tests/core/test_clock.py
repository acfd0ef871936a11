"""What is shown is decided by the database's clock, not by the web machine's (decision 0021)."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
from websockets.sync.client import connect

from core.clock import Estimate
from tests.contracts.queueup import Line, http
from tests.contracts.vote_ws import Room
from tests.installation import ROOT, Stack, command, free_port, wait_until
from tests.polls.running_poll import LivePoll

SHIFT = """
import time
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + {seconds}
time.time_ns = lambda: _time_ns() + {seconds} * 10**9
"""


@pytest.fixture(scope="module", params=[7200, -7200], ids=["2 h ahead", "2 h behind"])
def wrong(request: pytest.FixtureRequest, site: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web process of the installation whose machine's clock is wrong; its address."""
    folder = tmp_path_factory.mktemp("clock")
    (folder / "sitecustomize.py").write_text(SHIFT.format(seconds=request.param))
    port = free_port()
    env = {**site.env, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    process = subprocess.Popen([sys.executable, *command("web", port)], cwd=ROOT, env=env)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None
        try:
            return http.get(f"{url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(answers, what="a process with a wrong clock")
        yield url
    finally:
        process.terminate()
        process.wait(20)


def ms(moment: datetime) -> int:
    """As the API writes a time."""
    return int(moment.timestamp() * 1000)


def test_a_wrong_clock_shows_nothing_early_and_nothing_late(site: Stack, wrong: str) -> None:
    now = datetime.now(UTC)
    hidden = LivePoll(site, visibility="after_close", end=ms(now + timedelta(hours=1)))
    early = LivePoll(site, start=ms(now + timedelta(hours=1)))
    begun = LivePoll(site, start=ms(now - timedelta(hours=1)), end=ms(now + timedelta(hours=1)))
    hidden.vote(0)
    for poll, phase in ((hidden, "open"), (early, "early"), (begun, "open")):
        for exact in ("", "?cache=false"):
            seen = http.get(f"{wrong}/api/polls/{poll.id}/results{exact}").json()
            assert seen["status"] == phase, (phase, exact)
            assert seen["hidden"] == (poll is hidden)
        assert http.get(f"{wrong}/api/polls/{poll.id}").json()["status"] == phase


def test_a_poll_ends_on_its_streams_by_the_database_s_clock(site: Stack, wrong: str) -> None:
    poll = LivePoll(site, visibility="after_close", end=ms(datetime.now(UTC) + timedelta(seconds=2)))
    poll.vote(1)
    with http.stream("GET", f"{wrong}/api/polls/{poll.id}/stream", timeout=30) as answer:
        messages = [line for line in answer.iter_lines() if line.startswith("data:")]
    assert '"status":"open"' in messages[0] and '"hidden":true' in messages[0]
    assert '"status":"closed"' in messages[-1] and '"hidden":false' in messages[-1]


def test_pages_are_told_the_database_s_time(site: Stack, wrong: str) -> None:
    """Countdowns of guests and hosts go by the Date of what they poll, also where nothing is new; and by what pages say."""
    line = Line.open(site)

    def off_s(answer: httpx.Response) -> float:
        [date] = answer.headers.get_list("date")
        return abs((parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds())

    wait_until(lambda: off_s(http.get(f"{wrong}/healthz")) < 60, what="the database to be asked")
    first = http.get(f"{wrong}/api/queue/{line.code}/snapshot")
    again = http.get(f"{wrong}/api/queue/{line.code}/snapshot", headers={"If-None-Match": first.headers["etag"]})
    page = http.get(f"{wrong}/")
    assert (first.status_code, again.status_code, page.status_code) == (200, 304, 200)
    assert max(map(off_s, (first, again, page))) < 60
    assert off_s(http.get(f"{site.url('daphne')}/")) < 60


def test_a_vote_in_a_room_counts_by_one_clock(site: Stack, wrong: str) -> None:
    """What is ahead of the true time counts as now, in each process, and the next vote is later."""
    room = Room(site)
    voter = room.voter()
    with room.socket(voter) as one, connect(f"{wrong.replace('http', 'ws', 1)}/api/vote_ws/", proxy=None) as other:
        other.send(json.dumps(room.auth(voter)))
        other.recv(20)
        for value in ("yes", "no", "yes"):
            ahead = int(time.time()) + 3_600
            other.send(json.dumps({"vote": {"value": value, "ts": ahead}}))
            other.send("?")
            while "error" not in json.loads(other.recv(20)):
                pass
            assert room.votes() == (value == "yes", value == "no")
            one.vote("cancel", time.time())
            one.heard()
            assert room.votes() == (0, 0)


def test_an_estimate_takes_the_quickest_reading_and_follows_a_clock_that_is_set() -> None:
    estimate = Estimate()
    assert estimate.now_ms() == 0, "before the first reading nothing is over"
    estimate.learn(1_000_000.0)
    first = estimate.now_ms()
    assert 1_000_000 <= first < 1_005_000
    estimate.learn(first - 20.0)  # it took 20 ms to come
    assert estimate.now_ms() >= first
    estimate.learn(first + 60_000.0)
    assert estimate.now_ms() >= first + 60_000
    estimate.learn(500_000.0)  # set back
    assert estimate.now_ms() < 505_000
