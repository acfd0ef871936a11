"""Paths of the queue API; snapshot, console and connect are answered before Django (queues/edge, queues/consumers.py)."""

from core.api_paths import api_path as path
from queues.api import views

urlpatterns = [
    path("create", views.create),
    path("<str:code>/declare-nearby", views.declare_nearby),
    path("<str:code>/ask-more-time", views.ask_more_time),
    path("<str:code>/let-pass", views.let_pass),
    path("<str:code>/leave", views.leave),
    path("<str:code>/change-party", views.change_party),
    path("<str:code>/tell-ahead", views.tell_ahead),
    path("<str:code>/advance", views.advance),
    path("<str:code>/call", views.call),
    path("<str:code>/serve", views.serve),
    path("<str:code>/tables", views.tables),
    path("<str:code>/free-table", views.free_table),
    path("<str:code>/change-table", views.change_table),
    path("<str:code>/more-time", views.give_more_time),
    path("<str:code>/kick", views.kick),
    path("<str:code>/no-show", views.no_show),
    path("<str:code>/put-back", views.put_back),
    path("<str:code>/reorder", views.reorder),
    path("<str:code>/move-behind", views.move_behind),
    path("<str:code>/edit", views.edit),
    path("<str:code>/message-party", views.message_party),
    path("<str:code>/wait", views.wait),
    path("<str:code>/clear-wait", views.clear_wait),
    path("<str:code>/walk-in", views.walk_in),
    path("<str:code>/message", views.message),
    path("<str:code>/settings", views.settings),
    path("<str:code>/undo", views.undo),
    path("<str:code>/actions", views.actions),
    path("<str:code>/renew-token", views.renew_token),
    path("<str:code>/pause", views.pause),
    path("<str:code>/resume", views.resume),
    path("<str:code>/close", views.close),
]
