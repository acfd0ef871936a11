"""Contract voting-session.md: /api/vote/{sessionId}/stream, from two processes. The sign of life each 15 s is tested, with a
shorter one, in tests/polls/test_poll_views.py."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contracts import sse
from tests.contracts.queueup import http, refused
from tests.contracts.sse import Message, Parser, Stream
from tests.contracts.voting_session import Session
from tests.installation import Stack

SERVERS = ("web", "web2")
CHOICES = [("1", "Soup"), ("2", "Salad"), ("3", "Bread")]


@pytest.fixture
def session(both: Stack) -> Session:
    """One pick of three."""
    return Session(both)


@contextmanager
def following(stack: Stack, session: Session, server: str = "web") -> Iterator[Stream]:
    """The session's stream, asked of `server`."""
    with sse.opened(f"{stack.url(server)}/api/vote/{session.id}/stream") as stream:
        yield stream


def vote(stack: Stack, session: Session, choice: str = "1", server: str = "web") -> None:
    """One more voter."""
    answer = http.post(f"{stack.url(server)}/api/vote/{session.id}", json={"choiceIds": [choice]})
    assert answer.status_code == 201, answer.text


def told(message: Message, event: str) -> dict[str, Any]:
    """The data of a message that must be this one, in just this shape."""
    assert message.event == "message"
    assert set(message.json) == {"event", "data"}, message
    assert message.json["event"] == event, message
    data: dict[str, Any] = message.json["data"]
    return data


def counted(data: dict[str, Any]) -> list[int]:
    """The counts in the data of init or update, whose choices must be as the contract writes them."""
    assert all(set(choice) == {"choiceId", "text", "voteCount"} for choice in data["choices"]), data
    assert [(choice["choiceId"], choice["text"]) for choice in data["choices"]] == CHOICES
    return [choice["voteCount"] for choice in data["choices"]]


def updated(message: Message, status: str = "active") -> list[int]:
    """The counts of a message that must be an update."""
    data = told(message, "update")
    assert set(data) == {"choices", "status"}
    assert data["status"] == status
    return counted(data)


def is_closed(message: Message) -> None:
    """The message must be the last one's."""
    data = told(message, "closed")
    assert set(data) == {"message"}
    assert data["message"]


# ------------------------------------------------------------------------------------------------------- init and update
@pytest.mark.parametrize("server", SERVERS)
def test_init_comes_first_and_has_the_counts(server: str, session: Session, both: Stack) -> None:
    for choice in ("3", "1", "3"):
        vote(both, session, choice)
    with following(both, session, server) as stream:
        init = told(stream.next(), "init")
        assert set(init) == {"sessionId", "question", "choices", "status"}
        assert (init["sessionId"], init["question"], init["status"]) == (session.id, "Starter?", "active")
        seen = [counted(init)]
        while seen[-1] != [1, 0, 2]:
            seen.append(updated(stream.next()))
        assert stream.parser.retry is not None
        assert stream.response.headers["cache-control"] == "no-store"


def test_a_vote_in_one_process_is_told_by_the_other_and_by_itself(both: Stack) -> None:
    """Three sessions at once, for updates come by the second."""
    with ExitStack() as opened:
        followed = []
        for votes, listens in (("web", "web2"), ("web2", "web"), ("web", "web")):
            session = Session(both)
            followed.append((session, votes, opened.enter_context(following(both, session, listens))))
        for session, votes, stream in followed:
            assert counted(told(stream.next(), "init")) == [0, 0, 0]
            vote(both, session, "2", votes)
        for session, votes, stream in followed:
            assert updated(stream.next()) == [0, 1, 0]
            vote(both, session, "3", votes)
        for _, _, stream in followed:
            assert updated(stream.next()) == [0, 1, 1]


def test_what_changes_no_count_is_not_told(session: Session, both: Stack) -> None:
    """A refused and a repeated ballot come between two that count; no update has the first one's counts twice."""
    ballot = str(uuid4())
    with following(both, session) as stream:
        assert counted(told(stream.next(), "init")) == [0, 0, 0]
        assert session.vote("1", token="mine", ballotId=ballot).status_code == 201
        assert updated(stream.next()) == [1, 0, 0]
        assert session.vote("1", token="mine", ballotId=ballot).status_code == 201
        refused(session.vote("2", token="mine"), 409)
        refused(session.vote("9"), 400)
        vote(both, session, "2")
        assert updated(stream.next()) == [1, 1, 0]


def test_updates_come_at_most_once_a_second_and_end_with_the_truth(session: Session, both: Stack) -> None:
    """The k-th update is sent k seconds after init or later. A slow machine can only make it later, so this cannot flake."""
    enough = threading.Event()
    cast: list[str] = []

    def crowd(server: str) -> None:
        while not enough.is_set() or len(cast) < 30:
            vote(both, session, "1", server)
            cast.append(server)
            enough.wait(0.02)  # votes by the dozen in each second, of whatever machine

    voters = [threading.Thread(target=crowd, args=(server,)) for server in SERVERS]
    began = time.monotonic()
    with following(both, session, "web2") as stream:
        seen = [counted(told(stream.next(), "init"))[0]]
        for voter in voters:
            voter.start()
        for updates in range(1, 4):
            seen.append(updated(stream.next())[0])
            assert time.monotonic() - began >= updates - 0.05
        enough.set()
        for voter in voters:
            voter.join(20)
        while seen[-1] != len(cast):
            seen.append(updated(stream.next())[0])
        assert time.monotonic() - began >= len(seen) - 1 - 0.05
    assert seen == sorted(set(seen))


def test_many_streams_of_both_processes_tell_the_same(session: Session, both: Stack) -> None:
    contexts = [following(both, session, SERVERS[n % 2]) for n in range(20)]
    streams = [context.__enter__() for context in contexts]
    for stream in streams:
        told(stream.next(), "init")
    for _ in range(5):
        vote(both, session, "3")
    session.close()
    for stream in streams:
        *updates, last = stream.rest()
        assert updated(updates[-1], "closed") == [0, 0, 5]
        assert all(updated(update)[2] <= 5 for update in updates[:-1])
        is_closed(last)
    for context in contexts:
        context.__exit__(None, None, None)


# ---------------------------------------------------------------------------------------------------------------- the end
@pytest.mark.parametrize("server", SERVERS)
def test_closing_is_told_and_ends_the_stream(server: str, session: Session, both: Stack) -> None:
    with following(both, session, server) as stream:
        told(stream.next(), "init")
        assert session.close().status_code == 200
        *updates, last = stream.rest()
        assert [updated(update, "closed") for update in updates] == [[0, 0, 0]]
        is_closed(last)


@pytest.mark.parametrize("server", SERVERS)
def test_a_closed_session_is_told_and_the_stream_ends(server: str, session: Session, both: Stack) -> None:
    vote(both, session, "2")
    session.close()
    with following(both, session, server) as stream:
        init = told(stream.next(), "init")
        assert (init["status"], counted(init)) == ("closed", [0, 1, 0])
        (last,) = stream.rest()
        is_closed(last)


def test_the_end_time_ends_the_stream(session: Session, both: Stack) -> None:
    with following(both, session) as here, following(both, session, "web2") as there:
        for stream in (here, there):
            told(stream.next(), "init")
        both.sql("UPDATE polls_poll SET ends_at = clock_timestamp() WHERE id = %s", session.id)
        for stream in (here, there):
            *updates, last = stream.rest()
            assert [updated(update, "closed") for update in updates] == [[0, 0, 0]]
            is_closed(last)


# --------------------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize("wanted", [str(uuid4()), "x", "7", "a" * 300, "abc%00de", "%F0%9F%8D%B7"])
def test_an_unknown_session_is_a_404_in_json(wanted: str, both: Stack) -> None:
    for server in SERVERS:
        refused(http.get(f"{both.url(server)}/api/vote/{wanted}/stream"), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_405_in_json(method: str, session: Session, both: Stack) -> None:
    answer = http.request(method, f"{session.url}/stream", json={})
    refused(answer, 405)
    assert "GET" in answer.headers["allow"]


def test_head_has_the_headers_and_ends(session: Session) -> None:
    answer = http.head(f"{session.url}/stream")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_page_of_another_site_is_refused(session: Session) -> None:
    refused(http.get(f"{session.url}/stream", headers={"Origin": "https://evil.example"}), 403)


# ------------------------------------------------------------------------------------------------------ clients that leave
def test_200_streams_that_come_and_go_leave_nothing_behind(session: Session, both: Stack) -> None:
    """Opened in twenties; half say goodbye as TCP does, half are cut off."""
    before = {server: len(both.log(server)) for server in SERVERS}
    request = (
        f"GET /api/vote/{session.id}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode()
    )
    linger = b"\1\0\0\0\0\0\0\0"  # struct linger {1, 0}: close() resets the connection
    for batch in range(10):
        port = both.ports[SERVERS[batch % 2]]
        streams = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(20)]
        for stream in streams:
            stream.sendall(request)
        for number, stream in enumerate(streams):
            heard = b""
            while b'"init"' not in heard:
                more = stream.recv(4096)
                assert more, heard
                heard += more
            if number % 2:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            stream.close()
    with following(both, session) as staying:
        told(staying.next(), "init")
        vote(both, session, "1", "web2")
        assert updated(staying.next()) == [1, 0, 0]
    for server in SERVERS:
        assert httpx.get(f"{both.url(server)}/healthz").status_code == 200
        logged = both.log(server)[before[server] :]
        assert "Traceback" not in logged, logged[-3000:]
        assert "was never retrieved" not in logged, logged[-3000:]


# ------------------------------------------------------------------------------------------------------ the client itself
def test_the_parser_follows_the_standard() -> None:
    text = (
        "\ufeff: hello\nretry: 2000\n\ndata: first\ndata:second\ndata\nid: 7\n\nevent: add\ndata:  x\r\n\r\n"
        "id: a\0b\ndata: {}\r\rretry: soon\nother: 1\nid\n\ndata\n\ndata: incomplete\n"
    ).encode()
    expected = [
        Message("message", "first\nsecond\n", "7"), Message("add", " x", "7"), Message("message", "{}", "7"),
        Message("message", "", ""),
    ]  # fmt: skip
    for size in (1, 2, 3, 7, len(text)):
        parser = Parser()
        found = [message for at in range(0, len(text), size) for message in parser.feed(text[at : at + size])]
        assert found == expected, size
        assert (parser.retry, parser.comments) == (2000, ["hello"])
    assert json.loads(expected[2].data) == {}
