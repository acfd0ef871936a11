from django.apps import AppConfig


class PushConfig(AppConfig):
    """Web push: subscriptions, and messages encrypted for one browser."""

    name = "push"

    def ready(self) -> None:
        """Registers the checks of the settings."""
        from push import checks  # noqa: F401
