"""The hot paths and the socket of polls: our own API's, our pages' and those of contracts edge-poll.md and voting-session.md."""

from core import rate_limits
from polls.consumers import PollSocket
from polls.edge.ballots import BallotViews
from polls.edge.polls import Polls
from polls.edge.results import PollViews
from realtime.routes import Limit, Route, Socket

_POLL, _SESSION, _OLD_POLL = "/api/polls/{poll}", "/api/vote/{session_id}", "/poll/{poll_id}"
_BALLOT = Limit(rate_limits.BALLOT, "ballot", by_view=True)
_EXACT_ONLY = Limit(rate_limits.LOOK, "exact", by_view=True)
_FOLLOW = Limit(rate_limits.FOLLOW, "stream")
_FILE = Limit(rate_limits.FILE, "file", by_view=True)

ROUTES = (
    # ------------------------------------------------------------------------------------------------------- our own API
    Route("GET", f"{_POLL}/results", PollViews.results, _EXACT_ONLY),
    Route("POST", f"{_POLL}/ballots", BallotViews.own, _BALLOT),
    Route("GET", f"{_POLL}/stream", PollViews.stream, _FOLLOW),
    Route("GET", f"{_POLL}/export", PollViews.export, _FILE),
    # --------------------------------------------------------------------------------------------------------- our pages
    Route("POST", "/vote/{code}/ballot", BallotViews.page, _BALLOT),
    Route("POST", "/queue/{line}/vote/{code}/ballot", BallotViews.page, _BALLOT),
    # ------------------------------------------------------------------------------------------------ voting-session.md
    Route("POST", _SESSION, BallotViews.session, _BALLOT),
    Route("GET", f"{_SESSION}/stream", PollViews.session_stream, _FOLLOW),
    Route("GET", f"{_SESSION}/export", PollViews.session_export, _FILE),
    # ----------------------------------------------------------------------------------------------------- edge-poll.md
    Route("GET", _OLD_POLL, PollViews.configuration, _EXACT_ONLY),
    Route("POST", _OLD_POLL, BallotViews.edge_poll, _BALLOT),
    Route("PUT", _OLD_POLL, BallotViews.put_edge_poll, _BALLOT),
    Route("GET", f"{_OLD_POLL}/results", PollViews.edge_results, _EXACT_ONLY),
)
SOCKETS = (Socket(f"{_POLL}/connect", PollSocket, Polls),)
