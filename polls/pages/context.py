"""The template context of the pages of a poll; every count comes from polls/shapes.py (B8)."""

from django.http import Http404
from django.urls import reverse

from core import clock
from core.clock import milliseconds
from core.json_types import View
from polls import rules, selectors, shapes
from polls.models import Poll
from polls.pages import labels
from polls.pages.access import address
from polls.permissions import PUBLIC, VOTER
from polls.rules import Viewer

POLL_MS = 2_000


def result_view(poll: Poll, viewer: Viewer) -> View:
    """The poll with its counts as they are now, for this viewer. Raises Http404 when it was deleted a moment ago."""
    row = selectors.current_row(poll.pk)
    if row is None:
        raise Http404("deleted")
    return shapes.results(row, viewer, now_ms=milliseconds(clock.now()))


def result_context(
    poll: Poll, viewer: Viewer, *, by_pages: bool = False, limit: str = "", counted: bool = True
) -> View:
    """The context of poll/_results.html. `by_pages`: the script polls our pages, because the API does not know this voter.
    `limit`: the API answers as to a voter or the public (permissions.asked_as). Without `counted` the script asks for all counts.
    """
    view = result_view(poll, viewer)
    if not counted:
        view |= {"version": None, "ballots": None}
        view["choices"] = [{**choice, "count": None, "percentage": None} for choice in view["choices"]]
    # Once it is closed, the API shows as much as the pages.
    return followed(poll, by_pages=by_pages and view["status"] != rules.CLOSED, limit=limit) | {
        "view": view,
        "bars": labels.bars(view),
        "hidden_label": labels.hidden(poll.visibility) if view["hidden"] else "",
        "several": poll.max_picks > 1,
    }


def followed(poll: Poll, *, by_pages: bool = False, limit: str = "") -> View:
    """The URLs by which a page's script follows the poll (frontend/poll/results.ts)."""
    asked = f"?as={limit}" if limit else ""
    # An anonymous request of the plain address gets the public view, which caches may answer; not where an address may show more.
    plain = limit == PUBLIC and not (poll.dedupe == Poll.Dedupe.ADDRESS and shows_voters_more(poll))
    return {
        "anonymous": limit == PUBLIC,
        "poll_ms": POLL_MS,
        "results_url": address(poll, "voter-results")
        if by_pages
        else f"/api/polls/{poll.pk}/results{'' if plain else asked}",
        "stream_url": "" if by_pages else f"/api/polls/{poll.pk}/stream{asked}",
    }


def shows_voters_more(poll: Poll) -> bool:
    """Whether those who have voted see a result that others do not see yet."""
    return poll.visibility == rules.AFTER_VOTING and poll.status != rules.CLOSED


def voters_limit(poll: Poll) -> str:
    """How a voter's page asks the API, also in a host's browser: as the public, whom caches answer, where voters see no more."""
    return VOTER if shows_voters_more(poll) else PUBLIC


def poll_context(poll: Poll) -> View:
    """The context of every page of a poll."""
    now = clock.now()
    phase = poll.phase_at(now)
    return {
        "poll": poll,
        "as_of": now,
        "phase": phase,
        "phase_label": labels.PHASES[phase],
        "zone": poll.zone,
        "vote_url": address(poll),
        "own_url": address(poll, "own-vote"),
        "wall_url": reverse("poll-results", args=[poll.code]),
    }
