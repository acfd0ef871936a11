"""By which ways a party is told, what went out last, and whether it arrived: in a host's words, without number or address."""

from dataclasses import dataclass, field
from datetime import datetime

from queues.models import Party
from reach import channels
from reach.commands import spending
from reach.models import Contact, Message
from reach.notices import Kind
from reach.ways import PAGE, WAYS, Told

State = Message.State

# Why a text did not go out, as a host says it; what a provider says is shown as it is.
_REASONS = {
    spending.QUIET: "held back: these are the quiet hours",
    spending.CAP_REACHED: "held back: today’s texts have cost what they may",
    spending.SAID_STOP: "not sent: the number said STOP",
    spending.NO_PROVIDER: "not sent: no provider of texts is set up",
    spending.NO_SENDER: "not sent: no sender is set up for it",
}
_STATES = {
    State.DUE: "waits to be sent",
    State.SENT: "sent, not known to have arrived",
    State.DELIVERED: "arrived",
    State.FAILED: "did not arrive",
    State.SKIPPED: "not sent",
}


_OTHERS = {PAGE: "Ticket page"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One notice by one way. `state`: in words; `trouble`: a host may want to call the name instead."""

    what: str
    way: str
    at: datetime
    state: str
    trouble: bool = False
    arrived: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """How a party is told. `ways`: their labels, the first one first. `unproven`: its number gets nothing but a code."""

    ways: list[str] = field(default_factory=list)
    unproven: bool = False
    last: Arrival | None = None


def of_party(party: Party) -> Reached:
    """How it is told, and what went out last; a notice that went by several ways counts by the one that came farthest."""
    contact = Contact.objects.filter(party=party).first() or Contact(party=party)
    ways = channels.ways_to(contact, channels.of_venue(party.queue.venue_id))
    # Whether a browser takes messages is known to its way alone.
    labels = [
        f"{label_of(name)} (if they allowed it)" if channels.is_browser(name) else label_of(name) for name in ways
    ]
    return Reached(labels, contact.needs_proof, _last(party))


def label_of(way: str) -> str:
    """A way's name for hosts."""
    return WAYS[way].label if way in WAYS else _OTHERS.get(way, way)


def of_message(message: Message) -> Arrival:
    """How far a message has come."""
    state = State(message.state)
    if state == State.SENT and message.way in WAYS and WAYS[message.way].arrived_at(message.pk) is not None:
        state = State.DELIVERED
    words = _REASONS.get(message.detail, "") if state in (State.FAILED, State.SKIPPED) else ""
    if not words:
        words = _STATES[state]
        if message.detail and state not in (State.DELIVERED, State.SENT):
            words = f"{words}: {message.detail}"
    return Arrival(
        Kind(message.kind).label,
        label_of(message.way),
        message.sent_at or message.made_at,
        words,
        trouble=state == State.FAILED or state == State.SKIPPED and message.detail in _REASONS,
        arrived=state == State.DELIVERED,
    )


def _last(party: Party) -> Arrival | None:
    newest = Message.objects.filter(party_id=party.pk).order_by("-made_at", "-pk").first()
    found = [] if newest is None else [of_message(each) for each in _same_notice(newest)]
    found.sort(key=lambda each: (each.arrived, not each.trouble, each.at))
    told = [found[-1]] if found else []
    told += [_by_itself(name, each) for name in WAYS if (each := WAYS[name].last_told(party.pk)) is not None]
    return max(told, key=lambda each: each.at, default=None)


def _same_notice(message: Message) -> list[Message]:
    same = Message.objects.filter(
        party_id=message.party_id, kind=message.kind, round=message.round, again=message.again
    )
    return list(same.exclude(state=State.SKIPPED) or same)


def _by_itself(way: str, told: Told) -> Arrival:
    state = _STATES[State.DELIVERED if told.arrived else State.SENT if told.taken else State.FAILED]
    detail = f": {told.detail}" if told.detail and not told.taken else ""
    return Arrival(Kind(told.kind).label, label_of(way), told.at, state + detail, not told.taken, told.arrived)
