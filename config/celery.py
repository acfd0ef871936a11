"""The Celery application. Tasks only wake workers up; what must happen is in Postgres (law 4)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("tallyline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
