"""The tablet at the door: guests enter themselves one after another, and take their ticket along by its QR code (decision 0063).

Nothing of a guest stays in its browser: no place, no text that was typed, and no page to go back to.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import clock, rate_limits
from core.errors import Conflict, Refused
from core.languages import in_readers_language
from queues import commands, here, selectors
from queues.models import Party, Queue
from queues.pages import labels
from queues.pages.access import party_in
from queues.pages.forms import JoinForm
from queues.pages.hand_over import code_of
from queues.pages.join import room_left
from queues.pages.joinable import Joinable
from queues.pages.ticket_state import range_of, ticket_state
from venues.devices import device_of
from venues.pairing import Device
from web import browsers
from web.forms import checked
from web.redirects import SeeOther
from web.sending import Form
from web.unsent import wants_fragment

POLL_MS = 10_000
# A ticket is shown this long, and again on demand until its cookie ends.
TICKET_S, TICKET_AT_MOST_S = 15, 120
_PATH = "/kiosk"
_TICKET = "kiosk_ticket"
_JOIN = Form("form_kiosk", _PATH)

Page = Callable[Concatenate[HttpRequest, Device, ...], HttpResponse]


def at_the_door(page: Page) -> Callable[..., HttpResponse]:
    """Calls the page with the device, in the guest's language. One that is no kiosk is led to where it becomes one; browsers that
    are no device are told that the tablet takes no guests (403)."""

    @wraps(page)
    def view(request: HttpRequest) -> HttpResponse:
        device = device_of(request)
        if device is None:
            response = render(request, "kiosk/over.html", status=403)
        else:
            response = page(request, device) if device.kiosk_pin else SeeOther(reverse("kiosk-start"))
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return in_readers_language(view)


class KioskForm(JoinForm):
    """A guest's name and party; the browser remembers none of it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields.pop("here", None)  # who stands at this tablet is here
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"


@require_http_methods(["GET", "HEAD", "POST"])
@at_the_door
def kiosk(request: HttpRequest, device: Device) -> HttpResponse:
    """The form of the line that is open; with several, guests choose (`?line=CODE`); with none, when one opens."""
    lines = list(selectors.open_lines(device.venue))
    line = _chosen(lines, request.GET.get("line", ""))
    if request.method == "POST":
        return _joined(request, line)
    _JOIN.offer(request)
    context = {
        "venue": device.venue,
        "lines": [Joinable.of(each) for each in ([line] if line else lines)],
        "several": len(lines) > 1,
        "codes": " ".join(each.code for each in lines),
        "line": line,
        "form": KioskForm(line=line) if line else None,
        "labels": labels.patterns(),
        "poll_ms": POLL_MS,
    }
    response = render(request, "kiosk/kiosk.html", context)
    _forget_ticket(request, response)
    return response


def _chosen(lines: Sequence[Queue], code: str) -> Queue | None:
    if len(lines) == 1:
        return lines[0]
    return next((line for line in lines if line.code == code.upper()), None)


def _joined(request: HttpRequest, line: Queue | None) -> HttpResponse:
    """Leads to the ticket of the party, or says why there is none. A script hears it; without scripts the form is shown anew, and
    empty: a page that answers a form stays in the browser's history with what was typed."""
    try:
        party = _party_of_form(request, line)
    except Refused as refused:
        if wants_fragment(request):
            return JsonResponse({"error": refused.in_words()}, status=refused.status, headers=refused.headers)
        messages.error(request, refused.in_words())
        return SeeOther(request.get_full_path())
    _JOIN.answered(request)
    browsers.give(request, _TICKET, str(party.pk), path=_PATH, age_s=TICKET_AT_MOST_S)
    there = reverse("kiosk-ticket")
    return JsonResponse({"next": there}) if wants_fragment(request) else SeeOther(there)


def _party_of_form(request: HttpRequest, line: Queue | None) -> Party:
    """Raises Refused."""
    if line is None:
        raise Conflict(_("No line is open right now"))
    data = checked(KioskForm(request.POST, line=line)).cleaned_data
    try:
        rate_limits.check(request, rate_limits.JOIN, "join", str(line.pk))
        key = _JOIN.key(request, about=line.pk)
        code = here.code_of(line).at(clock.now())
        typed = {name: data[name] for name in ("name", "size", "note", "section") if name in data}
        joined = commands.join(line.code, **typed, key=key, here=code, without_phone=True)
    except Refused as refused:
        raise room_left(line, refused) from None
    if joined.party.status not in Party.IN_LINE:
        raise Conflict(_("This form was sent before, and its place has ended. To join again, send it once more."))
    return joined.party


@require_safe
@at_the_door
def ticket(request: HttpRequest, device: Device) -> HttpResponse:
    """The ticket of the party that joined last, large, for TICKET_S seconds; its QR code gives the place to the guest's phone."""
    kept = request.COOKIES.get(_TICKET, "")
    found = (party_in(line, kept) for line in selectors.open_lines(device.venue)) if kept else ()
    party = next(filter(None, found), None)
    if party is None or party.status not in Party.IN_LINE:
        return SeeOther(reverse("kiosk"))
    state = ticket_state(party)
    context = {
        "venue": device.venue,
        "line": party.queue,
        "ticket": state,
        "range": range_of(state),
        "qr": code_of(request, party)["qr"],
        "seconds": TICKET_S,
        "next": reverse("kiosk-next"),
    }
    return render(request, "kiosk/ticket.html", context)


@require_safe
@at_the_door
def next_guest(request: HttpRequest, device: Device) -> HttpResponse:
    """To the start, in the tablet's own language: what the guest before has left is forgotten."""
    response = SeeOther(reverse("kiosk"))
    _forget_ticket(request, response)
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


def _forget_ticket(request: HttpRequest, response: HttpResponse) -> None:
    if _TICKET in request.COOKIES:
        response.delete_cookie(_TICKET, path=_PATH)
