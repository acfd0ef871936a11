"""What tickets of a line show: the host's message to all, one to a single guest, and the polls for the guests."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from core.actors import HOST, SYSTEM, Actor
from core.clock import milliseconds
from core.errors import Invalid
from core.visible import shown
from outbox.models import Event
from outbox.once import Once
from queues import rules, seen
from queues.change import locked_line
from queues.fields import STREAM

_SENT = Event.objects.filter(stream=STREAM, type="QUEUE_MESSAGE_SENT")
_SENT_TO_ONE = Event.objects.filter(stream=STREAM, type="QUEUE_MEMBER_MESSAGED")


def shown_message(text: str, field: str) -> str:
    """The text as people are shown it. Raises Invalid, saying how long it is, for one of more than 200 characters."""
    text = shown(text, field)
    if len(text) > rules.LONGEST_MESSAGE:
        too_long = f"must have at most {rules.LONGEST_MESSAGE} characters, and this has {len(text):,}"
        raise Invalid(f"{field} {too_long}. Nothing was done.", field=field)
    return text


def send_message(line: str | UUID, *, text: str, saw: str = "", key: str = "", actor: Actor = HOST) -> bool:
    """Shows the text on all tickets until it is replaced, and pushes it to each phone once. Returns False, and does nothing,
    when it was sent with this `key` (Idempotency-Key) before.

    It is public: it stands in the public snapshot. Without a key the same text is sent again. Raises Invalid for an empty text or
    one of more than 200 characters; Conflict when the line is closed or shows another message than the host `saw` (seen.message).
    """
    text = _message(text)
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
    """Removes the message from the tickets, if there is one. Raises Conflict when the line is closed or shows another message
    than the host `saw`."""
    with locked_line(line, actor=actor, action="clear_message") as change:
        change.require_open()
        seen.require_message(change.queue, saw)
        if change.queue.message:
            change.set(message="", message_at=None)
            change.emit("QUEUE_MESSAGE_CLEARED")


def message_party(
    line: str | UUID,
    *,
    party_id: UUID | str,
    text: str,
    saw: str = "",
    key: str = "",
    asked: str = "",
    actor: Actor = HOST,
) -> bool:
    """Shows the text on the ticket of one party in line until it is replaced, and pushes it to its phone once. Returns False, and
    does nothing, when it was sent with this `key` (Idempotency-Key) before; raises Conflict when that was with another body
    (`asked`: its fingerprint).

    Only that guest and hosts see it. Raises Invalid for an empty text or one of more than 200 characters; NotFound when the party
    is not in line; Conflict when it is not as the host `saw` it.
    """
    text = _message(text)
    with locked_line(line, actor=actor, action="message_party") as change:
        party = change.party(party_id, saw=saw)
        once = Once(f"message:{party.pk}", key, asked)
        if once.before(_SENT_TO_ONE.filter(party_id=party.pk)):
            return False
        change.set_party(party, message=text, message_at=change.at)
        change.emit("QUEUE_MEMBER_MESSAGED", party, at=milliseconds(change.at), **once.data)
        return True


def clear_party_message(line: str | UUID, *, party_id: UUID | str, actor: Actor = HOST) -> None:
    """Removes the message from one party's ticket, if there is one. Raises NotFound when the party is not in line."""
    with locked_line(line, actor=actor, action="clear_party_message") as change:
        party = change.party(party_id)
        if party.message:
            change.set_party(party, message="", message_at=None)
            change.emit("QUEUE_MEMBER_MESSAGE_CLEARED", party)


def _message(text: str) -> str:
    """A text to be sent. Raises Invalid."""
    if not (text := shown_message(text, "text")):
        raise Invalid(f"text must have 1 to {rules.LONGEST_MESSAGE} characters.", field="text")
    return text


def show_questions(line: str | UUID, *, read: Callable[[], list[dict[str, Any]]]) -> None:
    """Shows the line's open polls on its tickets: code, title, from, until (ms since 1970 or null), newest first; also on those
    of a closed line, for seated guests may vote. `read` returns them; it is called under the line's lock, so that an older list
    never replaces a newer one.
    """
    with locked_line(line, actor=SYSTEM, action="show_questions") as change:
        questions = read()
        if change.queue.asked != questions:
            change.set(asked=questions)
            change.emit("QUEUE_QUESTIONS_SHOWN")
