"""Making a device the tablet at the door, and ending that by its PIN. What guests see of it: queues/pages/kiosk.py."""

from django import forms
from django.contrib.auth import logout
from django.contrib.auth.hashers import check_password
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core import rate_limits
from core.errors import Forbidden, Refused
from core.languages import in_english
from venues import commands, refusals
from venues.devices import device_of
from venues.hosted import forget_hosted
from web.forms import RefusableForm
from web.redirects import SeeOther
from web.refused import refused_page


class PinForm(RefusableForm):
    """A PIN. Not a password field: browsers offer to keep those, on a tablet that all guests use."""

    pin = forms.CharField(
        label="PIN",
        max_length=8,
        validators=[RegexValidator(r"\A[0-9]{4,8}\Z", "A PIN has 4 to 8 digits.")],
        widget=forms.TextInput(attrs={"class": "pin", "inputmode": "numeric", "autocomplete": "off"}),
    )


@in_english
@never_cache
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Makes this device a kiosk, under the PIN of the form: no one is signed in here from then on, and it is no host."""
    device = device_of(request)
    if device is None or device.kiosk_pin:
        return SeeOther(reverse("kiosk" if device is not None else "host-key"))
    form = PinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        commands.begin_kiosk(venue_id=device.venue_id, device_id=device.pk, pin=form.cleaned_data["pin"])
        logout(request)
        response = SeeOther(reverse("kiosk"))
        forget_hosted(request, response)
        return response
    context = {"device": device, "form": form}
    return render(request, "kiosk/start.html", context, status=400 if form.errors else 200)


@in_english
@never_cache
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Asks for the PIN, and ends the kiosk: the device is a host again. Tries are counted by device, not by address."""
    device = device_of(request)
    if device is None or not device.kiosk_pin:
        return SeeOther(reverse("tablet" if device is not None else "host-key"))
    form = PinForm()
    if request.method != "POST":
        return render(request, "kiosk/leave.html", {"form": form})
    try:
        rate_limits.check_address(f"device {device.pk}", rate_limits.KIOSK_PIN, "kiosk-pin")
        if not check_password(request.POST.get("pin", "").strip(), device.kiosk_pin):
            raise Forbidden(refusals.WRONG_PIN)
        commands.end_kiosk(venue_id=device.venue_id, device_id=device.pk)
    except Refused as refused:
        return refused_page(request, "kiosk/leave.html", {"form": form, "wrong": refused.message}, refused)
    return SeeOther(reverse("lines"))
