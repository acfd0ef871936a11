"""Paths of the API of rooms; the history is answered before Django (rooms/edge/views.py)."""

from core.api_paths import api_path as path
from rooms.api import views

urlpatterns = [
    path("api/rooms", views.Create.as_view()),
    path("api/rooms/<str:room>", views.One.as_view()),
    path("api/rooms/<str:room>/participants", views.Participants.as_view()),
    path("api/rooms/<str:room>/close", views.Close.as_view()),
    path("api/rooms/<str:room>/renew-token", views.RenewToken.as_view()),
]
