"""What every program of ours does at its start."""

from django.apps import AppConfig

from core.allowed_hosts import teach_django
from core.logs import catch_uncaught
from web.proxies import deployment as deployment  # registers its checks


class ProgramConfig(AppConfig):
    """Uncaught exceptions are logged like everything else, and Django uses our rule for hosts."""

    name = "config"

    def ready(self) -> None:
        """Django's hook, once all apps are loaded."""
        catch_uncaught()
        teach_django()
