from django.apps import AppConfig
from django.db.backends.signals import connection_created


class OutboxConfig(AppConfig):
    """The event log, and the effects of events."""

    name = "outbox"
    verbose_name = "Events"

    def ready(self) -> None:
        """Law 1 holds for every connection of every process."""
        from core.durability import check_connection
        from core.read_only import watch_connection

        connection_created.connect(check_connection, dispatch_uid="core.durability")
        connection_created.connect(watch_connection, dispatch_uid="core.read_only")
