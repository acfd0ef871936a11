"""Commands about the question after a visit: the clock asks it, the guest answers it."""

from uuid import UUID

from core.actors import GUEST, SYSTEM, Actor
from core.errors import Conflict, Invalid
from core.visible import shown
from queues import refusals, rules
from queues.change import locked_line
from queues.visits import ASKED_WITHIN, BEST, LONGEST_WORDS


def ask_about_visit(queue_id: UUID, *, party_id: UUID, wait: bool = True) -> bool:
    """Asks the party how its visit was, if that is due by the clock read under the lock (law 5), once; returns whether it did.
    Raises Busy when another transaction holds the line (at once without `wait`), NotFound when it is not seated any more.
    """
    with locked_line(queue_id, actor=SYSTEM, action="ask_about_visit", skip_locked=not wait) as change:
        party = change.party(party_id, rules.SERVED)
        due = (
            party.erased_at is None
            and party.ask_at is not None
            and party.ask_at <= change.at < party.ask_at + ASKED_WITHIN
        )
        if not due or party.asked_at is not None:
            return False
        change.set_party(party, asked_at=change.at)
        change.emit("QUEUE_VISIT_ASKED", party)
        return True


def answer_visit(line: str | UUID, *, party_id: UUID | str, answer: int, words: str = "", actor: Actor = GUEST) -> None:
    """Keeps how the visit was, 1 (bad) to BEST; the newest counts. The same again changes nothing.

    Raises Invalid for another number or too many words, NotFound when the party was not seated, Conflict when it was not asked,
    or the time to answer or to change the answer is over.
    """
    if not 1 <= answer <= BEST:
        raise Invalid(f"must be from 1 to {BEST}.", field="answer")
    text = shown(words, "words")
    if len(text) > LONGEST_WORDS:
        raise Invalid(f"must have at most {LONGEST_WORDS} characters.", field="words")
    with locked_line(line, actor=actor, action="answer_visit") as change:
        party = change.party(party_id, rules.SERVED)
        gone = party.erased_at or change.queue.forgotten_at
        if gone or not party.may_answer(change.at):
            raise Conflict(refusals.VISIT_OVER if party.asked_at else refusals.VISIT_NOT_ASKED)
        if (party.answer, party.answer_words) == (answer, text):
            return
        first = party.answered_at or change.at
        change.set_party(party, answer=answer, answer_words=text, answered_at=first)
        change.emit("QUEUE_VISIT_ANSWERED", party, answer=answer)
