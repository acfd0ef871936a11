"""By which ways a party is told, what went out last, and whether it arrived: in a host's words, without number or address."""

from dataclasses import dataclass, field
from datetime import datetime

from queues.models import Party
from reach import channels, commands, labels
from reach.commands import spending
from reach.models import Contact, Message
from reach.notices import Kind
from reach.ways import WAYS, Told

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
    told_by = [
        f"{labels.for_hosts(name)} (if they allowed it)" if channels.is_browser(name) else labels.for_hosts(name)
        for name in ways
    ]
    return Reached(told_by, contact.needs_proof, _last(party))


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
        labels.for_hosts(message.way),
        message.sent_at or message.made_at,
        words,
        trouble=state == State.FAILED or state == State.SKIPPED and message.detail in _REASONS,
        arrived=state == State.DELIVERED,
    )


def _last(party: Party) -> Arrival | None:
    newest = Message.objects.filter(party_id=party.pk).order_by("-made_at", "-pk").first()
    told = [] if newest is None else [_farthest(newest)]
    told += [_by_itself(name, each) for name in WAYS if (each := WAYS[name].last_told(party.pk)) is not None]
    return max(told, key=lambda each: each.at, default=None)


def _farthest(message: Message) -> Arrival:
    """Of the message's notice by all its ways, the one that came farthest; one that was skipped only where all were."""
    same = [message, *commands.same_notice(message)]
    sent = [each for each in same if each.state != State.SKIPPED]
    return max(map(of_message, sent or same), key=lambda each: (each.arrived, not each.trouble, each.at))


def _by_itself(way: str, told: Told) -> Arrival:
    state = _STATES[State.DELIVERED if told.arrived else State.SENT if told.taken else State.FAILED]
    detail = f": {told.detail}" if told.detail and not told.taken else ""
    return Arrival(Kind(told.kind).label, labels.for_hosts(way), told.at, state + detail, not told.taken, told.arrived)
