"""The host's conversation with a party: what its guest wrote, what the host wrote, and how far each text has come."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.actors import Actor
from core.clock import milliseconds
from queues.models import Party, Queue
from queues.pages.access import host_only, party_at
from reach import arrival, labels
from reach.models import Message
from reach.notices import Kind
from reach.text_models import Said
from web.sending import new_form_key
from web.unsent import wants_fragment

MOST_SHOWN = 100


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
    party = party_at(line, ticket)
    said, reached = lines_of(party), arrival.of_party(party)
    context = {"line": line, "party": party, "said": said, "reached": reached, "key": new_form_key(), "zone": line.zone}
    return render(request, "host/_conversation.html" if wants_fragment(request) else "host/conversation.html", context)


def lines_of(party: Party) -> list[Line]:
    """Oldest first: the newest MOST_SHOWN."""
    said = list(Said.objects.filter(party=party).order_by("-at", "-pk")[:MOST_SHOWN])
    out = Message.objects.filter(party_id=party.pk).exclude(way="push").order_by("-made_at", "-pk")[:MOST_SHOWN]
    by_id = {each.pk: each for each in out}
    lines = [_heard(each) for each in said if each.by == Said.By.GUEST]
    texts = {each.message: each.text for each in said if each.by == Said.By.HOST}
    lines += [_told(each, texts.get(each.pk) or _newest(each, party)) for each in by_id.values()]
    return sorted(lines, key=lambda each: each.at)[-MOST_SHOWN:]


def _newest(message: Message, party: Party) -> str:
    """What the host wrote last, if this message brings it: its text is kept apart only once a text has gone out."""
    brings = message.kind == Kind.DIRECT and party.message_at and message.at == milliseconds(party.message_at)
    return party.message if brings else ""


def _heard(said: Said) -> Line:
    return Line(said.at, "guest", said.text, labels.for_hosts(said.channel), said.outcome)


def _told(message: Message, text: str) -> Line:
    told = arrival.of_message(message)
    by = "host" if message.kind in (Kind.DIRECT, Kind.MESSAGE) else "line"
    return Line(told.at, by, text or told.what.capitalize(), told.way, told.state, told.trouble)
