from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """One fact per event, and the reports made of them."""

    name = "analytics"
    verbose_name = "Analytics"
