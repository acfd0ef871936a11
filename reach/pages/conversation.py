"""The host's conversation with a party: what its guest wrote, what the host wrote, and how far each text has come."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.actors import Actor
from core.errors import existing
from queues.models import Party, Queue
from queues.pages.access import host_only
from queues.refusals import NOT_IN_LINE
from reach.models import Message
from reach.notices import Kind
from reach.text_models import Said
from reach.ways import WAYS
from web.sending import new_form_key
from web.unsent import wants_fragment

MOST_SHOWN = 100
State = Message.State
_STATES = {
    State.DUE: "waits to be sent",
    State.SENT: "sent, not known to have arrived",
    State.DELIVERED: "arrived",
    State.FAILED: "did not arrive",
    State.SKIPPED: "not sent",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation. `by`: guest, host, or line (a notice). `state`: of what went out."""

    at: datetime
    by: str
    text: str
    way: str = ""
    state: str = ""
    trouble: bool = False


@require_safe
@host_only
def conversation(request: HttpRequest, line: Queue, actor: Actor, ticket: int) -> HttpResponse:
    """A page; its list alone for the console's script."""
    party = existing(line.parties.filter(ticket=ticket).first(), NOT_IN_LINE)
    context = {"line": line, "party": party, "said": lines_of(party), "key": new_form_key(), "zone": line.zone}
    return render(request, "host/_conversation.html" if wants_fragment(request) else "host/conversation.html", context)


def lines_of(party: Party) -> list[Line]:
    """Oldest first: the newest MOST_SHOWN."""
    said = list(Said.objects.filter(party=party).order_by("-at", "-pk")[:MOST_SHOWN])
    out = Message.objects.filter(party_id=party.pk).exclude(way="push").order_by("-made_at", "-pk")[:MOST_SHOWN]
    by_id = {each.pk: each for each in out}
    lines = [_heard(each) for each in said if each.by == Said.By.GUEST]
    texts = {each.message: each.text for each in said if each.by == Said.By.HOST}
    lines += [_told(each, texts.get(each.pk, "")) for each in by_id.values()]
    return sorted(lines, key=lambda each: each.at)[-MOST_SHOWN:]


def _heard(said: Said) -> Line:
    way = WAYS[said.channel].label if said.channel in WAYS else said.channel
    return Line(said.at, "guest", said.text, way, said.outcome)


def _told(message: Message, text: str) -> Line:
    kind = Kind(message.kind)
    way = WAYS[message.way].label if message.way in WAYS else message.way
    by = "host" if kind in (Kind.DIRECT, Kind.MESSAGE) else "line"
    state = _STATES[State(message.state)]
    if message.detail and message.state != State.DELIVERED:
        state = f"{state}: {message.detail}"
    trouble = message.state in (State.FAILED, State.SKIPPED)
    return Line(message.sent_at or message.made_at, by, text or f"“{kind.label}”", way, state, trouble)
