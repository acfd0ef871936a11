"""The voting session API of contract voting-session.md: /api/vote, /api/vote/{sessionId}, /close, /export, /stream.

A session is a poll that is open for 24 hours, one ballot per browser. Choice ids are "1", "2", ...
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from django.utils.translation import gettext_lazy as _
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock, languages, rate_limits
from core.actors import Actor
from core.api_paths import api_path as path
from core.clock import milliseconds
from core.errors import Forbidden, Refused, existing
from core.json_types import View
from core.refusals import Reason
from core.scopes import Scope
from core.tokens import host_token
from polls import casting, commands, exports, receipts, rules, selectors, shapes
from polls.api import answers
from polls.api.bodies import Title
from polls.api.views import row_of
from polls.models import Poll
from polls.outcomes import Outcome, Status
from polls.permissions import host_cookie, host_of, viewer_of, voter_of
from polls.refusals import NO_SUCH_SESSION, NOT_OPEN_YET, SESSION_CLOSED, VOTED_ALREADY
from polls.rules import Viewer
from venues.authentication import set_proof
from venues.host_endpoints import HostEndpoints
from venues.proofs import Subject, token_for
from web.api import once, read
from web.bodies import Body
from web.body_types import OneOf, Text
from web.endpoints import Answer, endpoint
from web.openapi import KEY_HEADER, MAY_BE_HOST

# Translated as refusals are. Old clients look for 完了 in the Japanese text.
COUNTED = Reason("vote_counted", _("Your vote is counted."))
_NO_VOTE = {rules.CLOSED: SESSION_CLOSED, rules.EARLY: NOT_OPEN_YET, rules.DRAFT: NOT_OPEN_YET}
_REFUSALS = {**casting.REFUSALS, Status.EARLY: Forbidden}
LIFETIME = timedelta(hours=24)
LONGEST_CHOICE = 100


class SessionChoiceText(Text, longest=LONGEST_CHOICE):
    """A choice as voters read it."""


class VoteType(OneOf, words=("single", "multiple")):
    """How many choices a ballot may name: one, or any."""


class ChoiceBody(Body):
    """One choice of a new session."""

    text: SessionChoiceText


class SessionBody(Body):
    """POST /api/vote."""

    example: ClassVar[dict[str, Any]] = {
        "question": "Tea?",
        "voteType": "single",
        "choices": [{"text": "Yes"}, {"text": "No"}],
    }

    question: Title
    voteType: VoteType
    choices: Annotated[list[ChoiceBody], Meta(min_length=2, max_length=rules.MOST_CHOICES)]


def session_or_404(session_id: str) -> Poll:
    """The session. Raises NotFound."""
    return existing(selectors.poll_by_id(session_id), NO_SUCH_SESSION)


def vote_type(row: shapes.Row) -> str:
    """single or multiple."""
    return "single" if row["maxPicks"] == 1 else "multiple"


def counted_choices(view: View) -> list[View]:
    """The choices with their counts, as the stream sends them."""
    return [
        {"choiceId": str(choice["number"] + 1), "text": choice["text"], "voteCount": choice["count"]}
        for choice in view["choices"]
    ]


def seen_choices(row: shapes.Row, viewer: Viewer, now_ms: int) -> list[View]:
    """The choices, with `voteCount` if this viewer may see the counts (B8)."""
    choices = counted_choices(shapes.results(row, viewer, now_ms=now_ms))
    return [{name: value for name, value in choice.items() if value is not None} for choice in choices]


def update_view(row: shapes.Row, viewer: Viewer, now_ms: int) -> View:
    """The data of the stream's `update` event; counts that this viewer may not see are null."""
    view = shapes.results(row, viewer, now_ms=now_ms)
    return {"choices": counted_choices(view), "status": "closed" if shapes.is_closed(row, now_ms) else "active"}


def init_view(row: shapes.Row, viewer: Viewer, now_ms: int) -> View:
    """The data of the stream's `init` event."""
    return {"sessionId": row["id"], "question": row["title"], **update_view(row, viewer, now_ms)}


def closed_view(language: str) -> View:
    """The data of the stream's `closed` event."""
    return {"message": SESSION_CLOSED.in_language(language)}


def voted_or_raise(outcome: Outcome, language: str) -> View:
    """The answer to a vote. Raises the contract's refusals: 403 closed, 409 voted already, 400 for a wrong choice."""
    if outcome.status is Status.CLOSED:
        raise Forbidden(SESSION_CLOSED)
    receipt = casting.counted_or_raise(outcome, raises=_REFUSALS, field="choiceIds", named=True)
    return {
        "message": COUNTED.in_language(language),
        "votedAt": receipt.cast_at.isoformat(timespec="milliseconds"),
        "receipt": receipts.receipt_view(receipt),
    }


class SessionView(APIView):
    """A view that answers in the requested language: old clients look for words in it."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Activates the requested language."""
        languages.speak(request._request)
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        """Translates refusals."""
        answer = super().handle_exception(exc)
        if isinstance(exc, Refused):
            answer.data["error"] = exc.in_words()
        return answer


for_hosts = HostEndpoints(session_or_404, host_of, scope=Scope.POLLS)


@endpoint(
    "post",
    "create_session",
    body=SessionBody,
    answers={201: answers.CreatedSession},
    refuses=(409,),
    parameters=[KEY_HEADER],
    base=SessionView,
)
def create(request: Request) -> Answer:
    """Opens a session.

    Answers with the session, the creator's token and its cookie.
    """
    rate_limits.check(request, rate_limits.CREATE, "poll")
    body = read(SessionBody, request)
    multiple = body.voteType == "multiple"
    poll = commands.create(
        commands.NewPoll(
            title=body.question,
            choices=[str(choice.text) for choice in body.choices],
            max_picks=len(body.choices) if multiple else 1,
            ends_at=clock.now() + LIFETIME,
        ),
        open_now=True,
        kind="session",
        **once(request, body),
    )
    view = {
        "sessionId": str(poll.pk),
        "voteUrl": request.build_absolute_uri(f"/vote/{poll.code}"),
        "createdAt": poll.created_at.isoformat(timespec="milliseconds"),
        "hostToken": host_token(poll.pk),
    }
    response = Response(view, status=201)
    set_proof(request._request, response, host_cookie(poll.code), token_for(Subject.of(poll)))
    return response


@endpoint(
    "get",
    "get_session",
    answers=answers.SessionQuestion,
    refuses=(401, 404),
    parameters=[MAY_BE_HOST],
    base=SessionView,
)
def get(request: Request, session_id: str) -> Answer:
    """The question, and whether this browser may still vote."""
    poll = session_or_404(session_id)
    row = row_of(poll)
    now_ms = milliseconds(clock.now())
    phase = shapes.phase(row, now_ms)
    voted = selectors.has_voted(poll, casting.known_key(poll, voter_of(request, poll)))
    view: View = {
        "sessionId": row["id"],
        "question": row["title"],
        "voteType": vote_type(row),
        "choices": seen_choices(row, viewer_of(request, poll), now_ms),
        "status": "closed" if phase == rules.CLOSED else "active",
        "canVote": phase == rules.OPEN and not voted,
    }
    if not view["canVote"]:
        view["message"] = _NO_VOTE.get(phase, VOTED_ALREADY).in_words()
    return view


@for_hosts("post", "close_session", answers=answers.SessionClosed, base=SessionView)
def close(request: Request, poll: Poll, actor: Actor) -> Answer:
    """Closes a session, for its creator or staff."""
    closed = commands.close(poll.pk, actor=actor)
    at = closed.closed_at.isoformat(timespec="milliseconds") if closed.closed_at else None
    return {"sessionId": str(poll.pk), "status": "closed", "closedAt": at}


def exported(view: View, exported_at: datetime) -> View:
    """The JSON of an export. `totalVotes` counts picks, as it always did; percentages are of ballots."""
    return {
        "sessionId": view["id"],
        "question": view["title"],
        "voteType": vote_type(view),
        "totalVotes": exports.picks(view),
        "totalBallots": view["ballots"],
        "percentageOf": exports.PERCENTAGE_OF,
        "choices": exports.rows(view),
        "exportedAt": exported_at.isoformat(timespec="milliseconds"),
    }


urlpatterns = [
    path("api/vote", create),
    path("api/vote/<str:session_id>", get),
    path("api/vote/<str:session_id>/close", close),
]
