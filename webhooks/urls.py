"""Paths of webhooks: the API, and the owner's pages."""

from django.urls import path

from core.api_paths import api_path
from web.endpoints import one_path
from webhooks import api, log_api, pages

_API = "api/webhooks/<str:webhook>"

api_urlpatterns = [
    api_path("api/events", log_api.list_events),
    api_path("api/webhooks", one_path(api.list_webhooks, api.create_webhook)),
    api_path(_API, one_path(api.get_webhook, api.change_webhook, api.delete_webhook)),
    api_path(f"{_API}/rotate", api.rotate_secret),
    api_path(f"{_API}/enable", api.enable),
    api_path(f"{_API}/send", api.send),
    api_path(f"{_API}/replay", api.replay),
    api_path(f"{_API}/deliveries", api.deliveries),
]
urlpatterns = [
    path("venue/webhooks", pages.webhooks, name="webhooks"),
    path("venue/webhooks/<str:webhook>", pages.webhook, name="webhook"),
    path("venue/webhooks/<str:webhook>/rotate", pages.rotate, name="rotate-webhook"),
    path("venue/webhooks/<str:webhook>/<slug:action>", pages.act, name="webhook-action"),
]
