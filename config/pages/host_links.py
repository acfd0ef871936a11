"""Opening the link that a host without an account keeps: it brings a line, poll or room to any device (decision 0037)."""

import re
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core import rate_limits
from core.codes import CODE
from core.errors import TooMany
from core.languages import in_english
from polls.pages.access import POLLS
from queues.pages.access import LINES
from rooms.pages.access import ROOMS
from venues.authentication import set_proof
from venues.host_pages import LINK_KEY, HostPages
from venues.proofs import Subject, host_by
from web.redirects import SeeOther

WRONG = (
    "Nothing opens with this link. It may be cut off, or access on other devices was ended since: ask for the new link."
)
# All that has hosts.
KINDS: tuple[HostPages[Any], ...] = (LINES, POLLS, ROOMS)


@in_english
@never_cache
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def host_key(request: HttpRequest) -> HttpResponse:
    """A link (or its key alone) brought to this browser: 303 to what it opens, which this browser may run from now on; 403 in
    words where it opens nothing."""
    if request.method != "POST":
        return render(request, "host/key.html")
    try:
        rate_limits.check(request, rate_limits.HOST_KEY, "host-key")
    except TooMany as refused:
        response = render(request, "host/key.html", {"wrong": refused.message}, status=refused.status)
        response["Retry-After"] = str(refused.retry_after_s)
        return response
    token = request.POST.get("key", "").strip().rpartition(LINK_KEY)[2]
    found = _opened_by(token)
    if found is None:
        return render(request, "host/key.html", {"wrong": WRONG}, status=403)
    pages, thing = found
    response = SeeOther(pages.host_path(thing))
    set_proof(request, response, pages.cookies(thing)[0], token)
    return response


def _opened_by(token: str) -> tuple[HostPages[Any], Any] | None:
    """What this host token is good for, now."""
    try:
        wanted = UUID(token.partition(".")[0])
    except ValueError:
        return None
    for pages in KINDS:
        thing = pages.model.objects.filter(pk=wanted).first()
        if thing is not None and host_by(token, Subject.of(thing)) is not None:
            return pages, thing
    return None


@in_english
@require_POST
def kept(request: HttpRequest) -> HttpResponse:
    """The host has kept the link: this browser does not show it any more, unless asked for."""
    mark = request.POST.get("mark", "")
    for pages in KINDS:
        if found := re.fullmatch(pages.link_cookie(f"({CODE})"), mark):
            response = SeeOther(reverse(pages.host_url, args=[found[1]]))
            response.delete_cookie(mark)
            return response
    raise Http404("no such mark")
