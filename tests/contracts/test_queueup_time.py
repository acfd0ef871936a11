"""Contract queueup.md, "Time and events": deadlines, closing by itself, and what is told of it all.

Nothing here waits for a deadline: the columns are moved back in the running installation, and its sweep decides.
"""

from typing import Any

import pytest

from tests.contracts.queueup import Line, events, guest_view, host_view, names
from tests.installation import Stack, wait_until


def call_and_let_the_deadline_pass(line: Line, *who: str) -> list[str]:
    """Joins, calls the first, and moves its deadline into the past."""
    ids = [line.join(name)["partyId"] for name in who]
    line.host("advance")
    line.sql("UPDATE queues_party SET call_deadline = now() - interval '1 s' WHERE id = %s", ids[0])
    return ids


def closed(line: Line) -> bool:
    return bool(host_view(line)["closed"])


# ------------------------------------------------------------------------------------------------------------ deadlines
def test_who_stays_away_is_a_no_show_and_the_next_is_called(line: Line) -> None:
    ada, ben = call_and_let_the_deadline_pass(line, "Ada", "Ben")
    wait_until(lambda: guest_view(line, ada) == {"type": "removed", "reason": "no_show"}, what="the no-show")
    view = host_view(line)
    assert (view["nowServing"]["id"], view["queue"]) == (ben, [])
    assert guest_view(line, ben) == {"type": "called", "deadline": view["callDeadline"]}
    told = [(event["type"], event["party_id"], event["actor"]) for event in events(line)[-3:]]
    assert told == [
        ("QUEUE_POSITION_2", ben, "host"),
        ("QUEUE_MEMBER_DROPPED", ada, "system"),
        ("QUEUE_MEMBER_CALLED", ben, "system"),
    ]


def test_without_auto_advance_no_party_is_called(stack: Stack) -> None:
    line = Line.open(stack, autoAdvance=False)
    ada, ben = call_and_let_the_deadline_pass(line, "Ada", "Ben")
    wait_until(lambda: guest_view(line, ada) == {"type": "removed", "reason": "no_show"}, what="the no-show")
    assert names(line) == ["Ben"]
    assert host_view(line)["nowServing"] is None
    assert guest_view(line, ben)["position"] == 1


def test_each_called_party_has_its_own_deadline(stack: Stack) -> None:
    line = Line.open(stack, autoAdvance=False)
    ids = [line.join(name)["partyId"] for name in ("Ada", "Ben", "Cem")]
    for _ in ids:
        line.host("advance")
    for late in ids[:2]:
        line.sql("UPDATE queues_party SET call_deadline = now() - interval '1 s' WHERE id = %s", late)
    reasons = {"type": "removed", "reason": "no_show"}
    wait_until(lambda: all(guest_view(line, late) == reasons for late in ids[:2]), what="two no-shows")
    assert host_view(line)["nowServing"]["id"] == ids[2]
    assert guest_view(line, ids[2])["type"] == "called"
    assert len(events(line, "QUEUE_MEMBER_DROPPED")) == 2


def test_a_deadline_passes_by_itself(stack: Stack) -> None:
    """The call window of the line, in seconds, makes the deadline; nothing else does."""
    line = Line.open(stack, callWindowSeconds=10)
    line.join("Ada")
    line.host("advance")
    row = stack.sql(
        "SELECT extract(epoch FROM call_deadline - called_at) AS window FROM queues_party WHERE queue_id = %s",
        line.session_id,
    )
    assert float(row[0]["window"]) == 10


@pytest.mark.parametrize("how", ["served", "left", "kicked"])
def test_who_is_gone_before_the_deadline_is_no_no_show(how: str, stack: Stack) -> None:
    line, watch = Line.open(stack), Line.open(stack)
    ada, _ = [line.join(name)["partyId"] for name in ("Ada", "Ben")]
    line.host("advance")
    if how == "served":
        line.host("serve", {"partyId": ada})
    elif how == "left":
        line.post("leave", {"partyId": ada})
    else:
        line.host("kick", {"partyId": ada})
    (ended,) = stack.sql("SELECT call_deadline, status FROM queues_party WHERE id = %s", ada)
    assert ended == {"call_deadline": None, "status": how}
    # Even a deadline that was left behind means nothing now. The other line shows that the sweep has been here.
    stack.sql("UPDATE queues_party SET call_deadline = now() - interval '9 s' WHERE id = %s", ada)
    (late,) = call_and_let_the_deadline_pass(watch, "Late")
    wait_until(lambda: guest_view(watch, late)["type"] == "removed", what="the sweep")
    assert guest_view(line, ada) == {"type": "removed", "reason": how}
    assert names(line) == ["Ben"]


# -------------------------------------------------------------------------------------------------------- closing by itself
def close_row(line: Line) -> dict[str, Any]:
    (row,) = line.sql(
        "SELECT extract(epoch FROM closes_at - opened_at) AS life, close_reason FROM queues_queue WHERE id = %s",
        line.session_id,
    )
    return row


def test_a_line_closes_twelve_hours_after_it_opened(line: Line) -> None:
    party = line.join("Ada")["partyId"]
    assert float(close_row(line)["life"]) == 12 * 3600
    line.sql(
        "UPDATE queues_queue SET opened_at = opened_at - interval '12 h', closes_at = closes_at - interval '12 h'"
        " WHERE id = %s",
        line.session_id,
    )
    wait_until(lambda: closed(line), what="closing by age")
    assert guest_view(line, party) == {"type": "closed"}
    (told,) = events(line, "QUEUE_CLOSED")
    assert (told["actor"], told["data"]["reason"], close_row(line)["close_reason"]) == ("system", "age", "age")


def test_a_line_closes_at_its_closing_time(stack: Stack) -> None:
    (now,) = stack.sql("SELECT to_char(now() AT TIME ZONE 'UTC' + interval '3 h', 'HH24:MI') AS soon")
    line = Line.open(stack, closeTime=now["soon"], timezone="UTC")
    assert 2.9 * 3600 < float(close_row(line)["life"]) <= 3 * 3600
    stack.sql("UPDATE queues_queue SET closes_at = now() WHERE id = %s", line.session_id)
    wait_until(lambda: closed(line), what="closing by hours")
    assert events(line, "QUEUE_CLOSED")[0]["data"]["reason"] == "hours"


def test_a_line_without_activity_closes_after_two_hours_unless_a_party_is_in_it(stack: Stack) -> None:
    waiting, calling, nearly = Line.open(stack), Line.open(stack), Line.open(stack)
    waiting.join("Ada")
    calling.join("Ben")
    calling.host("advance")

    def idle(line: Line, minutes: int) -> None:
        stack.sql(
            "UPDATE queues_queue SET last_activity_at = now() - make_interval(mins => %s) WHERE id = %s",
            minutes,
            line.session_id,
        )

    idle(waiting, 130)
    idle(calling, 130)
    idle(nearly, 119)
    # Two idle and empty lines, one after the other: a whole sweep has passed over the others in between.
    for _ in range(2):
        empty = Line.open(stack)
        idle(empty, 121)
        wait_until(lambda line=empty: closed(line), what="closing an idle line")  # type: ignore[misc]
        assert events(empty, "QUEUE_CLOSED")[0]["data"]["reason"] == "idle"
    assert [closed(line) for line in (waiting, calling, nearly)] == [False] * 3
    assert events(waiting, "QUEUE_CLOSED", "QUEUE_MEMBER_DROPPED") == []


# ---------------------------------------------------------------------------------------------------------------- events
def test_each_event_says_who_where_and_why(line: Line) -> None:
    ids = [line.join(name)["partyId"] for name in "ABCDE"]
    a, b, c, d, e = ids
    line.host("advance")
    line.host("advance", {"servedParty": a})
    line.post("leave", {"partyId": c})
    line.host("kick", {"partyId": d})
    line.host("no-show", {"partyId": b})
    line.host("close")
    told = events(line)
    assert all(event["data"]["sessionId"] == line.session_id for event in told)
    assert all(event["data"].get("partyId") == event["party_id"] for event in told)
    by_type: dict[str, list[dict[str, Any]]] = {}
    for event in told:
        by_type.setdefault(event["type"], []).append(event)

    joined = by_type["QUEUE_MEMBER_JOINED"]
    assert [event["party_id"] for event in joined] == ids
    places = [(event["data"]["position"], event["data"]["queueLength"]) for event in joined]
    assert places == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
    assert [event["party_id"] for event in by_type["QUEUE_MEMBER_CALLED"]] == [a, b]
    assert all(isinstance(event["data"]["deadline"], int) for event in by_type["QUEUE_MEMBER_CALLED"])
    reasons = {
        "QUEUE_MEMBER_SERVED": (a, "served"),
        "QUEUE_MEMBER_LEFT": (c, "left"),
        "QUEUE_MEMBER_KICKED": (d, "kicked"),
        "QUEUE_MEMBER_DROPPED": (b, "no_show"),
        "QUEUE_CLOSED": (None, "host"),
    }
    for kind, (party, reason) in reasons.items():
        assert [(event["party_id"], event["data"]["reason"]) for event in by_type[kind]] == [(party, reason)], kind
    assert [event["actor"] for event in by_type["QUEUE_MEMBER_LEFT"]] == ["guest"]
    assert [event["actor"] for event in by_type["QUEUE_MEMBER_KICKED"]] == ["host"]
    assert "A" not in [str(value) for event in told for value in event["data"].values()]  # no names


def test_the_deadline_told_is_the_deadline_shown(line: Line) -> None:
    line.join("Ada")
    line.host("advance")
    assert events(line, "QUEUE_MEMBER_CALLED")[0]["data"]["deadline"] == host_view(line)["callDeadline"]


def test_second_and_fifth_are_told_exactly_once_per_party(line: Line) -> None:
    ids = [line.join()["partyId"] for _ in range(6)]
    a, b, c, d, e, f = ids

    def told(kind: str) -> list[str]:
        return [event["party_id"] for event in events(line, kind)]

    # No party is being served: the first in line is not "second", the fourth in line is told.
    assert (told("QUEUE_POSITION_2"), told("QUEUE_POSITION_5")) == ([], [d])
    line.host("advance")
    assert (told("QUEUE_POSITION_2"), told("QUEUE_POSITION_5")) == ([b], [d, e])
    line.host("put-back", {"partyId": a})  # and everything once more
    assert (told("QUEUE_POSITION_2"), told("QUEUE_POSITION_5")) == ([b], [d, e])
    line.host("advance")
    line.post("leave", {"partyId": b})
    assert (told("QUEUE_POSITION_2"), told("QUEUE_POSITION_5")) == ([b, c], [d, e, f])
    line.host("advance", {"servedParty": a})
    line.host("advance", {"servedParty": c})
    line.post("leave", {"partyId": d})
    assert told("QUEUE_POSITION_2") == [b, c, d, e]
    assert told("QUEUE_POSITION_5") == [d, e, f]


def test_no_party_is_told_a_place_on_a_closed_line(line: Line) -> None:
    for _ in range(5):
        line.join()
    line.host("advance")
    before = len(events(line, "QUEUE_POSITION_2", "QUEUE_POSITION_5"))
    line.host("close")
    assert len(events(line, "QUEUE_POSITION_2", "QUEUE_POSITION_5")) == before


def test_events_are_processed_outside_the_request(line: Line) -> None:
    """Their effects are rows, pending at first, done by the worker."""
    line.join("Ada")

    def open_effects() -> int:
        rows = line.sql(
            "SELECT count(*) AS n FROM outbox_effect f JOIN outbox_event e ON e.id = f.event_id"
            " WHERE e.stream_id = %s AND f.status = 'pending'",
            line.session_id,
        )
        count: int = rows[0]["n"]
        return count

    wait_until(lambda: open_effects() == 0, what="the effects to be done")
