"""What follows from the other side's word on a message that it took."""

from django.db import transaction

from reach import commands, sending
from reach.models import Message


def note(*, way: str, provider_id: str, delivered: bool, detail: str = "") -> bool:
    """Notes that a message arrived, or never will; then the notice goes by the next way at once. False for a message that is not
    known, or of which the same is known already: a receipt may come several times, and in any order."""
    with transaction.atomic(durable=True):
        message = commands.note_receipt(way=way, provider_id=provider_id, delivered=delivered, detail=detail)
        if message is None:
            return False
        if not delivered and not commands.hurry(message) and not _went_otherwise(message):
            sending.follow(message)
        return True


def _went_otherwise(message: Message) -> bool:
    taken = [Message.State.SENT, Message.State.DELIVERED]
    return commands.same_notice(message).filter(state__in=taken).exists()
