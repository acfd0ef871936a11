"""Paths of the poll API."""

from core.api_paths import api_path as path
from polls.api import lists, views
from web.endpoints import one_path

urlpatterns = [
    path("polls/", one_path(lists.list_polls, views.create)),
    path("polls/<str:poll>", one_path(views.get, views.edit, views.delete)),
    path("polls/<str:poll>/open", views.open_poll),
    path("polls/<str:poll>/close", views.close),
    path("polls/<str:poll>/reset", views.reset),
    path("polls/<str:poll>/renew-token", views.renew_token),
    path("polls/<str:poll>/codes", views.add_codes),
    path("polls/<str:poll>/ballots", views.count_ballots),
    path("polls/<str:poll>/receipt/<uuid:ballot_id>", views.receipt),
]
