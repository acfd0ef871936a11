"""Routes of the push API."""

from core.api_paths import api_path as path
from push import api

urlpatterns = [
    path("vapid", api.vapid_key),
    path("subscribe", api.subscribe),
    path("status", api.status),
    path("renew", api.renew),
    path("received", api.received),
    path("test", api.send_test),
]
