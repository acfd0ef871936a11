"""How far news have come to a party, by all ways together: the one definition, for the console's list and for its pane."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outbox.models import Effect
from queues.models import Party
from reach.models import Message
from reach.notices import Kind
from reach.ways import WAYS, Told

State = Message.State
# The last one is the farthest. What was not needed by one way says nothing of the others.
_ORDER = (State.SKIPPED, State.FAILED, State.DUE, State.SENT, State.DELIVERED)


@dataclass(frozen=True, slots=True)
class Step:
    """News to one party by one way; `kind`, `round` and `again` as in News. `way`: empty while it is not known yet."""

    kind: str
    round: int
    again: int
    way: str
    at: datetime
    state: Message.State
    detail: str = ""

    @property
    def news(self) -> tuple[str, int, int]:
        """What it has in common with the other ways' steps."""
        return self.kind, self.round, self.again


def farthest(steps: Iterable[Step]) -> Step:
    """Of the steps of one news the one that counts: arrived by any way, else taken by any, else still to go out, else failed."""
    return max(steps, key=lambda each: (_ORDER.index(each.state), each.at))


def has_answered(party: Party) -> bool:
    """Whether a called party's guest has answered the call, by page, text or API."""
    return party.on_my_way_at is not None or party.more_time != ""


def of_calls(parties: Sequence[Party]) -> dict[UUID, Step]:
    """By id of these called parties: the step that counts of the newest call; nothing where none was or will be sent. The number
    of statements does not depend on that of the parties."""
    rounds = {party.pk: party.call_count for party in parties}
    calls = {
        pk: [each for each in steps if (each.kind, each.round) == (Kind.CALLED, rounds[pk])]
        for pk, steps in steps_of(parties, kinds=[Kind.CALLED]).items()
    }
    found = {pk: farthest(steps) for pk, steps in calls.items() if steps}
    return {pk: step for pk, step in found.items() if step.state != State.SKIPPED}


def of_newest(party: Party) -> Step | None:
    """The step that counts of what went out last to a party; None when nothing did, and nothing will."""
    by_news: dict[tuple[str, int, int], list[Step]] = {}
    for each in steps_of([party]).get(party.pk, []):
        by_news.setdefault(each.news, []).append(each)
    newest = max(by_news.values(), key=_went_out_at, default=None)
    return None if newest is None else farthest(newest)


def _went_out_at(steps: Sequence[Step]) -> datetime:
    """When news went out last; of what has not gone out, since when it waits."""
    went_out = [each.at for each in steps if each.state not in (State.DUE, State.SKIPPED)]
    return max(went_out) if went_out else min(each.at for each in steps)


def steps_of(parties: Sequence[Party], *, kinds: Sequence[str] = ()) -> dict[UUID, list[Step]]:
    """By party's id: all steps to it; of our messages, only those of these kinds, if any are named."""
    # Read before the messages: a worker may write one in between, and the call would be seen neither as planned nor as written.
    planned = list(_planned(parties))
    messages = Message.objects.filter(party_id__in=[party.pk for party in parties])
    rows: dict[UUID, list[Message]] = {}
    for each in messages.filter(kind__in=kinds) if kinds else messages:
        rows.setdefault(each.party_id, []).append(each)
    found = {pk: [of_message(each) for each in own] for pk, own in rows.items()}
    for name, way in WAYS.items():
        for pk, told in way.told_by_itself(parties).items():
            found.setdefault(pk, []).extend(_by_itself(name, each, rows.get(pk, [])) for each in told)
    for party, step in planned:
        if step.news not in {(each.kind, each.round, each.again) for each in rows.get(party.pk, [])}:
            found.setdefault(party.pk, []).append(step)
    return found


def of_message(message: Message) -> Step:
    """How far one message has come."""
    at, state = message.sent_at or message.made_at, State(message.state)
    return Step(message.kind, message.round, message.again, message.way, at, state, message.detail)


def _by_itself(way: str, told: Told, messages: Iterable[Message]) -> Step:
    """What a way told by itself, under the name that our messages of the same news have."""
    again = told.again
    if told.kind == Kind.CALLED:  # also where staff had it sent once more
        again = 0
    elif told.kind == Kind.JOIN_CONFIRM:  # a browser's own, which says that it is subscribed
        again = -1
    elif told.kind == Kind.BACK:  # a place may come back several times, and browsers count that otherwise
        before = [each for each in messages if each.kind == Kind.BACK and each.made_at <= told.at]
        again = max(before, key=lambda each: each.made_at).again if before else again
    return Step(told.kind, told.round, again, way, told.at, told.state, told.detail)


def _planned(parties: Sequence[Party]) -> Iterator[tuple[Party, Step]]:
    """The newest calls for which no message was written yet (reach/planning.py)."""
    called = {each.pk: each for each in parties if each.has_contact and each.status == Party.Status.CALLED}
    pending = Effect.objects.filter(name="reach", status=Effect.Status.PENDING, event__party_id__in=called)
    pending = pending.filter(event__type="QUEUE_MEMBER_CALLED")
    for pk, round_ in pending.values_list("event__party_id", "event__data__round") if called else ():
        party = called[pk] if pk else None
        if party and party.called_at and round_ == party.call_count:
            yield party, Step(Kind.CALLED, party.call_count, 0, "", party.called_at, State.DUE)
