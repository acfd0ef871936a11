"""By which ways a party is told, what went out last, and whether it arrived: in a host's words, without number or address."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from queues.models import Party
from reach import channels, labels, progress
from reach.commands import spending
from reach.models import Contact, Message
from reach.notices import Kind
from reach.progress import Step

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
    """One notice by one way (empty: not known yet). `state`: in words; `trouble`: a host may want to call the name instead."""

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
    """How it is told, and what went out last."""
    contact = Contact.objects.filter(party=party).first() or Contact(party=party)
    ways = channels.ways_to(contact, channels.of_venue(party.queue.venue_id))
    # Whether a browser takes messages is known to its way alone.
    told_by = [
        f"{labels.for_hosts(name)} (if they allowed it)" if channels.is_browser(name) else labels.for_hosts(name)
        for name in ways
    ]
    newest = progress.of_newest(party)
    return Reached(told_by, contact.needs_proof, None if newest is None else _said(newest))


def of_calls(party_ids: Collection[UUID]) -> dict[UUID, Message.State]:
    """By id, of called parties: how far the newest call has come. Nothing where none was or will be sent, and where its guest has
    answered it. The number of statements does not depend on that of the parties."""
    called = Party.objects.filter(pk__in=party_ids, status=Party.Status.CALLED)
    waited_for = [party for party in called if not progress.has_answered(party)]
    return {pk: step.state for pk, step in progress.of_calls(waited_for).items()}


def of_message(message: Message) -> Arrival:
    """How far a message has come."""
    return _said(progress.of_message(message))


def _said(step: Step) -> Arrival:
    words = _REASONS.get(step.detail, "") if step.state in (State.FAILED, State.SKIPPED) else ""
    if not words:
        words = _STATES[step.state]
        if step.detail and step.state not in (State.DELIVERED, State.SENT):
            words = f"{words}: {step.detail}"
    return Arrival(
        Kind(step.kind).label,
        labels.for_hosts(step.way),
        step.at,
        words,
        trouble=step.state == State.FAILED or step.state == State.SKIPPED and step.detail in _REASONS,
        arrived=step.state == State.DELIVERED,
    )
