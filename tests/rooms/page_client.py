"""What a host does on the pages of rooms, in a browser without scripts."""

from typing import Any

from django.test import Client

from rooms.models import Room
from tests.page_client import created_code, press_button

ROOM_FORM = {"title": "A second bottle?", "ends_in": "3"}


def room_by_form(host: Client, **fields: Any) -> Room:
    """A room that this browser opens by the form."""
    return Room.objects.get(code=created_code(host, "/rooms/new", {**ROOM_FORM, **fields}))


def press(host: Client, room: Room, action: str) -> str:
    """Presses a button of the host's page; the page that follows."""
    return press_button(host, f"/rooms/{room.code}/host/{action}", {})
