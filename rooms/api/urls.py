"""Paths of the API of rooms; the history is answered before Django (rooms/edge/views.py)."""

from core.api_paths import api_path as path
from rooms.api import lists, views
from web.endpoints import one_path

urlpatterns = [
    path("api/rooms", one_path(lists.list_rooms, views.create)),
    path("api/rooms/<str:room>", one_path(views.get, views.delete)),
    path("api/rooms/<str:room>/participants", views.add_participant),
    path("api/rooms/<str:room>/close", views.close),
    path("api/rooms/<str:room>/renew-token", views.renew_token),
]
