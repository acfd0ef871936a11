from django.apps import AppConfig


class ReachConfig(AppConfig):
    """How guests are reached: what they are told, and the ways it goes."""

    name = "reach"
    verbose_name = "Reach"
