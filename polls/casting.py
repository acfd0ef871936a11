"""From a request to one ballot: who votes, and what the answer means. All HTTP ways of voting meet here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

from core import rate_limits
from core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Unproven, existing
from polls import ballots, claims, commands, proof_of_work, refusals, voters
from polls.bodies import Submission
from polls.models import OneTimeCode, Poll
from polls.nodes import Placement
from polls.outcomes import Cast, Outcome, Status
from polls.receipts import Receipt
from queues.models import Party
from queues.refusals import NOT_IN_LINE
from web import browsers

# Polls in which the browser's token counts: alone, or beside the ticket.
BY_BROWSER = frozenset({Poll.Dedupe.TOKEN, Poll.Dedupe.TICKET})
# Parties that wait or sit; none that left.
MAY_VOTE = (Party.Status.WAITING, Party.Status.CALLED, Party.Status.SERVED)


class Voter(Struct, frozen=True, kw_only=True):
    """What a request shows of its sender; the poll's `dedupe` decides which of it counts. `token` is the browser's: from its
    cookie, from the body, or a new one (`source`). `ballot_id`: a ballot in this poll that its cookie proves to be the browser's.
    """

    address: str
    token: str
    source: Literal["cookie", "body", "new"]
    party_id: str = ""
    code: str = ""
    ballot_id: UUID | None = None


def voter(*, address: str, cookie: str, token: str = "", **more: Any) -> Voter:
    """The sender of a request with this voter cookie; a token in the body takes precedence. `more`: as Voter."""
    if token:
        return Voter(address=address, token=token, source="body", **more)
    source: Literal["cookie", "new"] = "cookie" if cookie else "new"
    return Voter(address=address, token=cookie or browsers.new_token(), source=source, **more)


def proven_key(poll_id: UUID | str, voter: Voter) -> bytes:
    """The voter's key, where Postgres must be asked. A browser that shows its ballot of this round is that ballot's voter; in a
    poll with one-time codes the code decides, for several people may vote on one device (decision 0021).

    Raises Unproven without the ticket or code that the poll asks for, Forbidden for a wrong one, NotFound.
    """
    poll = existing(Poll.objects.filter(pk=poll_id).first(), refusals.NO_SUCH_POLL)
    if poll.dedupe == Poll.Dedupe.CODE:
        return voters.voter_key(poll.pk, "code", _code(poll, voter.code))
    shown = _shown_key(poll.placement, poll.dedupe, voter)
    key = shown or voters.voter_key(poll.pk, "ticket", _ticket(poll, voter.party_id))
    return key_of_ballot(poll, voter) or key


def _shown_key(placement: Placement, dedupe: str, voter: Voter) -> bytes | None:
    """By the address or token; None in a poll that asks for a ticket or code."""
    match dedupe:
        case Poll.Dedupe.ADDRESS:
            return voters.voter_key(placement.poll_id, "address", voter.address)
        case Poll.Dedupe.TOKEN:
            return voters.token_key(placement, voter.token)
        case _:
            return None


def key_of_ballot(poll: Poll, voter: Voter) -> bytes | None:
    """The key under which the ballot that this browser shows is counted in this round; None when it shows none."""
    return _claimed(poll, voter.ballot_id) if voter.ballot_id is not None else None


def known_key(poll: Poll, voter: Voter) -> bytes | None:
    """The key under which this voter may have a ballot, as far as the request shows it without being asked; None where it does
    not. In a poll for a line the browser is the voter it was when it voted."""
    if (shown := key_of_ballot(poll, voter)) is not None:
        return shown
    if poll.dedupe in BY_BROWSER and voter.source != "new":
        token_key = voters.token_key(poll.placement, voter.token)
        if poll.dedupe == Poll.Dedupe.TOKEN:
            return token_key
        if (voted_as := _claimed(poll, claims.browser(poll.pk, poll.epoch, token_key))) is not None:
            return voted_as
    if poll.dedupe == Poll.Dedupe.TOKEN:
        return None
    try:
        return proven_key(poll.pk, voter)
    except Refused:
        return None


def _claimed(poll: Poll, claim: UUID) -> bytes | None:
    return claims.voter_of(poll.placement, claim, epoch=poll.epoch)


def token_to_keep(dedupe: str, voter: Voter) -> str:
    """The token that the answer to a vote puts into the browser's cookie: its own, renewed, or the new one; empty for none."""
    return voter.token if dedupe in BY_BROWSER and voter.source != "body" else ""


def _check_work(poll_id: UUID, bits: int, ballot: Submission) -> None:
    """Raises Invalid for a ballot without the proof of work that the poll asks for."""
    if bits and (ballot.work is None or not proof_of_work.proves(poll_id, ballot.ballot_id, ballot.work, bits=bits)):
        raise Invalid(f"work: this poll asks for a proof of work of {bits} bits.", field="work")


def _ticket(poll: Poll, party_id: str) -> str:
    """One ballot per party of the line (B7): its id is the guest's proof."""
    if not party_id:
        raise Unproven(refusals.ONLY_GUESTS, field="partyId")
    try:
        wanted = UUID(party_id)
    except ValueError:
        raise Forbidden(NOT_IN_LINE, field="partyId") from None
    if poll.queue_id is None:
        raise Forbidden("This poll belongs to no line.")
    if not Party.objects.filter(pk=wanted, queue_id=poll.queue_id, status__in=MAY_VOTE).exists():
        raise Forbidden(NOT_IN_LINE, field="partyId")
    return str(wanted)


def _code(poll: Poll, code: str) -> str:
    if not code:
        raise Unproven(refusals.CODE_NEEDED, field="code")
    digest = commands.code_digest(poll.pk, code)
    if not OneTimeCode.objects.filter(poll=poll, digest=digest).exists():
        raise Forbidden(refusals.CODE_UNKNOWN, field="code")
    return digest


class Paper(NamedTuple):
    """What must be known of a poll to cast a ballot in it. `line`: the code of the line it is for, or empty. `placement`: where
    its ballots are."""

    poll_id: UUID
    dedupe: str
    work_bits: int
    code: str
    line: str
    placement: Placement

    @classmethod
    def of(cls, poll: Poll) -> "Paper":
        """Of a poll's row."""
        return cls(
            poll.pk, poll.dedupe, poll.work_bits, poll.code, poll.queue.code if poll.queue else "", poll.placement
        )


# Reads what was sent: who votes, and the ballot. Raises Refused.
Vote = Callable[[], tuple[Voter, Submission]]


class Steps(NamedTuple):
    """What casting waits for: on the event loop (polls/edge/ballots.py) or in a thread (`IN_THREAD`)."""

    # Counts a try of an address. Raises TooMany.
    admit: Callable[..., Awaitable[None]]
    # Calls a function that reads Postgres. Raises what it raises.
    ask: Callable[..., Awaitable[Any]]
    # Records the ballot (polls.ballots.record); returns once that is committed.
    record: Callable[[Cast], Awaitable[Outcome]]


async def cast(
    steps: Steps, paper: Paper, address: str, vote: Vote, *, new_browsers: bool = True
) -> tuple[Voter, Outcome]:
    """Limit, what was sent, proof of work, who votes, record: all ways of voting come here. A vote that `vote` cannot read is
    counted as a try of this address, too. Without `new_browsers` a browser that has no token yet casts no new vote.

    Raises TooMany, and as `vote`, `_check_work` and `proven_key`.
    """
    poll_id, dedupe, work_bits, *_ = paper
    await steps.admit(address, rate_limits.BALLOT, "ballot", str(poll_id))
    voter, ballot = vote()
    _check_work(poll_id, work_bits, ballot)
    # Postgres is asked only for tickets and codes, and for the voter of a ballot that the browser shows.
    key = _shown_key(paper.placement, dedupe, voter) if voter.ballot_id is None else None
    if not new_browsers and dedupe == Poll.Dedupe.TOKEN and voter.source == "new" and not voter.ballot_id:
        key = b""
    elif key is None:
        key = await steps.ask(proven_key, poll_id, voter)
    outcome = await steps.record(
        Cast(
            poll_id=poll_id,
            voter_key=key,
            ballot_id=ballot.ballot_id,
            choices=ballot.choices,
            epoch=ballot.epoch,
            browser=voters.token_key(paper.placement, voter.token) if dedupe == Poll.Dedupe.TICKET else None,
            signed=ballot.signed,
            placement=paper.placement,
        )
    )
    return voter, outcome


def _blocking(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """The function as a step that never suspends."""

    async def step(*arguments: Any) -> Any:
        return function(*arguments)

    return step


IN_THREAD = Steps(
    admit=_blocking(rate_limits.check_address),
    ask=_blocking(lambda function, *arguments: function(*arguments)),
    record=_blocking(lambda one: ballots.record([one])[0]),
)


def cast_in_thread(poll: Poll, address: str, vote: Vote, *, new_browsers: bool = True) -> tuple[Voter, Outcome]:
    """`cast` for a request in Django. None of its steps suspends, so the first `send` runs it to its end."""
    try:
        cast(IN_THREAD, Paper.of(poll), address, vote, new_browsers=new_browsers).send(None)
    except StopIteration as done:
        voted: tuple[Voter, Outcome] = done.value
        return voted
    raise RuntimeError("a step in a thread has suspended")


# What a refused ballot raises; Invalid for all that are not here.
REFUSALS: Mapping[Status, type[Refused]] = {
    Status.REFUSED: Conflict,
    Status.CLOSED: Conflict,
    Status.EARLY: Conflict,
    Status.OTHER_ROUND: Conflict,
    Status.ID_USED: Conflict,
    Status.UNKNOWN: NotFound,
    Status.NO_VOTER: Forbidden,
}


def counted_or_raise(
    outcome: Outcome,
    *,
    raises: Mapping[Status, type[Refused]] = REFUSALS,
    field: str = "choices",
    named: bool = False,
) -> Receipt:
    """The receipt of a ballot that is in the count. Raises what `raises` says for one that is not, else Invalid.

    `field`: of the body, for the choices. `named`: a program reads the sentence, so it begins with the field.
    """
    if outcome.receipt is not None:
        return outcome.receipt
    problem = outcome.problem
    if outcome.status in raises:
        raise raises[outcome.status](problem)
    if outcome.status is Status.UNSIGNED:
        raise Invalid(problem, field=str(problem).partition(":")[0])
    raise Invalid(problem, field=field, named=named)
