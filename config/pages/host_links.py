"""Opening what a host brings to another device: the link of a line, poll or room without an account (decision 0037), or a code of
8 digits for it, or for a venue (decision 0063)."""

import re
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core import rate_limits
from core.actors import HOST
from core.codes import CODE
from core.errors import Forbidden, NotFound, Refused
from core.languages import in_english
from polls.pages.access import POLLS
from queues.pages.access import LINES
from rooms.pages.access import ROOMS
from venues import commands, refusals
from venues.authentication import set_proof
from venues.devices import device_of, keep_device
from venues.host_pages import LINK_KEY, HostPages
from venues.pages.sessions import device as browser_in_words
from venues.pairing import device_token, digits_in
from venues.proofs import Subject, host_by, token_for
from web import idempotency
from web.redirects import SeeOther
from web.refused import refused_page

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
    """A link, its key alone, or a code: 303 to what it opens, which this browser may run from now on; 403 in words where it opens
    nothing."""
    if request.method != "POST":
        return render(request, "host/key.html")
    typed = request.POST.get("key", "").strip().rpartition(LINK_KEY)[2]
    try:
        rate_limits.check(request, rate_limits.HOST_KEY, "host-key")
        digits = digits_in(typed)
        return _by_code(request, digits) if digits else _by_key(request, typed)
    except Refused as refused:
        return refused_page(request, "host/key.html", {"wrong": refused.message}, refused)


def _by_key(request: HttpRequest, token: str) -> HttpResponse:
    """Raises Forbidden for a token that proves no host now."""
    with suppress(ValueError):
        wanted = UUID(token.partition(".")[0])
        for pages in KINDS:
            thing = pages.model.objects.filter(pk=wanted).first()
            if thing is not None and host_by(token, Subject.of(thing)) is not None:
                return _opened(request, pages, thing, token)
    raise Forbidden(WRONG)


def _by_code(request: HttpRequest, digits: str) -> HttpResponse:
    """Makes this browser a device of the venue that shows the code, or a host of the line, poll or room. Raises Refused."""
    before = device_of(request)
    if before is not None and before.kiosk_pin:
        raise Forbidden(refusals.IS_KIOSK)
    rate_limits.check_address("", rate_limits.ANY_CODE, "code")
    described = browser_in_words(request.headers.get("user-agent", ""))
    code = commands.pair_device(digits=digits, described=described, key=idempotency.of_form(request, digits))
    if code.device_id is not None:
        keep_device(request, device_token(code.pk))
        if before is not None and before.pk != code.device_id:
            with suppress(NotFound):
                commands.remove_device(venue_id=before.venue_id, device_id=before.pk, actor=HOST)
        return SeeOther(reverse("lines"))
    for pages in KINDS:
        thing = pages.model.objects.filter(pk=code.subject_id, token_version=code.token_version).first()
        if thing is not None:
            return _opened(request, pages, thing, token_for(Subject.of(thing)))
    raise Forbidden(refusals.NO_CODE)


def _opened(request: HttpRequest, pages: HostPages[Any], thing: Any, token: str) -> HttpResponse:
    response = SeeOther(pages.host_path(thing))
    set_proof(request, response, pages.cookies(thing)[0], token)
    return response


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
