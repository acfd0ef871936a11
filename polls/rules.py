"""The rules of a poll, as pure functions on plain values."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from core.refusals import Reason
from core.visible import is_visible, looks, trimmed
from polls import refusals

Moment = TypeVar("Moment", datetime, int)

MOST_CHOICES = 100
# Bits of a ballot's proof of work: what a host's page sets (about 65,000 hashes, a second on a phone), and the maximum.
WORK_BITS, MOST_WORK_BITS = 16, 24
LONGEST_TITLE, LONGEST_CHOICE, LONGEST_DESCRIPTION = 255, 255, 4_000
MOST_SHARDS = 32_767
MOST_REPLACED = 50

DRAFT, OPEN, CLOSED = "draft", "open", "closed"
# A phase, not a status: open, but before its start.
EARLY = "early"
ALWAYS, AFTER_VOTING, AFTER_CLOSE, HOST_ONLY = "always", "after_voting", "after_close", "host_only"


def phase(*, status: str, starts_at: Moment | None, ends_at: Moment | None, now: Moment) -> str:
    """The poll's phase: "draft", "early", "open" or "closed". An open poll past its end is closed, also before the sweep closes
    it.

    All times are of one kind: aware datetimes, or ms since 1970. `now` is the database's (decision 0021).
    """
    if status != OPEN:
        return status
    if ends_at is not None and now >= ends_at:
        return CLOSED
    return EARLY if starts_at is not None and now < starts_at else OPEN


def picks_problem(picks: Sequence[int], *, choices: int, min_picks: int, max_picks: int) -> Reason | None:
    """Why this set of choices is not a valid ballot, or None."""
    if not picks:
        return refusals.PICK_A_CHOICE
    if len(set(picks)) != len(picks):
        return refusals.PICKED_TWICE
    if any(not 0 <= number < choices for number in picks):
        return refusals.NO_SUCH_CHOICE
    if len(picks) > max_picks:
        return refusals.PICK_AT_MOST.with_values(n=max_picks) if max_picks > 1 else refusals.PICK_ONE_ONLY
    if len(picks) < min_picks:
        return refusals.PICK_AT_LEAST.with_values(n=min_picks)
    return None


def choices_problem(texts: Collection[str], *, any_texts: bool = False) -> str | None:
    """Why these choices are invalid, as a sentence, or None. Choices that look the same, or are too long, are refused unless
    `any_texts` (contract edge-poll.md).
    """
    if not texts:
        return "There must be at least one choice."
    if len(texts) > MOST_CHOICES:
        return f"There may be at most {MOST_CHOICES} choices."
    if not all(is_visible(text) for text in texts):
        return "A choice is empty."
    if not any_texts and any(len(trimmed(text)) > LONGEST_CHOICE for text in texts):
        return f"A choice may have at most {LONGEST_CHOICE} letters."
    if not any_texts and len({looks(text) for text in texts}) != len(texts):
        return "A choice is there twice."
    return None


def percentage(picked: int, ballots: int) -> float:
    """How many of 100 ballots have this choice, to one decimal, half a tenth up; 0 without ballots.

    It is of ballots, so that with several picks they add up to more than 100. All views and files use it; pages show it without
    the decimal (polls/pages/labels.py: percent).
    """
    return (2000 * picked + ballots) // (2 * ballots) / 10 if ballots else 0.0


def shard_of(voter_key: bytes, shards: int) -> int:
    """The shard of a voter's ballot."""
    return int.from_bytes(voter_key[:8], "big") % shards


def claim_shard(claim: UUID, shards: int) -> int:
    """The shard of a claim."""
    return (claim.int >> 96) % shards


@dataclass(frozen=True, slots=True)
class Viewer:
    """The viewer of results."""

    host: bool = False
    voted: bool = False


def may_see_counts(*, visibility: str, closed: bool, viewer: Viewer) -> bool:
    """Whether this viewer may see the counts (B8). Used wherever results are made, and only there."""
    if viewer.host or visibility == ALWAYS:
        return True
    if visibility == AFTER_VOTING:
        return viewer.voted or closed
    return visibility == AFTER_CLOSE and closed
