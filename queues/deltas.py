"""Makes a line's next version from the one before and what changed, so that the cost does not depend on the line's length.
Pure: rows, changes and views are plain JSON values (queues/shapes.py); Postgres gives both (queues/selectors.py: newest).
"""

from bisect import bisect_left, insort
from collections.abc import Mapping
from typing import Any, TypeGuard

from core.json_types import View
from queues import rules, shapes, waits
from queues.shapes import Row, order

# `since`: the oldest version this brings up to date; `called`: all of them; `parties`: those that changed, as they are now;
# `served`: [version, how many more were served]; else the line's own fields, as in a row.
Changes = dict[str, Any]
News = Row | Changes
# By id.
Parties = dict[str, View]

# Ended parties that a row keeps; Postgres knows the others.
MOST_GONE = 2_048


class Unfit(Exception):
    """The changes are not of this row: only Postgres can say what its next version is."""


def is_row(news: News) -> bool:
    """Whether this is all of a line, not only what changed."""
    return "waiting" in news


def changes(told: View) -> Changes:
    """The changes that Postgres returned, as far back as its events have no gap; only the version when they are too many."""
    since = version = told["version"]
    versions = set(told.pop("versions"))
    if not told.pop("tooMany"):
        while since in versions:
            since -= 1
    return {**told, "since": since, "version": version}


def parties_of(row: Row) -> Parties:
    """Those in line."""
    return {party["id"]: party for state in ("waiting", "called") for party in row[state]}


def applied(row: Row, parties: Parties, news: Changes) -> tuple[Row, Parties, dict[str, View | None]]:
    """The row and its parties brought up to date, and the parties that changed, as they were (None: not in line).

    The old ones are not modified, for they may be in use. Raises Unfit unless the changes reach back to this row.
    """
    if not news["since"] <= row["version"] < news["version"]:
        raise Unfit
    waiting, parties, gone = list(row["waiting"]), dict(parties), dict(row["gone"])
    before: dict[str, View | None] = {}
    for party in news["parties"]:
        name = party["id"]
        old = parties.pop(name, None)
        if old == party:  # changed earlier than this row
            parties[name] = party
            continue
        before[name] = old
        if old is not None and old["status"] == rules.WAITING:
            index = bisect_left(waiting, order(old), key=order)
            if index == len(waiting) or waiting[index]["id"] != name:
                raise Unfit
            del waiting[index]
        gone.pop(name, None)
        if party["status"] == rules.WAITING:
            insort(waiting, party, key=order)
        if party["status"] in {rules.WAITING, rules.CALLED}:
            parties[name] = party
        else:
            gone[name] = party["status"]
    while len(gone) > MOST_GONE:
        del gone[next(iter(gone))]
    served = row["served"] + sum(more for version, more in news["served"] if version > row["version"])
    line = {name: value for name, value in news.items() if name not in {"since", "parties"}}
    return {**line, "waiting": waiting, "gone": gone, "served": served}, parties, before


def differences(before: Parties, now: Parties) -> dict[str, View | None]:
    """The parties that are not as they were, as they were (None: not in line)."""
    gone = {name: party for name, party in before.items() if name not in now}
    return gone | {name: before.get(name) for name, party in now.items() if before.get(name) != party}


def public_changes(row: Row, parties: Parties, before: Mapping[str, View | None], *, since: int) -> View:
    """The public part of the changes after version `since`, when the parties of `before` were as it says; `public_now` says the
    rest.

    `changed`: {ticket, from, to}: their indices among those waiting, then and now; null: not waiting. With `to` also size,
    status and nearby. All others keep their order, so that a reader who knew an index can compute the new one.
    """
    moved = [(old, parties.get(name)) for name, old in before.items()]
    was = sorted(order(old) for old, new in moved if _waits(old) and old != new)
    came = sorted(order(new) for old, new in moved if _waits(new) and old != new)
    changed = []
    for old, new in moved:
        if _seen(old) == _seen(new):
            continue
        entry: View = {"ticket": (old or new or {})["ticket"], "from": None, "to": None}
        if _waits(old):
            now = bisect_left(row["waiting"], order(old), key=order)
            entry["from"] = now - bisect_left(came, order(old)) + bisect_left(was, order(old))
        if _waits(new):
            entry["to"] = bisect_left(row["waiting"], order(new), key=order)
            entry |= {name: new[name] for name in ("size", "status", "nearby")}
        changed.append(entry)
    return {
        "type": "queue_changes",
        "since": since,
        "changed": sorted(changed, key=lambda entry: entry["ticket"]),
    }


def public_now(row: Row) -> View:
    """What readers of changes are told whichever version they knew. For a long line it takes some ms: make it once per version.

    `waits`: the ranges of all places (waits.Standing.table), as in the whole snapshot. `paceMs`, `quotePercent`: model 1's, for
    old clients.
    """
    return {
        "waiting": len(row["waiting"]),
        "paceMs": row["paceMs"],
        "quotePercent": [rules.QUOTE_LOW_PERCENT, rules.QUOTE_HIGH_PERCENT],
        "waits": waits.of_row(row).table(),
        **shapes.public_line(row),
    }


def _waits(party: View | None) -> TypeGuard[View]:
    return party is not None and party["status"] == rules.WAITING


def _seen(party: View | None) -> tuple[Any, ...] | None:
    """What the public sees of a waiting party, its place included."""
    return (*order(party), party["size"], party["nearby"]) if _waits(party) else None
