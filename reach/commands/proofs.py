"""The proof of a guest's number by a code, under the line's lock: asked for, typed, sent again (decision 0091)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from django.db.models import F, Sum

from core import clock
from core.actors import GUEST, Actor
from core.errors import Conflict, Invalid, Refused, TooMany
from core.locks import lock_exclusive
from outbox.models import Event
from outbox.once import Once
from queues.change import locked_line
from queues.models import Party
from reach import proofs, refusals
from reach.models import Contact, Proof

KEPT_FOR = timedelta(days=1)
_ASKED = Event.objects.filter(type="QUEUE_MEMBER_ASKED_CODE")


def venues_that_ask(parties: Iterable[UUID]) -> dict[UUID, UUID]:
    """By party the venue, for those whose venue wants numbers to be proven."""
    asking = Party.objects.filter(pk__in=list(parties), queue__venue__texts__prove_numbers=True)
    return dict(asking.values_list("pk", "queue__venue_id"))


def begin(party_id: UUID, venue_id: UUID, number: str, *, at: datetime) -> None:
    """Has a code sent to a number that is new for the party, if it may be. Needs the line's lock. The event of the same instant
    tells it (planning.plan)."""
    _lock_codes(venue_id)
    proof = _proof(party_id, venue_id, number, at=at)
    if _why_not(proof, at=at) is None:
        _renew(proof)
        _note_sent(proof, at=at)
    proof.save()


def require_may_send(party: Party, number: str, *, at: datetime) -> bool:
    """Whether the venue wants a number that a party changes to to be proven. Raises Conflict or TooMany, for the field `number`,
    when no code can go there."""
    venue_id = venues_that_ask([party.pk]).get(party.pk)
    if venue_id is None:
        return False
    _lock_codes(venue_id)
    if refused := _why_not(_proof(party.pk, venue_id, number, at=at), at=at):
        raise refused
    return True


def send_code(line: str | UUID, *, party_id: UUID | str, key: str = "", asked: str = "", actor: Actor = GUEST) -> None:
    """Has the code sent once more; another one when the last is over. The same `key` (Idempotency-Key) sends one.

    Raises NotFound when the party is not in line, Conflict when there is nothing to prove or no code may be sent any more,
    TooMany when one was just sent, or too many to this number.
    """
    with locked_line(line, actor=actor, action="send_code") as change:
        party = change.party(party_id)
        once = Once(f"code:{party.pk}", key, asked)
        if once.before(_ASKED.filter(party_id=party.pk)):
            return
        contact, venue_id = Contact.objects.filter(party=party).first(), change.queue.venue_id
        if contact is None or not contact.needs_proof or venue_id is None:
            raise Conflict(refusals.NOTHING_TO_PROVE, field="number")
        _lock_codes(venue_id)
        proof = _proof(party.pk, venue_id, contact.number, at=change.at)
        if proof.sent_at is not None and (wait := proof.sent_at + proofs.PAUSE - change.at) > timedelta():
            raise TooMany(refusals.CODE_JUST_SENT, retry_after_s=int(wait.total_seconds()) + 1, field="number")
        if refused := _why_not(proof, at=change.at):
            raise refused
        if proof.expires_at <= change.at or proof.tries >= proofs.MOST_TRIES:
            _renew(proof)
        _note_sent(proof, at=change.at)
        proof.save()
        change.set_party(party, has_contact=True)
        change.emit("QUEUE_MEMBER_ASKED_CODE", party, **once.data)


def prove(line: str | UUID, *, party_id: UUID | str, code: str, actor: Actor = GUEST) -> None:
    """Proves the party's number by the code that was sent there. The same again changes nothing.

    Raises, for the field `code`: Invalid for what is no code and for a wrong one, which is counted; Conflict for a code that is
    over or was typed wrong too often, or where none is asked for. NotFound when the party is not in line.
    """
    if not (typed := proofs.typed_code(code)):
        raise Invalid(refusals.NO_CODE, field="code")
    refused: Refused | None = None
    with locked_line(line, actor=actor, action="prove_number") as change:
        party = change.party(party_id)
        contact = Contact.objects.filter(party=party).first()
        proof = proofs.proof_of(party, contact.number) if contact else None
        if contact is None or proof is None or not contact.needs_proof:
            if contact and proof and contact.verified_at and proofs.is_code_of(proof, typed):
                return  # sent again
            raise Conflict(refusals.NOTHING_TO_PROVE, field="code")
        if proof.tries >= proofs.MOST_TRIES:
            raise Conflict(refusals.TOO_MANY_TRIES, field="code")
        if proof.expires_at <= change.at:
            raise Conflict(refusals.CODE_OVER, field="code")
        if proofs.is_code_of(proof, typed):
            Contact.objects.filter(pk=contact.pk).update(verified_at=change.at, needs_proof=False)
            change.set_party(party, has_contact=True)
            change.emit("QUEUE_MEMBER_PROVED_NUMBER", party)
        else:  # counted, so it is refused after the commit
            Proof.objects.filter(pk=proof.pk).update(tries=F("tries") + 1)
            last = proof.tries + 1 >= proofs.MOST_TRIES
            refused = (
                Conflict(refusals.TOO_MANY_TRIES, field="code") if last else Invalid(refusals.WRONG_CODE, field="code")
            )
    if refused is not None:
        raise refused


def release(venue_id: UUID) -> None:
    """A venue wants no proofs any more: numbers that wait for one get texts. Needs the venue's lock."""
    Contact.objects.filter(party__queue__venue=venue_id, needs_proof=True).update(needs_proof=False)


def forget_old() -> int:
    """Deletes proofs a day after their last code; returns how many. Until then they count the codes sent to a number, also of
    a guest who was erased."""
    return Proof.objects.filter(made_at__lt=clock.now() - KEPT_FOR).delete()[0]


def _lock_codes(venue_id: UUID) -> None:
    """Orders the changes that count the codes of a number over all lines of the venue. Taken behind the line's lock; one for all
    numbers, so that two lines that are joined in batches cannot end in a deadlock."""
    lock_exclusive(uuid5(venue_id, "reach.codes"))


def _proof(party_id: UUID, venue_id: UUID, number: str, *, at: datetime) -> Proof:
    """The proof of this number of the party; a new one, not saved yet, where no code was asked for."""
    of_number = {"party_id": party_id, "number_hash": proofs.number_hash(venue_id, number)}
    return Proof.objects.filter(**of_number).first() or Proof(**of_number, expires_at=at, made_at=at)


def _why_not(proof: Proof, *, at: datetime) -> Refused | None:
    """Why no code may go to this number now."""
    to_party = Proof.objects.filter(party=proof.party_id).aggregate(texts=Sum("sent"))["texts"] or 0
    if to_party >= proofs.MOST_PER_PARTY:
        return Conflict(refusals.NO_MORE_CODES, field="number")
    lately = Proof.objects.filter(number_hash=proof.number_hash, sent_at__gt=at - proofs.NUMBER_WINDOW)
    if (lately.aggregate(texts=Sum("sent"))["texts"] or 0) >= proofs.MOST_PER_NUMBER:
        wait_s = int(proofs.NUMBER_WINDOW.total_seconds())
        return TooMany(refusals.TOO_MANY_CODES_SENT, retry_after_s=wait_s, field="number")
    return None


def _renew(proof: Proof) -> None:
    """Another code."""
    proof.nonce, proof.tries = uuid4(), 0


def _note_sent(proof: Proof, *, at: datetime) -> None:
    proof.expires_at, proof.sent_at, proof.made_at = at + proofs.LIFE, at, at
    proof.sent += 1
