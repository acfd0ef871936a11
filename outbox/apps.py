from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """What happened, kept with the state, and what is still to be done about it."""

    name = "outbox"
    verbose_name = "Events"
