"""The page of a venue's devices: who sets the venue up adds tablets by a code and removes them. Also the tablet's own page."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import rate_limits
from core.actors import HOST
from core.languages import in_english
from venues import commands
from venues.devices import COOKIE, device_of
from venues.owner_pages import Desk, at_desk, pressed
from venues.pages.codes import CodeForm, usable
from venues.pairing import PairingCode
from venues.roles import Right
from web.redirects import SeeOther
from web.sending import Form

_CODE = Form("form_code", "/venue/devices")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.SET_UP)
def devices(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The devices, and a form that shows a code for another one."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.carried_out(lambda: _offer(request, desk, form)):
        _CODE.answered(request)
        return SeeOther(desk.path("devices"))
    _CODE.offer(request)
    workers = set(desk.venue.memberships.values_list("user", flat=True))
    rows = desk.venue.devices.select_related("added_by")
    context: dict[str, Any] = {
        "desk": desk,
        "form": form,
        "devices": [(row, row.added_by is not None and row.added_by_id not in workers) for row in rows],
        "codes": usable(request, PairingCode.objects.filter(venue=desk.venue)),
    }
    return render(request, "host/devices.html", context, status=400 if form.errors else 200)


def _offer(request: HttpRequest, desk: Desk, form: CodeForm) -> None:
    """Makes the code. Raises Refused."""
    rate_limits.check(request, rate_limits.INVITE, "device")
    key = _CODE.key(request, about=desk.venue.pk)
    commands.offer_device_code(venue_id=desk.venue.pk, name=form.cleaned_data["name"], actor=desk.actor, key=key)


@require_POST
@at_desk(Right.SET_UP)
def remove(request: HttpRequest, desk: Desk, device: int) -> HttpResponse:
    """Removes a device."""
    command = partial(commands.remove_device, venue_id=desk.venue.pk, device_id=device, actor=desk.actor)
    return pressed(request, desk, "devices", command, done="Removed. What was open on it has ended.")


@in_english
@require_http_methods(["GET", "HEAD", "POST"])
def tablet(request: HttpRequest) -> HttpResponse:
    """What this device is; a POST ends that. A browser that is no device is led to where it becomes one."""
    device = device_of(request)
    if device is None or device.kiosk_pin:
        return SeeOther(reverse("host-key"))
    if request.method == "POST":
        commands.remove_device(venue_id=device.venue_id, device_id=device.pk, actor=HOST)
        response: HttpResponse = SeeOther(reverse("home"))
        response.delete_cookie(COOKIE)
        return response
    response = render(request, "host/tablet.html", {"device": device})
    response["Cache-Control"] = "no-store"
    return response
