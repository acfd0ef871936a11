"""Contract queueup.md in the words, cookies and hours of clients that exist."""

import json
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.contracts.queueup import Line, create, http, refused
from tests.installation import NewStack, Stack
from tests.queues.line_socket import PATIENCE_S, Socket

WEEK_S = 7 * 24 * 3600
GOOD = {"eventName": "Brunch", "maxGuests": 10}


# ------------------------------------------------------------------------------------------------------------- the words
@pytest.mark.parametrize("called", [False, True])
def test_a_name_that_is_taken_is_told_as_the_old_client_reads_it(called: bool, line: Line) -> None:
    line.join("Ada")
    if called:
        line.host("advance")
    assert "already in this queue" in refused(line.post("join", {"name": " Ada "}), 409)


class Challenges(BaseHTTPRequestHandler):
    """Cloudflare's siteverify: "good" passes, "broken" is no answer, anything else fails."""

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode("latin-1")
        body = b"<html>" if "broken" in form else json.dumps({"success": "good" in form}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Not to the tests' output."""


@pytest.fixture(scope="module")
def guarded(own_stack: NewStack) -> Iterator[Stack]:
    """An installation with a Turnstile secret."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Challenges)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/siteverify"
    yield own_stack("turnstile", 12, TURNSTILE_SECRET="s3cret", TURNSTILE_URL=url).start("web")
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("token", "status"), [(None, 400), ("", 400), ("bad", 400), ("broken", 503)])
def test_a_challenge_that_was_not_passed_is_told_as_the_old_client_reads_it(
    token: str | None, status: int, guarded: Stack
) -> None:
    line = Line(guarded, create(guarded, {**GOOD, "turnstileToken": "good"}).json())
    sent = {} if token is None else {"turnstileToken": token}
    assert "Turnstile verification" in refused(create(guarded, {**GOOD, **sent}), status)
    assert "Turnstile verification" in refused(line.post("join", {"name": "Ada", **sent}), status)
    assert line.post("join", {"name": "Ada", "turnstileToken": "good"}).status_code == 200


# ----------------------------------------------------------------------------------------------------------- the cookies
def cookies_of(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for header in answer.headers.get_list("set-cookie"):
        found |= SimpleCookie(header)
    return found


def test_a_second_line_does_not_take_the_first_away(stack: Stack) -> None:
    made = [create(stack, GOOD) for _ in range(2)]
    first, second = (cookies_of(answer) for answer in made)
    assert len(first) == len(second) == 2 and set(first) & set(second) == {"queue_host_auth"}
    for morsel in first.values():
        assert (morsel["httponly"], morsel["secure"], morsel["samesite"], morsel["path"]) == (True, True, "Strict", "/")
        assert int(morsel["max-age"]) == WEEK_S
    # As a browser keeps them: the newer one of the same name.
    jar = "; ".join(f"{name}={morsel.value}" for name, morsel in {**first, **second}.items())
    for answer in made:
        line = Line(stack, answer.json())
        assert line.snapshot(Cookie=jar).json()["queue"] == []
        assert "version" not in line.snapshot(Cookie=jar).json(), "the host's view, not the public one"
        assert http.get(f"{line.api}/console", headers={"Cookie": jar}).status_code == 200
        assert line.post("advance", {}, Cookie=jar).status_code == 200
        with connect(f"ws{line.api[4:]}/connect", additional_headers={"Cookie": jar}) as socket:
            assert json.loads(socket.recv(PATIENCE_S))["type"] == "queue_update"


def test_a_polls_and_a_sessions_cookies_live_a_week(stack: Stack) -> None:
    session = {"question": "Tea?", "voteType": "single", "choices": [{"text": "Yes"}, {"text": "No"}]}
    poll = {"title": "Which wine?", "choices": ["Red", "White"]}
    for path, body in (("/api/vote", session), ("/api/polls/", poll)):
        (morsel,) = cookies_of(http.post(stack.url() + path, json=body)).values()
        assert int(morsel["max-age"]) == WEEK_S and morsel["samesite"] == "Strict" and morsel["httponly"], path


# ------------------------------------------------------------------------------------------------------------- the hours
def life_s(line: Line) -> float:
    """From opening to closing by itself."""
    rows = line.sql(
        "SELECT extract(epoch FROM closes_at - opened_at) AS life FROM queues_queue WHERE id = %s", line.session_id
    )
    return float(rows[0]["life"])


def of_day(hours_from_now: float) -> str:
    """HH:MM in UTC."""
    return time.strftime("%H:%M", time.gmtime(time.time() + hours_from_now * 3600))


@pytest.mark.parametrize("hours", [0.5, 3, 11.5])
def test_hours_without_a_zone_are_kept_and_shown_and_close_nothing(hours: float, stack: Stack) -> None:
    line = Line.open(stack, closeTime=of_day(hours))
    assert line.created["closeTime"] == of_day(hours)
    assert life_s(line) == 12 * 3600
    assert of_day(hours) in http.get(f"{stack.url()}/queue/{line.code}").text
    later = of_day(hours + 0.1)
    line.host("settings", {"closeTime": later})
    assert life_s(line) == 12 * 3600


def test_hours_with_a_zone_close_the_line_also_over_midnight(stack: Stack) -> None:
    line = Line.open(stack, openTime=of_day(4), closeTime=of_day(3), timezone="UTC")
    assert 2.9 * 3600 < life_s(line) <= 3 * 3600
    line.host("settings", {"closeTime": of_day(2)})
    assert 1.9 * 3600 < life_s(line) <= 2 * 3600


def test_without_a_zone_a_line_closes_after_it_opens(stack: Stack) -> None:
    refused(create(stack, {**GOOD, "openTime": "18:00", "closeTime": "02:00"}), 400, "closeTime")
    assert create(stack, {**GOOD, "openTime": "18:00", "closeTime": "02:00", "timezone": "UTC"}).status_code == 200
    refused(create(stack, {**GOOD, "openTime": "18:00", "closeTime": "18:00", "timezone": "UTC"}), 400, "closeTime")
    line = Line.open(stack, openTime="10:00", closeTime="18:00")
    refused(line.post("settings", {"closeTime": "09:00"}, host=True), 400, "closeTime")


# ------------------------------------------------------------------------------------------------------------ the socket
def test_a_place_that_is_the_same_is_not_told_again(line: Line) -> None:
    first, second, third = (line.join(name)["partyId"] for name in ("Ada", "Ben", "Cem"))
    with connect(line.socket_url(partyId=first)) as opened:
        guest = Socket(opened)
        assert guest.next()["position"] == 1
        line.host("edit", {"partyId": second, "note": "high chair"})
        line.post("declare-nearby", {"partyId": third})
        line.host("edit", {"partyId": first, "name": "Adele"})
        line.host("settings", {"maxGuests": 90})
        guest.silent()
        line.join("Dora")
        assert guest.next()["queueLength"] == 4
        line.host("call", {"partyId": first})
        assert guest.next()["type"] == "called"
        line.host("edit", {"partyId": second, "note": ""})
        guest.silent()
        line.host("put-back", {"partyId": first})
        assert guest.next()["type"] == "position"
