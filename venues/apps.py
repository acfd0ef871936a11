from django.apps import AppConfig


class VenuesConfig(AppConfig):
    """Restaurants, the people who work in them, and their API keys."""

    name = "venues"
    verbose_name = "Venues"
