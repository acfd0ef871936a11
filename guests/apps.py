from django.apps import AppConfig


class GuestsConfig(AppConfig):
    """Knows guests who come again, for venues that want it."""

    name = "guests"
