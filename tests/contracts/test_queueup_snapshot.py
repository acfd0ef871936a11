"""Contract queueup.md, "GET /api/queue/{code}/snapshot"."""

import time
from typing import Any

import pytest
from redis import Redis

from tests.contracts.queueup import PARTY_KEYS, Line, events, guest_view, host_view, http, public_view, refused
from tests.installation import Stack

PUBLIC_PARTY = {"ticket", "size", "status", "nearby", "waitLowMs", "waitHighMs"}
PUBLIC_CALLED = {"ticket", "size", "status", "nearby", "deadline"}


# --------------------------------------------------------------------------------------------------------------- shapes
def test_the_hosts_snapshot_is_exactly_the_contracts(busy: tuple[Line, list[str]]) -> None:
    line, ids = busy
    began = line.sql("SELECT id::text, joined_at FROM queues_party WHERE queue_id = %s", line.session_id)
    joined_at = {row["id"]: int(row["joined_at"].timestamp() * 1000) for row in began}
    view = host_view(line)
    assert set(view) == {"type", "queue", "nowServing", "maxGuests", "callDeadline", "closed"}
    assert (view["type"], view["maxGuests"], view["closed"]) == ("queue_update", 100, False)
    assert view["queue"] == [
        {"id": ids[i], "name": f"Guest {i}", "size": i + 1, "status": "waiting", "nearby": i == 2, "joinedAt": joined_at[ids[i]]}
        for i in (2, 3)
    ]  # fmt: skip
    assert set(view["nowServing"]) == PARTY_KEYS
    assert (view["nowServing"]["id"], view["nowServing"]["status"]) == (ids[1], "called")
    assert all(abs(time.time() * 1000 - moment) < 60_000 for moment in joined_at.values())
    assert isinstance(view["callDeadline"], int)


def test_an_empty_lines_snapshot(line: Line) -> None:
    expected: dict[str, Any] = {
        "type": "queue_update",
        "queue": [],
        "nowServing": None,
        "maxGuests": 100,
        "callDeadline": None,
    }
    assert host_view(line) == {**expected, "closed": False}


def test_a_guests_snapshot_is_exactly_the_contracts(busy: tuple[Line, list[str]]) -> None:
    line, ids = busy
    view = guest_view(line, ids[3])
    assert set(view) == {"type", "position", "aheadCount", "queueLength", "estimatedWaitMs", "eventName"}
    assert (view["type"], view["eventName"]) == ("position", "Friday")
    assert guest_view(line, ids[1]) == {"type": "called", "deadline": host_view(line)["callDeadline"]}
    assert guest_view(line, ids[3].upper()) == view


@pytest.mark.parametrize("reason", ["served", "left", "kicked", "no_show"])
def test_the_reason_is_the_true_one(reason: str, line: Line) -> None:
    party = line.join("Ada")["partyId"]
    line.join("Ben")
    line.host("advance")
    if reason == "served":
        line.host("advance", {"servedParty": party})
    elif reason == "left":
        line.post("leave", {"partyId": party})
    else:
        line.host({"kicked": "kick", "no_show": "no-show"}[reason], {"partyId": party})
    assert guest_view(line, party) == {"type": "removed", "reason": reason}


def test_the_reason_is_the_true_one_long_afterwards(line: Line, cache: Redis) -> None:
    """The row forgets those who left; Postgres does not."""
    ids = {reason: line.join()["partyId"] for reason in ("left", "kicked")}
    line.post("leave", {"partyId": ids["left"]})
    line.host("kick", {"partyId": ids["kicked"]})
    line.sql("UPDATE queues_party SET ended_at = ended_at - interval '3 hours' WHERE queue_id = %s", line.session_id)
    line.join("Somebody")
    cache.delete(f"tl:line:{line.code}")
    for reason, party in ids.items():
        assert guest_view(line, party) == {"type": "removed", "reason": reason}
    line.host("close")
    assert guest_view(line, ids["left"]) == {"type": "removed", "reason": "left"}


@pytest.mark.parametrize("party", ["00000000-0000-4000-8000-000000000000", "nonsense", "public", "host", "%00", "ä"])
def test_a_stranger_to_the_line_is_told_nothing(party: str, line: Line, other: Line) -> None:
    elsewhere = other.join("Ada")["partyId"]
    line.join("Ben")
    refused(line.snapshot(party), 404)
    refused(line.snapshot(elsewhere), 404)


def test_the_public_snapshot_is_exactly_the_contracts(busy: tuple[Line, list[str]]) -> None:
    line, _ = busy
    view = public_view(line)
    contract = {"type", "queue", "nowServing", "maxGuests", "callDeadline", "closed", "version", "called", "eventName"}
    ours = {"paused", "message", "joinLowMs", "joinHighMs", "joinBySize", "joinUnknown", "waitsUnknown"}  # not personal
    assert set(view) - contract <= ours
    assert contract <= set(view)
    assert [set(party) for party in view["queue"]] == [PUBLIC_PARTY] * 2
    assert [set(party) for party in view["called"]] == [PUBLIC_CALLED] * 2
    assert [party["ticket"] for party in view["queue"]] == [3, 4]
    assert [party["ticket"] for party in view["called"]] == [1, 2]
    assert view["nowServing"] == view["called"][-1]
    assert view["callDeadline"] == view["called"][-1]["deadline"] == host_view(line)["callDeadline"]
    assert view["version"] == 8  # opened, 4 joined, 2 called, 1 near
    waits = [(party["waitLowMs"], party["waitHighMs"]) for party in view["queue"]]
    assert 0 == waits[0][0] < waits[0][1] < waits[1][1], "a table may be free for the first at any moment"
    assert view["waitsUnknown"] is view["joinUnknown"] is True, "nobody knows yet how fast this line moves"
    by_size = view.get("joinBySize") or [[None, view["joinLowMs"], view["joinHighMs"]]]
    assert waits[1][1] < by_size[-1][2], "who joins now waits longer than the last one in line"


def test_the_public_wait_begins_at_0_without_a_party_ahead(line: Line) -> None:
    line.join()
    [party] = public_view(line)["queue"]
    assert 0 == party["waitLowMs"] < party["waitHighMs"]


# ----------------------------------------------------------------------------------- nothing personal, same for all clients
def test_the_public_snapshot_is_the_same_bytes_for_all(busy: tuple[Line, list[str]], other: Line) -> None:
    line, _ = busy
    visitors: list[dict[str, str]] = [
        {},
        {"Cookie": f"queue_host_auth={other.token}"},
        {"Cookie": "sessionid=x; csrftoken=y"},
        {"Accept": "text/html", "Accept-Language": "ar", "User-Agent": "x", "X-Forwarded-For": "1.2.3.4"},
        {"Authorization": "Bearer x", "api-key": "tl_x"},
    ]
    answers = [line.snapshot(sent=visitor) for visitor in visitors]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert {answer.headers["etag"] for answer in answers} == {answers[0].headers["etag"]}
    assert all("set-cookie" not in answer.headers for answer in answers)


def test_nothing_personal_is_public_or_logged(stack: Stack) -> None:
    """X5: canaries in every field a person fills in, and every secret, looked for everywhere they should not be."""
    line = Line.open(stack, eventName="Open night", location="CANARYplace", contactInfo="CANARYcontact")
    ids = [line.join(f"CANARYname{index}")["partyId"] for index in range(3)]
    line.host("walk-in", {"name": "CANARYwalkin", "note": "CANARYnote"})
    line.host("advance")
    line.host("kick", {"partyId": ids[2]})
    line.post("join", {"name": "CANARYname1"})
    line.post("join", {"name": "CANARYbad\x00"})
    line.post("advance", {"servedParty": ids[1]}, host=True)
    http.get(f"{line.api}/nothing", params={"hostToken": line.token, "partyId": ids[0]})
    secrets = ["CANARY", line.token, line.token.partition(".")[2], *ids]
    public = line.snapshot()
    shown = public.text + str(public.headers)
    assert not [secret for secret in [*secrets, line.session_id] if secret in shown]
    told = [event["data"] for event in events(line)]
    assert "CANARY" not in str(told)
    logs = "".join(stack.log(name) for name in ("web", "worker", "timers"))
    assert not [secret for secret in secrets if secret in logs]


def test_a_guest_is_told_nothing_of_others(busy: tuple[Line, list[str]]) -> None:
    line, ids = busy
    shown = line.snapshot(ids[3]).text
    assert not [secret for secret in [*ids, "Guest", line.token] if secret in shown]


def test_a_guests_id_does_not_open_the_hosts_view(busy: tuple[Line, list[str]], other: Line) -> None:
    line, ids = busy
    for token in (ids[0], other.token, "x", f"{line.session_id}."):
        refused(line.snapshot(sent={"x-host-auth": token}), 403)
        refused(http.get(f"{line.api}/console", headers={"x-host-auth": token}), 403)
        refused(http.get(f"{line.api}/console", headers={"Cookie": f"queue_host_auth={token}"}), 403)
        assert line.snapshot(Cookie=f"queue_host_auth={token}").json() == public_view(line)
    refused(http.get(f"{line.api}/console"), 401)


def test_a_host_is_known_by_cookie(busy: tuple[Line, list[str]]) -> None:
    line, ids = busy
    cookie = {"Cookie": f"queue_host_auth={line.token}"}
    assert line.snapshot(sent=cookie).json() == host_view(line)
    # A host who holds a party's page is that party there.
    assert line.snapshot(ids[3], sent=cookie).json()["type"] == "position"
