"""Paths of the pages. A code has its letters; whatever else stands there is a page not found."""

from django.urls import path, register_converter

from core.codes import CODE_IN_ANY_CASE
from queues.pages import guest, host, join, lines, manifest, wall, way_back


class CodeConverter:
    """A short code in any case. The page itself leads to the line's one address (access.of_line)."""

    regex = CODE_IN_ANY_CASE

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


register_converter(CodeConverter, "code")

urlpatterns = [
    path("", lines.home, name="home"),
    path("host-key", way_back.host_key, name="host-key"),
    path("host-key/kept", way_back.kept, name="host-key-kept"),
    path("lines", lines.lines, name="lines"),
    path("queue", guest.find_line, name="find-line"),
    path("queue/<code:code>", join.join, name="join"),
    path("queue/<code:code>/ticket", guest.ticket, name="ticket"),
    path("queue/<code:code>/look", guest.look, name="look"),
    path("queue/<code:code>/place.json", guest.place, name="place"),
    path("queue/<code:code>/nearby", guest.nearby, name="nearby"),
    path("queue/<code:code>/more-time", guest.more_time, name="more-time"),
    path("queue/<code:code>/let-pass", guest.let_pass, name="let-pass"),
    path("queue/<code:code>/leave", guest.leave, name="leave"),
    path("queue/<code:code>/restore", guest.restore, name="restore"),
    path("queue/<code:code>/host", host.console, name="console"),
    path("queue/<code:code>/host/list", host.console_list, name="console-list"),
    path("queue/<code:code>/host/renew-token", host.renew_token, name="renew-token"),
    path("queue/<code:code>/host/<slug:action>", host.host_action, name="host-action"),
    path("queue/<code:code>/qr.svg", host.qr_code, name="qr"),
    path("queue/<code:code>/poster", host.poster, name="poster"),
    path("queue/<code:code>/wall", wall.wall, name="line-wall"),
    path("manifest.webmanifest", manifest.manifest, name="manifest"),
    path("offline", guest.offline, name="offline"),
    path("sw.js", guest.service_worker, name="service-worker"),
]
