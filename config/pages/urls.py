"""Paths of the pages that need several slices."""

from django.urls import path

from config.pages import app, find, front, host_links

urlpatterns = [
    path("", front.home, name="home"),
    path("lines", front.lines, name="lines"),
    path("queue", find.find_code, name="find-code"),
    path("host-key", host_links.host_key, name="host-key"),
    path("host-key/kept", host_links.kept, name="host-key-kept"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("offline", app.offline, name="offline"),
    path("sw.js", app.service_worker, name="service-worker"),
]
