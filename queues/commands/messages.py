"""What every ticket shows: the host's words, one message at a time, and the questions asked of the people in line."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from core.actors import HOST, SYSTEM, Actor
from core.clock import milliseconds
from core.errors import Invalid
from core.visible import shown
from outbox.models import Event
from outbox.once import Once
from queues import seen
from queues.change import STREAM, locked_line

LONGEST_MESSAGE = 200


_SENT = Event.objects.filter(stream=STREAM, type="QUEUE_MESSAGE_SENT")


def send_message(line: str | UUID, *, text: str, saw: str = "", key: str = "", actor: Actor = HOST) -> bool:
    """Says it to all who wait, now and until it is replaced; their phones are told by push, each once. False: nothing was said,
    for it was said with this `key` (Idempotency-Key) before.

    Public by intent: it stands in the public snapshot. Saying the same again without a key says it again. Raises Invalid for an
    empty text or one of more than 200 characters, Conflict when the line is closed or another message stands than the host `saw`
    (seen.message).
    """
    text = shown(text, "text")
    if not 1 <= len(text) <= LONGEST_MESSAGE:
        raise Invalid(f"text must have 1 to {LONGEST_MESSAGE} characters.", field="text")
    with locked_line(line, actor=actor, action="send_message") as change:
        change.require_open()
        once = Once(f"message:{change.queue.pk}", key)
        if once.before(_SENT.filter(stream_id=change.queue.pk)):
            return False
        seen.require_message(change.queue, saw)
        change.set(message=text, message_at=change.at)
        change.emit("QUEUE_MESSAGE_SENT", text=text, at=milliseconds(change.at), **once.data)
        return True


def clear_message(line: str | UUID, *, saw: str = "", actor: Actor = HOST) -> None:
    """Takes the message off the tickets. Fine when there is none. Raises Conflict when the line is closed, or when another
    message stands than the host `saw`."""
    with locked_line(line, actor=actor, action="clear_message") as change:
        change.require_open()
        seen.require_message(change.queue, saw)
        if change.queue.message:
            change.set(message="", message_at=None)
            change.emit("QUEUE_MESSAGE_CLEARED")


def show_questions(line: str | UUID, *, read: Callable[[], list[dict[str, Any]]], actor: Actor = SYSTEM) -> None:
    """Puts the open polls for the people in this line on their tickets: code, title, from, until (ms since 1970 or null), newest
    first. `read` asks for them under the line's lock, so that older news never come last. Also of a closed line, for who was
    seated may vote. The same again is no change.
    """
    with locked_line(line, actor=actor, action="show_questions") as change:
        questions = read()
        if change.queue.asked != questions:
            change.set(asked=questions)
            change.emit("QUEUE_QUESTIONS_SHOWN")
