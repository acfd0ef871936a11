from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """Hot paths: snapshots, sockets, and the cache rows behind them."""

    name = "realtime"
    verbose_name = "Realtime"
