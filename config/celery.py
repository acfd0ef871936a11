"""The Celery application. Tasks only wake workers up; what must happen is in Postgres (law 4)."""

from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from celery.signals import worker_init
from kombu.connection import Connection


class SteadyConnection(Connection):
    """Looks for a lost broker each second. Kombu waits 2 s, 4 s ... 30 s: long after Redis is back (law 1: 5 s)."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Connection:
        """As in Kombu, at a steady pace."""
        return super().ensure_connection(
            *args, **{**kwargs, "interval_start": 1, "interval_step": 0, "interval_max": 1}
        )


class SteadyAMQP(AMQP):
    """Where Celery takes its connections from."""

    Connection = SteadyConnection


app = Celery("tallyline", amqp=SteadyAMQP)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _check(**_: Any) -> None:
    """Law 1. SystemExit, because Celery logs what else a receiver raises, and goes on."""
    from django.db import connections

    from config.start import require_all
    from core.start import CannotStart

    try:
        require_all()
    except CannotStart as problem:
        raise SystemExit(str(problem)) from None
    connections.close_all()  # this thread only distributes tasks
