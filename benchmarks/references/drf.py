"""The usual way to show a snapshot: a DRF view that asks Django's Redis cache, under WSGI. No middleware, no sessions, no
database: as quick as such a view can be.

Environment: REDIS_URL; SNAPSHOT, the JSON that it shows.
"""

import hashlib
import json
import os
from typing import Any

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="not secret",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=[],
    CACHES={"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}},
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class Snapshot(APIView):
    """The snapshot as it stands in the cache."""

    def get(self, request: Request, code: str) -> Response:
        """200 with an ETag, or 304."""
        found: Any = cache.get(f"snapshot:{code}")
        if found is None:
            text = os.environ["SNAPSHOT"]
            found = json.loads(text), f'"{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"'
            cache.set(f"snapshot:{code}", found, 600)
        view, etag = found
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        return Response(view, headers={"ETag": etag})


urlpatterns = [path("api/queue/<str:code>/snapshot", Snapshot.as_view())]
application = get_wsgi_application()
