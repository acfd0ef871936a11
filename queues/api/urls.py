"""Paths of the queue API; snapshot, console and connect are answered before Django (realtime/)."""

from core.api_paths import api_path as path
from queues import commands
from queues.api import views
from queues.api.tokens import RenewToken

urlpatterns = [
    path("create", views.Create.as_view()),
    path(
        "<str:code>/declare-nearby",
        views.GuestAction.as_view(command=staticmethod(commands.declare_nearby), called="declare_nearby"),
    ),
    path(
        "<str:code>/ask-more-time",
        views.GuestAction.as_view(command=staticmethod(commands.ask_more_time), called="ask_more_time"),
    ),
    path("<str:code>/let-pass", views.LetPass.as_view()),
    path("<str:code>/leave", views.GuestAction.as_view(command=staticmethod(commands.leave), called="leave_line")),
    path("<str:code>/advance", views.Advance.as_view()),
    path("<str:code>/call", views.Call.as_view()),
    path("<str:code>/serve", views.Serve.as_view()),
    path("<str:code>/more-time", views.GiveMoreTime.as_view()),
    path("<str:code>/kick", views.Kick.as_view()),
    path("<str:code>/no-show", views.NoShow.as_view()),
    path("<str:code>/put-back", views.PutBack.as_view()),
    path("<str:code>/reorder", views.Reorder.as_view()),
    path("<str:code>/edit", views.Edit.as_view()),
    path("<str:code>/walk-in", views.WalkIn.as_view()),
    path("<str:code>/message", views.Message.as_view()),
    path("<str:code>/settings", views.Settings.as_view()),
    path("<str:code>/undo", views.Undo.as_view()),
    path("<str:code>/renew-token", RenewToken.as_view()),
    path("<str:code>/pause", views.Pause.as_view()),
    path("<str:code>/resume", views.Resume.as_view()),
    path("<str:code>/close", views.Close.as_view()),
]
