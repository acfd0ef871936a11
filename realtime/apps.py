from importlib import import_module

from django.apps import AppConfig

from core.allowed_hosts import teach_django
from core.logs import catch_uncaught


class RealtimeConfig(AppConfig):
    """Hot paths: snapshots, sockets, and the cache rows behind them."""

    name = "realtime"
    verbose_name = "Realtime"

    def ready(self) -> None:
        """Every program of ours comes by here: what ends it is logged like the rest, and one rule says which hosts are ours."""
        catch_uncaught()
        teach_django()
        import_module("web.proxies.deployment")
