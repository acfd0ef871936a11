"""What is personal in reach: numbers and addresses, what was written, and what providers call messages (decision 0088). That one
went out, by which way, when, and what it cost, stays."""

from collections.abc import Sequence
from uuid import UUID

from core.clock import milliseconds
from core.json_types import View
from mail import kept
from queues.models import Party
from reach.models import Contact, Message
from reach.text_models import Said


def forget(line: UUID, parties: Sequence[UUID] | None) -> dict[str, int]:
    """Deletes the contacts and conversations of these parties of the line; None: of all. Under the line's lock (law 2)."""
    contacts, messages = Contact.objects.filter(party__queue_id=line), Message.objects.filter(queue_id=line)
    said = Said.objects.filter(party__queue_id=line)
    if parties is not None:
        contacts, messages = contacts.filter(party_id__in=parties), messages.filter(party_id__in=parties)
        said = said.filter(party_id__in=parties)
    # All of them: a worker that settles one now waits for the end of this, and then looks (commands.forget_again).
    messages.update(provider_id="")
    # Where there is no mail server, what was mailed lies in files. Should the transaction fail, the next try finds none.
    for message_id in messages.filter(way="email").values_list("pk", flat=True) if kept.are_kept() else ():
        kept.delete(message_id)
    texts = said.filter(by=Said.By.HOST).delete()[0]
    # That a text was heard stays for a while (commands.heard.forget_old), for a program that saw a provider's call could send it
    # again.
    texts += said.update(party=None, text="", outcome="")
    return {"contacts": contacts.delete()[0]} | ({"texts": texts} if texts else {})


def export(party: Party) -> View:
    """Where the party is reached, and which messages went out."""
    contact = Contact.objects.filter(party=party).first()
    written = Said.objects.filter(party=party).order_by("at", "pk")
    sent = Message.objects.filter(party_id=party.pk).order_by("made_at", "pk")
    return {
        "number": contact.number if contact else "",
        "numberProven": milliseconds(contact.verified_at) if contact else None,
        "email": contact.email if contact else "",
        "ways": contact.ways if contact else [],
        "language": contact.language if contact else "",
        "origin": contact.origin if contact else "",
        "conversation": [
            {"by": each.by, "text": each.text, "outcome": each.outcome, "at": milliseconds(each.at)} for each in written
        ],
        "messages": [
            {"kind": each.kind, "way": each.way, "at": milliseconds(each.sent_at), "state": each.state} for each in sent
        ],
    }
