"""The WSGI application: Django alone, for its own commands. Not to serve a site with: there are no sockets, no hot paths, and
no door (realtime/door.py) that checks which pages may use the APIs; config/asgi.py serves everything."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
