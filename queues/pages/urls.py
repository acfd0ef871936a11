"""Paths of the pages of lines, and of the services that open them."""

from django.urls import path

import web.converters  # noqa: F401 — registers <code:...> and <venue:...>
from queues.pages import called, guest, hand_over, host, join, kiosk, party, services, venue, visit, wall

urlpatterns = [
    path("venue/services", services.services, name="services"),
    path("venue/services/new", services.new_service, name="new-service"),
    path("venue/services/<uuid:service_id>", services.service, name="service"),
    path("venue/services/<uuid:service_id>/open", services.open_service, name="open-service"),
    path("venue/services/<uuid:service_id>/use", services.use_service, name="use-service"),
    path("venue/dates", services.new_date, name="new-date"),
    path("venue/dates/<int:date_id>/remove", services.remove_date, name="remove-date"),
    path("queue/<code:code>", join.join, name="join"),
    path("queue/<code:code>/ticket", guest.ticket, name="ticket"),
    path("queue/<code:code>/look", guest.look, name="look"),
    path("queue/<code:code>/place.json", guest.place, name="place"),
    path("queue/<code:code>/nearby", guest.nearby, name="nearby"),
    path("queue/<code:code>/more-time", guest.more_time, name="more-time"),
    path("queue/<code:code>/let-pass", guest.let_pass, name="let-pass"),
    path("queue/<code:code>/change", party.change, name="change-party"),
    path("queue/<code:code>/tell-ahead", party.tell_ahead, name="tell-ahead"),
    path("queue/<code:code>/visit", visit.visit, name="visit"),
    path("queue/<code:code>/leave", guest.leave, name="leave"),
    path("queue/<code:code>/restore", guest.restore, name="restore"),
    path("queue/<code:code>/take", hand_over.take, name="take"),
    path("queue/<code:code>/host", host.console, name="console"),
    path("queue/<code:code>/host/list", host.console_list, name="console-list"),
    path("queue/<code:code>/host/tables", host.console_tables, name="console-tables"),
    path("queue/<code:code>/host/device", host.second_device, name="queue-device"),
    path("queue/<code:code>/host/renew-token", host.renew_token, name="renew-token"),
    path("queue/<code:code>/host/ticket/<int:ticket>", hand_over.show, name="hand-over"),
    path("queue/<code:code>/host/party/<int:ticket>", host.party, name="party"),
    path("queue/<code:code>/host/<slug:action>", host.host_action, name="host-action"),
    path("queue/<code:code>/qr.svg", host.qr_code, name="qr"),
    path("queue/<code:code>/poster", host.poster, name="poster"),
    path("queue/<code:code>/wall", wall.wall, name="line-wall"),
    path("queue/<code:code>/wall/names", called.names, name="wall-names"),
    path("kiosk", kiosk.kiosk, name="kiosk"),
    path("kiosk/next", kiosk.next_guest, name="kiosk-next"),
    path("kiosk/ticket", kiosk.ticket, name="kiosk-ticket"),
    path("v/<venue:slug>", venue.home, name="venue"),
    path("v/<venue:slug>/lines.json", venue.open_now, name="venue-lines"),
    path("v/<venue:slug>/qr.svg", venue.qr_code, name="venue-qr"),
    path("v/<venue:slug>/poster", venue.poster, name="venue-poster"),
    path("v/<venue:slug>/wall", venue.wall, name="venue-wall"),
]
