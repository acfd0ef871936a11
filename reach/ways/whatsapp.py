"""WhatsApp: one function of the table of ways."""

from reach import texting
from reach.providers import Channel
from reach.ways import Outgoing, Sent


def send(out: Outgoing) -> Sent:
    """Sends a notice to a number that has WhatsApp."""
    return texting.send(out, Channel.WHATSAPP)
