"""The hot paths of polls: our own API's, our pages' and those of contracts edge-poll.md and voting-session.md."""

from drf_spectacular.utils import OpenApiParameter

from core import rate_limits
from polls.api import answers
from polls.api.serializers import BallotBody
from polls.contracts.edge_poll import OldVoteBody
from polls.contracts.voting_session import SessionVoteBody
from polls.edge.ballots import BallotViews
from polls.edge.exports import ExportViews
from polls.edge.results import PollViews
from realtime.routes import Limit, Route
from web.exports import FORMAT, files
from web.openapi import EVENTS, MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, TEXT_OK, operation

_EXACT = OpenApiParameter(
    "cache",
    {"type": "string"},
    OpenApiParameter.QUERY,
    description="`false`: exact, from Postgres; else at most a second old.",
)
_AGAIN = OpenApiParameter(
    "Last-Event-ID", str, OpenApiParameter.HEADER, description="The id of the last message received."
)
_POLL, _SESSION, _OLD_POLL = "/api/polls/{poll}", "/api/vote/{session_id}", "/poll/{poll_id}"
_BALLOT = Limit(rate_limits.BALLOT, "ballot", by_view=True)
_EXACT_ONLY = Limit(rate_limits.LOOK, "exact", by_view=True)
_FOLLOW = Limit(rate_limits.FOLLOW, "stream")
_FILE = Limit(rate_limits.FILE, "file", by_view=True)

ROUTES = (
    # ------------------------------------------------------------------------------------------------------- our own API
    Route(
        method="GET",
        path=f"{_POLL}/results",
        view=PollViews.results,
        limit=_EXACT_ONLY,
        operation=operation(
            "get_results",
            answers={200: answers.PollResults},
            refuses=(401, 404),
            parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, _EXACT],
            etag=True,
        ),
    ),
    Route(
        method="POST",
        path=f"{_POLL}/ballots",
        view=BallotViews.own,
        limit=_BALLOT,
        operation=operation(
            "cast_ballot", body=BallotBody, answers={201: answers.BallotCounted}, refuses=(401, 404, 409)
        ),
    ),
    Route(
        method="GET",
        path=f"{_POLL}/stream",
        view=PollViews.stream,
        limit=_FOLLOW,
        operation=operation(
            "stream_results",
            answers=EVENTS | {204: None},
            refuses=(401, 404),
            parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, _AGAIN],
        ),
    ),
    Route(
        method="GET",
        path=f"{_POLL}/export",
        view=ExportViews.poll,
        limit=_FILE,
        operation=operation(
            "export_results",
            answers=files(answers.ExportedResults),
            refuses=(401, 404),
            parameters=[FORMAT, MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS],
        ),
    ),
    # --------------------------------------------------------------------------------------------------------- our pages
    Route(method="POST", path="/vote/{code}/ballot", view=BallotViews.page, limit=_BALLOT),
    Route(method="POST", path="/queue/{line}/vote/{code}/ballot", view=BallotViews.page, limit=_BALLOT),
    # ------------------------------------------------------------------------------------------------ voting-session.md
    Route(
        method="POST",
        path=_SESSION,
        view=BallotViews.session,
        limit=_BALLOT,
        operation=operation(
            "vote_in_session",
            body=SessionVoteBody,
            answers={201: answers.SessionVoteCounted},
            refuses=(401, 404, 409),
        ),
    ),
    Route(
        method="GET",
        path=f"{_SESSION}/stream",
        view=PollViews.session_stream,
        limit=_FOLLOW,
        operation=operation(
            "stream_session",
            answers=EVENTS | {204: None},
            refuses=(401, 404),
            parameters=[MAY_BE_HOST, MAY_SEE_LESS, _AGAIN],
        ),
    ),
    Route(
        method="GET",
        path=f"{_SESSION}/export",
        view=ExportViews.session,
        limit=_FILE,
        operation=operation(
            "export_session",
            answers=files(answers.ExportedSession),
            refuses=(401, 404),
            parameters=[FORMAT, MAY_BE_HOST],
        ),
    ),
    # ----------------------------------------------------------------------------------------------------- edge-poll.md
    Route(
        method="GET",
        path=_OLD_POLL,
        view=PollViews.configuration,
        limit=_EXACT_ONLY,
        operation=operation(
            "get_edge_poll", answers={200: answers.EdgePoll}, refuses=(404,), parameters=[_EXACT], etag=True
        ),
    ),
    Route(
        method="POST",
        path=_OLD_POLL,
        view=BallotViews.edge_poll,
        limit=_BALLOT,
        operation=operation("vote_in_edge_poll", body=OldVoteBody, answers=TEXT_OK, refuses=(401, 404)),
    ),
    Route(
        method="PUT",
        path=_OLD_POLL,
        view=BallotViews.edge_poll,
        limit=_BALLOT,
        operation=operation("put_vote_in_edge_poll", body=OldVoteBody, answers=TEXT_OK, refuses=(401, 404)),
    ),
    Route(
        method="GET",
        path=f"{_OLD_POLL}/results",
        view=PollViews.edge_results,
        limit=_EXACT_ONLY,
        operation=operation(
            "get_edge_poll_results",
            answers={200: answers.EdgePollResults},
            refuses=(404,),
            parameters=[_EXACT],
            etag=True,
        ),
    ),
)
