"""Paths of the poll API."""

from core.api_paths import api_path as path
from polls import commands
from polls.api import views
from polls.api.tokens import RenewToken

urlpatterns = [
    path("polls/", views.Create.as_view()),
    path("polls/<str:poll>", views.One.as_view()),
    path("polls/<str:poll>/open", views.Act.as_view(command=staticmethod(commands.open_poll), called="open_poll")),
    path("polls/<str:poll>/close", views.Act.as_view(command=staticmethod(commands.close), called="close_poll")),
    path("polls/<str:poll>/reset", views.Reset.as_view()),
    path("polls/<str:poll>/renew-token", RenewToken.as_view()),
    path("polls/<str:poll>/codes", views.Codes.as_view()),
    path("polls/<str:poll>/ballots", views.Ballots.as_view()),
    path("polls/<str:poll>/receipt/<uuid:ballot_id>", views.ReceiptOf.as_view()),
]
