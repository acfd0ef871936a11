"""When a notice goes by which way. Pure: plain values, no database (decision 0083)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reach.models import Message
from reach.notices import Kind
from reach.ways import Result, Sent

State = Message.State

# A call is worth a second way: nobody knows that it was heard before the phone or the guest says so. News of a place is not.
FOLLOWED_UP = frozenset({Kind.CALLED})
# Seconds between tries by one way, where the other side names none: 2, 4, 8, ... up to this.
LONGEST_PAUSE_S = 60.0
_DOUBLINGS = 6


@dataclass(frozen=True, slots=True)
class Then:
    """What becomes of a message after an attempt. `again_in_s`: it stays due, in so many seconds. `next_in_s`: the next way is
    due in so many seconds, unless None."""

    state: Message.State
    detail: str = ""
    again_in_s: float | None = None
    next_in_s: float | None = None


def next_way(order: Sequence[str], tried: Collection[str]) -> str | None:
    """The first way in the order that was not tried; None when all were."""
    return next((name for name in order if name not in tried), None)


def needless(kind: str, others: Collection[Message.State], *, answered: bool) -> str:
    """Why a message need not be sent any more, given the same notice's messages by other ways; empty when it must be."""
    if State.DELIVERED in others:
        return "it arrived by another way"
    if kind not in FOLLOWED_UP:
        return "it went by another way" if State.SENT in others else ""
    return "its guest has answered" if answered else ""


def after(sent: Sent, *, kind: str, age_s: float, attempts: int, has_next: bool, fallback_s: int, ttl_s: int) -> Then:
    """What follows an attempt. `age_s`: since the message was due by this way. `ttl_s`: as long as the notice is worth sending.

    A way that cannot take it now is tried again until `fallback_s` have passed, if there is another, else for `ttl_s`.
    """
    if sent.result == Result.SENT:
        follow_up = fallback_s if has_next and kind in FOLLOWED_UP else None
        return Then(State.SENT, sent.detail, next_in_s=follow_up)
    if sent.result != Result.LATER:
        state = State.FAILED if sent.result == Result.REFUSED else State.SKIPPED
        return Then(state, sent.detail, next_in_s=0 if has_next else None)
    patience_s = fallback_s if has_next else ttl_s
    pause_s = sent.after_s if sent.after_s is not None else min(2.0 ** min(attempts, _DOUBLINGS), LONGEST_PAUSE_S)
    if age_s + pause_s < patience_s:
        return Then(State.DUE, sent.detail, again_in_s=max(pause_s, 1.0))
    detail = sent.detail or "not taken in time"
    return Then(State.FAILED, detail, next_in_s=max(patience_s - age_s, 0) if has_next else None)
