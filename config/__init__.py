"""Tallyline's settings and entry points. Celery's tasks bind to the application exported here."""

import os

from core.start import read_settings

# Here, because each of our processes imports this package first.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
read_settings()

from config.celery import app as celery_app  # noqa: E402 — once the settings are read

__all__ = ["celery_app"]
