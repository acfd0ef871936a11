"""Views of a poll. One row holds the poll and its counts at one version; every view is made from it here and nowhere else, so
that hidden results are hidden on every path: API, SSE, WebSocket, export, cache (B8).

All functions are pure; a row and its views are plain JSON values, times in ms since 1970.
"""

from typing import Any
from uuid import UUID

from core.clock import milliseconds
from core.json_types import View
from polls import rules
from polls.audit import Totals
from polls.models import Poll
from polls.nodes import Placement
from polls.rules import Viewer

Row = dict[str, Any]

# Fields that later releases added to a row, with the value for older rows that Redis kept through the upgrade.
ADDED: View = {"workBits": 0, "tokenVersion": 0, "nodes": 0}

# Fields of a row that the public question has, too.
_QUESTION = (
    "id", "code", "title", "description", "minPicks", "maxPicks", "mayChange", "dedupe", "workBits", "start", "end",
)  # fmt: skip

# 2^40 commands and ballots fit between two resets, so that the version of the results always grows.
EPOCH_SHIFT = 40


def version_of(poll: Poll, totals: Totals) -> int:
    """Grows with each command, each ballot counted or changed, and each reset."""
    return (poll.epoch << EPOCH_SHIFT) + poll.version + totals.changes


def build_row(poll: Poll, *, line: str | None, texts: list[str], totals: Totals) -> Row:
    """The poll and its counts at one version; `line` is the code of the line it is for."""
    return {
        "version": version_of(poll, totals),
        "id": str(poll.pk),
        "code": poll.code,
        "line": line,
        "title": poll.title,
        "description": poll.description,
        "status": poll.status,
        "visibility": poll.visibility,
        "minPicks": poll.min_picks,
        "maxPicks": poll.max_picks,
        "mayChange": poll.may_change,
        "dedupe": poll.dedupe,
        "shards": poll.shards,
        "nodes": poll.nodes,
        "workBits": poll.work_bits,
        "tokenVersion": poll.token_version,
        "createdAt": milliseconds(poll.created_at),
        "start": milliseconds(poll.starts_at),
        "end": milliseconds(poll.ends_at),
        "closedAt": milliseconds(poll.closed_at),
        "root": poll.root,
        "choices": [{"number": n, "text": text, "count": totals.picks[n]} for n, text in enumerate(texts)],
        "ballots": totals.ballots,
        "shardCounts": {
            str(shard): {str(n): count for n, count in picks.items() if count} for shard, picks in totals.shards.items()
        },
    }


def placement_of(row: Row) -> Placement:
    """Where the poll's ballots are (Poll.placement)."""
    together = row["dedupe"] == Poll.Dedupe.TICKET
    return Placement(UUID(row["id"]), row["shards"], row["nodes"], together=together)


def completed(row: Row) -> Row:
    """The row, with the fields that an older release did not write."""
    return ADDED | row


def phase(row: Row, now_ms: int) -> str:
    """draft, early, open or closed (rules.phase): what every view calls the poll's status."""
    return rules.phase(status=row["status"], starts_at=row["start"], ends_at=row["end"], now=now_ms)


def is_closed(row: Row, now_ms: int) -> bool:
    """Closed by command, or over by its end, swept or not."""
    return phase(row, now_ms) == rules.CLOSED


def next_turn_ms(row: Row, now_ms: int) -> int | None:
    """When the clock itself changes the phase next (ms since 1970); None when only a command can."""
    match phase(row, now_ms):
        case rules.EARLY:
            return row["start"] if row["end"] is None else min(row["start"], row["end"])
        case rules.OPEN:
            return row["end"]
        case _:
            return None


def configuration(row: Row, *, now_ms: int) -> View:
    """The public question, without counts."""
    return {
        **{key: row[key] for key in _QUESTION},
        "status": phase(row, now_ms),
        "epoch": row["version"] >> EPOCH_SHIFT,
        "choices": [{"number": choice["number"], "text": choice["text"]} for choice in row["choices"]],
    }


def results(row: Row, viewer: Viewer, now_ms: int) -> View:
    """The poll with its counts and percentages of ballots, or with null in place of all that this viewer may not see."""
    question = configuration(row, now_ms=now_ms)
    closed = question["status"] == rules.CLOSED
    shown = rules.may_see_counts(visibility=row["visibility"], closed=closed, viewer=viewer)
    return {
        "type": "results",
        **question,
        "version": row["version"] if shown else None,
        "hidden": not shown,
        "ballots": row["ballots"] if shown else None,
        "choices": [
            {
                **choice,
                "count": choice["count"] if shown else None,
                "percentage": rules.percentage(choice["count"], row["ballots"]) if shown else None,
            }
            for choice in row["choices"]
        ],
        "root": row["root"] or None,
    }
