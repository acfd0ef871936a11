"""Paths of the pages of rooms."""

from django.urls import path

import web.converters  # noqa: F401 — registers <code:...>
from rooms.pages import guest, host

urlpatterns = [
    path("rooms/new", host.new_room, name="new-room"),
    path("rooms/<code:code>", guest.vote, name="room"),
    path("rooms/<code:code>/wall", guest.wall, name="room-wall"),
    path("rooms/<code:code>/qr.svg", guest.qr_code, name="room-qr"),
    path("rooms/<code:code>/poster", guest.poster, name="room-poster"),
    path("rooms/<code:code>/host", host.host, name="room-host"),
    path("rooms/<code:code>/host/people.json", host.people, name="room-people"),
    path("rooms/<code:code>/host/device", host.second_device, name="room-device"),
    path("rooms/<code:code>/host/renew-token", host.renew_token, name="room-renew-token"),
    path("rooms/<code:code>/host/<slug:action>", host.act, name="room-act"),
]
