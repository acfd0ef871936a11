"""Lists in pages: lines, the parties of one, polls, rooms, events. Each row once, whatever happens between two pages."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contracts.queueup import http
from tests.installation import Stack, wait_until


class Program:
    """A program of a venue of its own, with a key."""

    def __init__(self, stack: Stack) -> None:
        self._headers = {"api-key": stack.new_key()}
        self._stack = stack

    def get(self, path: str, **query: Any) -> httpx.Response:
        return http.get(f"{self._stack.url()}/api{path}", params=query, headers=self._headers)

    def without_key(self, path: str) -> int:
        return http.get(f"{self._stack.url()}/api{path}").status_code

    def post(self, path: str, body: Any) -> dict[str, Any]:
        answer = http.post(f"{self._stack.url()}/api{path}", json=body, headers=self._headers)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    def poll(self, title: str = "Which wine?", **more: Any) -> str:
        return str(self.post("/polls/", {"title": title, "choices": ["Red", "White"], **more})["code"])

    def room(self, title: str = "Good?") -> str:
        return str(self.post("/rooms", {"title": title})["code"])

    def line(self, name: str = "Dinner") -> str:
        return str(self.post("/queue/create", {"eventName": name, "maxGuests": 500})["code"])

    def join(self, line: str) -> int:
        return int(self.post(f"/queue/{line}/join", {"name": secrets.token_hex(4), "size": 2})["ticket"])

    def pages(self, path: str, **query: Any) -> Iterator[list[Any]]:
        """The rows of each page."""
        cursor: dict[str, str] = {}
        while True:
            answer = self.get(path, **query, **cursor)
            assert answer.status_code == 200, answer.text
            rows = next(value for value in answer.json().values() if isinstance(value, list))
            yield rows
            if answer.json()["next"] is None:
                return
            cursor = {"cursor": answer.json()["next"]}


@pytest.fixture(scope="module")
def program(stack: Stack) -> Program:
    return Program(stack)


@pytest.fixture(scope="module")
def stranger(stack: Stack) -> Program:
    return Program(stack)


LISTS = ["/lines", "/queue/{line}/parties", "/polls", "/polls/", "/rooms", "/events"]


@pytest.fixture(scope="module")
def unchanged(program: Program) -> str:
    """A line with one party. Tests that share it send only requests that change nothing."""
    line = program.line()
    program.join(line)
    return line


@pytest.fixture(params=LISTS)
def listed(request: pytest.FixtureRequest, unchanged: str) -> str:
    return str(request.param).format(line=unchanged)


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1.5", "x", "", "99999999999999999999", "１"])
def test_a_limit_that_cannot_be_is_refused_by_its_name(program: Program, listed: str, limit: str) -> None:
    answer = program.get(listed, limit=limit)
    assert answer.status_code == 400 and answer.json()["error"].startswith("limit"), answer.text


@pytest.mark.parametrize("cursor", ["", "x", "AAAAAAAAAAAAAAAA", "é", "=", "A" * 5_000, "../..", "0", "eyJhIjoxfQ"])
def test_a_cursor_that_is_none_is_refused_by_its_name(program: Program, listed: str, cursor: str) -> None:
    answer = program.get(listed, cursor=cursor)
    assert answer.status_code == 400 and answer.json()["error"].startswith("cursor"), answer.text


def test_a_cursor_is_good_for_its_list_only(program: Program, stranger: Program) -> None:
    line, other, theirs = program.line(), program.line(), stranger.line()
    for _ in range(3):
        for code in (line, other):
            program.join(code)
        stranger.join(theirs)
    for maker in (program.poll, program.room, stranger.poll, stranger.room):
        maker(), maker()
    paths = ["/lines", f"/queue/{line}/parties", f"/queue/{other}/parties", "/polls", "/rooms", "/events"]
    cursors = {path: program.get(path, limit=1).json()["next"] for path in paths}
    assert all(cursors.values())
    for path in paths:
        for mine, cursor in cursors.items():
            assert program.get(path, cursor=cursor).status_code == (200 if mine == path else 400), (path, mine)
    for path in ("/lines", "/polls", "/rooms"):
        assert program.get(path, cursor=cursors[path], open="true").status_code == 400, (
            "of the same rows, but another list"
        )
    for path in ("/lines", "/polls", "/rooms", "/events"):
        assert stranger.get(path, cursor=cursors[path]).status_code == 400
    assert stranger.get(paths[1]).status_code == 403


def test_each_line_once_while_others_open(program: Program) -> None:
    codes = [program.line(f"Line {number}") for number in range(7)]
    seen: list[str] = []
    for rows in program.pages("/lines", limit=2):
        seen += [row["code"] for row in rows]
        newest = program.line("Between two pages")
    assert len(seen) == len(set(seen))
    assert [code for code in seen if code in codes] == codes[::-1]
    assert newest not in seen


def test_a_cursor_that_was_tampered_with_is_refused(program: Program) -> None:
    for _ in range(2):
        program.poll()
    good = program.get("/polls", limit=1).json()["next"]
    for place in range(len(good)):
        changed = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        answer = program.get("/polls", cursor=changed)
        # Of its last letter some bits may mean nothing.
        assert answer.status_code == 400 or place == len(good) - 1, (place, answer.text)
    assert program.get("/polls", cursor=good + good).status_code == 400


@pytest.mark.parametrize("kind", ["polls", "rooms"])
def test_each_poll_and_room_once_while_others_are_made(program: Program, stranger: Program, kind: str) -> None:
    make, theirs = (program.poll, stranger.poll) if kind == "polls" else (program.room, stranger.room)
    codes, other = [make(f"Number {number}") for number in range(5)], theirs()
    seen: list[str] = []
    for rows in program.pages(f"/{kind}", limit=2):
        seen += [row["code"] for row in rows]
        newest = make("Between two pages")
    assert len(seen) == len(set(seen))
    assert [code for code in seen if code in codes] == codes[::-1]
    assert not {newest, other} & set(seen)


def test_what_the_lists_of_polls_and_rooms_say(program: Program) -> None:
    line = program.line()
    draft, room = program.poll("A draft"), program.room("Live?")
    opened = program.poll("Dessert?", open=True, dedupe="ticket", line=line, visibility="host_only")
    program.post(f"/polls/{opened}/close", {})
    late = program.poll("Later", open=True, start=4_000_000_000_000)
    polls = {row["code"]: row for page in program.pages("/polls", limit=200) for row in page}
    assert [polls[code]["status"] for code in (draft, opened, late)] == ["draft", "closed", "early"]
    told = {name: polls[opened][name] for name in ("title", "line", "visibility", "dedupe", "epoch")}
    assert told == {"title": "Dessert?", "line": line, "visibility": "host_only", "dedupe": "ticket", "epoch": 0}
    assert polls[opened]["createdAt"] <= polls[opened]["openedAt"] <= polls[opened]["closedAt"]
    assert not {"choices", "ballots", "hostToken"} & set(polls[opened])
    still_open = {row["code"] for page in program.pages("/polls", open="true", limit=200) for row in page}
    assert late in still_open and not {draft, opened} & still_open
    assert {row["code"]: row for page in program.pages("/rooms", open="true") for row in page}[room] == (
        program.get(f"/rooms/{room}").json()
    )
    program.post(f"/rooms/{room}/close", {})
    assert room not in {row["code"] for page in program.pages("/rooms", open="true", limit=200) for row in page}
    for path in ("/polls", "/rooms"):
        assert program.get(path, open="maybe").json()["error"].startswith("open")
        assert program.without_key(path) == 401


def test_lines_opened_at_one_time_are_each_told_once(stack: Stack, program: Program) -> None:
    codes = {program.line("At once") for _ in range(9)}
    told = ", ".join(f"'{code}'" for code in codes)
    code = (
        "from queues.models import Queue; from core import clock; "
        f"Queue.objects.filter(code__in=[{told}]).update(opened_at=clock.now())"
    )
    stack.manage("shell", "-c", code)
    seen = [row["code"] for rows in program.pages("/lines", limit=2) for row in rows]
    assert len(seen) == len(set(seen)) and codes <= set(seen)


def test_open_lines_alone_and_what_a_line_says(program: Program) -> None:
    line, over = program.line(), program.line()
    program.join(line)
    program.join(line)
    program.post(f"/queue/{line}/call", {})
    program.post(f"/queue/{over}/close", {})
    rows = {row["code"]: row for page in program.pages("/lines", open="true", limit=200) for row in page}
    assert over not in rows and (rows[line]["waiting"], rows[line]["called"]) == (1, 1)
    closed = next(row for page in program.pages("/lines", limit=200) for row in page if row["code"] == over)
    assert closed["closedAt"] and closed["closeReason"] == "host"
    assert program.get("/lines", open="maybe").json()["error"].startswith("open")


def test_each_party_once_by_its_ticket(program: Program) -> None:
    line = program.line()
    tickets = [program.join(line) for _ in range(7)]
    program.post(f"/queue/{line}/call", {})
    seen: list[int] = []
    for rows in program.pages(f"/queue/{line}/parties", limit=3):
        seen += [row["ticket"] for row in rows]
        if len(seen) < 7:
            tickets.append(program.join(line))
    assert seen == tickets
    first = program.get(f"/queue/{line}/parties", limit=1).json()["parties"][0]
    assert (first["ticket"], first["size"], first["status"]) == (tickets[0], 2, "called")


def test_events_are_told_once_in_their_order_and_go_on_by_resume(stack: Stack, stranger: Program) -> None:
    program = Program(stack)  # all that happened in its venue is to fit into one page
    before = sum(map(len, program.pages("/events", limit=200)))
    lines = [program.line(), program.line()]
    stranger.join(stranger.line())
    for _ in range(5):
        for line in lines:
            program.join(line)
    # An event is shown once no change runs any more that may be told before it (webhooks/horizon.py).
    wait_until(lambda: sum(map(len, program.pages("/events", limit=200))) >= 12 + before)
    events = [event for rows in program.pages("/events", limit=4) for event in rows]
    assert len({event["id"] for event in events}) == len(events)
    for line in lines:
        own = [event["data"] for event in events if event["data"].get("line", {}).get("code") == line]
        assert [(data["version"], data["seq"]) for data in own] == sorted(
            (data["version"], data["seq"]) for data in own
        )
        assert [data["parties"][0]["ticket"] for data in own if "parties" in data] == [1, 2, 3, 4, 5]
    assert {event["data"]["venue"] for event in events} == {events[0]["data"]["venue"]}
    resume = program.get("/events", limit=200, since=2_000_000_000_000).json()
    assert (resume["events"], resume["next"]) == ([], None)
    whole = program.get("/events", limit=200).json()
    assert whole["next"] is None and json.dumps(whole["events"]) == json.dumps(events)
    assert program.get("/events", cursor=whole["resume"]).json()["events"] == []
    program.join(lines[0])
    [told] = wait_until(lambda: program.get("/events", cursor=whole["resume"]).json()["events"])
    assert (told["type"], told["data"]["parties"][0]["ticket"]) == ("party.joined", 6)


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "9" * 30, "253402300800000", ""])
def test_a_time_that_is_none_is_refused_by_its_name(program: Program, since: str) -> None:
    answer = program.get("/events", since=since)
    assert answer.status_code == 400 and answer.json()["error"].startswith("since"), answer.text
