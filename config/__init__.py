"""Tallyline's settings and entry points. Celery's tasks bind to the application exported here."""

import os

from core.start import CannotStart, read_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:  # here, because each of our processes imports this package before anything else of it
    read_settings()
except CannotStart as problem:
    raise SystemExit(str(problem)) from None

from config.celery import app as celery_app

__all__ = ["celery_app"]
