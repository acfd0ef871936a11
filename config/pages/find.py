"""From a code, or a link, to the page that it belongs to."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core import slugs
from core.identifiers import code_in
from core.languages import in_readers_language
from polls.selectors import poll_by_code
from queues.selectors import line_by_code
from rooms.selectors import room_by
from venues.selectors import venue_at
from web.redirects import SeeOther

# What a code may belong to, by the name of its guests' page. Earlier ones win.
_BY_CODE: dict[str, Callable[[str], object]] = {"join": line_by_code, "vote": poll_by_code, "room": room_by}
# The page that a link means, by the first word of its path.
_LINKED_PAGES = {"queue": "join", "vote": "vote", "poll": "vote", "polls": "vote", "rooms": "room"}


@in_readers_language
@require_http_methods(["GET", "HEAD", "POST"])
def find_code(request: HttpRequest) -> HttpResponse:
    """From a typed code, or a pasted link, to its line, poll, room or venue; only ever to an address of ours. A code that two of
    them have is the line's, unless a link says otherwise.

    The form sends by POST: a pasted link may end in a secret (`#place=`, `#key=`), and addresses are kept in histories and logs.
    """
    text = (request.POST if request.method == "POST" else request.GET).get("code", "")
    found = code_in(text)
    if found is None:
        return _to_venue(text)
    linked = _LINKED_PAGES.get(found.word)
    pages = sorted(_BY_CODE, key=lambda page: page != linked)
    to = next((page for page in pages if _BY_CODE[page](found.code) is not None), "join")
    return SeeOther(reverse(to, args=[found.code]))


def _to_venue(text: str) -> HttpResponse:
    """To the venue at this address. Raises Http404."""
    slug = slugs.typed(text)
    venue = venue_at(slug) if not slugs.problem_with(slug) else None
    if venue is None:
        raise Http404("neither a code nor an address")
    return SeeOther(reverse("venue", args=[venue.slug]))
