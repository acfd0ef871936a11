"""Paths of the poll API."""

from django.urls import path

from polls import commands
from polls.api import exports, views

urlpatterns = [
    path("", views.Create.as_view()),
    path("<str:poll>", views.One.as_view()),
    path("<str:poll>/open", views.Act.as_view(command=staticmethod(commands.open_poll))),
    path("<str:poll>/close", views.Act.as_view(command=staticmethod(commands.close))),
    path("<str:poll>/reset", views.Act.as_view(command=staticmethod(commands.reset))),
    path("<str:poll>/codes", views.Codes.as_view()),
    path("<str:poll>/ballots", views.Ballots.as_view()),
    path("<str:poll>/receipt/<uuid:ballot_id>", views.ReceiptOf.as_view()),
    path("<str:poll>/results", views.Results.as_view()),
    path("<str:poll>/export", exports.Export.as_view()),
]
