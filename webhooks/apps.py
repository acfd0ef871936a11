from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Tells programs of a venue what happens in its lines, polls and rooms."""

    name = "webhooks"
