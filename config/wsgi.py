"""The WSGI application: Django alone, without sockets and hot paths; config/asgi.py serves everything."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
