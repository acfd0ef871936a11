from django.apps import AppConfig


class QueuesConfig(AppConfig):
    """Waitlists: the line, its parties, and the commands that change them."""

    name = "queues"
    verbose_name = "Lines"
