"""Commands on devices: a host shows a code, a device uses it, a host removes the device."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password

from core import clock
from core.actors import HOST, Actor
from core.change import durable
from core.errors import Forbidden, existing
from core.hashing import digest
from core.locks import lock_exclusive
from venues import refusals
from venues.commands.made import create_key, made_with
from venues.log import lock_venue, log
from venues.pairing import VALID_FOR, Device, PairingCode, device_token, digits_digest, digits_of

# How exactly a device's last use is kept.
NOTED_EACH = timedelta(minutes=1)


@durable()
def offer_device_code(*, venue_id: UUID, name: str, actor: Actor, key: str = "") -> PairingCode:
    """A code that adds a device to the venue, good for 5 minutes, once. With a known `key` (Idempotency-Key) returns the code it
    made. `name`: what the device will be called; blank for what its browser is.
    """
    lock_venue(venue_id)
    return made_with(PairingCode, key) or _new_code(venue_id=venue_id, name=name, made_by_id=actor.user_id, key=key)


@durable()
def offer_host_code(*, subject_id: UUID, token_version: int) -> PairingCode:
    """The same for a line, poll or room without an account: makes another device a host of it, until its tokens are renewed.
    Returns the one that is not used yet, if there is one.
    """
    lock_exclusive(subject_id)
    of: dict[str, Any] = {"subject_id": subject_id, "token_version": token_version}
    open_now = PairingCode.objects.filter(**of, taken_with="", expires_at__gt=clock.NOW).first()
    return open_now or _new_code(**of)


def _new_code(*, key: str = "", **of: Any) -> PairingCode:
    at = clock.now()
    PairingCode.objects.filter(expires_at__lte=at).delete()
    code_id = uuid4()
    while PairingCode.objects.filter(digest=digits_digest(digits_of(code_id))).exists():
        code_id = uuid4()
    return PairingCode.objects.create(
        pk=code_id,
        digest=digits_digest(digits_of(code_id)),
        create_key=create_key(PairingCode, key),
        expires_at=at + VALID_FOR,
        **of,
    )


@durable()
def pair_device(*, digits: str, described: str, key: str) -> PairingCode:
    """Uses a code, once; a venue's code adds a device. The same `key` (of the browser that sends it) may use it again.

    `described`: what a device without a name is called. Raises Forbidden for a code that is unknown, used or expired.
    """
    found = PairingCode.objects.filter(digest=digits_digest(digits)).first()
    if found is None:
        raise Forbidden(refusals.NO_CODE)
    venue = lock_venue(found.venue_id) if found.venue_id else None
    if found.subject_id is not None:
        lock_exclusive(found.subject_id)
    code = PairingCode.objects.filter(pk=found.pk).first()  # again, under the lock
    at, taken_with = clock.now(), create_key(PairingCode, key) or ""
    if code is None or code.expires_at <= at or code.taken_with not in {"", taken_with}:
        raise Forbidden(refusals.NO_CODE)
    if code.taken_with:
        return code
    code.taken_with = taken_with
    if venue is not None:
        code.device = Device.objects.create(
            venue=venue,
            name=code.name or described,
            digest=digest(device_token(code.pk)),
            added_by_id=code.made_by_id,
            added_at=at,
            last_used_at=at,
        )
        actor = Actor("host", code.made_by_id)
        log(venue, "VENUE_DEVICE_ADDED", actor=actor, action="add_device", deviceId=code.device.pk)
    code.save(update_fields=["taken_with", "device"])
    return code


@durable()
def remove_device(*, venue_id: UUID, device_id: int, actor: Actor) -> None:
    """Removes a device: it is no host any more, at once. Raises NotFound."""
    venue = lock_venue(venue_id)
    device = existing(Device.objects.filter(pk=device_id, venue=venue).first(), refusals.NO_DEVICE)
    log(venue, "VENUE_DEVICE_REMOVED", actor=actor, action="remove_device", deviceId=device.pk)
    device.delete()


@durable()
def note_use(*, device_id: int) -> None:
    """The device is in use now."""
    Device.objects.filter(pk=device_id).update(last_used_at=clock.NOW)


def begin_kiosk(*, venue_id: UUID, device_id: int, pin: str) -> None:
    """Makes a device the tablet at the door: it is no host until its PIN is typed. Raises NotFound."""
    _set_pin(venue_id, device_id, make_password(pin), "VENUE_KIOSK_BEGAN", "begin_kiosk")


def end_kiosk(*, venue_id: UUID, device_id: int) -> None:
    """Makes it a host again. Raises NotFound."""
    _set_pin(venue_id, device_id, "", "VENUE_KIOSK_ENDED", "end_kiosk")


@durable()
def _set_pin(venue_id: UUID, device_id: int, hashed: str, event: str, action: str) -> None:
    venue = lock_venue(venue_id)
    device = existing(Device.objects.filter(pk=device_id, venue=venue).first(), refusals.NO_DEVICE)
    device.kiosk_pin = hashed
    device.save(update_fields=["kiosk_pin"])
    log(venue, event, actor=HOST, action=action, deviceId=device.pk)
