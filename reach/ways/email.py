"""E-mail: a letter with the notice and a link that opens the ticket on any device."""

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from mail.deliveries import Refused, hand_over
from mail.letters import Letter
from outbox.effects import Retry
from reach.models import Message
from reach.stopping import proof_of
from reach.ways import Outgoing, Result, Sent


def send(outgoing: Outgoing) -> Sent:
    """Gives the letter to the mail server. Tried again, it has the same Message-ID."""
    message = Message.objects.select_related("queue").get(pk=outgoing.key)
    origin = _origin(outgoing)
    try:
        hand_over(_letter(outgoing, message, origin), to=outgoing.to, origin=origin, mail_id=outgoing.key)
    except Retry as problem:
        return Sent(result=Result.LATER, after_s=problem.after_s, detail=str(problem))
    except Refused as problem:
        return Sent(result=Result.REFUSED, detail=str(problem))
    return Sent(result=Result.SENT)


def _origin(outgoing: Outgoing) -> str:
    scheme, _separator, rest = outgoing.url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _letter(outgoing: Outgoing, message: Message, origin: str) -> Letter:
    """The subject is the notice's title, which names no guest: it is shown on locked screens."""
    stop = origin + reverse("stop-email", args=[message.pk, proof_of(message.pk)])
    with translation.override(outgoing.language):
        context = {
            "body": outgoing.body,
            # The fragment gives the place to the browser that opens the link, and no server or log sees it.
            "link": f"{outgoing.url.partition('#')[0]}#place={message.party_id}",
            "line": message.queue.event_name,
            "stop": stop,
        }
        line = message.queue.event_name
        subject = line if outgoing.title == line else f"{line}: {outgoing.title}"
        return Letter(
            subject,
            render_to_string("mail/reach.txt", context),
            # RFC 8058: mail programs show a button of their own.
            headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )
