"""Views of a line. One row holds the line at one version; every view is made from it here and nowhere else, so that no path
shows more than another (contract queueup.md, snapshot).

All functions are pure; a row and its views are plain JSON values, times in ms since 1970.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from core.json_types import View
from queues import rules, waits
from queues.waits import Range

Row = dict[str, Any]

# Redis keeps rows through an upgrade. Fields that later releases added to a row and to its parties, with the value for older
# rows:
ADDED: View = {
    "message": None,
    "tokenVersion": 0,
    "at": 0,
    "timeScale": 1,
    "noted": [],
    "asked": [],
    "entryOver": False,
    "hereOnly": False,
    "hours": None,
    "pauseReason": "",
    "wait": None,
    "openedAt": 0,
    "closesAt": None,
    "quoteModel": 1,
    "flow": {},
    "past": {},
}
PARTY_ADDED: View = {
    "wantsMoreTime": False,
    "lateAt": None,
    "onMyWayAt": None,
    "hasPhone": True,
    "message": "",
    "section": "",
    "hasContact": False,
    "wroteAt": None,
    "textsStopped": False,
}
# Fields without such a value: a row that lacks them is read from Postgres again.
PARTY_NEEDED = ("rank",)


def completed(row: Row) -> Row | None:
    """A row as this release writes it; None when fields without a default are missing."""
    parties = [*row["waiting"], *row["called"]]
    if any(name not in party for party in parties[:1] for name in PARTY_NEEDED):
        return None
    if any(name not in party for party in parties[:1] for name in PARTY_ADDED):
        row["waiting"], row["called"] = ([PARTY_ADDED | each for each in row[state]] for state in ("waiting", "called"))
    return ADDED | row


def old_party(party: View) -> View:
    """A party exactly as the contract has it."""
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
    """The message of a host's socket: the host snapshot without `closed` (contract, WebSocket)."""
    view = host(row)
    del view["closed"]
    return view


def console(row: Row) -> View:
    """The view of our host console; for hosts only."""
    return {
        "type": "console",
        **{key: row[key] for key in ("version", "code", "eventName", "maxGuests", "paused", "closed", "served")},
        **{key: row[key] for key in ("message", "pauseReason", "wait")},
        "full": guests_in_line(row) >= row["maxGuests"],
        "waiting": [
            {**party, "waitLowMs": low, "waitHighMs": high}
            for party, (low, high) in zip(row["waiting"], waits_of(row), strict=True)
        ],
        "called": row["called"],
        **unknown(waits.of_row(row)),
    }


def guests_in_line(row: Row) -> int:
    """How many guests wait or are called."""
    return sum(party["size"] for state in ("waiting", "called") for party in row[state])


def public(row: Row) -> View:
    """The public view: ticket numbers, sizes, states, waits. No ids, no names, nothing personal (law 8)."""
    return {
        "type": "queue_update",
        # Written out for speed: a line may have 10,000 of them.
        "queue": [
            {
                "ticket": party["ticket"],
                "size": party["size"],
                "status": party["status"],
                "nearby": party["nearby"],
                "waitLowMs": low,
                "waitHighMs": high,
            }
            for party, (low, high) in zip(row["waiting"], waits_of(row), strict=True)
        ],
        **public_line(row),
    }


def public_line(row: Row) -> View:
    """The public snapshot without its waiting parties."""
    called = [_public_called(party) for party in row["called"]]
    standing = waits.of_row(row)
    wait = standing.joining()
    shown = {
        "nowServing": called[-1] if called else None,
        "called": called,
        "maxGuests": row["maxGuests"],
        "callDeadline": called[-1]["deadline"] if called else None,
        "joinLowMs": wait.low_ms,
        "joinHighMs": wait.high_ms,
        "closed": row["closed"],
        "paused": row["paused"],
        "message": row["message"],
        "version": row["version"],
        "eventName": row["eventName"],
    }
    shown |= unknown(standing)
    if by_size := standing.joining_by_size():
        shown["joinBySize"] = by_size
    if edited := {str(party["ticket"]): party["edits"] for party in row["noted"] if party["edits"]}:
        shown["edited"] = edited
    if promises := {str(party["ticket"]): party["promised"] for party in row["noted"] if party["promised"]}:
        shown["promised"] = promises
    if row["asked"]:
        shown["asked"] = row["asked"]
    if row["hours"]:
        shown["hours"] = row["hours"]
    if row["entryOver"]:
        shown["entryOver"] = True
    if row["hereOnly"]:
        shown["hereOnly"] = True
    if row["pauseReason"]:
        shown["pauseReason"] = row["pauseReason"]
    return shown


def unknown(standing: waits.Standing) -> View:
    """What pages cannot say yet: the waits of parties with others before them (`waitsUnknown`), that of who joins now
    (`joinUnknown`). The numbers stand beside it for clients that do not ask; promises of hosts are known."""
    found = {"waitsUnknown": not standing.known, "joinUnknown": not standing.joining().known}
    return {name: True for name, is_so in found.items() if is_so}


def join_wait(row: Row) -> Range:
    """The wait of a party of two that joins now, (low, high) in ms: what a host has set, else our estimate."""
    wait = waits.of_row(row).joining()
    return wait.low_ms, wait.high_ms


def waits_of(row: Row) -> Iterator[Range]:
    """The range (low, high) in ms that each waiting party may expect, in their order: what was left of the host's promise at the
    line's last change, else our estimate.
    """
    promises = _promises(row)
    quotes = waits.of_row(row).each(party["size"] for party in row["waiting"])
    for party, quote in zip(row["waiting"], quotes, strict=True):
        yield promises.get(party["ticket"]) or (quote.low_ms, quote.high_ms)


def _promises(row: Row) -> dict[int, tuple[int, int]]:
    """By ticket, what was left of a host's promise when the line last changed: the same for all readers of this version."""
    return {
        party["ticket"]: rules.left_of_promise(*party["promised"], now_ms=row["at"], time_scale=row["timeScale"])
        for party in row["noted"]
        if party["promised"]
    }


def _public_called(party: View) -> View:
    late = {"late": True} if party["lateAt"] else {}
    return {key: party[key] for key in ("ticket", "size", "status", "nearby", "deadline")} | late


def order(party: View) -> tuple[int, int]:
    """The sort key of a row's waiting parties."""
    return party["rank"], party["ticket"]


def place_of(row: Row, party: View) -> tuple[str, int]:
    """("waiting" or "called", index) of a party of this row, by binary search."""
    if party["status"] == rules.WAITING:
        return rules.WAITING, bisect_left(row["waiting"], order(party), key=order)
    return rules.CALLED, next(index for index, each in enumerate(row["called"]) if each["id"] == party["id"])


def guest(row: Row, party_id: str, *, found: tuple[str, int] | None, ended: str | None = None) -> View | None:
    """The view for a party's own phone, or None when neither the row nor Postgres knows the party.

    `found` is its `place_of` when it is in line. `ended` is how a party ended that has left the row since: served, left,
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
    promise = _promises(row).get(row["waiting"][index]["ticket"])
    spot = rules.place(waiting_ahead=index, waiting=len(row["waiting"]), being_served=bool(row["called"]))
    return {
        "type": "position",
        "position": spot.position,
        "aheadCount": spot.ahead,
        "queueLength": spot.queue_length,
        # The contract's: 0 without parties ahead.
        "estimatedWaitMs": sum(promise) // 2
        if promise and spot.ahead
        else rules.expected_wait_ms(ahead=spot.ahead, pace_ms=row["paceMs"]),
        "eventName": row["eventName"],
    }
