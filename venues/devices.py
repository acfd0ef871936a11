"""Which of a venue's devices a browser is, by the token in its cookie."""

from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.lookups import LessThan
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from rest_framework.request import Request

from core import clock
from core.hashing import digest
from venues import commands
from venues.commands.devices import NOTED_EACH
from venues.pairing import Device
from web import browsers

COOKIE = "device_token"
# The key of request.META under which the device is kept for the rest of the request.
_FOUND = "DEVICE"


def device_of(request: HttpRequest | Request) -> Device | None:
    """The device that this browser is, also while it is a kiosk."""
    token = request.COOKIES.get(COOKIE, "")
    if token and _FOUND not in request.META:
        request.META[_FOUND] = _used(request, token)
    found: Device | None = request.META.get(_FOUND)
    return found


def host_device(request: HttpRequest | Request, venue_id: UUID | None) -> Device | None:
    """The device, if it acts as a host of this venue."""
    device = device_of(request)
    acts = device is not None and not device.kiosk_pin and device.venue_id == venue_id
    return device if acts else None


def in_templates(request: HttpRequest) -> dict[str, Any]:
    """Context of templates: the device that this browser is, unless it is a kiosk. Looked up when a template asks."""

    def found() -> Device | None:
        device = device_of(request)
        return device if device is not None and not device.kiosk_pin else None

    return {"this_device": SimpleLazyObject(found)}


def keep_device(request: HttpRequest | Request, token: str) -> None:
    """Makes this browser the device with this token."""
    browsers.give(request, COOKIE, token, path="/", age_s=browsers.COOKIE_AGE_S)


def _used(request: HttpRequest | Request, token: str) -> Device | None:
    """The device with this token. Once a minute its use is noted, and its browser keeps the cookie anew."""
    rows = Device.objects.annotate(is_due=LessThan(F("last_used_at"), clock.NOW - NOTED_EACH)).select_related("venue")
    device = rows.filter(digest=digest(token)).first()
    if device is not None and device.is_due:
        commands.note_use(device_id=device.pk)
        keep_device(request, token)
    return device
