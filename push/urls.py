"""Routes of the push API."""

from core.api_paths import api_path as path
from push import api

urlpatterns = [
    path("vapid", api.VapidKey.as_view()),
    path("subscribe", api.Subscribe.as_view()),
    path("status", api.Status.as_view()),
    path("renew", api.Renew.as_view()),
    path("test", api.SendTest.as_view()),
]
