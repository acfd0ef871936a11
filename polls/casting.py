"""From a request to one ballot: who votes, and what the answer means. All HTTP ways of voting meet here."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from config.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Unproven
from polls import ballots, commands, voters, work
from polls.ballots import Cast, Outcome, Receipt, Status
from polls.models import OneTimeCode, Poll
from polls.reading import Said
from queues.models import Party

# Whoever waits or sits; not who left.
MAY_VOTE = (Party.Status.WAITING, Party.Status.CALLED, Party.Status.SERVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """What a request shows of its sender; which of it counts, the poll's `dedupe` says."""

    address: str
    token: str = ""
    party_id: str = ""
    code: str = ""


class Voted(Refused):
    """This voter has another ballot in the count."""

    status: ClassVar[int] = 409


def plain_key(poll_id: UUID | str, dedupe: str, voter: Voter, ballot_id: UUID) -> bytes | None:
    """The voter's key in a poll that tells voters apart by address or token; None where Postgres must be asked."""
    match dedupe:
        case Poll.Dedupe.ADDRESS:
            return voters.voter_key(poll_id, "address", voter.address)
        case Poll.Dedupe.TOKEN:
            return voters.voter_key(poll_id, "token", voter.token or voters.token_for(ballot_id))
        case _:
            return None


def proven_key(poll_id: UUID | str, voter: Voter) -> bytes:
    """The voter's key in a poll that asks for a ticket or code. Raises Unproven without it, Forbidden for a wrong one,
    NotFound."""
    poll = Poll.objects.filter(pk=poll_id).first()
    if poll is None:
        raise NotFound("There is no such poll.")
    if poll.dedupe == Poll.Dedupe.TICKET:
        return voters.voter_key(poll.pk, "ticket", _ticket(poll, voter.party_id))
    return voters.voter_key(poll.pk, "code", _code(poll, voter.code))


def key_of(poll: Poll, voter: Voter, ballot_id: UUID) -> bytes:
    """The voter's key in this poll. Raises as `proven_key`."""
    return plain_key(poll.pk, poll.dedupe, voter, ballot_id) or proven_key(poll.pk, voter)


def check_work(poll_id: UUID, bits: int, said: Said) -> None:
    """Raises Invalid for a ballot without the proof of work that the poll asks for."""
    if bits and (said.work is None or not work.proves(poll_id, said.ballot_id, said.work, bits=bits)):
        raise Invalid(f"work: this poll asks for a proof of work of {bits} bits.", field="work")


def _ticket(poll: Poll, party_id: str) -> str:
    """One ballot per party of the line (B7): its id is the guest's proof."""
    if not party_id:
        raise Unproven("Only guests of the line can vote here.", field="partyId")
    try:
        wanted = UUID(party_id)
    except ValueError:
        raise Forbidden("This party is not in the line.", field="partyId") from None
    if poll.queue_id is None:
        raise Forbidden("This poll belongs to no line.")
    if not Party.objects.filter(pk=wanted, queue_id=poll.queue_id, status__in=MAY_VOTE).exists():
        raise Forbidden("This party is not in the line.", field="partyId")
    return str(wanted)


def _code(poll: Poll, code: str) -> str:
    if not code:
        raise Unproven("This poll asks for a code.", field="code")
    digest = commands.code_digest(poll.pk, code)
    if not OneTimeCode.objects.filter(poll=poll, digest=digest).exists():
        raise Forbidden("This code is not known.", field="code")
    return digest


def cast_of(poll_id: UUID, voter_key: bytes, said: Said) -> Cast:
    """What is recorded of what a client said."""
    return Cast(
        poll_id=poll_id,
        voter_key=voter_key,
        ballot_id=said.ballot_id,
        choices=said.choices,
        signed=said.signed,
        again=said.again,
    )


def cast(poll: Poll, voter: Voter, said: Said) -> Outcome:
    """Records one ballot: a batch of one. Raises as `key_of` and `check_work`."""
    check_work(poll.pk, poll.work_bits, said)
    return ballots.record([cast_of(poll.pk, key_of(poll, voter, said.ballot_id), said)])[0]


def counted_or_raise(outcome: Outcome, *, named: bool = False) -> Receipt:
    """The receipt of a ballot that is in the count. Raises Voted, Conflict, Invalid or NotFound for one that is not.

    `named`: a program reads it, so the sentence begins with the body's field.
    """
    if outcome.receipt is not None:
        return outcome.receipt
    match outcome.status:
        case Status.REFUSED:
            raise Voted(outcome.problem)
        case Status.CLOSED | Status.EARLY:
            raise Conflict(outcome.problem)
        case Status.UNKNOWN:
            raise NotFound(outcome.problem)
        case Status.UNSIGNED:
            raise Invalid(outcome.problem, field=outcome.problem.partition(":")[0])
        case _:
            raise Invalid(f"choices: {outcome.problem}" if named else outcome.problem, field="choices")
