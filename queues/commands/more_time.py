"""More time for a called party: the guest asks, the host gives (B6)."""

from datetime import timedelta
from uuid import UUID

from core.actors import GUEST, HOST, Actor
from core.clock import milliseconds
from core.errors import Conflict, Invalid
from queues import rules
from queues.change import locked_line
from queues.models import Party
from queues.refusals import MORE_TIME_GIVEN
from venues.models import LONGEST_WINDOW_S, SHORTEST_WINDOW_S


def ask_more_time(line: str | UUID, *, party_id: UUID | str, actor: Actor = GUEST) -> None:
    """Records that a called guest asks for more time; the deadline stays until a host gives it. Does nothing while unanswered.

    Once per call: raises Conflict when it was answered already, NotFound when the party is not called.
    """
    with locked_line(line, actor=actor, action="ask_more_time") as change:
        party = change.party(party_id, rules.CALLED)
        if party.more_time == Party.MoreTime.GIVEN:
            raise Conflict(MORE_TIME_GIVEN)
        if party.more_time != Party.MoreTime.ASKED:
            change.set_party(party, more_time=Party.MoreTime.ASKED)
            change.emit("QUEUE_MEMBER_ASKED_TIME", party)


def give_more_time(
    line: str | UUID,
    *,
    party_id: UUID | str,
    minutes: int | None = None,
    seconds: int | None = None,
    saw: str = "",
    actor: Actor = HOST,
) -> Party:
    """Extends a called party's deadline, asked for or not: by `minutes`, by `seconds`, or by the line's call window.

    It counts from the deadline, or from now when that is over. Raises Invalid for a time out of range, NotFound when the party
    is not called, Conflict when it is not as the host `saw` it.
    """
    if minutes is not None and not 1 <= minutes <= rules.MOST_MINUTES:
        raise Invalid(f"minutes must be a whole number from 1 to {rules.MOST_MINUTES}.", field="minutes")
    if seconds is not None and not SHORTEST_WINDOW_S <= seconds <= LONGEST_WINDOW_S:
        bounds = f"from {SHORTEST_WINDOW_S} to {LONGEST_WINDOW_S}"
        raise Invalid(f"seconds must be a whole number {bounds}.", field="seconds")
    if minutes is not None:
        seconds = minutes * 60
    with locked_line(line, actor=actor, action="give_more_time") as change:
        party = change.party(party_id, rules.CALLED, saw=saw)
        more = timedelta(seconds=change.queue.call_window_s if seconds is None else seconds)
        deadline = max(party.call_deadline or change.at, change.at) + more
        answered = Party.MoreTime.GIVEN if party.more_time else ""
        change.set_party(party, call_deadline=deadline, more_time=answered)
        change.emit("QUEUE_MEMBER_GIVEN_TIME", party, deadline=milliseconds(deadline), round=party.call_count)
        return party
