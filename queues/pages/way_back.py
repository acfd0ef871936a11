"""The link that a host without an account keeps: it opens the console of a line, poll or room on any device (decision 0037)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
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
from core.json_types import View
from polls import permissions
from polls.models import Poll
from queues.api.access import host_cookies
from queues.models import Queue
from rooms import permissions as rooms
from rooms.models import Room
from venues.access import PROOF_AGE_S, set_proof
from venues.proofs import Subject, host_by, token_for
from web.redirects import SeeOther

KEY = "#key="
WRONG = (
    "Nothing opens with this link. It may be cut off, or access on other devices was ended since: ask for the new link."
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What has hosts: its model, its host's page, and the cookie that proves one of a code."""

    model: type[Queue] | type[Poll] | type[Room]
    page: str
    cookie: Callable[[str], str]


KINDS = {
    "queue": Kind(Queue, "console", lambda code: host_cookies(code)[0]),
    "poll": Kind(Poll, "poll-host", permissions.host_cookie),
    "room": Kind(Room, "room-host", rooms.host_cookie),
}
# The cookie that says: this browser has not kept the link yet.
_MARK = re.compile(f"link_(queue|poll|room)_({CODE})")


def _kind_of(thing: Queue | Poll | Room) -> str:
    return next(name for name, kind in KINDS.items() if isinstance(thing, kind.model))


def _has_link(thing: Queue | Poll | Room) -> bool:
    """A venue's members sign in; the hosts of a line's poll are the line's."""
    return thing.venue_id is None and not (isinstance(thing, Poll) and (thing.queue_id or thing.api_key_id))


def _mark(thing: Queue | Poll | Room) -> str:
    return f"link_{_kind_of(thing)}_{thing.code}"


def show_link(request: HttpRequest, response: HttpResponse, thing: Queue | Poll | Room) -> None:
    """Lets the host's page show the new link in this browser until its host says that it is kept."""
    if _has_link(thing):
        secure = request.is_secure()
        response.set_cookie(_mark(thing), "1", max_age=PROOF_AGE_S, secure=secure, httponly=True, samesite="Lax")


def link_to_keep(request: HttpRequest, thing: Queue | Poll | Room) -> View:
    """What host/_way_back.html shows a host of the thing; nothing where there is no such link.

    The key stands in the fragment, which no server, log or referrer sees.
    """
    if not _has_link(thing):
        return {}
    mark = _mark(thing)
    page = request.build_absolute_uri(reverse(KINDS[_kind_of(thing)].page, args=[thing.code]))
    shown = bool(request.COOKIES.get(mark)) or "link" in request.GET
    return {"mark": mark, "link": page + KEY + token_for(Subject.of(thing)) if shown else ""}


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
    token = request.POST.get("key", "").strip().rpartition(KEY)[2]
    found = _opened_by(token)
    if found is None:
        return render(request, "host/key.html", {"wrong": WRONG}, status=403)
    kind, thing = found
    response = SeeOther(reverse(kind.page, args=[thing.code]))
    set_proof(request, response, kind.cookie(thing.code), token)
    return response


def _opened_by(token: str) -> tuple[Kind, Any] | None:
    """What this host token is good for, now."""
    try:
        wanted = UUID(token.partition(".")[0])
    except ValueError:
        return None
    for kind in KINDS.values():
        thing: Any = kind.model._default_manager.filter(pk=wanted).first()
        if thing is not None and host_by(token, Subject.of(thing)) is not None:
            return kind, thing
    return None


@require_POST
def kept(request: HttpRequest) -> HttpResponse:
    """The host has kept the link: it is not shown in this browser any more, unless asked for."""
    found = _MARK.fullmatch(request.POST.get("mark", ""))
    if found is None:
        raise Http404("no such mark")
    response = SeeOther(reverse(KINDS[found[1]].page, args=[found[2]]))
    response.delete_cookie(found[0])
    return response
