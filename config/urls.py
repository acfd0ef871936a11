"""All paths that enter Django. Hot paths are answered before (config/edge.py)."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language

import webhooks.urls
from config.pages import errors
from core.api_paths import api_path
from web.api import not_found
from web.api_docs import Schema, docs
from web.design import design
from web.proxies.check import proxy_check
from web.proxies.help import proxy_help

api = [
    path("api/queue/", include("queues.api.urls")),
    path("api/queue/", include("reach.api.urls")),
    path("", include("queues.api.lists")),
    path("api/", include("polls.api.urls")),
    path("", include("polls.contracts.edge_poll")),
    path("", include("polls.contracts.voting_session")),
    path("", include("rooms.api.urls")),
    path("api/push/", include("push.urls")),
    path("", include("analytics.urls")),
    path("", include("retention.api")),
    path("", include(webhooks.urls.api_urlpatterns)),
]
urlpatterns = [
    *api,
    api_path("api/schema", Schema.as_view(), name="schema"),
    api_path("api/docs", docs, name="api-docs"),
    path("design", design, name="design"),
    path("healthz/proxy", proxy_check, name="proxy-check"),
    path("help/proxies", proxy_help, name="proxy-help"),
    path("admin/", admin.site.urls),
    re_path(r"^api(?:/|$)", not_found),
    path("language", set_language, name="set_language"),
    path("", include("venues.urls")),
    path("", include("reach.urls")),
    path("", include("webhooks.urls")),
    path("", include("guests.urls")),
    path("", include("retention.urls")),
    path("", include("reach.text_urls")),
    path("", include("config.pages.urls")),
    path("", include("queues.pages.urls")),
    path("", include("polls.pages.urls")),
    path("", include("rooms.pages.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
