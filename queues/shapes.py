"""What each person sees of a line. One row holds the line at one version; every view is shaped from it here and nowhere
else, so that no path can show more than another (contract queueup.md, snapshot).

All functions are pure; a row and its views are plain JSON values, times in ms since 1970.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from queues import rules

Row = dict[str, Any]
View = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime | None) -> int | None:
    """A time as the API writes it."""
    return None if moment is None else (moment - _EPOCH) // timedelta(milliseconds=1)


def build_row(line: View, *, waiting: Iterable[View], called: Iterable[View]) -> Row:
    """The line at its version: the line's own fields, its waiting parties with the wait each may expect, its called ones.

    `waiting` comes in the order of the line, `called` oldest call first. `line["gone"]` maps the ids of parties that
    ended lately to how.
    """
    called_rows = list(called)
    waiting_rows = []
    for index, party in enumerate(waiting):
        spot = rules.place(waiting_ahead=index, waiting=0, being_served=bool(called_rows))
        low, high = rules.quote_ms(ahead=spot.ahead, pace_ms=line["paceMs"])
        waiting_rows.append({**party, "waitLowMs": low, "waitHighMs": high})
    return {**line, "waiting": waiting_rows, "called": called_rows}


def old_party(party: View) -> View:
    """A party as the old API knows it, exactly."""
    return {key: party[key] for key in ("id", "name", "size", "status", "nearby", "joinedAt")}


def host(row: Row) -> View:
    """The host snapshot of the contract, exactly. `nowServing` is the party called last that is still called."""
    serving = row["called"][-1] if row["called"] else None
    return {
        "type": "queue_update",
        "queue": [old_party(party) for party in row["waiting"]],
        "nowServing": old_party(serving) if serving else None,
        "maxGuests": row["maxGuests"],
        "callDeadline": serving["deadline"] if serving else None,
        "closed": row["closed"],
    }


def host_message(row: Row) -> View:
    """What a host's socket is told: the host snapshot without `closed` (contract, WebSocket)."""
    view = host(row)
    del view["closed"]
    return view


def console(row: Row) -> View:
    """All that our own host console shows; for hosts only."""
    return {
        "type": "console",
        **{key: row[key] for key in ("version", "code", "eventName", "maxGuests", "paused", "closed", "served")},
        "message": row.get("message"),
        "waiting": row["waiting"],
        "called": row["called"],
    }


def public(row: Row) -> View:
    """What anybody may see: ticket numbers, sizes, states, waits. No ids, no names, nothing personal (law 8)."""
    called = [_public_called(party) for party in row["called"]]
    return {
        "type": "queue_update",
        "queue": [
            {key: party[key] for key in ("ticket", "size", "status", "nearby", "waitLowMs", "waitHighMs")}
            for party in row["waiting"]
        ],
        "nowServing": called[-1] if called else None,
        "called": called,
        "maxGuests": row["maxGuests"],
        "callDeadline": called[-1]["deadline"] if called else None,
        "closed": row["closed"],
        "paused": row["paused"],
        "message": row.get("message"),
        "version": row["version"],
        "eventName": row["eventName"],
    }


def _public_called(party: View) -> View:
    return {key: party[key] for key in ("ticket", "size", "status", "nearby", "deadline")}


def places(row: Row) -> dict[str, tuple[str, int]]:
    """Party id → ("waiting" or "called", index), so that each guest is answered in constant time."""
    return {party["id"]: (state, index) for state in ("called", "waiting") for index, party in enumerate(row[state])}


def guest(row: Row, party_id: str, *, found: tuple[str, int] | None, ended: str | None = None) -> View | None:
    """What one party's own phone is told, or None when neither the row nor Postgres knows the party.

    `found` is its entry in `places(row)`. `ended` is how a party ended that has left the row since: served, left,
    kicked, no_show or closed.
    """
    if found is not None:
        state, index = found
        if state == "waiting":
            return _position(row, index)
        return {"type": "called", "deadline": row["called"][index]["deadline"]}
    reason = row["gone"].get(party_id, ended)
    if reason is None:
        return None
    return {"type": "closed"} if reason == rules.CLOSED else {"type": "removed", "reason": reason}


def _position(row: Row, index: int) -> View:
    spot = rules.place(waiting_ahead=index, waiting=len(row["waiting"]), being_served=bool(row["called"]))
    return {
        "type": "position",
        "position": spot.position,
        "aheadCount": spot.ahead,
        "queueLength": spot.queue_length,
        "estimatedWaitMs": rules.expected_wait_ms(ahead=spot.ahead, pace_ms=row["paceMs"]),
        "eventName": row["eventName"],
    }
