"""Tallyline's settings and entry points. Celery's tasks bind to the application exported here."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
