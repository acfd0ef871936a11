"""A host token without an account is renewed over the API and by the console's button; the older one ends."""

import json
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.contracts.queueup import Line
from tests.contracts.vote_ws import Room
from tests.installation import Stack
from tests.polls.running_poll import LivePoll
from tests.venues.host_tokens import ENDED, PATIENCE_S, closed_with, open_socket, parts_of

# ---------------------------------------------------------------------------------------------------------------- renewal
Made = tuple[str, str, str]


@pytest.fixture(params=["line", "poll", "room"])
def made(request: pytest.FixtureRequest, site: Stack) -> Made:
    """Something account-less: its API's address, its host token, and an act of its host."""
    if request.param == "line":
        line = Line.open(site)
        return line.api, line.token, "pause"
    if request.param == "poll":
        poll = LivePoll(site)
        return poll.url(), poll.made["hostToken"], "close"
    room = Room(site)
    return room.url(), room.token, "close"


def test_an_account_less_token_is_renewed(made: Made) -> None:
    url, old, act = made
    assert httpx.post(f"{url}/renew-token").status_code == 401
    assert httpx.post(f"{url}/renew-token", headers={"x-host-auth": old[:-2] + "AA"}).status_code == 403
    answer = httpx.post(f"{url}/renew-token", headers={"x-host-auth": old})
    [new] = answer.json().values()
    assert new != old
    assert len(parts_of(new, old.partition(".")[0])) == 32
    assert new in answer.headers["set-cookie"]
    assert httpx.post(f"{url}/{act}", headers={"x-host-auth": old}, json={}).status_code == 403
    assert httpx.post(f"{url}/{act}", headers={"x-host-auth": new}, json={}).status_code == 200


def test_a_renewal_ends_open_sockets_and_is_in_the_log(site: Stack) -> None:
    line, poll = Line.open(site), LivePoll(site, visibility="host_only")
    with (
        open_socket(site, f"/api/queue/{line.code}/connect", line.token) as of_line,
        open_socket(site, f"/api/queue/{line.code}/connect", line.token, "daphne") as elsewhere,
        open_socket(site, f"/api/polls/{poll.id}/connect", poll.made["hostToken"]) as of_poll,
    ):
        line.post("renew-token", host=True)
        httpx.post(poll.url("/renew-token"), headers=poll.host)
        assert [closed_with(each) for each in (of_line, elsewhere, of_poll)] == [ENDED] * 3
    events = site.sql("SELECT type, changes FROM outbox_event WHERE type LIKE '%%TOKEN_RENEWED' AND stream_id = ANY(%s)",
                      [line.created["sessionId"], poll.id])  # fmt: skip
    assert {event["type"] for event in events} == {"QUEUE_TOKEN_RENEWED", "POLL_TOKEN_RENEWED"}
    assert line.token not in json.dumps(events)
    # Only these: other tests change lines by SQL.
    assert site.manage("reconcile", "--line", line.code, "--poll", poll.code).returncode == 0


# ------------------------------------------------------------------------------------------------------------------ pages
@pytest.fixture
def browser(site: Stack) -> Callable[[], httpx.Client]:
    """Fresh browsers."""
    return lambda: httpx.Client(base_url=site.url("web"), timeout=PATIENCE_S)


@pytest.fixture
def hosting(browser: Callable[[], httpx.Client]) -> Iterator[tuple[httpx.Client, str]]:
    """A browser without an account that opened a line on our pages, and the line's code."""
    with browser() as mine:
        page = mine.get("/")
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        form = {**fields, "event_name": "Friday", "max_guests": "50", "call_window_s": "120"}
        answer = mine.post("/", data=form)
        found = re.search(r"/queue/(\w{6})/host", answer.headers.get("location", ""))
        assert found, answer.text
        yield mine, found[1]


def test_the_consoles_button_ends_other_browsers(
    hosting: tuple[httpx.Client, str], browser: Callable[[], httpx.Client]
) -> None:
    """Another browser that was given the cookie is out; the one that pressed it goes on, by its session and its new cookie."""
    mine, code = hosting

    def by_cookie() -> int:
        """What a browser without the session gets to see."""
        with browser() as other:
            for cookie in old:
                other.cookies.set(cookie.name, cookie.value or "")
            return other.get(f"/queue/{code}/host").status_code

    old = [cookie for cookie in mine.cookies.jar if cookie.name.startswith("queue_host")]
    assert old
    assert by_cookie() == 200
    page = mine.get(f"/queue/{code}/host").text
    assert "End access on other devices" in page
    fields = dict(re.findall(r'name="(csrfmiddlewaretoken)" value="([^"]*)"', page))
    assert mine.post(f"/queue/{code}/host/renew-token", data=fields).status_code == 303
    assert by_cookie() == 302, "to sign in"
    assert mine.get(f"/queue/{code}/host").status_code == 200
    old = [cookie for cookie in mine.cookies.jar if cookie.name.startswith("queue_host")]
    assert by_cookie() == 200
