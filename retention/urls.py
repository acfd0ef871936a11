"""Paths of retention."""

from django.urls import path

import web.converters  # noqa: F401 — registers <code:...>
from retention.pages import guest, host, owner

urlpatterns = [
    path("queue/<code:code>/data", guest.data, name="guest-data"),
    path("queue/<code:code>/erase", guest.erase, name="erase-guest"),
    path("queue/<code:code>/host/data/<int:ticket>", host.data, name="host-guest-data"),
    path("queue/<code:code>/host/data/<int:ticket>/file", host.file, name="host-guest-file"),
    path("venue/privacy", owner.privacy, name="privacy"),
    path("venue/privacy/guest", owner.find, name="find-guest"),
]
