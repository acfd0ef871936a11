"""All paths that enter Django. Hot paths are answered before (realtime/edge.py)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views import defaults
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config import api

urlpatterns = [
    path("api/queue/", include("queues.api.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="api-docs"),
    path("admin/", admin.site.urls),
    re_path(r"^api/", api.not_found),
]


def handler404(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponse:
    """JSON for programs, a page for people."""
    if request.path.startswith("/api/"):
        return api.not_found(request)
    return defaults.page_not_found(request, exception)
