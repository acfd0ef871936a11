"""The WSGI application: Django alone, for its own commands. Not to serve a site with: there are no sockets, no hot paths, and
no door (realtime/door.py) that checks which pages may use the APIs; config/asgi.py serves everything."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
