from django.apps import AppConfig


class RoomsConfig(AppConfig):
    """Live rooms, their participants and their history."""

    name = "rooms"
    verbose_name = "Rooms"
