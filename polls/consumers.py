"""The WebSocket of a poll's results, /api/polls/{poll}/connect: the results view as text, whenever it changes; closed with 1000
at the end. After connecting a socket never touches the ORM."""

from core.asgi_types import Scope
from core.errors import Refused
from polls import shapes
from polls.edge.polls import Polls, PollSnapshot
from polls.edge.viewers import Watch, beat_of, viewer_of
from polls.permissions import SEES_RESULTS
from polls.rules import Viewer
from realtime.consumers import ENDED, NORMAL, Consumer
from realtime.fanout import Done
from realtime.postgres import Unreadable
from web.openapi import MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, SOCKET, operation


class PollSocket(Consumer):
    """One socket."""

    _poll: PollSnapshot
    _viewer: Viewer
    _watch: Watch | None = None

    def __init__(self, polls: Polls) -> None:
        super().__init__(polls.hub)
        self._polls = polls

    async def admit(self, scope: Scope) -> int:
        """404; a refusal's own; 503: try again."""
        try:
            poll = await self._polls.find(scope["url_route"]["kwargs"]["poll"].lower())
            if poll is None:
                return 404
            self._poll, self._viewer = poll, await viewer_of(self._polls, scope, poll)
        except Refused as refused:
            return refused.status
        except Unreadable:
            return 503
        return 0

    @operation(
        "connect_to_results",
        answers=SOCKET,
        refuses=(401, 404),
        parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS],
        scopes=SEES_RESULTS,
    )
    async def connect(self) -> None:
        """WebSocket: the results whenever they change; closed with 1000 at the end."""
        await self.accept()
        self.enter(self._polls.follow(self._poll.row["id"], self._poll))
        self.begin(beat_of(self._viewer))

    async def step(self) -> None:
        """Sends what has changed for this viewer. Raises Done when the poll, or the proof of a host, has ended."""
        if self._watch is None:
            self._watch = Watch(self._polls, self.scope, self.topic, self._viewer, "results", shapes.results)
        if self._viewer.host:
            try:
                await self._watch.require_proof()
            except Done:
                await self.end(ENDED, "this proof has ended")
        if (news := self._watch.news()) is not None:
            await self.say(news.answer.text)
        if self.topic.gone or self._watch.closed:
            await self.end(NORMAL, "closed")
