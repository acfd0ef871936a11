"""Showing a code of 8 digits for another device: of a venue, or of a host without an account."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core import clock, rate_limits
from core.actors import Actor
from core.errors import Refused
from core.json_types import View
from venues import commands
from venues.host_pages import LINK_KEY, HostPages
from venues.pairing import PairingCode, digits_of
from web.forms import FormKey, RefusableForm, ShortText
from web.posters import link_context, qr_image
from web.redirects import SeeOther


class CodeForm(RefusableForm):
    """A device to add."""

    key = FormKey()
    name = ShortText(
        label="What is it called?",
        max_length=80,
        required=False,
        attrs={"autocomplete": "off", "placeholder": "Tablet at the bar"},
        help_text="In your list. Without a name it is called what its browser is.",
    )


def usable(request: HttpRequest, codes: QuerySet[PairingCode]) -> list[View]:
    """Those of the codes that no device has used: the digits, the QR code of a link with them, minutes left.

    The link has them in its fragment, as a host link has its key: no server, log or referrer sees it.
    """
    at = clock.now()
    page = link_context(request, reverse("host-key"))
    shown = []
    for code in codes.filter(taken_with="", expires_at__gt=at).order_by("expires_at", "pk"):
        digits, left = digits_of(code.pk), (code.expires_at - at).total_seconds()
        picture = qr_image(page["link"] + LINK_KEY + digits)
        shown.append(
            {"row": code, "digits": f"{digits[:4]} {digits[4:]}", "qr": picture, "minutes": int(left // 60) + 1, **page}
        )
    return shown


def second_device_of(pages: HostPages[Any]) -> Callable[..., HttpResponse]:
    """The page that shows a code for another device of the host of a line, poll or room without an account."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @pages.host_only
    def view(request: HttpRequest, thing: Any, actor: Actor) -> HttpResponse:
        if not pages.has_host_link(thing):
            raise Http404("members and devices of a venue")
        status, refusal = 200, ""
        if request.method == "POST":
            try:
                rate_limits.check(request, rate_limits.INVITE, "device")
                commands.offer_host_code(subject_id=thing.pk, token_version=thing.token_version)
                return SeeOther(request.path)
            except Refused as refused:
                status, refusal = refused.status, refused.message
        codes = PairingCode.objects.filter(subject_id=thing.pk, token_version=thing.token_version)
        context = {"refusal": refusal, "codes": usable(request, codes), "back": pages.host_path(thing)}
        return render(request, "host/second_device.html", context, status=status)

    return view
