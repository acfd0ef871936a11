"""Results of polls by polling, SSE and WebSocket, from two processes that share what stands in Redis."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import time_ns
from typing import Any
from uuid import uuid4

import pytest
from websockets.sync.client import connect

from tests.contracts import sse
from tests.contracts.queueup import http, refused
from tests.installation import LISTED_ORIGIN, Stack, wait_until
from tests.polls.running_poll import LivePoll, counts, refusal, socket_at

SERVERS = ("web", "web2")


pytestmark = pytest.mark.usefixtures("quiet_logs")


# ------------------------------------------------------------------------------------------------------------- polling
@pytest.mark.parametrize("by", ["id", "ID", "code", "Code"])
def test_results_by_id_or_code_with_etag_and_304(by: str, poll: LivePoll, site: Stack) -> None:
    poll.voted(1)
    wait_until(lambda: poll.counts() == [0, 1], what="the vote")
    name = {"id": poll.id, "ID": poll.id.upper(), "code": poll.code, "Code": poll.code.lower()}[by]
    shown = poll.get()
    etag = shown.headers["etag"]
    for server in SERVERS:
        url = f"{site.url(server)}/api/polls/{name}/results"
        assert http.get(url).content == shown.content
        assert http.get(f"{url}?cache=false").json() == shown.json()
        for known in (etag, f"W/{etag}", f'"x", W/{etag}', "*"):
            again = http.get(url, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert http.get(url, headers={"If-None-Match": '"x", "y"'}).status_code == 200
        head = http.head(url)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
        assert head.headers["content-length"] == str(len(shown.content))
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            refused(http.request(method, url, json={}), 405)
    poll.voted(0, server="web2")
    newer = wait_until(lambda: (a := poll.get(headers={"If-None-Match": etag})).status_code == 200 and a, what="news")
    assert counts(newer.json()) == [1, 1]
    assert newer.json()["version"] == shown.json()["version"] + 1


@pytest.mark.parametrize(("votes", "shows"), [("web", "web2"), ("web2", "web"), ("web", "daphne"), ("daphne", "web2")])
def test_what_one_process_counts_the_other_shows(votes: str, shows: str, poll: LivePoll) -> None:
    assert counts(poll.results(shows)) == [0, 0]
    for token in "abc":
        poll.voted(1, server=votes, token=token)
        assert poll.counts(shows, exact=True)[1] == "abc".index(token) + 1
    wait_until(lambda: poll.counts(shows) == [0, 3], what="the votes")

    def shown(server: str) -> tuple[str, list[int]]:
        view = poll.results(server)
        return view["status"], counts(view)

    # A host's commands are shown at once, for the row is written before the answer; by another process a moment later.
    for act, then in (("close", ("closed", [0, 3])), ("reset", ("open", [0, 0]))):
        poll.act(act, votes)
        assert shown(votes) == then
        wait_until(lambda then=then: shown(shows) == then, what=f"{then} at {shows}")  # type: ignore[misc]


def test_versions_and_counts_never_go_down_on_any_path_under_200_ballots(poll: LivePoll) -> None:
    over = threading.Event()

    def look(server: str) -> list[Any]:
        """Polls one process: of another's ballots it hears a moment later (decision 0012), but never goes back."""
        views = []
        while True:
            last = over.is_set()
            views.append(poll.results(server))
            if last:
                return views

    with ThreadPoolExecutor(8) as pool, ExitStack() as streams:
        followed = [streams.enter_context(poll.stream(server)) for server in SERVERS]
        sockets = [streams.enter_context(socket_at(poll.socket_url(server))) for server in SERVERS]
        looking = [pool.submit(look, server) for server in (*SERVERS, SERVERS[0])]
        voting = [pool.submit(poll.voted, n % 2, server=SERVERS[n % 2]) for n in range(200)]
        for vote in voting:
            vote.result()
        over.set()
        poll.act("close")
        histories = [reader.result() for reader in looking]
        for stream in followed:
            messages = stream.rest()
            histories.append([message.json for message in messages])
            assert [message.id for message in messages] == [str(message.json["version"]) for message in messages]
        for socket in sockets:
            history, code = socket.rest()
            histories.append(history)
            assert code == 1000
    for history in histories:
        versions = [view["version"] for view in history]
        assert versions == sorted(versions)
        for choice in (0, 1):
            of_choice = [counts(view)[choice] for view in history]
            assert of_choice == sorted(of_choice)
        assert all(view["ballots"] == sum(counts(view)) for view in history)
        # One version is one state in all processes.
    by_version: dict[int, Any] = {}
    for view in (view for history in histories for view in history):
        assert by_version.setdefault(view["version"], view) == view
    for history in histories[3:]:
        assert (history[-1]["status"], counts(history[-1])) == ("closed", [100, 100])
        assert len({view["version"] for view in history}) == len(history)
    assert poll.counts() == poll.counts("web2") == poll.counts(exact=True) == [100, 100]


# ----------------------------------------------------------------------------------------------------------- SSE, socket
@pytest.mark.parametrize("server", ["web", "web2", "daphne"])
def test_a_stream_tells_each_change_and_ends_with_the_poll(server: str, poll: LivePoll) -> None:
    with poll.stream(server) as stream:
        first = stream.next()
        assert first.json == poll.results(server)
        poll.voted(0)
        second = stream.next()
        assert (counts(second.json), second.id) == ([1, 0], str(first.json["version"] + 1))
        poll.voted(1, server="web2")
        assert counts(stream.until(lambda message: message.json["ballots"] == 2).json) == [1, 1]
        poll.act("close", "web2")
        (last,) = stream.rest()
        assert last.json == poll.results(server)
        assert last.json["status"] == "closed"
    with poll.stream(server) as late:
        (only,) = late.rest()
        assert only == last


@pytest.mark.parametrize("server", ["web", "web2", "daphne"])
def test_a_socket_tells_each_change_and_is_closed_with_the_poll(server: str, poll: LivePoll) -> None:
    with socket_at(poll.socket_url(server)) as socket:
        assert socket.next() == poll.results(server)
        poll.voted(0)
        assert counts(socket.next()) == [1, 0]
        socket.connection.send('{"type": "ping"}')
        assert socket.next() == {"type": "pong"}
        for nonsense in ("", "[]", "7", "{", "null", '{"type": ["ping"]}', "[" * 9_000, "x" * 60_000, b"\xff\x00"):
            socket.connection.send(nonsense)
        socket.connection.send('{"type": "ping", "more": 1}')
        assert socket.next() == {"type": "pong"}
        poll.act("close", "web2")
        messages, code = socket.rest()
        assert (messages, code) == ([poll.results(server)], 1000)
    with socket_at(poll.socket_url(server)) as late:
        assert late.rest() == (messages, 1000)


def test_a_poll_ends_by_the_clock_on_every_open_path(site: Stack) -> None:
    for ahead_ms in (2_500, 10_000, 40_000):
        poll = LivePoll(site, end=time_ns() // 1_000_000 + ahead_ms)
        with poll.stream() as stream, socket_at(poll.socket_url("web2")) as socket:
            if {stream.next().json["status"], socket.next()["status"]} != {"open"}:
                continue  # a busy machine was slower than the clock
            assert stream.rest()[-1].json["status"] == "closed"
            messages, code = socket.rest()
            assert (messages[-1]["status"], code) == ("closed", 1000)
        assert poll.results()["status"] == "closed"
        return
    raise AssertionError("both were never open before the end")


def test_who_may_not_have_a_socket_is_refused(site: Stack, server: str) -> None:
    poll, other = LivePoll(site, visibility="host_only"), LivePoll(site)
    url = poll.socket_url(server)
    got = {
        "unknown": refusal(url.replace(poll.id, str(uuid4()))),
        "impossible": refusal(url.replace(poll.id, "%00")),
        "no poll's name": refusal(url.replace(poll.id, "nonsense")),
        "unknown code": refusal(url.replace(poll.id, "ZZZZZZ")),
        "wrong token": refusal(url, {"x-host-auth": "x.y"}),
        "another poll's token": refusal(url, other.host),
        "another poll's token as cookie": refusal(url, {"Cookie": f"poll_host_{poll.code}={other.made['hostToken']}"}),
        "unknown key": refusal(url, {"api-key": "tl_x"}),
    }
    if server == "daphne":  # it can say nothing but 403
        assert set(got.values()) == {403}
    else:
        assert list(got.values()) == [404] * 4 + [403] * 4
    with socket_at(poll.socket_url(server), poll.host) as socket:
        assert not socket.next()["hidden"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://evil.example:8000"])
def test_a_foreign_page_may_neither_follow_nor_ask(origin: str, poll: LivePoll, server: str) -> None:
    """X2: a browser sends the host's cookie along."""
    sent = {"Origin": origin, **poll.host_cookie}
    assert refusal(poll.socket_url(server), sent) == 403
    for path in ("/results", "/stream"):
        refused(http.get(poll.url(path, server), headers=sent), 403)


@pytest.mark.parametrize("origin", [LISTED_ORIGIN, "own"])
def test_our_own_and_listed_pages_may(origin: str, poll: LivePoll, site: Stack, server: str) -> None:
    sent = {"Origin": site.url(server) if origin == "own" else origin}
    with socket_at(poll.socket_url(server), sent) as socket:
        assert counts(socket.next()) == [0, 0]
    with poll.stream(server, sent) as stream:
        assert stream.response.headers["access-control-allow-origin"] == sent["Origin"]


@pytest.mark.parametrize("wanted", [str(uuid4()), "x", "ZZZZZZ", "IIIIII", "abc%00de", "a" * 300, "..%2f.."])
def test_an_unknown_poll_is_a_404_everywhere(wanted: str, site: Stack) -> None:
    for server in SERVERS:
        for path in ("/results", "/results?cache=false", "/stream", "/export?format=json", ""):
            refused(http.get(f"{site.url(server)}/api/polls/{wanted}{path}"), 404)


def test_head_of_a_stream_ends(poll: LivePoll) -> None:
    answer = http.head(poll.url("/stream"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert poll.results()["ballots"] == 0  # over the same connection


def streams_of(poll: LivePoll) -> list[str]:
    """The addresses of its streams: ours and the contract's."""
    return [poll.url("/stream"), f"{poll.stack.url()}/api/vote/{poll.id}/stream"]


@pytest.mark.parametrize("visibility", ["always", "host_only"])
def test_an_event_source_that_reconnects_after_the_end_is_told_to_stop(visibility: str, site: Stack) -> None:
    poll = LivePoll(site, visibility=visibility)
    for choices in ([0], [1], [1]):
        poll.voted(*choices)
    poll.act("close")
    for url in streams_of(poll):
        with sse.opened(url) as stream:
            ids = [message.id for message in stream.rest()]
        assert ids[-1], url
        assert visibility == "always" or "3" not in "".join(ids), "an id that counts the hidden ballots"
        sent = {"Last-Event-ID": ids[-1]}
        for _ in range(2):
            again = http.get(url, headers=sent)
            assert (again.status_code, again.content) == (204, b""), url
        # A new round is news to it, while it runs and when it is over.
        poll.act("reset")
        with sse.opened(url, sent) as stream:
            assert '"closed"' not in stream.next().data
            poll.act("close")
            assert '"closed"' in stream.rest()[-1].data
        with sse.opened(url, sent) as stream:
            assert stream.rest()[-1].id not in {"", ids[-1]}


def test_a_poll_that_ends_by_itself_is_no_different(site: Stack) -> None:
    poll = LivePoll(site)
    site.sql("UPDATE polls_poll SET ends_at = clock_timestamp() WHERE id = %s", poll.id)
    wait_until(lambda: poll.results()["root"], what="the end")
    for url in streams_of(poll):
        with sse.opened(url) as stream:
            last = stream.rest()[-1].id
        assert http.get(url, headers={"Last-Event-ID": last}).status_code == 204, url


def test_an_event_source_that_was_away_at_the_close_still_hears_of_it(poll: LivePoll, site: Stack) -> None:
    with poll.stream() as stream:
        last = stream.next().id
    poll.act("close")
    with poll.stream(headers={"Last-Event-ID": last}) as stream:
        assert [message.json["status"] for message in stream.rest()] == ["closed"]


def test_300_who_follow_and_leave_are_forgotten(poll: LivePoll, site: Stack) -> None:
    """Each process still answers, logs nothing (quiet_logs), and tells the one who stays."""
    with poll.stream() as staying:
        staying.next()
        for batch in range(6):
            url = poll.socket_url(SERVERS[batch % 2])
            with ExitStack() as leaving:
                for number in range(50):
                    socket = leaving.enter_context(connect(url, proxy=None, open_timeout=20, close_timeout=2))
                    assert "results" in str(socket.recv(20))
                    if number % 2:
                        socket.socket.close()  # without a goodbye
        poll.voted(1, server="web2")
        assert counts(staying.next().json) == [0, 1]
    for server in SERVERS:
        assert http.get(f"{site.url(server)}/healthz").status_code == 200
